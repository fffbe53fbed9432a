"""Losses on logits, for any Keras backend. Pixels whose target is 255 count nothing."""

from __future__ import annotations

import numpy as np
from keras import ops

from segdemo.tasks import IGNORE_ID


def cross_entropy(class_weights: np.ndarray | None = None):
    """Cross-entropy of a softmax over C classes, each pixel weighted by its true class.

    Args:
        class_weights: (C,) positive, or None for equal weights.

    Returns:
        loss(target (N, H, W) integer, logits (N, H, W, C)) -> scalar: the weighted mean over the valid pixels.
    """

    def loss(target, logits):
        valid, target = _split(target)
        logits = ops.cast(logits, "float32")
        picked = ops.one_hot(target, logits.shape[-1])
        error = ops.logsumexp(logits, axis=-1) - ops.sum(picked * logits, axis=-1)
        weight = valid if class_weights is None else valid * ops.sum(picked * ops.convert_to_tensor(class_weights, "float32"), axis=-1)
        return ops.sum(weight * error) / ops.maximum(ops.sum(weight), 1e-6)

    return loss


def binary_cross_entropy():
    """Cross-entropy of a sigmoid on one logit, class 1 being the foreground.

    Returns:
        loss(target (N, H, W) of 0, 1 or 255, logits (N, H, W, 1)) -> scalar: the mean over the valid pixels.
    """

    def loss(target, logits):
        valid, target = _split(target)
        # Keras drops the last axis of one-channel logits before it calls the loss of a compiled model.
        logits = ops.cast(ops.reshape(logits, ops.shape(target)), "float32")
        # softplus(x) - t x, which is -t log s(x) - (1 - t) log(1 - s(x)) without overflow
        error = ops.softplus(logits) - ops.cast(target, "float32") * logits
        return ops.sum(valid * error) / ops.maximum(ops.sum(valid), 1.0)

    return loss


def distilled(hard, share: float):
    """Knowledge distillation (Hinton, Vinyals, Dean 2015, https://arxiv.org/abs/1503.02531), at temperature 1.

    Args:
        hard: a loss on masks, such as `cross_entropy`.
        share: the teacher's part of the loss, 0 to 1.

    Returns:
        loss(target (N, H, W, 1 + C) of a mask and a teacher's probabilities in 0-255, logits (N, H, W, C)) -> scalar:
        (1 - share) times ``hard`` plus share times the cross-entropy to the teacher, the mean over what the teacher saw.
    """

    def loss(target, logits):
        opinion = ops.cast(target[..., 1:], "float32")
        values = ops.cast(logits, "float32")
        error = ops.sum(opinion * (ops.logsumexp(values, axis=-1, keepdims=True) - values))
        return (1 - share) * hard(target[..., 0], logits) + share * error / ops.maximum(ops.sum(opinion), 1.0)

    return loss


def _split(target):
    """(N, H, W) ids -> (1.0 where valid, ids with 0 where ignored)."""
    target = ops.cast(target, "int32")
    valid = target != IGNORE_ID
    return ops.cast(valid, "float32"), ops.where(valid, target, 0)


def median_frequency_weights(counts: np.ndarray, power: float = 0.5, limits: tuple[float, float] = (0.3, 4.0)) -> np.ndarray:
    """(C,) float32: (median frequency / frequency) ** power, clipped.

    After the median-frequency balancing of Eigen and Fergus 2015, section 6.3.2, but with frequencies over all
    pixels; the square root tempers it.

    Args:
        counts: (C,) pixels of each class in the training masks.
    """
    frequency = counts / counts.sum()
    weights = (np.median(frequency[counts > 0]) / np.maximum(frequency, 1e-9)) ** power
    return np.clip(weights, *limits).astype(np.float32)
