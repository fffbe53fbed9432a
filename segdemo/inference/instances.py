"""Touching objects told apart: the network sees the core of each, and a watershed grows the cores back.

A mask says "nucleus" where two nuclei touch, and they become one region. Their cores do not touch: the network of a
countable task therefore has three outputs, `BACKGROUND`, `RIM` and `CORE`. The idea is the border class of
Ronneberger et al. 2015 (section 3.1), turned inside out.

SciPy and scikit-image are imported where they are used: the other tasks start without them.
"""

from __future__ import annotations

import cv2
import numpy as np

BACKGROUND, RIM, CORE = 0, 1, 2
DEPTH = 0.4  # the core is what lies deeper than this share of the object's greatest depth
SMALLEST_CORE = 6  # pixels at the working size; below, it is noise


def core_and_rim(instances: np.ndarray) -> np.ndarray:
    """What the network learns: (H, W) instance ids, 0 = background, to (H, W) uint8 of `BACKGROUND`, `RIM`, `CORE`.

    A pixel's depth is its distance to the border of its object.
    """
    from scipy import ndimage

    ids = np.unique(np.append(0, instances), return_inverse=True)[1][1:].reshape(instances.shape)  # 0 to N, no gaps
    inside = ids > 0
    depth = cv2.distanceTransform((inside & ~borders(ids)).astype(np.uint8), cv2.DIST_L2, 5)
    deepest = np.asarray(ndimage.maximum(depth, ids, np.arange(ids.max() + 1)))
    core = inside & (depth >= DEPTH * deepest[ids])
    return np.where(core, CORE, np.where(inside, RIM, BACKGROUND)).astype(np.uint8)


def borders(instances: np.ndarray) -> np.ndarray:
    """(H, W) bool: the objects' outermost pixels, those with a neighbour left, right, above or below that is not of the same object."""
    from skimage.segmentation import find_boundaries

    return find_boundaries(instances, connectivity=1, mode="inner")


def separate(logits: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 logits of background, rim and core to (h, w) int32 object ids, 1 to N, 0 = background.

    An object is a connected area where the core is the likeliest output, grown through the foreground (rim and core
    together likelier than the background) to where it meets its neighbours. Foreground without a core is an object too
    if it is large enough to have had one.
    """
    from skimage.segmentation import relabel_sequential, watershed

    foreground = object_logits(logits).argmax(axis=2) == 1
    seeds = _large_areas(logits.argmax(axis=2) == CORE, SMALLEST_CORE)
    areas = _large_areas(foreground, 2 * SMALLEST_CORE)
    lonely = areas * ~np.isin(areas, areas[seeds > 0])
    seeds = np.where(lonely > 0, lonely + seeds.max(), seeds)
    return relabel_sequential(watershed(-logits[..., CORE], seeds, mask=foreground))[0].astype(np.int32)


def object_logits(logits: np.ndarray) -> np.ndarray:
    """(h, w, 3) logits of background, rim and core to (h, w, 2) of background and object: probabilities add up, so logits log-add-exp."""
    return np.stack([logits[..., BACKGROUND], np.logaddexp(logits[..., RIM], logits[..., CORE])], axis=2)


def _large_areas(area: np.ndarray, smallest: int) -> np.ndarray:
    """Labels the connected areas of a boolean (h, w), 1 to N, those of fewer than ``smallest`` pixels left out."""
    from scipy import ndimage

    labels = ndimage.label(area, np.ones((3, 3)))[0]
    large = np.bincount(labels.ravel()) >= smallest
    large[0] = False
    return (np.cumsum(large) * large)[labels]
