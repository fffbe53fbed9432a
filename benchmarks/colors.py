"""Colours of classes that stay apart: from each other, for every kind of eye, and from the photographs they are laid over.

python -m benchmarks.colors measure animals DIR   which classes touch in DIR/train, and their mean colours: colors.json
python -m benchmarks.colors search animals        better colours, near today's

What it asks of a palette is in `shortfalls`; `tests/tasks/test_tasks.py` holds every task to it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab

from segdemo.data.folder import open_split
from segdemo.inference.segmentation import as_seen
from segdemo.tasks import TASKS, Task

FACTS = Path(__file__).with_suffix(".json")

# What remains of linear RGB without one kind of cone: Machado, Oliveira and Fernandes 2009, table 1, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Any two classes, in CIEDE2000: about as far as a dozen can be; of more, three quarters of it.
APART, APART_BLIND, DOZEN, OF_MORE = 25, 14, 12, 0.75
TOUCHING, TOUCHING_BLIND = 0.18, 0.08  # two classes that touch, in OKLab
LAID_OVER = 0.08  # a class and what its pixels look like on the mean, in the a and b of OKLab: light and dark are the photograph's
BORDER = 0.05  # of the border of one of them is with the other: then they touch
ROUNDS, STEPS, PULL = 3, 5_000, 1.5  # of a search; how much it holds on to today's colours


def seen(colors: np.ndarray, vision: str) -> np.ndarray:
    """(..., 3) sRGB in [0, 1] as such eyes see it."""
    linear = np.clip(_linear(colors) @ np.transpose(VISION[vision]), 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def oklab(colors: np.ndarray) -> np.ndarray:
    """(..., 3) sRGB in [0, 1] to lightness in [0, 1], a and b (Ottosson 2020, https://bottosson.github.io/posts/oklab/)."""
    to_cones = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
    to_lab = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
    return np.cbrt(_linear(colors) @ np.transpose(to_cones)) @ np.transpose(to_lab)


def facts() -> dict[str, dict]:
    """By task: "photo", each class's mean colour in pictures (R, G, B), "more", others that it is laid over, "touch", pairs of classes."""
    return json.loads(FACTS.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Shortfall:
    """How much of a distance is missing, in (0, 1], between which classes, or between a class and its photographs, and to what kind of eye."""

    missing: float
    names: tuple[str, ...]
    vision: str


def shortfalls(palette: np.ndarray, task: Task, measured: dict) -> list[Shortfall]:
    """What a palette (C, 3) in [0, 1] lacks.

    Any two classes are to be `APART`, two that touch `TOUCHING`, and a class `LAID_OVER` from the photographs of it. The background
    has no colour when it is drawn over a picture: it counts in the first only. Of more than a dozen classes, three quarters are asked.
    """
    names, enough = task.class_names, 1 if task.num_classes <= DOZEN else OF_MORE
    found = []
    for vision in VISION:
        colors, normal = seen(palette, vision), vision == "normal"
        for distances, least, pairs in (
            (deltaE_ciede2000(*_both(rgb2lab(colors), all_pairs := list(combinations(names, 2)), names)), APART if normal else APART_BLIND, all_pairs),
            (_euclidean(*_both(oklab(colors), measured["touch"], names)), TOUCHING if normal else TOUCHING_BLIND, measured["touch"]),
        ):
            found += [Shortfall(1 - d / (enough * least), tuple(pair), vision) for d, pair in zip(distances, pairs, strict=True)]
    photos = [(name, photo) for name in names if name != "background" for photo in (measured["photo"][name], *measured["more"].get(name, []))]
    own = oklab(palette[[names.index(name) for name, _ in photos]])
    distances = _euclidean(own[:, 1:], oklab(np.array([photo for _, photo in photos]) / 255)[:, 1:])
    found += [Shortfall(1 - d / (enough * LAID_OVER), (name,), "normal") for d, (name, _) in zip(distances, photos, strict=True)]
    return [each for each in found if each.missing > 0]


def _both(values: np.ndarray, pairs: list, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Of (C, 3) those of the first and those of the second class of each pair."""
    ids = np.array([[names.index(name) for name in pair] for pair in pairs], int).reshape(-1, 2)
    return values[ids[:, 0]], values[ids[:, 1]]


def _euclidean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a - b, axis=-1)


def measure(task: Task, folder: Path) -> dict:
    """The facts of the pictures in FOLDER/train."""
    count = task.num_classes
    touch, total, pixels = np.zeros((count, count)), np.zeros((count, 3)), np.zeros(count)
    for image, mask in open_split(folder, "train", task):
        image = as_seen(image, task.pixels)
        mask = cv2.resize(mask, image.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        known = mask < count
        pixels += np.bincount(mask[known], minlength=count)
        for axis in range(3):
            total[:, axis] += np.bincount(mask[known], image[..., axis][known], minlength=count)
        for a, b in ((mask[2:], mask[:-2]), (mask[:, 2:], mask[:, :-2])):  # with a pixel between them that may be void
            border = (a != b) & (a < count) & (b < count)
            np.add.at(touch, (a[border], b[border]), 1)
    touch += touch.T
    share = touch / np.maximum(touch.sum(axis=1, keepdims=True), 1)
    names = task.class_names
    pairs = [[names[i], names[j]] for i, j in zip(*np.triu_indices(count, 1), strict=True) if max(share[i, j], share[j, i]) >= BORDER]
    photo = {name: np.rint(mean).astype(int).tolist() for name, mean in zip(names, total / np.maximum(pixels, 1)[:, None], strict=True)}
    return {"photo": photo, "more": {}, "touch": [pair for pair in pairs if "background" not in pair]}


def search(task: Task, measured: dict, seed: int = 0) -> np.ndarray:
    """(C, 3) uint8: a palette as asked, if there is one near today's; in rounds, each moving the classes that still lack something."""
    rng, palette = np.random.default_rng(seed), task.palette / 255
    for _ in range(ROUNDS):
        if lacking := {name for each in shortfalls(palette, task, measured) for name in each.names} - {"background"}:
            palette = _anneal(palette, sorted(task.class_names.index(name) for name in lacking), task, measured, rng)
    return np.rint(255 * palette).astype(np.uint8)


def _anneal(palette: np.ndarray, free: list[int], task: Task, measured: dict, rng: np.random.Generator) -> np.ndarray:
    """The best palette met while the colours of the classes ``free`` move at random, one a step, ever less."""
    home = oklab(task.palette / 255)

    def cost(palette: np.ndarray) -> float:
        lacks = sum(0.02 + each.missing for each in shortfalls(palette, task, measured))
        return lacks + PULL * float(_euclidean(oklab(palette), home).mean())

    best, least = palette, cost(palette)
    current, price = best, least
    for step in range(STEPS):
        heat = (1 - step / STEPS) ** 2
        other, i = current.copy(), rng.choice(free)
        other[i] = np.rint(255 * np.clip(other[i] + rng.normal(0, 0.01 + 0.2 * heat, 3), 0, 1)) / 255
        changed = cost(other)
        if changed < price or rng.random() < np.exp((price - changed) / (0.02 * heat + 1e-9)):
            current, price = other, changed
            if price < least:
                best, least = current, price
    return best


def _linear(colors: np.ndarray) -> np.ndarray:
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)


def main(command: str, name: str, folder: str = "") -> None:
    task = TASKS[name]
    if command == "measure":
        everything = facts() if FACTS.exists() else {}
        more = everything.get(name, {}).get("more", {})
        everything[name] = {**measure(task, Path(folder)), "more": more}
        FACTS.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
        return
    palette = search(task, facts()[name])
    for info, color in zip(task.classes, palette.tolist(), strict=True):
        print(f'        ("{info.name}", "{info.name_zh}", {tuple(color)}),')
    for each in sorted(shortfalls(palette / 255, task, facts()[name]), key=lambda each: -each.missing):
        print(f"{each.missing:.0%} short: {' and '.join(each.names)}, {each.vision}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
