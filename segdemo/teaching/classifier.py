"""Multinomial logistic regression on the features of painted pixels: what is learned of the strokes, a few thousand numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from segdemo.teaching.features import Map
from segdemo.teaching.strokes import Painted

SHRINKAGE = 0.1  # of the weights towards zero, chosen with `python -m benchmarks teach`
ROUNDS = 60
LEAST_DEVIATION = 1e-3  # of a feature, by which it is divided

Lesson = tuple[Sequence[Map], Painted]
"""What is seen of a picture, and what is painted on it."""


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
        """(height, width, classes) float32."""
        with one_thread():
            return self._logits(maps, size)

    def _logits(self, maps: Sequence[Map], size: tuple[int, int]) -> np.ndarray:
        total = np.broadcast_to(self.bias, (*size, len(self.bias))).astype(np.float32)
        slope, start = self.weights / self.deviation, 0
        for each in maps:
            part = slice(start, start := start + each.values.shape[2])
            rows, columns, channels = each.values.shape
            answers = each.values.reshape(-1, channels) @ slope[:, part].T - slope[:, part] @ self.mean[part]
            total += Map(answers.reshape(rows, columns, -1), each.over).over_all(size)
        return total


def learn(lessons: Sequence[Lesson], classes: int, shrinkage: float = SHRINKAGE) -> Classifier:
    """Fits a classifier.

    Args:
        lessons: the pictures; at least two classes are painted.
        classes: how many there are.
        shrinkage: the penalty on the mean square of the weights; see `fit`.
    """
    mean, deviation = spread([maps for maps, _ in lessons])
    features = np.concatenate([np.concatenate([each.at(painted.y, painted.x) for each in maps], axis=1) for maps, painted in lessons if len(painted.ids)])
    ids = np.concatenate([painted.ids for _, painted in lessons if len(painted.ids)])
    there = np.unique(ids)
    with one_thread():
        found = fit((features - mean) / deviation, np.searchsorted(there, ids), len(there), shrinkage)
    weights, bias = np.zeros((classes, len(mean)), np.float32), np.full(classes, NEVER, np.float32)
    weights[there], bias[there] = found[:, :-1], found[:, -1]
    return Classifier(mean, deviation, weights, bias)


NEVER = -1e4  # the logit of a class that was never painted: no softmax is left of it


def one_thread() -> threadpool_limits:
    """Such small products are slower on several threads than on one, and fifty times so where others compute too."""
    return threadpool_limits(1, user_api="blas")


def spread(pictures: Sequence[Sequence[Map]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (D,) float32 of each feature over all pictures, each picture counting the same."""
    means, squares = (np.array([np.concatenate([each.moments[i] for each in maps]) for maps in pictures]) for i in (0, 1))
    mean = means.mean(axis=0)
    deviation = np.sqrt(np.maximum(squares.mean(axis=0) - mean**2, 0)) + LEAST_DEVIATION
    return mean.astype(np.float32), deviation.astype(np.float32)


def fit(features: np.ndarray, ids: np.ndarray, classes: int, shrinkage: float) -> np.ndarray:
    """The weights and, last, the bias (classes, D + 1) that make the ids likeliest.

    What is least is the mean of -log softmax, each class counting the same, + shrinkage / 2 |weights|^2.

    Args:
        features: (N, D). ids: (N,), each of ``classes`` at least once.
    """
    features = np.ascontiguousarray(features, np.float32)
    rows, target = np.arange(len(ids)), np.eye(classes, dtype=np.float32)[ids]
    share = (1 / (classes * np.bincount(ids, minlength=classes)))[ids].astype(np.float32)

    def surprise(flat: np.ndarray) -> tuple[float, np.ndarray]:
        both = flat.reshape(classes, -1).astype(np.float32)
        weights = both[:, :-1]
        logits = features @ weights.T + both[:, -1]
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1)
        loss = share @ (np.log(total) - logits[rows, ids]) + shrinkage / 2 * np.square(weights).sum()
        error = (odds / total[:, None] - target) * share[:, None]
        slope = np.concatenate([error.T @ features + shrinkage * weights, error.sum(axis=0)[:, None]], axis=1)
        return float(loss), slope.ravel().astype(np.float64)

    start = np.zeros(classes * (features.shape[1] + 1))
    return minimize(surprise, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x.reshape(classes, -1).astype(np.float32)
