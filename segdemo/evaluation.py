"""A segmenter against a labelled split."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from segdemo.metrics import Scores, confusion_matrix
from segdemo.segmentation import Segmenter


def evaluate(
    segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]], on_picture: Callable[[int], None] | None = None
) -> tuple[Scores, np.ndarray]:
    """Scores a segmenter as it serves: one forward pass a picture at the app's default size, scored at the picture's.

    Args:
        segmenter: what is scored.
        pairs: image (H, W, 3) uint8 RGB and mask (H, W) uint8, 255 = ignore.
        on_picture: called with the number done after each picture.

    Returns:
        The scores over all pictures, and each picture's mean confidence (number of pictures,) float64.
    """
    classes = segmenter.task.num_classes
    matrix = np.zeros((classes, classes + 1), np.int64)
    confidences = []
    for done, (image, target) in enumerate(pairs, 1):
        result = segmenter(image)
        matrix += confusion_matrix(target, result.mask, classes)
        confidences.append(float(result.confidence.mean()))
        if on_picture:
            on_picture(done)
    return Scores(matrix), np.array(confidences)
