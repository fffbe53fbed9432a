"""A segmenter against a labelled split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from segdemo.inference.segmentation import Segmenter
from segdemo.scoring.calibration import Reliability
from segdemo.scoring.metrics import Scores, boundary_f1, confusion_matrix
from segdemo.tasks import IGNORE_ID, Task


@dataclass(frozen=True)
class Evaluation:
    """All scores over a split of N pictures and C classes.

    Attributes:
        task: names the classes.
        scores: those of the confusion matrix.
        reliability: confidence against correctness.
        boundary_f1: (C,) float64, the mean over the pictures in which the class has a boundary; NaN where none has.
        confidences: (N,) float64, each picture's `Segmentation.found_confidence`.
        count_error: of a countable task, the median over the pictures of |objects found - true| / true; otherwise NaN.
    """

    task: Task
    scores: Scores
    reliability: Reliability
    boundary_f1: np.ndarray
    confidences: np.ndarray
    count_error: float

    def as_dict(self) -> dict:
        """Plain numbers for JSON; NaN becomes None. The confusion matrix has a row a true class, a column a predicted one."""
        names = self.task.class_names
        plain = lambda v: None if np.isnan(v) else round(float(v), 4)  # noqa: E731
        return {
            "mIoU": plain(self.scores.mean_iou),
            "pixel_accuracy": plain(self.scores.pixel_accuracy),
            "class_accuracy": plain(self.scores.class_accuracy),
            "boundary_f1": plain(_mean(self.boundary_f1)),
            "expected_calibration_error": plain(self.reliability.expected_calibration_error),
            "count_error": plain(self.count_error),
            "iou": {name: plain(v) for name, v in zip(names, self.scores.iou, strict=True)},
            "dice": {name: plain(v) for name, v in zip(names, self.scores.dice, strict=True)},
            "class_boundary_f1": {name: plain(v) for name, v in zip(names, self.boundary_f1, strict=True)},
            "confusion_matrix": self.scores.matrix[:, : len(names)].tolist(),
        }


def evaluate(
    segmenter: Segmenter,
    pairs: Iterable[tuple[np.ndarray, np.ndarray]],
    counts: Sequence[int] | None = None,
    on_picture: Callable[[int], None] | None = None,
    boundaries: bool = True,
) -> Evaluation:
    """Scores a segmenter as it serves: one forward pass a picture at the app's default size, scored at the picture's.

    Args:
        segmenter: what is scored.
        pairs: image (H, W, 3) uint8 RGB and mask (H, W) uint8, 255 = ignore.
        counts: of a countable task, each picture's true number of objects.
        on_picture: called with the number done after each picture.
        boundaries: False leaves the boundaries' score out, the slowest to compute.

    Raises:
        ValueError: if the masks have no pixel to score.
    """
    classes = segmenter.task.num_classes
    matrix = np.zeros((classes, classes + 1), np.int64)
    reliability = Reliability()
    confidences, outlines, errors = [], [], []
    for i, (image, target) in enumerate(pairs):
        result = segmenter(image)
        matrix += confusion_matrix(target, result.mask, classes)
        reliability.add(target, result.mask, result.confidence)
        confidences.append(result.found_confidence)
        outlines.append(boundary_f1(target, result.mask, classes) if boundaries else np.full(classes, np.nan))
        if counts is not None and counts[i]:
            errors.append(abs(result.statistics()[1].regions - counts[i]) / counts[i])
        if on_picture:
            on_picture(i + 1)
    if not matrix.any():
        raise ValueError(f"There is nothing to score: every pixel of the masks is {IGNORE_ID} (ignored).")
    return Evaluation(
        task=segmenter.task,
        scores=Scores(matrix),
        reliability=reliability,
        boundary_f1=np.array([_mean(column) for column in np.transpose(outlines)]),
        confidences=np.array(confidences),
        count_error=float(np.median(errors)) if errors else float("nan"),
    )


def _mean(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if values.size else float("nan")
