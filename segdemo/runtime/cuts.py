"""A trained Keras network with some of its paths cut."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import keras

from segdemo.models.layers import BroadcastLike


def cut(model: keras.Model, names: Collection[str]) -> keras.Model:
    """The same network, with the same weights, in which some layers say what, but no longer where.

    Each channel of what they pass on is replaced by its mean over the picture. Zeros would be what no later layer has ever met; only what is the same
    everywhere already becomes zeros.

    Args:
        model: of functional layers.
        names: layers of it. Of a concatenation the first input is cut, where the encoder's features arrive.

    Raises:
        ValueError: if it has no such layer.
    """
    if unknown := set(names) - {layer.name for layer in model.layers}:
        raise ValueError(f"The network has no layer {sorted(unknown)[0]!r} that could be cut.")

    def call(layer: keras.Layer, *inputs: Any, **options: Any) -> Any:
        if layer.name not in names:
            return layer(*inputs, **options)
        if isinstance(layer, keras.layers.Concatenate):
            first, *others = inputs[0]
            return layer([_everywhere_the_mean(first), *others], **options)
        passed = layer(*inputs, **options)
        return keras.ops.zeros_like(passed) if isinstance(layer, BroadcastLike) else _everywhere_the_mean(passed)

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)


def _everywhere_the_mean(x: Any) -> Any:
    """(N, h, w, C) to the same shape."""
    return keras.ops.zeros_like(x) + keras.ops.mean(x, axis=(1, 2), keepdims=True)
