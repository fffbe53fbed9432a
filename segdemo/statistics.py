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
        regions: connected areas (a pixel has eight neighbours).
        confidence: mean confidence of its pixels, 0-1; NaN where there are none.
    """

    id: int
    name: str
    pixels: int
    share: float
    regions: int
    confidence: float


def class_statistics(mask: np.ndarray, confidence: np.ndarray, task: Task) -> list[ClassStatistics]:
    """One record a class of ``task``, in id order, present or not.

    Args:
        mask: (H, W) uint8 class ids.
        confidence: (H, W) float32 in [0, 1].
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
            regions=count_regions(mask == i) if pixels[i] else 0,
            confidence=float(sums[i] / pixels[i]) if pixels[i] else float("nan"),
        )
        for i, info in enumerate(task.classes)
    ]


def count_regions(area: np.ndarray) -> int:
    """Connected areas of a boolean (H, W), diagonal neighbours counting as connected."""
    return cv2.connectedComponents(area.astype(np.uint8), connectivity=8)[0] - 1
