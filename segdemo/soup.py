"""Model soups (Wortsman et al. 2022, https://arxiv.org/abs/2203.05482): the mean of several weights of one network, often better than each of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import keras
import numpy as np


def best_mean(model: keras.Model, candidates: dict[str, list[np.ndarray]], score: Callable[[], float]) -> tuple[str, ...]:
    """Leaves in the model the mean of those candidates whose mean scores best, and tells which they are.

    Every choice that has the first candidate is tried: of three, four. They must come from each other by training, or
    from the same start: means of strangers are worth nothing (section 2 of the paper).

    Args:
        model: what is scored.
        candidates: by name, weights as of ``model.get_weights()``.
        score: of the model as it is then; the higher the better.
    """
    first, *others = candidates
    choices = [(first, *more) for count in range(len(others) + 1) for more in combinations(others, count)]

    def put(names: tuple[str, ...]) -> None:
        model.set_weights([np.mean(arrays, axis=0) for arrays in zip(*(candidates[name] for name in names), strict=True)])

    scores = []
    for names in choices:
        put(names)
        scores.append(score())
    best = choices[int(np.argmax(scores))]
    put(best)
    return best
