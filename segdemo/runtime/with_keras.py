"""Keras itself: the reference for every other runtime, and what serves where LiteRT has no build."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import keras
import numpy as np

from segdemo.models import build
from segdemo.runtime.cuts import cut
from segdemo.runtime.storage import load_weights
from segdemo.tasks import Task


class KerasNetwork:
    """A Keras model behind a compiled function.

    ``model.predict`` is never used: it is built for data sets, costs three times as much for one picture, and is not
    safe to call from several threads (tensorflow/tensorflow#61298).

    Args:
        model: the architecture's name.
        task: gives the number of outputs.
        weights: path of a ``.weights.h5``.
    """

    def __init__(self, model: str, task: Task, weights: Path):
        self.model = build(task.form(model), task.num_outputs)
        load_weights(self.model, weights)
        self.model.trainable = False
        self._run = _compiled(self.model)

    @classmethod
    def without(cls, model: keras.Model, names: Collection[str]) -> KerasNetwork:
        """The same model with some paths cut; see `cuts.cut`."""
        network = cls.__new__(cls)
        network.model = cut(model, names)
        network._run = _compiled(network.model)
        return network

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(N, h, w, 3) uint8 to logits (N, h, w, C) float32."""
        return np.asarray(self._run(images))


def _compiled(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    if keras.backend.backend() != "tensorflow":
        return lambda images: keras.ops.convert_to_numpy(model(images, training=False))
    import tensorflow as tf

    # One signature for all sizes: a trace takes a second, and every picture may have its own size.
    signature = tf.TensorSpec((None, None, None, 3), tf.uint8)
    run = tf.function(lambda images: model(tf.cast(images, tf.float32), training=False), input_signature=[signature])
    run.get_concrete_function()  # now, not with the first picture
    return run
