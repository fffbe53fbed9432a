"""Random changes to a picture and its mask that keep them true to each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.tasks import IGNORE_ID

FILL = (127, 127, 127)  # mid-grey: zero once the models have rescaled it


@dataclass(frozen=True)
class Augmentation:
    """What may vary, each value drawn evenly for every picture.

    Attributes:
        scale: factors by which the picture is enlarged.
        rotation: degrees either way.
        flip, flip_vertical: mirror left-right, top-bottom, half of the time.
        brightness: added, as a share of the range, either way.
        contrast, saturation: factors from 1 - v to 1 + v.
        hue: shift of the colour circle, as a share of it, either way.
        blur: the share of pictures that are blurred a little.
        paste: the share of views onto which the objects of another are pasted (`paste`).
    """

    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    flip: bool = False
    flip_vertical: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    blur: float = 0.0
    paste: float = 0.0


def augment(
    image: np.ndarray, mask: np.ndarray, crop: tuple[int, int], how: Augmentation, rng: np.random.Generator, opinion: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One random view.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) uint8 class ids.
        crop: (height, width) of the view.
        how: what may vary.
        rng: where the randomness comes from.
        opinion: (h, w, C) uint8 of any size, a teacher's probabilities over the whole picture; see `distillation`.

    Returns:
        image (height, width, 3) uint8 and mask (height, width) uint8. Where the view leaves the picture, the image
        is mid-grey, before its colours change with the rest, and the mask 255. With an opinion, the second is
        (height, width, 1 + C) uint8: the mask, then the opinion, 0 outside.
    """
    matrix = _random_view(image.shape[:2], crop, how, rng)
    size = (crop[1], crop[0])
    image = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=FILL)
    target = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST, borderValue=IGNORE_ID)
    if opinion is not None:
        coarse = matrix @ _enlargement(opinion.shape[:2], mask.shape)
        target = np.dstack([target, *(cv2.warpAffine(np.ascontiguousarray(plane), coarse, size) for plane in np.moveaxis(opinion, 2, 0))])
    return _jitter(image, how, rng), target


def paste(view: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Copy-paste (Ghiasi et al. 2021, https://arxiv.org/abs/2012.07177).

    Whatever is neither background, class 0, nor ignored in the other view covers this one.

    Args:
        view, other: image and target, as `augment` returns them, of the same size.
    """
    ids = other[1] if other[1].ndim == 2 else other[1][..., 0]
    objects = (ids > 0) & (ids != IGNORE_ID)
    image, labels = (np.where(objects if own.ndim == 2 else objects[..., None], theirs, own) for own, theirs in zip(view, other, strict=True))
    return image, labels


def _enlargement(small: tuple[int, int], large: tuple[int, int]) -> np.ndarray:
    """(3, 3) affine matrix from the pixels of a small picture to those of the large one that it stands for, half-pixel centres."""
    x, y = large[1] / small[1], large[0] / small[0]
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]])


def _random_view(shape: tuple[int, int], crop: tuple[int, int], how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """(2, 3) affine matrix from the picture to the crop: scale, turn and flip about a random centre."""
    scale = math.exp(rng.uniform(math.log(how.scale[0]), math.log(how.scale[1])))
    angle = math.radians(rng.uniform(-how.rotation, how.rotation))
    sx = -scale if how.flip and rng.random() < 0.5 else scale
    sy = -scale if how.flip_vertical and rng.random() < 0.5 else scale
    linear = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) @ np.diag([sx, sy])
    # The crop's centre falls evenly on the picture, as far as the crop then stays inside it.
    centre = []
    for length, window in zip(shape[::-1], crop[::-1], strict=True):
        slack = max(length - window / scale, 0) / 2
        centre.append(length / 2 + rng.uniform(-slack, slack))
    offset = np.array(crop[::-1]) / 2 - linear @ np.array(centre)
    # Pixel (0, 0) has its centre at (0.5, 0.5): shift, map, shift back.
    offset += linear @ np.array([0.5, 0.5]) - 0.5
    return np.column_stack([linear, offset])


def _jitter(image: np.ndarray, how: Augmentation, rng: np.random.Generator) -> np.ndarray:
    if how.hue:
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL)
        hsv[..., 0] += np.uint8(round(rng.uniform(-how.hue, how.hue) * 256) % 256)  # uint8 wraps, as hue does
        image = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL)
    if how.blur and rng.random() < how.blur:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.5))
    x = image.astype(np.float32)
    if how.saturation:
        grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
        x = grey[..., None] + (x - grey[..., None]) * rng.uniform(1 - how.saturation, 1 + how.saturation)
    if how.contrast:
        x = x.mean() + (x - x.mean()) * rng.uniform(1 - how.contrast, 1 + how.contrast)
    if how.brightness:
        x = x + 255 * rng.uniform(-how.brightness, how.brightness)
    return np.clip(x, 0, 255).astype(np.uint8)
