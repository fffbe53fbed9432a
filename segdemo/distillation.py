"""What a task's published models think of the training pictures: a teacher for the next one (Hinton, Vinyals, Dean 2015, https://arxiv.org/abs/1503.02531)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from scipy.special import softmax

from segdemo.segmentation import Segmenter
from segdemo.zoo import entries, load

STRIDE = 4  # of what is kept: a sixteenth of the memory, and the models are hardly finer


def teachers(task_name: str) -> list[Segmenter]:
    """The task's published models, whose mean is the teacher: it is better than each of them.

    Raises:
        ValueError: if there is none.
    """
    found = [load(model, task) for task, model in sorted(entries()) if task == task_name]
    if not found:
        raise ValueError(f"There is no published model of the task {task_name!r} to learn from. Train without --distill first.")
    return found


def opinions(segmenters: Sequence[Segmenter], images: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The models' mean probabilities for each picture.

    Args:
        segmenters: of one task.
        images: (H, W, 3) uint8 RGB at the working size.

    Returns:
        (H / 4, W / 4, C) uint8 a picture, rounded up: 255 is certain.
    """
    return [_opinion([softmax(s.network(image[None])[0] / s.temperature, axis=-1) for s in segmenters]) for image in images]


def _opinion(probabilities: list[np.ndarray]) -> np.ndarray:
    mean = np.mean(probabilities, axis=0)
    height, width = (-(-side // STRIDE) for side in mean.shape[:2])
    planes = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in np.moveaxis(mean, 2, 0)]
    return np.round(255 * np.stack(planes, axis=2)).astype(np.uint8)
