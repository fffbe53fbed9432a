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
    records = []
    for i, info in enumerate(task.classes):
        area = (mask == i).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(area)  # most classes fill a small part of the picture
        there = slice(top, top + height), slice(left, left + width)
        area = area[there]
        pixels = cv2.countNonZero(area)
        mean = cv2.mean(confidence[there], area)[0] if pixels else float("nan")
        if not pixels:
            regions = 0
        elif instances is not None and i == 1:
            regions = int(np.count_nonzero(np.bincount(instances.ravel())[1:]))
        else:
            regions = count_regions(area)
        records.append(ClassStatistics(i, info.name, pixels, pixels / mask.size, regions, mean))
    return records


def count_regions(area: np.ndarray) -> int:
    """Connected areas of a (H, W) boolean or uint8, diagonal neighbours counting as connected."""
    return cv2.connectedComponents(np.asarray(area, np.uint8), connectivity=8)[0] - 1
