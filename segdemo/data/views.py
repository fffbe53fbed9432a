"""Pictures of every task and of none, for the network that suggests a task: what is in them stays, how they were taken does not.

Each data set has its camera, frame and compression. Every picture is therefore brought to at most 320 pixels and stored as
a JPEG, and in training seen in random crops, shapes, colours, borders and qualities, so that only the content tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from segdemo.data import scenes, unknown
from segdemo.data.folder import Split, open_split
from segdemo.images import shrink
from segdemo.suggestion import as_suggested
from segdemo.tasks import IGNORE_ID, TASKS

LONGEST = 320  # pixels of the longest side of every picture, in training and in scoring
QUALITY = 85  # of the JPEG that every picture is stored as once before it is scored
FOLDERS = {"street": "camvid"}  # a task's data lies in a folder of its own name but for these

# Tasks that know the same class: a picture that shows it is right for both.
SHARED = {(task, name): other for task, other in (("scenes", "animals"), ("animals", "scenes")) for name in ("cat", "cow")}
LEAST = 0.02  # of the picture, for a class to count as shown
SMALL = 0.04  # of the picture: animals that are lost in it
DRAWN = 40  # pictures drawn by `scenes`, of the tasks that have such examples
FIRST_SEED = 100  # of them; the page's examples have others

Maker = Callable[[np.random.Generator], np.ndarray]
NONE = None


@dataclass(frozen=True)
class Pool:
    """Where views of a kind come from.

    Attributes:
        name: the kind.
        makers: functions that give a picture (H, W, 3) uint8 RGB, each with the names that are right for it, None for no task.
    """

    name: str | None
    makers: list[tuple[Maker, frozenset]]

    def views(self, count: int, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, frozenset]]:
        """So many random views as the network sees them, each picture as often as any other, with the names that are right."""
        order = np.concatenate([rng.permutation(len(self.makers)) for _ in range(-(-count // len(self.makers)))])[:count]
        for i in order.tolist():
            make, right = self.makers[i]
            yield as_suggested(disguised(make(rng), rng)), right


def pools(data: Path, packages: Path, is_scene: Callable[[np.ndarray], bool]) -> list[Pool]:
    """The training pictures: a pool a task, and those that belong to none.

    Args:
        data: the folder with the data sets, each as `folder.open_split` reads it.
        packages: the root under which packages of Debian are installed; see `unknown`.
        is_scene: whether what lies beside the animals and the clothes of a picture is a scene.
    """
    found = {name: open_split(data / FOLDERS.get(name, name), "train", task) for name, task in TASKS.items()}
    rest: list[tuple[str, np.ndarray, tuple[int, int, int, int]]] = []
    made: dict[str | None, list[tuple[Maker, frozenset]]] = {name: [] for name in (*found, NONE)}
    for name, split in found.items():
        for i in range(len(split)):
            image, mask = small(split, i)
            made[name].append((_crop_with(image, mask, split), _right_to_learn(name, mask, split)))
            if name in ("clothes", "scenes") and (head := _head(mask, split)):
                made["faces"].append((_near(image, head), frozenset(["faces"])))
            if name in ("animals", "clothes", "scenes") and (free := _free(mask, split)):
                rest.append((name, image, free))
    grounds = []
    for name, image, (top, left, bottom, right) in rest:
        beside = np.ascontiguousarray(image[top:bottom, left:right])
        is_one = name != "scenes" and is_scene(beside)
        made[NONE].append((_part(beside), frozenset(["scenes"] if is_one else [NONE])))
        grounds += [beside] if is_one else []
    for name, scene in (("street", scenes.street), ("nuclei", scenes.cells)):
        drawings = [scene(FIRST_SEED + i, *((320, 240) if name == "street" else (320,)))[0] for i in range(DRAWN)]
        made[name] += [(_part(image, 0.6), frozenset([name])) for image in drawings]
    photographs = [(make, frozenset([NONE])) for make in unknown.photographs(packages, grounds)]
    made[NONE] += photographs + [(unknown.drawn, frozenset([NONE]))] * max(len(photographs), 300)
    return [Pool(name, makers) for name, makers in made.items()]


def small(split: Split, index: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture and its mask with no side over `LONGEST`."""
    return shrink(*split[index], LONGEST)


def right_for(name: str, mask: np.ndarray, split: Split) -> frozenset:
    """The tasks that are right for a picture of ``name``: its own, and those that know a class which it shows; see `SHARED`."""
    shown = np.bincount(mask.ravel(), minlength=256)[: split.task.num_classes] / mask.size
    return frozenset([name, *(SHARED[name, c] for c, share in zip(split.task.class_names, shown, strict=True) if (name, c) in SHARED and share >= LEAST)])


def _right_to_learn(name: str, mask: np.ndarray, split: Split) -> frozenset:
    """As `right_for`, but animals are animals unless they are so small that the picture is a scene."""
    if name == "animals" and ((mask > 0) & (mask != IGNORE_ID)).mean() > SMALL:
        return frozenset([name])
    return right_for(name, mask, split) | (frozenset(["scenes"]) if name == "animals" else frozenset())


def stored(image: np.ndarray, quality: int = QUALITY) -> np.ndarray:
    """(H, W, 3) uint8 as it comes back from a JPEG, no side over `LONGEST`."""
    image = shrink(image, image[..., 0], LONGEST)[0]
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))[1], cv2.IMREAD_COLOR))


