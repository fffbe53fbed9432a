"""Harm done to a picture, in steps, and to its true mask where things move with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.languages import Words
from segdemo.tasks import IGNORE_ID

LEVELS = 4  # strengths of a harm, beside none
LIFTS = (0.25, 0.5, 0.75, 1.0)  # of the way from where an object stands to the upper border: see `lifted`


@dataclass(frozen=True)
class Kind:
    """Attributes:
    title: what it is called.
    strengths: what each of the `LEVELS` means, in ``unit``.
    moves: whether things stand elsewhere afterwards, so that the true mask must be harmed, too.
    """

    title: Words
    strengths: tuple[float, ...]
    unit: str
    do: Callable[[np.ndarray, float], np.ndarray]
    moves: bool = False


def harm(image: np.ndarray, kind: str, level: int) -> np.ndarray:
    """(H, W, 3) uint8 to the same shape.

    Args:
        kind: a key of `HARMS`.
        level: 0, which is none, to `LEVELS`.

    Raises:
        ValueError: if there is no such kind or level.
    """
    _check(kind, level)
    return HARMS[kind].do(image, HARMS[kind].strengths[level - 1]) if level else image


def harm_mask(mask: np.ndarray, kind: str, level: int) -> np.ndarray:
    """(H, W) uint8 class ids to those of the harmed picture; what came from outside of the picture is to be ignored."""
    _check(kind, level)
    if not level or not HARMS[kind].moves:
        return mask
    moved = _rotated if kind == "rotation" else _zoomed
    return moved(mask, HARMS[kind].strengths[level - 1], cv2.INTER_NEAREST, IGNORE_ID)


def lifted(image: np.ndarray, mask: np.ndarray, class_id: int, level: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A copy of the largest object of a class straight above it, where such an object never is.

    Args:
        image: (H, W, 3) uint8.
        mask: (H, W) uint8 class ids.
        level: how far up, an index of `LIFTS` from 1; 0: the object where it is.

    Returns:
        picture and mask with the copy, and where the copy is, (H, W) bool. Without such an object: both as they were, and nowhere.

    Raises:
        ValueError: if there is no such level.
    """
    if not 0 <= level <= LEVELS:
        raise ValueError(f"The level is {level}; it must be 0 to {LEVELS}.")
    _, regions, boxes, _ = cv2.connectedComponentsWithStats((mask == class_id).astype(np.uint8), connectivity=8)
    if len(boxes) == 1:  # the background alone
        return image, mask, np.zeros(mask.shape, bool)
    largest = 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
    rows = round(LIFTS[level - 1] * int(boxes[largest, cv2.CC_STAT_TOP])) if level else 0
    place = np.roll(regions == largest, -rows, axis=0)  # nothing comes back at the lower border: it is never lifted beyond the upper one
    return np.where(place[..., None], np.roll(image, -rows, axis=0), image), np.where(place, np.uint8(class_id), mask), place


def _check(kind: str, level: int) -> None:
    if kind not in HARMS:
        raise ValueError(f"There is no harm {kind!r}. Choose one of: {', '.join(HARMS)}.")
    if not 0 <= level <= LEVELS:
        raise ValueError(f"The level is {level}; it must be 0 to {LEVELS}.")


def _rotated(image: np.ndarray, degrees: float, how: int = cv2.INTER_LINEAR, outside: int = 0) -> np.ndarray:
    return _warped(image, degrees, 1, how, outside)


def _zoomed(image: np.ndarray, times: float, how: int = cv2.INTER_LINEAR, outside: int = 0) -> np.ndarray:
    return _warped(image, 0, times, how, outside)


def _warped(image: np.ndarray, degrees: float, times: float, how: int, outside: int) -> np.ndarray:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, times)
    return cv2.warpAffine(image, matrix, (width, height), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=(outside,) * 3)


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def _darkened(image: np.ndarray, share: float) -> np.ndarray:
    return np.rint(image * share).astype(np.uint8)


def _noisy(image: np.ndarray, deviation: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, deviation, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def _compressed(image: np.ndarray, quality: float) -> np.ndarray:
    _, file = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    decoded = cv2.imdecode(file, cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded[..., ::-1]


def _hazy(image: np.ndarray, share: float) -> np.ndarray:
    """Light grey over everything, the more the higher up, where the far things are."""
    haze = (share * np.linspace(1, 0.4, len(image)))[:, None, None]
    return np.rint(image * (1 - haze) + 225 * haze).astype(np.uint8)


HARMS: dict[str, Kind] = {
    "rotation": Kind(Words("turned", "旋转"), (10, 20, 45, 90), "°", _rotated, moves=True),
    "blur": Kind(Words("blurred", "模糊"), (1, 2, 4, 8), " px", _blurred),
    "darkness": Kind(Words("darker", "变暗"), (0.5, 0.25, 0.12, 0.06), " ×", _darkened),
    "noise": Kind(Words("noisy", "噪声"), (10, 25, 50, 80), "", _noisy),
    "jpeg": Kind(Words("compressed (JPEG)", "压缩（JPEG）"), (30, 15, 8, 3), "", _compressed),
    "haze": Kind(Words("hazy", "雾"), (0.3, 0.5, 0.7, 0.85), "", _hazy),
    "zoom": Kind(Words("farther away", "变远"), (0.8, 0.6, 0.4, 0.25), " ×", _zoomed, moves=True),
}
