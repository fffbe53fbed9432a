"""A dataset folder.

Layout, for any task (see README, "Train on your own folder")::

    DIR/<split>/images/*.jpg|png    RGB
    DIR/<split>/masks/*.png         class ids, 255 = ignore, or the classes' colours (`masks.read_mask`); called like the image,
                                    a.png or a.jpg.png to a.jpg, and as large
    DIR/<split>/instances/*.png     instead of masks: uint16 instance ids, 0 = background (a binary task)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from segdemo.data.masks import SUFFIXES as SUFFIXES_OF_MASKS
from segdemo.data.masks import MaskError, read_mask
from segdemo.images import SUFFIXES, read_image
from segdemo.inference.instances import core_and_rim
from segdemo.tasks import IGNORE_ID, Task


@dataclass(frozen=True)
class Split:
    """The pictures and masks of one split.

    Attributes:
        images: paths, sorted by name.
        masks: the masks' paths, in the same order.
        task: gives the class ids a mask may hold.
        ids: (256,) uint8: what each of them is to another task that borrows these pictures (`borrow`), 255 what it does not know.
    """

    images: tuple[Path, ...]
    masks: tuple[Path, ...]
    task: Task
    ids: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    def instances(self, index: int) -> np.ndarray:
        """(H, W) integer object ids, 0 = background: as labelled, or the mask's connected areas."""
        if self.masks[index].parent.name == "instances":
            return _read_png(self.masks[index])
        return ndimage.label(self[index][1] == 1, np.ones((3, 3)))[0]

    def part(self, share: float) -> Split:
        """The given share of the pictures, at least one, evenly spread over their names: a film's neighbours are alike."""
        count = max(round(share * len(self)), 1)
        chosen = [i * len(self) // count for i in range(count)]
        return replace(self, images=tuple(self.images[i] for i in chosen), masks=tuple(self.masks[i] for i in chosen))

    def counts(self) -> list[int] | None:
        """Of a countable task, each picture's number of objects."""
        return [np.setdiff1d(self.instances(i), 0).size for i in range(len(self))] if self.task.countable else None

    def training_pairs(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """As by iteration, but of a countable task the target is `instances.core_and_rim`."""
        for i in range(len(self)):
            image, mask = self[i]
            if self.task.countable:
                mask = np.where(mask == IGNORE_ID, IGNORE_ID, core_and_rim(self.instances(i))).astype(np.uint8)
            yield image, mask

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of image (H, W, 3) uint8 RGB and mask (H, W) uint8, read one at a time."""
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        image = read_image(self.images[index])
        path = self.masks[index]
        if path.parent.name != "instances":
            try:
                mask = read_mask(path, self.task, image.shape[:2], self.images[index])
            except MaskError as error:
                raise ValueError(f"{path.parent}: {error}") from error
        elif (mask := (_read_png(path) > 0).astype(np.uint8)).shape != image.shape[:2]:
            raise ValueError(f"{path} is {mask.shape[1]}x{mask.shape[0]}, its picture {image.shape[1]}x{image.shape[0]}; they must match.")
        return image, mask if self.ids is None else self.ids[mask]


def open_split(folder: str | Path, split: str, task: Task) -> Split:
    """Finds the pictures of ``folder/split`` and pairs them with their masks.

    Raises:
        ValueError: if a folder is missing or empty, or a picture has no mask.
    """
    root = Path(folder) / split
    images = sorted(p for p in (root / "images").glob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))  # "._p.jpg" is a Mac's
    if not images:
        raise ValueError(f"There are no pictures in {root / 'images'}. Expected {root}/images/*.jpg and {root}/masks/*.png.")
    kind = "masks" if (root / "masks").is_dir() else "instances"
    if kind == "instances" and task.num_classes != 2:
        raise ValueError(f"{root} has no masks/. (instances/ alone is enough only for a task of two classes; {task.name} has {task.num_classes}.)")
    there = _masks(root / kind, SUFFIXES_OF_MASKS if kind == "masks" else (".png",))
    masks = [there.get(p.name) or there.get(p.stem) or root / kind / f"{p.stem}.png" for p in images]
    if twice := [p for p, mask in zip(images, masks, strict=True) if masks.count(mask) > 1]:
        raise ValueError(f"{twice[0]} and {twice[1].name} would have the same mask. Call their masks {twice[0].name}.png and {twice[1].name}.png.")
    missing = [p for p in masks if not p.is_file()]
    if missing:
        raise ValueError(f"{len(missing)} of {len(images)} pictures in {root} have no mask; the first missing is {missing[0]}.")
    return Split(tuple(images), tuple(masks), task)


def _masks(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """By their names without the ending: ``a.png`` and ``a.mask.png`` as "a", ``a.jpg.png`` as "a.jpg"; of several, a PNG."""
    files = [p for p in folder.glob("*") if p.suffix.lower() in suffixes and not p.name.startswith(".")]
    return {p.stem.removesuffix(".mask"): p for p in sorted(files, key=lambda p: -suffixes.index(p.suffix.lower()))}


def borrow(folder: str | Path, owner: Task, task: Task, most: int) -> Split:
    """The training pictures of ``owner`` in ``folder`` from which ``task`` can learn, as its ``borrows`` says: at most so many, evenly spread.

    Raises:
        ValueError: as `open_split`, or if the task borrows nothing from that one.
    """
    same = task.borrows.get(owner.name)
    if same is None:
        raise ValueError(f"{task.name} borrows no classes from {owner.name}; it does from: {', '.join(task.borrows) or 'none'}.")
    ids = np.full(256, IGNORE_ID, np.uint8)
    for i, name in enumerate(owner.class_names):
        if known := same.get(name, same.get("*")):
            ids[i] = task.class_names.index(known)
    split = replace(open_split(folder, "train", owner), ids=ids)
    useful = [i for i in range(len(split)) if (split[i][1] != IGNORE_ID).any()]
    split = replace(split, images=tuple(split.images[i] for i in useful), masks=tuple(split.masks[i] for i in useful))
    return split.part(min(most / max(len(split), 1), 1))


def _read_png(path: Path) -> np.ndarray:
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            array = np.asarray(picture)  # of a palette PNG, such as `predict` writes, the ids
    except Exception as error:  # of damaged files, Pillow raises nearly anything
        raise ValueError(f"{path} is not a one-channel PNG of class ids.") from error
    if array.ndim != 2:
        raise ValueError(f"{path} is not a one-channel PNG of class ids: it has the shape {array.shape}.")
    return array
