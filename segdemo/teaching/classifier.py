"""Multinomial logistic regression on the features of painted pixels: what is learned of the strokes, a few thousand numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from segdemo.teaching.features import Map
from segdemo.teaching.strokes import Painted

SHRINKAGE = 0.1  # of the weights towards zero, chosen with `python -m benchmarks teach`
ROUNDS = 60
LEAST_DEVIATION = 1e-3  # of a feature, by which it is divided


@dataclass(frozen=True)
class Lesson:
    """What is seen of a picture, what is painted on it and, of a correction, the logarithms of the probabilities that are corrected."""

    maps: Sequence[Map]
    painted: Painted
    start: Map | None = None

    def features(self) -> np.ndarray:
        """(N, D) of what is painted."""
        return np.concatenate([each.at(self.painted.y, self.painted.x) for each in self.maps], axis=1)


@dataclass(frozen=True)
class Classifier:
    """Linear in the features, so that it may be applied to each map at its own size and only its few answers be enlarged.

    Attributes:
        mean, deviation: (D,) float32 of each feature, over the pictures that it learned from; the maps' channels follow one another.
        weights: (classes, D) float32. bias: (classes,) float32; minus infinity for a class that was never painted.
    """

    mean: np.ndarray
    deviation: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def logits(self, maps: Sequence[Map], size: tuple[int, int]) -> np.ndarray:
        """(height, width, classes) float32: how far each is above one of them, whose logits are 0, for a softmax knows differences only."""
        with one_thread():
            return self._logits(maps, size)

    def _logits(self, maps: Sequence[Map], size: tuple[int, int]) -> np.ndarray:
        zero = int(self.bias.argmax())
        others = np.arange(len(self.bias)) != zero
        slope, bias = (self.weights[others] - self.weights[zero]) / self.deviation, self.bias[others] - self.bias[zero]
        total, start = np.zeros((*size, len(bias)), np.float32), 0
        for each in maps:
            part = slice(start, start := start + each.values.shape[2])
            rows, columns, channels = each.values.shape
            answers = each.values.reshape(-1, channels) @ slope[:, part].T - slope[:, part] @ self.mean[part]
            total += Map(answers.reshape(rows, columns, -1), each.over).over_all(size)
        return np.insert(total + bias, zero, 0, axis=2)


def learn(lessons: Sequence[Lesson], classes: int, shrinkage: float = SHRINKAGE) -> Classifier:
    """Fits a classifier, or, where the pictures have a start, what is to be added to it: as little as makes the strokes true.

    Args:
        lessons: the pictures; without a start, at least two classes are painted, and those that are not are never found.
        classes: how many there are.
        shrinkage: the penalty on the mean square of the weights; see `fit`.
    """
    mean, deviation = spread([each.maps for each in lessons])
    painted = [each for each in lessons if len(each.painted.ids)]
    weights, bias = np.zeros((classes, len(mean)), np.float32), np.zeros(classes, np.float32)
    if not painted:
        return Classifier(mean, deviation, weights, bias)
    features = (np.concatenate([each.features() for each in painted]) - mean) / deviation
    ids = np.concatenate([each.painted.ids for each in painted])
    if any(each.start for each in painted):
        start = np.concatenate([each.start.at(each.painted.y, each.painted.x) for each in painted if each.start])
        with one_thread():
            found = fit(features, ids, classes, shrinkage, start)
        return Classifier(mean, deviation, found[:, :-1], found[:, -1])
    there = np.unique(ids)
    with one_thread():
        found = fit(features, np.searchsorted(there, ids), len(there), shrinkage)
    bias[:] = NEVER
    weights[there], bias[there] = found[:, :-1], found[:, -1]
    return Classifier(mean, deviation, weights, bias)


NEVER = -1e4  # the logit of a class that was never painted: no softmax is left of it


def one_thread() -> AbstractContextManager:
    """Such small products are slower on several threads than on one, and fifty times so where others compute too."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:  # to find them takes longer than a fit
    return ThreadpoolController()


def spread(pictures: Sequence[Sequence[Map]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (D,) float32 of each feature over all pictures, each picture counting the same."""
    means, squares = (np.array([np.concatenate([each.moments[i] for each in maps]) for maps in pictures]) for i in (0, 1))
    mean = means.mean(axis=0)
    deviation = np.sqrt(np.maximum(squares.mean(axis=0) - mean**2, 0)) + LEAST_DEVIATION
    return mean.astype(np.float32), deviation.astype(np.float32)


def fit(features: np.ndarray, ids: np.ndarray, classes: int, shrinkage: float, start: np.ndarray | None = None) -> np.ndarray:
    """The weights and, last, the bias (classes, D + 1) that make the ids likeliest.

    What is least is the mean of -log softmax, each class that is there counting the same, + shrinkage / 2 |weights|^2.

    Args:
        features: (N, D). ids: (N,).
        start: (N, classes) logits to which those of the fit are added; the bias shrinks as the weights do, then. By default none.
    """
    from scipy.optimize import minimize  # 40 MB, which the other tabs do not need

    features = np.ascontiguousarray(features, np.float32)
    rows, target, counts = np.arange(len(ids)), np.eye(classes, dtype=np.float32)[ids], np.bincount(ids, minlength=classes)
    share = (1 / ((counts > 0).sum() * np.maximum(counts, 1)))[ids].astype(np.float32)
    begun, shrunk = (np.float32(0), np.float32(0)) if start is None else (start, np.float32(shrinkage))

    def surprise(flat: np.ndarray) -> tuple[float, np.ndarray]:
        both = flat.reshape(classes, -1).astype(np.float32)
        weights, bias = both[:, :-1], both[:, -1]
        logits = features @ weights.T + bias + begun
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1)
        loss = share @ (np.log(total) - logits[rows, ids]) + shrinkage / 2 * np.square(weights).sum() + shrunk / 2 * np.square(bias).sum()
        error = (odds / total[:, None] - target) * share[:, None]
        slope = np.concatenate([error.T @ features + shrinkage * weights, (error.sum(axis=0) + shrunk * bias)[:, None]], axis=1)
        return float(loss), slope.ravel().astype(np.float64)

    none = np.zeros(classes * (features.shape[1] + 1))
    return minimize(surprise, none, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x.reshape(classes, -1).astype(np.float32)
