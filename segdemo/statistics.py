"""What a mask says in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.tasks import Task


@dataclass(frozen=True)
class ClassStatistics:
    """One class in one picture.

    Attributes:
        id: the class id.
        name: the class's English name.
        pixels: how many pixels have it.
        share: pixels over the picture's pixels, 0-1.
        regions: connected areas (a pixel has eight neighbours); of a countable task's objects, their number.
        confidence: mean confidence of its pixels, 0-1; NaN where there are none.
    """

    id: int
    name: str
    pixels: int
    share: float
    regions: int
    confidence: float


def class_statistics(mask: np.ndarray, confidence: np.ndarray, task: Task, instances: np.ndarray | None = None) -> list[ClassStatistics]:
    """One record a class of ``task``, in id order, present or not.

    Args:
        mask: (H, W) uint8 class ids.
        confidence: (H, W) float32 in [0, 1].
        instances: (H, W) object ids of class 1, 0 = none; None where objects are not told apart.
    """
    flat = mask.ravel()
    pixels = np.bincount(flat, minlength=task.num_classes)
    sums = np.bincount(flat, weights=confidence.ravel(), minlength=task.num_classes)
    return [
        ClassStatistics(
            id=i,
            name=info.name,
            pixels=int(pixels[i]),
            share=float(pixels[i] / mask.size),
            regions=_regions(mask, i, instances) if pixels[i] else 0,
            confidence=float(sums[i] / pixels[i]) if pixels[i] else float("nan"),
        )
        for i, info in enumerate(task.classes)
    ]


def _regions(mask: np.ndarray, class_id: int, instances: np.ndarray | None) -> int:
    if instances is not None and class_id == 1:
        return int(np.count_nonzero(np.bincount(instances.ravel())[1:]))
    return count_regions(mask == class_id)


def count_regions(area: np.ndarray) -> int:
    """Connected areas of a boolean (H, W), diagonal neighbours counting as connected."""
    return cv2.connectedComponents(area.astype(np.uint8), connectivity=8)[0] - 1
