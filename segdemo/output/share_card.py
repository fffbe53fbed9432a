"""One picture's result as a picture to share: link previews and chats show 1200x630."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.inference.segmentation import Segmentation, resize
from segdemo.inference.statistics import ClassStatistics
from segdemo.languages import LANGUAGES, Words
from segdemo.output.visualization import overlay
from segdemo.output.words import least_sure
from segdemo.tasks import ClassInfo

WIDTH, HEIGHT = 1200, 630  # what the Open Graph's readers show whole
PAPER, INK, QUIET, ACCENT, LINE = (255, 255, 255), (15, 23, 42), (88, 99, 116), (15, 118, 110), (203, 213, 225)
MARGIN = 48
NARROWEST, WIDEST = 420, 760  # of the picture on it
ROWS = 5  # classes at most
NAME = Words("segdemo: every pixel has a class", "segdemo：每个像素都有类别")


@dataclass(frozen=True)
class Pen:
    """Writes on a picture. Both of its fonts come with OpenCV, and with them Chinese, whatever the machine has."""

    canvas: np.ndarray
    left: int
    right: int

    def write(self, text: str, baseline: int, size: int, color: tuple[int, int, int], weight: int = 400, at: int = 0) -> None:
        """Smaller, and then shorter, where there is no room for it."""
        while size > 20 and _width(text, size, weight) > self.right - self.left - at:
            size -= 1
        cv2.putText(self.canvas, self._fitting(text, size, weight, self.right - self.left - at), (self.left + at, baseline), color, _font(text), size, weight)

    def write_right(self, text: str, baseline: int, size: int, color: tuple[int, int, int]) -> None:
        cv2.putText(self.canvas, text, (self.right - _width(text, size), baseline), color, _font(text), size, 400)

    def paragraph(self, text: str, baseline: int, size: int, color: tuple[int, int, int], lines: int) -> None:
        for number, line in enumerate(wrapped(text, size, self.right - self.left, lines)):
            self.write(line, baseline + round(1.45 * size) * number, size, color)

    def _fitting(self, text: str, size: int, weight: int, width: int) -> str:
        if _width(text, size, weight) <= width:
            return text
        while text and _width(f"{text}…", size, weight) > width:
            text = text[:-1]
        return f"{text}…"


def share_card(result: Segmentation, language: str) -> np.ndarray:
    """(630, 1200, 3) uint8 RGB: the picture, half as it is and half with the colours of its classes, and what is in it in words.

    Raises:
        ValueError: if ``language`` is neither "en" nor "zh".
    """
    if language not in LANGUAGES:
        raise ValueError(f"There is no language {language!r}. Choose one of: {', '.join(LANGUAGES)}.")
    canvas = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    height, width = result.mask.shape
    across = int(np.clip(round(width * HEIGHT / height), NARROWEST, WIDEST))
    canvas[:, :across] = _half_and_half(result, across)
    pen = Pen(canvas, across + MARGIN, WIDTH - MARGIN)
    pen.write(getattr(result.task.title, language), 92, 40, INK, 600)
    background = result.task.background_id
    present = sorted((s for s in result.statistics() if s.pixels), key=lambda s: (s.id == background, -s.pixels))
    for number, s in enumerate(present[:ROWS]):
        _row(pen, 150 + 66 * number, s, result.task.classes[s.id], s.id == background, language)
    doubt = getattr(least_sure(result), language)
    pen.paragraph(f"{doubt[0].upper()}{doubt[1:]}{'。' if language == 'zh' else '.'}", 518, 20, QUIET, 2)
    pen.write(getattr(NAME, language), 590, 20, ACCENT, 500)
    return canvas


def _row(pen: Pen, top: int, statistics: ClassStatistics, info: ClassInfo, clear: bool, language: str) -> None:
    """A class: its colour, its name, its share in words and as a bar; ``clear``: it has no colour on the picture."""
    colored = PAPER if clear else info.color
    swatch = ((pen.left, top), (pen.left + 28, top + 28))
    cv2.rectangle(pen.canvas, *swatch, colored, cv2.FILLED)
    cv2.rectangle(pen.canvas, *swatch, QUIET, 1)
    pen.write_right(f"{statistics.share:.0%}" if statistics.share >= 0.005 else "<1%", top + 24, 28, QUIET)
    Pen(pen.canvas, pen.left, pen.right - 80).write(info.name_zh if language == "zh" else info.name, top + 24, 28, INK, at=44)
    bar = ((pen.left, top + 42), (pen.left + round(statistics.share * (pen.right - pen.left)), top + 46))
    cv2.rectangle(pen.canvas, bar[0], (pen.right, top + 46), LINE, cv2.FILLED)
    cv2.rectangle(pen.canvas, *bar, QUIET if clear else info.color, cv2.FILLED)


def wrapped(text: str, size: int, width: int, lines: int) -> list[str]:
    """The text in lines of so many pixels: broken at spaces, or anywhere in Chinese; what does not fit is left out, with an ellipsis."""
    words = re.findall(r"[^\u2E80-\uFFEF\s]+ ?|\S", text)
    filled: list[str] = [""]
    for word in words:
        if filled[-1] and _width((filled[-1] + word).rstrip(), size) > width:
            filled.append("")
        filled[-1] += word
    filled = [line.rstrip() for line in filled]
    return filled if len(filled) <= lines else [*filled[: lines - 1], f"{filled[lines - 1]}…"]


def _half_and_half(result: Segmentation, across: int) -> np.ndarray:
    """(630, across, 3): the middle of the picture, left as it is, right with its classes."""
    height, width = result.mask.shape
    scale = max(HEIGHT / height, across / width)
    rows, columns = round(HEIGHT / scale), round(across / scale)
    top, left = (height - rows) // 2, (width - columns) // 2
    part = (slice(top, top + rows), slice(left, left + columns))
    image = resize(result.image[part], (HEIGHT, across))
    drawn = resize(overlay(result.image[part], result.separated[part], result.task, 0.6, max(HEIGHT, across)), (HEIGHT, across))
    middle = across // 2
    image[:, middle:] = drawn[:, middle:]
    cv2.line(image, (middle, 0), (middle, HEIGHT), PAPER, 4)
    return image


def _font(text: str) -> cv2.FontFace:
    """Rubik, or WenQuanYi Micro Hei for what it lacks."""
    return cv2.FontFace("uni" if any(ord(c) > 0x24F and c not in "…–’“”×" for c in text) else "sans")


def _width(text: str, size: int, weight: int = 400) -> int:
    return cv2.getTextSize((0, 0), text, (0, 0), _font(text), size, weight)[2]
