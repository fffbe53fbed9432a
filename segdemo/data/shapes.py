"""A synthetic task with exact masks: a circle, a square and a triangle on textured ground. For tests, and for people without data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from segdemo.languages import Words
from segdemo.tasks import ClassInfo, Task

SHAPES = Task(
    name="shapes",
    title=Words("Shapes", "形状"),
    sentence=Words("Circles, squares and triangles.", "圆形、正方形和三角形。"),
    trained_on=Words("pictures drawn by a program", "由程序绘制的图片"),
    # Colours of Okabe and Ito, which stay apart for most colour-blind readers.
    classes=(
        ClassInfo("background", "背景", (0, 0, 0)),
        ClassInfo("circle", "圆形", (230, 159, 0)),
        ClassInfo("square", "正方形", (86, 180, 233)),
        ClassInfo("triangle", "三角形", (0, 158, 115)),
    ),
    pixels=96 * 96,
)


def draw(seed: int, size: tuple[int, int] = (96, 96)) -> tuple[np.ndarray, np.ndarray]:
    """One picture: a circle, a square and a triangle in random places, sizes, colours and order; later ones may cover earlier ones.

    Args:
        seed: the same seed gives the same picture.
        size: (H, W).

    Returns:
        image (H, W, 3) uint8 RGB and mask (H, W) uint8 with ids 0 to 3 of `SHAPES`.
    """
    rng = np.random.default_rng(seed)
    height, width = size
    ground = rng.uniform(40, 215, 3)
    image = np.clip(ground + texture(rng, size, 18), 0, 255)
    mask = np.zeros(size, np.uint8)
    for class_id in rng.permutation([1, 2, 3]):
        radius = rng.uniform(0.14, 0.24) * min(size)
        centre = rng.uniform(radius, np.array([width, height]) - radius)
        inside = shape(class_id, centre, radius, rng.uniform(0, 2 * np.pi), size)
        shift = rng.choice([-1, 1], 3) * rng.uniform(50, 110, 3)  # away from the ground in every channel, wrapping at the ends
        image[inside] = np.clip((ground + shift) % 256 + texture(rng, size, 8), 0, 255)[inside]
        mask[inside] = class_id
    return np.round(image).astype(np.uint8), mask


def shape(class_id: int, centre: np.ndarray, radius: float, angle: float, size: tuple[int, int]) -> np.ndarray:
    """The pixels (H, W) bool whose centre lies in the shape of radius ``radius`` about ``centre`` (x, y), turned by ``angle``."""
    y, x = np.mgrid[: size[0], : size[1]]
    x, y = x - centre[0], y - centre[1]
    if class_id == 1:
        return np.hypot(x, y) <= radius
    sides = {2: 4, 3: 3}[class_id]
    directions = angle + 2 * np.pi * np.arange(sides) / sides
    inner = radius * np.cos(np.pi / sides)  # from the centre to each side
    return np.all([x * np.cos(a) + y * np.sin(a) <= inner for a in directions], axis=0)


def texture(rng: np.random.Generator, size: tuple[int, int], strength: float) -> np.ndarray:
    """(H, W, 3) float noise around 0: stripes or blobs of a random size, and grain."""
    cells = (rng.integers(2, 24), rng.integers(2, 24))
    blobs = cv2.resize(rng.normal(0, strength, (*cells, 3)), size[::-1], interpolation=cv2.INTER_LINEAR)
    return blobs + rng.normal(0, strength / 3, (*size, 3))


def write_folder(folder: str | Path, train: int = 64, val: int = 16, size: tuple[int, int] = (96, 96)) -> None:
    """Writes a dataset in the layout of `data.folder`, with splits train and val and the ``classes.json`` of `tasks.task_from_folder`."""
    folder = Path(folder)
    for split, seeds in (("train", range(train)), ("val", range(train, train + val))):
        for kind in ("images", "masks"):
            (folder / split / kind).mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            image, mask = draw(seed, size)
            Image.fromarray(image).save(folder / split / "images" / f"{seed:04}.png")
            Image.fromarray(mask).save(folder / split / "masks" / f"{seed:04}.png")
    classes = [{"name": c.name, "name_zh": c.name_zh, "color": c.color} for c in SHAPES.classes]
    text = json.dumps({"name": SHAPES.name, "pixels": size[0] * size[1], "classes": classes}, ensure_ascii=False, indent=2)
    (folder / "classes.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m segdemo.data.shapes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="shapes", help="where the dataset is written (default: shapes)")
    write_folder(parser.parse_args().folder)
