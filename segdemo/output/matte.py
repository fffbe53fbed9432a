"""How much of each pixel belongs to chosen classes: what a cut-out with a soft edge needs."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from segdemo.inference.segmentation import Segmentation, resize_rows
from segdemo.output.visualization import strips

SURE = float(np.log(3))  # a lead in logits: odds of 3 to 1, from which a pixel is wholly in, or wholly out
CRUMB = 0.01  # of the largest region's area
FAR = 1e6  # of a border that is not there
BAND = 3.0  # pixels at the working size on either side of the border, beyond which nothing is soft


def soft_mask(result: Segmentation, class_ids: Sequence[int]) -> np.ndarray:
    """(H, W) uint8: 255 inside of the classes, 0 outside, and between along their border, as unsure as the network is there.

    Made from the lead of the best chosen class over the best other one, in logits, and from the distance to the border where it
    is 0. Both are enlarged, not the mask. Where the network is unsure far from any border, the mask decides, so that there are no
    ghosts; crumbs and pinholes are left out.
    """
    lead = _lead(result.logits, class_ids)
    planes = np.stack([lead / SURE, _signed_distance(_tidy(lead > 0)) / BAND], axis=2)
    height, width = result.mask.shape
    soft = np.empty((height, width), np.uint8)
    for rows in strips(height, width):
        unsure, distance = resize_rows(planes, np.arange(rows.start, rows.stop), height, width)
        share = np.clip(0.5 + 0.5 * unsure, np.clip(distance, 0, 1), np.clip(1 + distance, 0, 1))
        soft[rows] = np.rint(255 * share)
    return soft


def _lead(logits: np.ndarray, class_ids: Sequence[int]) -> np.ndarray:
    """(h, w, C) logits to (h, w): of the best of ``class_ids`` over the best of the others; all of one kind is wholly that."""
    chosen = np.isin(np.arange(logits.shape[2]), class_ids)
    if chosen.all() or not chosen.any():
        return np.full(logits.shape[:2], FAR if chosen.all() else -FAR, np.float32)
    return logits[..., chosen].max(axis=2) - logits[..., ~chosen].max(axis=2)


def _tidy(inside: np.ndarray) -> np.ndarray:
    """(h, w) bool without regions, inside or outside, of less than `CRUMB` of the largest one inside."""
    small = np.zeros_like(inside)
    least = 0.0
    for side in (inside, ~inside):
        _, ids, statistics, _ = cv2.connectedComponentsWithStats(side.astype(np.uint8), connectivity=4)
        areas = statistics[:, cv2.CC_STAT_AREA]
        least = least or CRUMB * areas[1:].max(initial=0)
        small |= (areas < least)[ids] & side
    return inside ^ small


def _signed_distance(inside: np.ndarray) -> np.ndarray:
    """(h, w) float32: pixels to the border, positive inside; a picture without a border is infinitely far from it."""
    if inside.all() or not inside.any():
        return np.full(inside.shape, FAR if inside.all() else -FAR, np.float32)
    deep, far = (cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (inside, ~inside))
    return np.where(inside, deep - 0.5, 0.5 - far).astype(np.float32)
