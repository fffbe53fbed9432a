"""A picture's true mask, from a visitor, held against the model's; `segdemo.data.masks` reads it."""

from __future__ import annotations

import numpy as np

from segdemo.inference.segmentation import Segmentation
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import IGNORE_ID

RIGHT, WRONG, IGNORED = (0, 158, 115), (213, 94, 0), (128, 128, 128)  # Okabe and Ito's green and vermilion, and grey


def score(target: np.ndarray, result: Segmentation) -> Scores:
    """The model's scores on this picture; see `metrics.Scores`."""
    return Scores(confusion_matrix(target, result.mask, result.task.num_classes))


def error_map(target: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(H, W) ids, true and predicted, to (H, W, 3) uint8 RGB: green where right, vermilion where wrong, grey where ignored."""
    colors = np.array([WRONG, RIGHT, IGNORED], np.uint8)
    return colors[np.where(target == IGNORE_ID, 2, target == mask)]
