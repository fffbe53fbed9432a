"""A result for other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segdemo.inference.segmentation import Segmentation

if TYPE_CHECKING:
    from supervision import Detections


def detections(result: Segmentation) -> Detections:
    """The result as the library `supervision` has it: a detection a class that is there, the background left out; of a countable task, one an object.

    Returns:
        Boxes, masks, class ids, the mean confidence of each, and ``data["class_name"]``.
    """
    from supervision import Detections

    if result.instances is not None:
        parts = [(1, result.instances == i) for i in np.unique(result.instances) if i]
    else:
        parts = [(s.id, result.mask == s.id) for s in result.statistics() if s.pixels and s.id != result.task.background_id]
    if not parts:
        return Detections.empty()
    ids = np.array([i for i, _ in parts])
    masks = np.stack([mask for _, mask in parts])
    return Detections(
        xyxy=np.array([_box(mask) for mask in masks], np.float32),
        mask=masks,
        class_id=ids,
        confidence=np.array([result.confidence[mask].mean() for mask in masks], np.float32),
        data={"class_name": np.array(result.task.class_names)[ids]},
    )


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """(left, top, right, bottom), the last two beyond the last pixel."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
