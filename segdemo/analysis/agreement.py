"""Where several models say the same of one picture, and where not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How far the masks of N models agree.

    Attributes:
        everywhere: share of the pixels on which all of them agree, 0-1.
        pairs: the same share for each two models, by their names.
        answers: (H, W) uint8, how many different classes the models give a pixel: 1 where they agree, N at most.
    """

    everywhere: float
    pairs: dict[tuple[str, str], float]
    answers: np.ndarray


def compare_masks(masks: dict[str, np.ndarray]) -> Agreement:
    """Compares (H, W) masks of one picture, by the models' names.

    Raises:
        ValueError: if there are fewer than two, or their sizes differ.
    """
    if len(masks) < 2:
        raise ValueError(f"There is {len(masks)} mask; two are needed to compare.")
    if len({mask.shape for mask in masks.values()}) > 1:
        raise ValueError(f"The masks have the sizes {', '.join(str(mask.shape) for mask in masks.values())}; they must be of one picture.")
    ordered = np.sort(np.stack(list(masks.values())), axis=0)
    answers = (1 + np.count_nonzero(np.diff(ordered, axis=0), axis=0)).astype(np.uint8)
    pairs = {(a, b): float(np.mean(masks[a] == masks[b])) for a, b in combinations(masks, 2)}
    return Agreement(float(np.mean(answers == 1)), pairs, answers)
