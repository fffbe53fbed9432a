import keras
import numpy as np

from segdemo.models.layers import BatchNormalization
from segdemo.training.normalization import recalibrate


def test_means_and_variances_are_the_average_over_the_batches_and_frozen_ones_stay():
    image = keras.Input((2, 2, 1))
    x = BatchNormalization(name="frozen", trainable=False)(image)
    model = keras.Model(image, BatchNormalization(name="norm", momentum=0.97)(x))
    model.get_layer("frozen").set_weights([np.full(1, value, np.float32) for value in (1, 0, 0, 1 - 1e-3)])  # the identity, epsilon included
    before = [w.copy() for w in model.get_layer("frozen").get_weights()]
    first, second = np.array([0, 0, 4, 4], np.float32), np.array([10, 10, 10, 12], np.float32)
    recalibrate(model, [batch.reshape(1, 2, 2, 1) for batch in (first, second)])
    norm = model.get_layer("norm")
    np.testing.assert_allclose(norm.moving_mean, [(2 + 10.5) / 2], rtol=1e-5)
    # Variances 4 and 0.75; the kernel's are unbiased, n / (n - 1) of them.
    np.testing.assert_allclose(norm.moving_variance, [(4 + 0.75) / 2 * 4 / 3], rtol=1e-5)
    assert norm.momentum == 0.97
    for now, then in zip(model.get_layer("frozen").get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
