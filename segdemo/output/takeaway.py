"""One picture's result to take away, as a file: a cut-out, another background, the overlay, the mask, a card to share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import ImageColor

from segdemo.errors import FileError
from segdemo.inference.segmentation import Segmentation, resize, resize_rows
from segdemo.languages import Words
from segdemo.output.matte import soft_mask
from segdemo.output.share_card import share_card
from segdemo.output.visualization import jpeg, overlay, palette_png, rgba_png, strips
from segdemo.tasks import Task

WHITE = (255, 255, 255)
MARGIN = 0.04  # of the longer side of what is cut out, left around it
SMALL = 480  # pixels of the longest side, at which colours are spread and blurred
SPREAD = 8  # pixels of it, over which a subject's colour reaches its soft edge
BLUR = 0.02  # of the longest side: the standard deviation of a blurred background

Background = Callable[[slice], np.ndarray]
"""Rows of a picture to what shall stand there behind the subject, (n, W, 3) or (3,)."""


class NothingThere(FileError):
    """What is asked for is not in the picture."""


@dataclass(frozen=True)
class Taken:
    """A file without any metadata: its bytes, its media type, and what its name ends in, for example "cutout.png"."""

    ending: str
    content: bytes
    media_type: str


def take(
    result: Segmentation,
    kind: str,
    class_id: int | Sequence[int] | None = None,
    language: str = "en",
    color: str = "white",
) -> Taken:
    """A file of the picture's full size, but for the cut-out and the card.

    Args:
        result: what a segmenter gave.
        kind: "cutout": the classes alone, on nothing, a PNG cropped to them; "blurred", "greyed", "colored": all but the classes
            blurred, without colour, or replaced by ``color``; "overlay": the colours of all classes over the picture; "mask": the
            class ids as an indexed PNG; "card": 1200x630 with picture, classes and words, for link previews and chats.
        class_id: the class or classes of the first four; by default all but the background, or, where a task has none, the largest.
        language: of the card: "en" or "zh".
        color: as CSS writes it, for example "white" or "#0f766e".

    Raises:
        ValueError: if there is no such kind, class, language or colour; a `NothingThere` if the picture has nothing of the class.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no {kind!r} to take away. Choose one of: {', '.join(KINDS)}.")
    if kind == "overlay":
        return Taken("overlay.jpg", jpeg(overlay(result.image, result.separated, result.task)), "image/jpeg")
    if kind == "mask":
        return Taken("mask.png", palette_png(result.mask, result.task), "image/png")
    if kind == "card":
        return Taken("card.jpg", jpeg(share_card(result, language), quality=92), "image/jpeg")
    background = _color(color)
    soft = soft_mask(result, _chosen(result, class_id))
    if not soft.any():
        raise _nothing_there(result, class_id)
    if kind == "cutout":
        return Taken("cutout.png", rgba_png(cutout(result.image, soft)), "image/png")
    return Taken(f"{kind}.jpg", jpeg(on_background(result.image, soft, kind, background), quality=92), "image/jpeg")


def _color(text: str) -> tuple[int, ...]:
    with suppress(ValueError):
        color = ImageColor.getrgb(text)[:3]
        if max(color) < 256:
            return color
    raise ValueError(f"There is no colour {text[:40]!r}. Write a name, for example white, or red, green and blue as #0f766e.")


KINDS = ("cutout", "blurred", "greyed", "colored", "overlay", "mask", "card")


def class_ids(task: Task, names: str | None) -> tuple[int, ...] | None:
    """The ids of classes by their names or ids, with commas between them; None of nothing.

    Raises:
        ValueError: if a class is not the task's.
    """
    return tuple(task.class_id(name.strip()) for name in names.split(",")) if names else None


def cutout(image: np.ndarray, soft: np.ndarray) -> np.ndarray:
    """(h, w, 4) uint8 RGBA: what a `soft_mask` (H, W) holds of a picture, cropped to it with a small margin; nothing is hidden where alpha is 0."""
    left, top, width, height = cv2.boundingRect(soft)
    margin = round(MARGIN * max(width, height))
    rows, columns = slice(max(top - margin, 0), top + height + margin), slice(max(left - margin, 0), left + width + margin)
    alpha = soft[rows, columns, None]
    cut = np.concatenate([np.zeros_like(image[rows, columns]), alpha], axis=2)
    subject = _subject(image, soft)
    for strip in strips(*cut.shape[:2]):
        colors = subject(slice(strip.start + rows.start, strip.stop + rows.start))[:, columns]
        np.copyto(cut[strip, :, :3], np.rint(colors), where=alpha[strip] > 0, casting="unsafe")
    return cut