def disguised(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same picture as other cameras, programs and people might have left it."""
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.12:
        top, bottom, left, right = rng.integers(0, 1 + max(image.shape[:2]) // 6, 4).tolist()
        image = np.pad(image, ((top, bottom), (left, right), (0, 0)), constant_values=int(rng.choice([0, 127, 255])))
    image = _coloured(image, rng)
    sides = rng.uniform(0.8, 1.25, 2) * LONGEST / max(image.shape[:2])
    if rng.random() < 0.3:  # from few pixels
        sides *= rng.uniform(0.25, 0.8)
    height, width = (int(np.clip(side * factor, 16, LONGEST)) for side, factor in zip(image.shape, sides, strict=False))
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2))
    return stored(image, int(rng.integers(40, 96)))


def _coloured(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    x = image.astype(np.float32)
    grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
    x = grey[..., None] + (x - grey[..., None]) * (0 if rng.random() < 0.1 else rng.uniform(0.6, 1.4))
    x = x.mean() + (x - x.mean()) * rng.uniform(0.6, 1.3) + x.mean() * rng.uniform(-0.3, 0.3)
    return np.clip(x * rng.uniform(0.88, 1.12, 3), 0, 255).astype(np.uint8)


def _part(image: np.ndarray, least: float = 0.5) -> Maker:
    """Random crops of at least ``least`` of each side."""

    def make(rng: np.random.Generator) -> np.ndarray:
        height, width = (max(int(side * rng.uniform(least, 1)), 1) for side in image.shape[:2])
        y, x = int(rng.integers(image.shape[0] - height + 1)), int(rng.integers(image.shape[1] - width + 1))
        return image[y : y + height, x : x + width]

    return make


def _crop_with(image: np.ndarray, mask: np.ndarray, split: Split) -> Maker:
    """Random crops that keep most of what is not background; turned any way where up and down mean nothing."""
    background = split.task.background_id
    there = (mask != background) & (mask != 255) if background is not None else np.ones(mask.shape, bool)
    whole, turns = max(there.sum(), 1), split.task.name in ("nuclei", "vessels")

    def make(rng: np.random.Generator) -> np.ndarray:
        view = np.dstack([image, there])
        cut = _part(view, 0.6 if not turns else 0.4)
        if rng.random() < 0.8:
            view = next((v for v in (cut(rng) for _ in range(6)) if turns or v[..., 3].sum() >= 0.65 * whole), view)
        view = view[..., :3]
        if split.task.name == "nuclei" and rng.random() < 0.4:  # another stain
            view = _tinted(view, rng)
        return np.rot90(view, int(rng.integers(4))) if turns else view

    return make


def _tinted(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Its colours turned by any angle."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(rng.integers(256))  # uint8 wraps, as hue does
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL)


def _head(mask: np.ndarray, split: Split) -> tuple[int, int, int, int] | None:
    """The box of a head: the face of a scene, or the hair and the skin beside and below it on a person with clothes."""
    ids = split.task.class_names
    if "face" in ids:
        area = mask == ids.index("face")
    else:
        hair = np.flatnonzero((mask == ids.index("hair")).any(axis=1))
        if not hair.size:
            return None
        height = int(max(hair[-1] - hair[0], 24))
        area = np.isin(mask, [ids.index("hair"), ids.index("skin")]) & (np.arange(len(mask)) < hair[0] + 1.4 * height)[:, None]
    if area.sum() < 250:
        return None
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    top, left, bottom, right = (int(v) for v in (rows[0], columns[0], rows[-1], columns[-1]))
    return (top, left, bottom, right) if "face" in ids or max(bottom - top, right - left) < 0.27 * len(mask) else None


def _near(image: np.ndarray, box: tuple[int, int, int, int]) -> Maker:
    """The head with a margin around it, from a close portrait to head and shoulders."""
    centre, side = np.array([box[0] + box[2], box[1] + box[3]]) / 2, max(box[2] - box[0], box[3] - box[1])

    def make(rng: np.random.Generator) -> np.ndarray:
        reach = side * rng.uniform(0.6, 1.1, 2)
        low = np.clip(centre - reach + side * rng.uniform(-0.1, 0.3) * np.array([1, 0]), 0, None).astype(int)
        high = np.clip(centre + reach + side * rng.uniform(-0.1, 0.3) * np.array([1, 0]), low + 16, image.shape[:2]).astype(int)
        return image[low[0] : high[0], low[1] : high[1]]

    return make


def _free(mask: np.ndarray, split: Split) -> tuple[int, int, int, int] | None:
    """The largest strip along an edge with nothing of the classes in it; None if there is hardly one."""
    background = split.task.background_id
    there = mask != background if background is not None else mask != 255
    height, width = mask.shape
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not rows.size:
        return None
    strips = ((0, 0, rows[0], width), (rows[-1] + 1, 0, height, width), (0, 0, height, columns[0]), (0, columns[-1] + 1, height, width))
    best = max(strips, key=lambda s: min(s[2] - s[0], s[3] - s[1]))
    top, left, bottom, right = (int(v) for v in best)
    return (top, left, bottom, right) if min(bottom - top, right - left) >= 70 else None
