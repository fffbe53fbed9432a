"""What a Keras model's output depends on: gradients, by TensorFlow."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np


def feature_gradients(model: keras.Model, image: np.ndarray, layer: str, weigh: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The features of a layer, and how a weighted sum of the logits changes with each of them.

    Args:
        model: from (1, h, w, 3) to logits (1, h, w, C).
        image: (h, w, 3) uint8 RGB.
        layer: the name of a layer with maps (1, a, b, K).
        weigh: from logits (h, w, C) to the weights (h, w, C) of the sum.

    Returns:
        features (a, b, K) and the gradient (a, b, K) of the sum, float32.

    Raises:
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(f"Gradients are written for Keras on TensorFlow; here Keras runs on {keras.backend.backend()}.")
    import tensorflow as tf

    both = keras.Model(model.input, [model.get_layer(layer).output, model.output])
    pixels = tf.constant(image[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)  # the weights are frozen: of itself, the tape would record nothing
        features, logits = both(pixels, training=False)
        total = tf.reduce_sum(logits[0] * weigh(logits[0].numpy()))
    gradient = tape.gradient(total, features, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return features[0].numpy(), gradient[0].numpy()