def on_background(image: np.ndarray, soft: np.ndarray, kind: str, color: tuple[int, ...] = WHITE) -> np.ndarray:
    """(H, W, 3) uint8: the picture, blurred, greyed or colored but for what a `soft_mask` (H, W) holds; where that is 255, it stays as it is."""
    subject, background = _subject(image, soft), _background(image, soft, kind, color)
    drawn = np.empty_like(image)
    for rows in strips(*image.shape[:2]):
        share = soft[rows, :, None] / np.float32(255)
        drawn[rows] = np.rint(share * subject(rows) + (1 - share) * background(rows))
    return drawn


def _chosen(result: Segmentation, class_id: int | Sequence[int] | None) -> tuple[int, ...]:
    """The ids asked for, or the usual ones."""
    count, background = result.task.num_classes, result.task.background_id
    if class_id is None:
        if background is None:
            return (int(np.bincount(result.mask.ravel()).argmax()),)
        return tuple(i for i in range(count) if i != background)
    chosen = tuple(np.atleast_1d(np.asarray(class_id, int)).tolist())
    if wrong := [i for i in chosen if not 0 <= i < count]:
        raise ValueError(f"There is no class {wrong[0]} in the task {result.task.name!r}. Its ids are 0 to {count - 1}.")
    return chosen


def _nothing_there(result: Segmentation, class_id: int | Sequence[int] | None) -> NothingThere:
    there = Words("class but the background", "背景以外的类别")
    if class_id is not None:
        infos = [result.task.classes[i] for i in _chosen(result, class_id)]
        there = Words(", ".join(info.name for info in infos), "、".join(info.name_zh for info in infos))
    return NothingThere(
        f"There is nothing to take away: the model found no {there.en} in this picture. Choose another class, or another task.",
        f"没有可以取出的内容：模型没有在这张图片中找到{there.zh}。请换一个类别或任务。",
    )


def _background(image: np.ndarray, soft: np.ndarray, kind: str, color: tuple[int, ...]) -> Background:
    if kind == "colored":
        return lambda rows: np.array(color, np.float32)
    if kind == "greyed":
        return lambda rows: cv2.cvtColor(image[rows], cv2.COLOR_RGB2GRAY)[..., None]
    small = _spread(image, _well_inside(255 - soft), BLUR * SMALL)
    return lambda rows: _enlarged(small, rows, soft.shape)


def _subject(image: np.ndarray, soft: np.ndarray) -> Background:
    """The picture, but along a soft edge with the colour from further inside, so that no rim of the old background stays."""
    small = _spread(image, _well_inside(soft), SPREAD)

    def rows_of(rows: slice) -> np.ndarray:
        share = _well_inside(soft[rows])[..., None] / np.float32(255)
        return share * image[rows] + (1 - share) * _enlarged(small, rows, soft.shape)

    return rows_of


def _well_inside(soft: np.ndarray) -> np.ndarray:
    """uint8, 0 up to the middle of a soft edge, where the picture may already show what lies behind, and then twice as steep."""
    return (np.maximum(soft, 128) - 128) * 2 | soft // 255


def _spread(image: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """(h, w, 3) float32, small: the picture's blurred colours where ``weight`` (H, W) uint8 is high, and around from there."""
    factor = min(SMALL / max(weight.shape), 1)
    height, width = (max(round(factor * side), 1) for side in weight.shape)
    share = resize(weight, (height, width)).astype(np.float32)[..., None]
    colors, shares = (cv2.GaussianBlur(plane, (0, 0), sigma) for plane in (resize(image, (height, width)) * share, share))
    return colors / np.maximum(shares[..., None], 1e-3)


def _enlarged(small: np.ndarray, rows: slice, size: tuple[int, ...]) -> np.ndarray:
    """Of (h, w, 3) enlarged to ``size`` the rows (n, W, 3)."""
    return np.moveaxis(resize_rows(small, np.arange(rows.start, rows.stop), *size), 0, 2)
