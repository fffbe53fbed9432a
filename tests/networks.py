"""What tests of networks and their parts share."""

import keras
import numpy as np


def settled(model):
    """The model with its batch norms fitted to a batch; untrained ones let a signal fade to nothing in 50 layers."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0
    model(pictures(64, 64, count=4), training=True)
    return model


def pictures(height, width, count=1):
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3)).astype(np.float32)


def run(model, images):
    return keras.ops.convert_to_numpy(model(images, training=False))


def assert_close(logits, expected):
    """Equal but for the rounding of 32-bit floats, whatever the range of the values."""
    assert np.std(expected) > 0
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-3 * np.std(expected))
