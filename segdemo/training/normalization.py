"""Batch norms' statistics for finished weights: precise BN (Wu and Johnson 2021, https://arxiv.org/abs/2105.07576, section 3).

Use it when weights were averaged, pruned or trained in short numbers: the statistics are then those of other weights; `export` does.
"""

from __future__ import annotations

from collections.abc import Iterable

import keras
import numpy as np


def recalibrate(model: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Sets every trainable batch norm's mean and variance to the average of what ``batches`` have.

    What training leaves are running means over weights that still changed, in training's precision, while the weights that
    are kept are an average and run in float32.

    Args:
        model: with its final weights. Batch norms that are not trainable stay as they are, and so do the weights.
        batches: pictures (N, H, W, 3), as the training saw them; some dozens are enough.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]
    usual = [norm.momentum for norm in norms]
    seen = []
    for norm in norms:
        norm.momentum = 0.0  # each batch replaces what the one before left
    for batch in batches:
        model(batch, training=True)
        seen.append([(np.array(norm.moving_mean), np.array(norm.moving_variance)) for norm in norms])
    for i, (norm, momentum) in enumerate(zip(norms, usual, strict=True)):
        norm.momentum = momentum
        norm.moving_mean.assign(np.mean([of_batch[i][0] for of_batch in seen], axis=0))
        norm.moving_variance.assign(np.mean([of_batch[i][1] for of_batch in seen], axis=0))
