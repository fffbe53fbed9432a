"""What a task's published models think of the training pictures: a teacher for the next one (Hinton, Vinyals, Dean 2015, https://arxiv.org/abs/1503.02531).

Use it when a task has published models already and too few pictures for a better one (``train --distill``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.special import softmax

from segdemo.inference.segmentation import Segmenter
from segdemo.runtime.files import whole
from segdemo.tasks import IGNORE_ID, Task, get_task
from segdemo.zoo import entries, load

STRIDE = 4  # of what is kept: a sixteenth of the memory, and the models are hardly finer


def teachers(task: Task) -> list[Segmenter]:
    """The task's published models, whose mean is the teacher: it is better than each of them.

    Raises:
        ValueError: if there is none.
    """
    found = [load(model, name) for name, model in sorted(entries()) if name == task.name and get_task(name).class_names == task.class_names]
    if not found:
        raise ValueError(f"There is no published model of the task {task.name!r} with its classes to learn from. Train without --distill first.")
    return found


def opinions(segmenters: Sequence[Segmenter], images: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The models' mean probabilities for each picture.

    Args:
        segmenters: of one task.
        images: (H, W, 3) uint8 RGB at the working size.

    Returns:
        (H / 4, W / 4, C) uint8 a picture, rounded up: 255 is certain.
    """
    images = list(images)
    by_size = sorted(range(len(images)), key=lambda i: images[i].shape)  # runtimes keep what they prepared for a size
    sums: list[Any] = [0.0] * len(images)
    for segmenter in segmenters:
        for i in by_size:
            sums[i] = sums[i] + _coarse(softmax(segmenter.network(images[i][None])[0] / segmenter.temperature, axis=-1))
    return [np.round(255 / len(segmenters) * total).astype(np.uint8) for total in sums]


def remembered(path: Path | None, count: int, ask: Callable[[], list[np.ndarray]]) -> list[np.ndarray]:
    """What ``ask`` returns, `opinions` on so many pictures; written to the file, or read from it if there is one.

    Raises:
        ValueError: if the file is of another number of pictures.
    """
    if path is None:
        return ask()
    if not path.is_file():
        asked = ask()
        with whole(path) as half, half.open("wb") as file:
            np.savez_compressed(file, shapes=[each.shape for each in asked], opinions=np.concatenate([each.ravel() for each in asked]))
        return asked
    with np.load(path) as file:
        shapes, flat = file["shapes"], file["opinions"]
    if len(shapes) != count:
        raise ValueError(f"{path} holds opinions on {len(shapes)} pictures, not on these {count}. Remove it, or name another file.")
    return [part.reshape(shape) for part, shape in zip(np.split(flat, np.cumsum(shapes.prod(axis=1))[:-1]), shapes, strict=True)]


def corrected(opinion: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The opinion on a borrowed picture: where its mask (H, W) knows the class, that one is certain, whatever the models think."""
    ids = cv2.resize(mask, opinion.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    known = ids != IGNORE_ID
    certain = opinion.copy()
    certain[known] = 255 * np.eye(opinion.shape[2], dtype=np.uint8)[ids[known]]
    return certain


def _coarse(probabilities: np.ndarray) -> np.ndarray:
    height, width = (-(-side // STRIDE) for side in probabilities.shape[:2])
    planes = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in np.moveaxis(probabilities, 2, 0)]
    return np.stack(planes, axis=2)
