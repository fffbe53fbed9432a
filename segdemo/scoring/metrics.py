"""Scores of a segmentation: functions of one confusion matrix over a whole split, and the boundaries' own.

The three-line histogram is that of FCN's ``score.py`` (Long et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import distance_transform_edt

from segdemo.tasks import IGNORE_ID


def confusion_matrix(target: np.ndarray, prediction: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts M[t, p] of pixels whose true class is t and predicted class is p.

    Args:
        target: integer class ids, any shape; 255 is ignored.
        prediction: integer class ids of the same shape.
        num_classes: C.

    Returns:
        (C, C + 1) int64. The last column counts predictions that are no class at all: they stay in the sums, so a
        model with more outputs than classes cannot gain from them.

    Raises:
        ValueError: if the shapes differ or the target holds an id that is neither a class nor 255.
    """
    if target.shape != prediction.shape:
        raise ValueError(f"The target is {target.shape} and the prediction {prediction.shape}; they must have one shape.")
    valid = target != IGNORE_ID
    t = target[valid].astype(np.int64)
    p = prediction[valid].astype(np.int64)
    if t.size and not 0 <= t.min() <= t.max() < num_classes:
        raise ValueError(
            f"The target holds class id {t.max() if t.max() >= num_classes else t.min()}; ids are 0 to {num_classes - 1}, or {IGNORE_ID} to ignore."
        )
    p = np.where((p >= 0) & (p < num_classes), p, num_classes)
    columns = num_classes + 1
    return np.bincount(t * columns + p, minlength=num_classes * columns).reshape(num_classes, columns)


@dataclass(frozen=True)
class Scores:
    """Every score of a confusion matrix (C, C + 1); see `confusion_matrix`. A class without pixels scores NaN."""

    matrix: np.ndarray

    @property
    def iou(self) -> np.ndarray:
        """(C,) float64: M_cc / (row + column - M_cc), Jaccard 1912."""
        true = np.diagonal(self.matrix)
        return _divide(true, self._rows + self._columns - true)

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that occur in the target or the prediction."""
        return float(np.nanmean(self.iou)) if np.any(~np.isnan(self.iou)) else float("nan")

    @property
    def dice(self) -> np.ndarray:
        """(C,) float64: 2 TP / (2 TP + FP + FN) = 2 IoU / (1 + IoU)."""
        true = np.diagonal(self.matrix)
        return _divide(2 * true, self._rows + self._columns)

    @property
    def pixel_accuracy(self) -> float:
        return float(_divide(np.trace(self.matrix), self.matrix.sum()))

    @property
    def class_accuracy(self) -> float:
        """Mean over the target's classes of the share of their pixels that is right."""
        recall = _divide(np.diagonal(self.matrix), self._rows)
        return float(np.nanmean(recall)) if np.any(~np.isnan(recall)) else float("nan")

    @property
    def _rows(self) -> np.ndarray:
        return self.matrix.sum(axis=1)

    @property
    def _columns(self) -> np.ndarray:
        return self.matrix.sum(axis=0)[: len(self.matrix)]


def boundary_f1(target: np.ndarray, prediction: np.ndarray, num_classes: int, tolerance: float = 0.0075) -> np.ndarray:
    """How well the outlines agree: the F1 score of each class's boundary pixels (Csurka, Larlus, Perronnin 2013, section 2.2).

    A boundary pixel of the prediction is right if the target's boundary of that class is near, and the other way
    round for recall. The picture's edge is no boundary. Ignored pixels are filled by the nearest class: a boundary that runs
    through them may be found anywhere between its two classes, and what else is found among them counts neither way.

    Args:
        target, prediction: (H, W) uint8 class ids; 255 in the target is ignored.
        num_classes: C.
        tolerance: what is near, as a share of the picture's diagonal.

    Returns:
        (C,) float64; NaN for a class that has a boundary in neither.
    """
    near = tolerance * float(np.hypot(*target.shape))
    scores = np.full(num_classes, np.nan)
    valid = target != IGNORE_ID
    if not valid.any():
        return scores
    prediction = prediction.astype(np.uint8)
    true_outlines, found_outlines = _outlines(_filled(target)), _outlines(prediction)
    sure_outlines = _outlines(np.where(valid, prediction, np.uint8(IGNORE_ID)))
    beside_ignored = cv2.dilate((~valid).astype(np.uint8), np.ones((3, 3), np.uint8))
    reach = near + _distance_to(valid) + np.sqrt(2) * beside_ignored  # an outline may lie on either side of the step
    for c in range(num_classes):
        true, found, sure = (outline == c for outline in (true_outlines, found_outlines, sure_outlines))
        if true.any() and found.any():
            right = found & (_distance_to(true) <= _of_nearest(reach, true))
            precision, recall = right.sum() / max((right | sure).sum(), 1), float(np.mean((_distance_to(found) <= reach)[true]))
            scores[c] = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        elif true.any() or sure.any():
            scores[c] = 0.0
    return scores


def _filled(mask: np.ndarray) -> np.ndarray:
    """(H, W) class ids: ignored pixels have that of the nearest pixel which is not."""
    return _of_nearest(mask, mask != IGNORE_ID)


def _of_nearest(values: np.ndarray, area: np.ndarray) -> np.ndarray:
    """(H, W): at each place the value at the nearest pixel of ``area``, which is not empty."""
    rows, columns = distance_transform_edt(~area, return_distances=False, return_indices=True)
    return values[rows, columns]


def _outlines(mask: np.ndarray) -> np.ndarray:
    """(H, W) class ids where one of the four neighbours is another class, 255 elsewhere."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    height, width = mask.shape
    border = np.zeros(mask.shape, bool)
    for dy, dx in ((0, 1), (2, 1), (1, 0), (1, 2)):
        neighbour = padded[dy : dy + height, dx : dx + width]
        border |= (neighbour != mask) & (neighbour != IGNORE_ID)
    return np.where(border, mask, np.uint8(IGNORE_ID))


def _distance_to(area: np.ndarray) -> np.ndarray:
    """(H, W) float32: pixels from each place to the nearest of ``area``."""
    return cv2.distanceTransform((~area).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def _divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.full(np.shape(b), np.nan), where=np.asarray(b) > 0)
