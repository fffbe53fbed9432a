"""The parts of a picture that a network sees one by one, and how their logits become those of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

CERTAIN = 12.0  # by so much the background's logit leads where no area is: its probability is over 0.9999
BORDER = 0.08  # of an area's side: there its logits fade into what is around it
ROUND = 1.15  # times the way from the middle to a side: beyond, in the corners, an area does not count
CANVAS = 1_500_000  # pixels of the picture's logits, at most


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture, in pixels; ``bottom`` and ``right`` are the first outside."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    def is_all_of(self, size: tuple[int, int]) -> bool:
        """Whether it is the whole picture of (height, width)."""
        return (self.top, self.left, self.bottom, self.right) == (0, 0, *size)

    def has(self, y: int, x: int) -> bool:
        return self.top <= y < self.bottom and self.left <= x < self.right

    def scaled(self, y: float, x: float) -> Area:
        """On a picture of so many times the height and width, rounded."""
        return Area(round(self.top * y), round(self.bottom * y), round(self.left * x), round(self.right * x))


def canvas_size(size: tuple[int, int], areas: list[tuple[Area, tuple[int, int]]], least: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) of the logits of a picture of ``size``: its areas keep what the network saw of them, within `CANVAS`.

    Args:
        areas: each with the (height, width) of its logits.
        least: what it has at least.
    """
    height, width = size
    fine = max(seen[0] / area.height for area, seen in areas)
    scale = min(fine, 1.0, (CANVAS / (height * width)) ** 0.5)
    return max(round(height * scale), least[0]), max(round(width * scale), least[1])


def compose(parts: list[tuple[Area, np.ndarray]], size: tuple[int, int], canvas: tuple[int, int], background: int) -> np.ndarray:
    """The logits of a picture from those of its areas.

    Where no area is, nobody looked: that is background, with `CERTAIN`. The probabilities of an area fade in from its border, unless the
    picture ends there; where several lie over each other, the one counts more in whose middle the pixel is.

    Args:
        parts: areas and their logits (h, w, C) float32. One that is the whole picture lies below the others.
        size: (H, W) of the picture.
        canvas: (height, width) of what is made.
        background: the class id outside.

    Returns:
        (height, width, C) float32 log probabilities.
    """
    wholes = [logits for area, logits in parts if area.is_all_of(size)]
    if wholes:
        below = _probabilities(_enlarge(wholes[0], canvas))
    else:
        classes = parts[0][1].shape[2]
        below = np.broadcast_to(_probabilities(CERTAIN * (np.arange(classes) == background)[None, None].astype(np.float32)), (*canvas, classes))
    total, weights, presence = np.zeros(below.shape, np.float32), np.zeros(canvas, np.float32), np.zeros(canvas, np.float32)
    for area, logits in parts:
        if area.is_all_of(size):
            continue
        place = area.scaled(canvas[0] / size[0], canvas[1] / size[1])
        there = place.slices
        inside, middle = _fade(place, canvas), _middle(place)
        weight = inside * middle
        total[there] += weight[..., None] * _probabilities(_enlarge(logits, (place.height, place.width)))
        weights[there] += weight
        presence[there] = np.maximum(presence[there], inside)
    mixed = total / np.maximum(weights, 1e-9)[..., None]
    return np.log(np.maximum(presence[..., None] * mixed + (1 - presence[..., None]) * below, np.float32(1e-9)))


def _enlarge(logits: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(logits, size[::-1], interpolation=cv2.INTER_LINEAR)


def _probabilities(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=2, keepdims=True))
    return odds / odds.sum(axis=2, keepdims=True)


def _fade(place: Area, canvas: tuple[int, int]) -> np.ndarray:
    """(height, width) float32: 1 inside, towards 0 at the sides that are not the picture's own, and 0 in the corners, for what was located is round."""

    def line(start: int, stop: int, end: int) -> np.ndarray:
        length = stop - start
        steps = (np.arange(length) + 0.5) / max(BORDER * length, 1)
        rising = np.ones(length) if start == 0 else steps
        return np.clip(np.minimum(rising, np.ones(length) if stop == end else steps[::-1]), 0, 1)

    rows, columns = line(place.top, place.bottom, canvas[0]), line(place.left, place.right, canvas[1])
    y, x = (np.linspace(-1, 1, n) for n in (place.height, place.width))
    far = np.hypot(y[:, None], x)  # from the middle: 1 in that of a side, 1.4 in a corner
    return np.minimum(np.minimum(rows[:, None], columns), np.clip((ROUND - far) / BORDER, 0, 1)).astype(np.float32)


def _middle(place: Area) -> np.ndarray:
    """(height, width) float32: 1 in the middle, nearly 0 at every side."""

    def line(length: int) -> np.ndarray:
        return 1 - abs((np.arange(length) + 0.5) * 2 / length - 1)

    return np.minimum(line(place.height)[:, None], line(place.width)).astype(np.float32) ** 2 + np.float32(1e-6)
