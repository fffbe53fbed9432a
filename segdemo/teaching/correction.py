"""A correction: what is learned of strokes on top of another segmenter's scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from segdemo.inference.segmentation import Segmentation, Segmenter, class_logits
from segdemo.teaching.features import Map
from segdemo.teaching.strokes import UNPAINTED

LEAST = -5  # a log-probability: what is corrected is never surer than that, or no stroke could tell it otherwise


@dataclass(frozen=True)
class Corrected:
    """What is corrected.

    Attributes:
        segmenter: of one task.
        ids: of each class that is taught its id in that task, or None for a new one.
        made_of: what its network is, so that a correction is not used with another.
    """

    segmenter: Segmenter
    ids: tuple[int | None, ...]
    made_of: str = ""

    def scores(self, image: np.ndarray) -> Map:
        """(h, w, 3) uint8 to the logarithms of its classes' probabilities, at least `LEAST`."""
        outputs = self.segmenter.logits(image, self.segmenter.locate(image))
        logits = class_logits(outputs, self.segmenter.task) / np.float32(self.segmenter.temperature)
        logits = logits - logits.max(axis=2, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=2, keepdims=True))
        return Map(np.maximum(logits, LEAST).astype(np.float32), logits.shape[:2])

    def start(self, scores: Map) -> Map:
        """Of all its classes those that are taught; a new one begins as what it is sure is not there."""
        least = np.full(scores.values.shape[:2], LEAST, np.float32)
        return Map(np.stack([least if i is None else scores.values[..., i] for i in self.ids], axis=2), scores.over)


def matched(names: Sequence[str], segmenter: Segmenter) -> tuple[int | None, ...]:
    """Of each name the id of the segmenter's class that is called so, in English or Chinese, or None."""
    known = {name.casefold(): i for i, each in enumerate(segmenter.task.classes) for name in (each.name_zh, each.name)}
    return tuple(known.get(name.strip().casefold()) for name in names)


def as_painted(result: Segmentation, strokes: np.ndarray | None) -> Segmentation:
    """The result, which is what was painted wherever somebody painted: (h, w) uint8 of the picture's shape, at any size."""
    if strokes is None:
        return result
    painted = cv2.resize(strokes, result.mask.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    there = painted != UNPAINTED
    confidence = np.where(there, np.float32(1), result.confidence)
    return replace(result, mask=np.where(there, painted, result.mask).astype(np.uint8), confidence=confidence)
