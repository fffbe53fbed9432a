"""Masks as COCO stores them: run lengths, down the columns, in COCO's own short text (https://github.com/cocodataset/cocoapi, maskApi.c)."""

from __future__ import annotations

import numpy as np


def coco_rle(mask: np.ndarray) -> dict[str, object]:
    """(H, W) boolean as ``{"size": [H, W], "counts": text}``, which ``pycocotools.mask.decode`` reads.

    Raises:
        ValueError: if it is no array of two axes that holds truth or numbers.

    Example:
        >>> coco_rle(np.array([[0, 1], [0, 1]], bool))
        {'size': [2, 2], 'counts': '22'}
    """
    array = np.asarray(mask)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        told = f"of the shape {array.shape}, {array.dtype}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise ValueError(f"The mask is {told}; it must be an array (H, W), true where the class is, such as `result.mask == 3`.")
    pixels = array.astype(bool).ravel(order="F")
    changes = np.flatnonzero(np.diff(pixels)) + 1
    counts = np.diff(np.concatenate([[0], changes, [pixels.size]]))
    if pixels.size and pixels[0]:
        counts = np.concatenate([[0], counts])  # the first run is of zeros
    return {"size": list(array.shape), "counts": _text(counts)}


def _text(counts: np.ndarray) -> str:
    """From the fourth on, the difference from the count before the last; five bits a character, the sixth says that more follow."""
    steps = counts.astype(np.int64)
    steps[3:] -= counts[1:-2]
    characters = []
    for step in steps.tolist():
        more = True
        while more:
            bits = step & 31
            step >>= 5
            more = step != (-1 if bits & 16 else 0)
            characters.append(chr((bits | 32 if more else bits) + 48))
    return "".join(characters)
