"""Model soups (Wortsman et al. 2022, https://arxiv.org/abs/2203.05482): the mean of several weights of one network, often better than each of them.

Use it when a training is over and several of its epochs score alike; `export` does.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np


def greedy_soup(model: keras.Model, candidates: dict[str, list[np.ndarray]], score: Callable[[], float]) -> tuple[str, ...]:
    """Leaves in the model the greedy soup of the candidates, and tells which they are (the paper's recipe 1).

    The best candidate comes first; the others follow in the order of their scores, and each stays in the mean if it does not
    lower the mean's score. They must come from each other by training, or from the same start: the mean of strangers is worth
    nothing (section 2 of the paper).

    Args:
        model: what is scored.
        candidates: by name, weights as of ``model.get_weights()``.
        score: of the model as it is then; the higher the better.
    """

    def mix(names: tuple[str, ...]) -> None:
        model.set_weights([np.mean(arrays, axis=0) for arrays in zip(*(candidates[name] for name in names), strict=True)])

    def scored(names: tuple[str, ...]) -> float:
        mix(names)
        return score()

    if len(candidates) == 1:  # nothing to choose
        mix(tuple(candidates))
        return tuple(candidates)

    alone = {name: scored((name,)) for name in candidates}
    first, *others = sorted(candidates, key=alone.__getitem__, reverse=True)
    soup: tuple[str, ...] = (first,)
    best = alone[first]
    for name in others:
        if (found := scored((*soup, name))) >= best:
            soup, best = (*soup, name), found
    mix(soup)
    return soup
