"""Plain discs on a shaded ground: the middle of a large one looks like the ground elsewhere, so that only its border tells what it is."""

from __future__ import annotations

import cv2
import numpy as np

from segdemo.languages import Words
from segdemo.tasks import ClassInfo, Task

SIDE = 64
RADII = (3, 20)  # of the discs, pixels
SHADE = 120  # grey levels from one side of the ground to the other
DISCS = Task(
    name="discs",
    title=Words("Discs", "圆盘"),
    sentence=Words("Discs on a shaded ground.", "明暗渐变背景上的圆盘。"),
    trained_on=Words("pictures drawn by a program", "由程序绘制的图片"),
    classes=(ClassInfo("background", "背景", (0, 0, 0)), ClassInfo("disc", "圆盘", (230, 159, 0))),
    pixels=SIDE * SIDE,
)


def discs(seed: int, radius: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """One picture: up to three discs, each lighter or darker than the ground around it by chance; with a ``radius`` one such disc in the middle.

    Args:
        seed: the same seed gives the same picture.

    Returns:
        image (SIDE, SIDE, 3) uint8 RGB and mask (SIDE, SIDE) uint8 with ids 0 and 1 of `DISCS`.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    angle, mask = rng.uniform(0, 2 * np.pi), np.zeros((SIDE, SIDE), np.uint8)
    image = rng.uniform(110, 145) + SHADE * (np.cos(angle) * (x / SIDE - 0.5) + np.sin(angle) * (y / SIDE - 0.5))
    for size in [radius] if radius else rng.uniform(*RADII, rng.integers(1, 4)):
        centre = (SIDE / 2, SIDE / 2) if radius else rng.uniform(0, SIDE, 2)
        distance = np.hypot(x - centre[0], y - centre[1])
        if mask[distance <= size + 2].any():  # they do not touch
            continue
        mask[distance <= size] = 1
        image[distance <= size] += rng.choice([-1, 1]) * rng.uniform(25, 70)
    image = cv2.GaussianBlur(image, (3, 3), 0) + rng.normal(0, 2, image.shape)
    return np.repeat(np.clip(np.rint(image), 0, 255).astype(np.uint8)[..., None], 3, axis=2), mask
