"""One picture's result as a picture to share: link previews and chats show 1200x630."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.inference.segmentation import Segmentation, resize
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.output.words import in_words

WIDTH, HEIGHT = 1200, 630  # what the Open Graph's readers show whole
PAPER, INK, QUIET, ACCENT, LINE = (255, 255, 255), (15, 23, 42), (88, 99, 116), (15, 118, 110), (203, 213, 225)
MARGIN = 48
NARROWEST, WIDEST = 420, 760  # of the picture on it
ROWS = 5  # classes at most
NAME = Words("segdemo: every pixel has a class", "segdemo：每个像素都有类别")
PHOTO, CLASSES = Words("photo", "原图"), Words("classes", "类别")


@dataclass(frozen=True)
class Pen:
    """Writes on a picture. Both of its fonts come with OpenCV, and with them Chinese, whatever the machine has."""

    canvas: np.ndarray
    left: int
    right: int

    def write(self, text: str, baseline: int, size: int, color: tuple[int, int, int], weight: int = 400, at: int = 0) -> None:
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
    if language not in ("en", "zh"):
        raise ValueError(f"There is no language {language!r}. Choose one of: en, zh.")
    canvas = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    height, width = result.mask.shape
    across = int(np.clip(round(width * HEIGHT / height), NARROWEST, WIDEST))
    canvas[:, :across] = _half_and_half(result, across)
    pen = Pen(canvas, across + MARGIN, WIDTH - MARGIN)
    pen.write(getattr(result.task.title, language), 84, 36, INK, 600)
    present = sorted((s for s in result.statistics() if s.pixels), key=lambda s: -s.pixels)[:ROWS]
    for number, s in enumerate(present):
        info, baseline = result.task.classes[s.id], 160 + 58 * number
        _swatch(canvas, pen.left, baseline - 24, info.color)
        share = f"{s.share:.0%}" if s.share >= 0.005 else "<1%"
        pen.write_right(share, baseline, 26, QUIET)
        Pen(canvas, pen.left, pen.right - 80).write(info.name_zh if language == "zh" else info.name, baseline, 26, INK, at=44)
        cv2.line(canvas, (pen.left, baseline + 20), (pen.right, baseline + 20), LINE, 1)
    pen.paragraph(getattr(in_words(result), language), 480, 20, QUIET, 3)
    pen.write(getattr(NAME, language), 586, 20, ACCENT, 500)
    return canvas


def wrapped(text: str, size: int, width: int, lines: int) -> list[str]:
    """The text in lines of so many pixels: broken at spaces, or anywhere in Chinese; what does not fit is left out, with an ellipsis."""
    words = text.split(" ") if " " in text else list(text)
    joint = " " if " " in text else ""
    filled: list[str] = [""]
    for word in words:
        longer = f"{filled[-1]}{joint if filled[-1] else ''}{word}"
        if filled[-1] and _width(longer, size) > width:
            filled.append(word)
        else:
            filled[-1] = longer
    return filled if len(filled) <= lines else [*filled[: lines - 1], f"{filled[lines - 1].rstrip('，,、;；')}…"]


def _half_and_half(result: Segmentation, across: int) -> np.ndarray:
    """(630, across, 3): the middle of the picture, left as it is, right with its classes."""
    height, width = result.mask.shape
    scale = max(HEIGHT / height, across / width)
    rows, columns = round(HEIGHT / scale), round(across / scale)
    top, left = (height - rows) // 2, (width - columns) // 2
    part = (slice(top, top + rows), slice(left, left + columns))
    image = resize(result.image[part], (HEIGHT, across))
    drawn = resize(overlay(result.image[part], result.separated[part], result.task, 0.6), (HEIGHT, across))
    middle = across // 2
    image[:, middle:] = drawn[:, middle:]
    cv2.line(image, (middle, 0), (middle, HEIGHT), PAPER, 4)
    return image


def _swatch(canvas: np.ndarray, left: int, top: int, color: tuple[int, int, int]) -> None:
    cv2.rectangle(canvas, (left, top), (left + 28, top + 28), color, cv2.FILLED)
    cv2.rectangle(canvas, (left, top), (left + 28, top + 28), QUIET, 1)


def _font(text: str) -> cv2.FontFace:
    """Rubik, or WenQuanYi Micro Hei for what it lacks."""
    return cv2.FontFace("uni" if any(ord(c) > 0x24F and c not in "…–’“”×" for c in text) else "sans")


def _width(text: str, size: int, weight: int = 400) -> int:
    return cv2.getTextSize((0, 0), text, (0, 0), _font(text), size, weight)[2]
