"""From clicks to the extent of what was clicked: what looks like it there, all clicks together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from segdemo.inference.segmentation import resize_logits
from segdemo.teaching.classifier import Classifier, fit, one_thread, spread
from segdemo.teaching.edges import along_edges
from segdemo.teaching.features import Map
from segdemo.teaching.strokes import UNPAINTED
from segdemo.teaching.taught import Seen

GRID = 64  # cells a side
NEAR = 0.3  # what a place loses of its likeness, from 1 to -1, over the length of a side
SHRINKAGE = 0.1
WEIGHTS, SCORES = (0.3, 0.3, 0.5, 1.0, 1.0), 0.5  # in the likeness: of the colours and the backbone's maps, and of each task's scores


@dataclass(frozen=True)
class Click:
    """Where, in shares of the picture's sides, and of which class."""

    y: float
    x: float
    id: int


@dataclass(frozen=True)
class Looks:
    """How the cells of a grid look: features (N, D), standardised, and directions (N, D) whose products are the likeness, -1 to 1."""

    mean: np.ndarray
    deviation: np.ndarray
    features: np.ndarray
    directions: np.ndarray

    @classmethod
    def of(cls, maps: Sequence[Map]) -> Looks:
        mean, deviation = spread([maps])
        y, x = cells()
        features = (np.concatenate([each.at(y, x) for each in maps], axis=1) - mean) / deviation
        return cls(mean, deviation, features.astype(np.float32), _directions(features, maps))

    def few(self, dimensions: int) -> np.ndarray:
        """(N, dimensions) float32 whose products are nearly the likeness: the directions' principal components."""
        turn = np.linalg.eigh(self.directions.T @ self.directions)[1][:, ::-1]
        return self.directions @ turn[:, :dimensions]


def cells() -> tuple[np.ndarray, np.ndarray]:
    """The middles of the cells (N,) y and x, in shares of the sides."""
    middles = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    y, x = np.meshgrid(middles, middles, indexing="ij")
    return y.ravel(), x.ravel()


def _directions(features: np.ndarray, maps: Sequence[Map]) -> np.ndarray:
    """Of each map the features at length 1, times the root of its weight: a product is the weighted mean of the cosines."""
    sizes = [each.values.shape[2] for each in maps]
    weights = [*WEIGHTS, *[SCORES] * len(maps)][: len(maps)]
    parts = np.split(features, np.cumsum(sizes)[:-1], axis=1)
    scaled = [np.sqrt(w / sum(weights)) * part / (np.linalg.norm(part, axis=1, keepdims=True) + 1e-6) for w, part in zip(weights, parts, strict=True)]
    return np.concatenate(scaled, axis=1).astype(np.float32)


def extents(seen: Seen, clicks: Sequence[Click], size: tuple[int, int]) -> np.ndarray:
    """(height, width) uint8: the class of each pixel that belongs to what was clicked, 255 elsewhere.

    For each class, cells that look like one of its clicks more than like any click of another class, and more than most of the picture (Otsu 1979,
    https://doi.org/10.1109/TSMC.1979.4310076), are the beginning; a linear classifier then tells them from all others, at every pixel.
    """
    looks = Looks.of(seen.maps)
    y, x = cells()
    places = [int(each.y * GRID) * GRID + int(each.x * GRID) for each in clicks]
    alike = np.stack([looks.directions @ looks.directions[p] - NEAR * np.hypot(y - c.y, x - c.x) for p, c in zip(places, clicks, strict=True)])
    ids = np.array([each.id for each in clicks])
    found, surest = np.full(size, UNPAINTED, np.uint8), np.zeros(size, np.float32)
    for class_id in np.unique(ids):
        own, others = alike[ids == class_id].max(axis=0), alike[ids != class_id].max(axis=0, initial=-1)
        begun = _touched((own > np.maximum(others, otsu(own))).reshape(GRID, GRID), [c for c in clicks if c.id == class_id])
        targets = begun.ravel().astype(int)
        targets[places] = ids == class_id
        margin = _margin(seen, looks, targets, size)
        taken = _touched(margin > 0, [c for c in clicks if c.id == class_id]) & (margin > surest)
        if not taken.any():  # nothing tells it from the rest: what is near, then
            taken = cv2.resize(begun.astype(np.uint8), size[::-1], interpolation=cv2.INTER_NEAREST_EXACT) > 0
        found[taken], surest[taken] = class_id, margin[taken]
    return found


def otsu(values: np.ndarray) -> float:
    """The threshold that parts values of -1 to 1 best in two."""
    levels = np.clip(np.rint((values + 1) * 127.5), 0, 255).astype(np.uint8)
    return float(cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]) / 127.5 - 1


def _margin(seen: Seen, looks: Looks, targets: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(height, width) float32: how much likelier a pixel is of the cells whose target is 1 than of the others."""
    if targets.min() == targets.max():
        return np.full(size, float(targets[0]), np.float32)
    with one_thread():
        found = fit(looks.features, targets, 2, SHRINKAGE)
    logits = along_edges(
        Classifier(looks.mean, looks.deviation, found[:, :-1], found[:, -1]).logits(seen.maps, seen.seen_size), seen.maps[0].values[..., 0] / 255
    )
    return resize_logits(logits[..., 1:] - logits[..., :1], size)[..., 0]


def _touched(mask: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
    """The connected parts of (h, w) bool in which a click lies; all of it if none does."""
    height, width = mask.shape
    parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1]
    at = {int(parts[int(each.y * height), int(each.x * width)]) for each in clicks} - {0}
    return np.isin(parts, list(at)) if at else mask
