"""Pruning: a trained network made narrower, channel by channel (Li et al. 2017, https://arxiv.org/abs/1608.08710).

Use it when a trained network is good enough and too slow: train ``MODEL-wide`` first, then go on from it (``train --weights``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from segdemo.models import ARCHITECTURES, build
from segdemo.runtime.storage import load_weights

MOST_PLACES = 30_000  # of the pictures' features, to which kernels are fitted


def load_or_prune(model: keras.Model, name: str, path: Path, pictures: Callable[[], np.ndarray]) -> bool:
    """`storage.load_weights`, also of the architecture's wide form, which is pruned; tells whether it was that.

    Args:
        model: what is filled.
        name: its name in `models.ARCHITECTURES`; the wide form is ``<name>-wide``, if there is one.
        path: the ``.weights.h5`` of either.
        pictures: gives (N, H, W, 3), see `prune`; called if it is needed.
    """
    try:
        load_weights(model, path)
        return False
    except ValueError as error:
        if f"{name}-wide" not in ARCHITECTURES:
            raise
        wide = build(f"{name}-wide", model.output_shape[-1], None)
        try:
            load_weights(wide, path)
        except ValueError:
            raise error from None
        print(f"{path} is of {name}-wide: the channels that it would miss most are kept.", flush=True)
        prune(wide, model, pictures())
        return True


def prune(wide: keras.Model, narrow: keras.Model, pictures: np.ndarray) -> None:
    """Fills ``narrow``, which has the layers of ``wide``, some with fewer channels, so that it computes about the same.

    Where a convolution has fewer channels, those go first that the convolutions after it miss least, if the others make up for
    them as well as they can: the optimal brain surgeon (Hassibi and Stork 1993), a channel at a time.
    A convolution that lost inputs is fitted anew, by least squares, to what it made of all of them on ``pictures``
    (He et al. 2017, https://arxiv.org/abs/1707.06168, section 3.1.2).

    Args:
        wide, narrow: from RGB in 0-255.
        pictures: (N, H, W, 3).
    """
    origins = _origins(wide)
    kept: dict[str, np.ndarray] = {}  # layer -> the channels of its output in `wide`
    shifts: dict[str, np.ndarray] = {}  # convolution without bias -> what should be added to it
    for layer in narrow.layers:
        twin = wide.get_layer(layer.name)
        before = _before(layer)
        sources = [kept[name] for name in before]
        if not sources:
            kept[layer.name] = np.arange(layer.output.shape[-1])
        elif isinstance(layer, layers.Concatenate):
            starts = np.cumsum([0, *(tensor.shape[-1] for tensor in twin.input[:-1])])
            kept[layer.name] = np.concatenate([start + source for start, source in zip(starts, sources, strict=True)])
        elif _mixes_channels(layer):
            kept[layer.name] = np.arange(twin.filters) if layer.filters == twin.filters else _least_missed(wide, twin, layer.filters, pictures, origins)
        else:
            kept[layer.name] = sources[0]
        layer.set_weights([_part(weight, layer, sources[0], kept[layer.name]) for weight in twin.get_weights()])
        if _mixes_channels(layer) and len(sources[0]) < twin.input.shape[-1]:
            kernel, shift = _fitted(layer, _features(narrow, layer.input, pictures), _features(wide, twin.output, pictures)[..., kept[layer.name]])
            layer.kernel.assign(kernel)
            if layer.use_bias:
                layer.bias.assign(shift)
            else:
                shifts[layer.name] = shift
        elif before and before[0] in shifts:
            layer.moving_mean.assign_sub(shifts[before[0]])


def _mixes_channels(layer: layers.Layer) -> bool:
    return isinstance(layer, layers.Conv2D | layers.Conv2DTranspose) and not isinstance(layer, layers.DepthwiseConv2D)


def _before(layer: layers.Layer) -> list[str]:
    """The layers whose outputs it takes."""
    return [] if isinstance(layer, layers.InputLayer) else [tensor._keras_history.operation.name for tensor in keras.tree.flatten(layer.input)]


def _origins(model: keras.Model) -> dict[str, np.ndarray]:
    """For each channel of each layer's output, the layer that mixed it from others."""
    origins: dict[str, np.ndarray] = {}
    for layer in model.layers:
        before = [origins[name] for name in _before(layer)]
        if isinstance(layer, layers.Concatenate):
            origins[layer.name] = np.concatenate(before)
        elif not before or _mixes_channels(layer) or isinstance(layer, layers.Add):
            origins[layer.name] = np.full(layer.output.shape[-1], layer.name, object)
        else:
            origins[layer.name] = before[0]
    return origins


def _least_missed(wide: keras.Model, layer: layers.Layer, count: int, pictures: np.ndarray, origins: dict[str, np.ndarray]) -> np.ndarray:
    """The ``count`` output channels to keep of a convolution, in their order."""
    users = []  # of each convolution that takes the channels: the inverse of their second moments, and its kernel as (channel, tap, output)
    for user in wide.layers:
        if _mixes_channels(user) and (columns := np.flatnonzero(origins[_before(user)[0]] == layer.name)).size:
            kernel = np.asarray(user.kernel, "float64")
            kernel = kernel.transpose(3, 0, 1, 2) if isinstance(user, layers.Conv2DTranspose) else kernel.transpose(2, 0, 1, 3)
            given = _patches(user, _features(wide, user.input, pictures)[..., columns])
            taps = given.shape[-1] // len(columns)
            given = _some(given).reshape(-1, taps, len(columns)).transpose(0, 2, 1).reshape(-1, taps * len(columns))
            kernel = kernel[columns].reshape(len(columns), taps, -1)
            users.append((np.linalg.inv(_moments(given - given.mean(0))), kernel))
    kept = list(range(layer.filters))
    while len(kept) > count:
        cost = np.zeros(len(kept))
        for inverse, kernel in users:
            taps = kernel.shape[1]
            for i, channel in enumerate(kept):
                part = slice(channel * taps, (channel + 1) * taps)
                cost[i] += (kernel[channel] * np.linalg.solve(inverse[part, part], kernel[channel])).sum()
        gone = kept.pop(int(cost.argmin()))
        for inverse, kernel in users:
            channels, taps, outputs = kernel.shape
            part = slice(gone * taps, (gone + 1) * taps)
            made_up = inverse[:, part] @ np.linalg.inv(inverse[part, part])
            kernel -= (made_up @ kernel[gone]).reshape(channels, taps, outputs)
            inverse -= made_up @ inverse[part]
    return np.array(kept)


def _part(weight: np.ndarray, layer: layers.Layer, inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    if weight.ndim == 1:
        return weight[outputs]
    if isinstance(layer, layers.DepthwiseConv2D):
        return weight[:, :, inputs]
    first, second = (outputs, inputs) if isinstance(layer, layers.Conv2DTranspose) else (inputs, outputs)
    return weight[:, :, first][:, :, :, second]


def _features(model: keras.Model, tensor, pictures: np.ndarray) -> np.ndarray:
    return keras.Model(model.input, tensor).predict(pictures, batch_size=8, verbose=0).astype("float32")


def _patches(layer: layers.Layer, given: np.ndarray) -> np.ndarray:
    """What a convolution sees at each place: (N, h, w, C) to (N, h, w, taps * C)."""
    if isinstance(layer, layers.Conv2DTranspose) or layer.kernel_size == (1, 1):
        return given
    return np.asarray(ops.image.extract_patches(given, layer.kernel_size, strides=1, dilation_rate=layer.dilation_rate, padding="same"))


def _some(features: np.ndarray) -> np.ndarray:
    """(N, h, w, C) to (n, C), float64: some places, the same for pictures of the same number and size."""
    features = features.reshape(-1, features.shape[-1])
    return features[np.random.default_rng(0).permutation(len(features))[:MOST_PLACES]].astype("float64")


def _moments(given: np.ndarray) -> np.ndarray:
    """Second moments (C, C) of (n, C), with a little ridge, so that they can be inverted."""
    square = given.T @ given
    return square + 1e-4 * np.trace(square) / len(square) * np.eye(len(square))


def _fitted(layer: layers.Layer, given: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The kernel, and what is to be added, with which the layer makes of ``given`` (N, h, w, I) what comes closest to ``wanted`` (N, H, W, O)."""
    if isinstance(layer, layers.Conv2DTranspose):  # of kernel 2 and stride 2: each place makes four
        n, h, w, _ = given.shape
        wanted = wanted.reshape(n, h, 2, w, 2, -1).transpose(0, 1, 3, 2, 4, 5).reshape(n, h, w, -1)
    given, wanted = _some(_patches(layer, given)), _some(wanted)
    means = given.mean(0), wanted.mean(0)
    given, wanted = given - means[0], wanted - means[1]
    solution = np.linalg.solve(_moments(given), given.T @ wanted)
    shift = means[1] - means[0] @ solution
    if isinstance(layer, layers.Conv2DTranspose):
        return solution.reshape(-1, 2, 2, layer.filters).transpose(1, 2, 3, 0), shift.reshape(4, -1).mean(0)
    return solution.reshape(layer.kernel.shape), shift
