"""The layers that architectures share."""

import cv2
import keras
import numpy as np
import pytest
from networks import run

from segdemo.models.layers import BatchNormalization, Bilinear, BilinearUpsampling, upsample


@pytest.mark.parametrize(
    ("size", "line"),
    [
        (3, [0.5, 1, 0.5]),  # f = 2, c = 1: 1 - 1/2, 1, 1 - 1/2
        (4, [0.25, 0.75, 0.75, 0.25]),  # f = 2, c = 1.5: 1 - 1.5/2, 1 - 0.5/2, ...
    ],
)
def test_bilinear_kernels_are_those_computed_by_hand(size, line):
    kernel = keras.ops.convert_to_numpy(Bilinear()((size, size, 3, 3)))
    for output in range(3):
        for source in range(3):
            np.testing.assert_allclose(kernel[:, :, output, source], np.outer(line, line) * (output == source))


@pytest.mark.parametrize("factor", [2, 8, 16, 32])
def test_upsampling_starts_as_bilinear_interpolation_in_the_interior(factor):
    image = keras.Input((None, None, 2))
    model = keras.Model(image, upsample(image, factor, name="up"))
    maps = np.random.default_rng(0).normal(size=(1, 4, 5, 2)).astype(np.float32)
    maps[..., 1] = 3
    interior = (0, slice(factor // 2, -(factor // 2)), slice(factor // 2, -(factor // 2)))
    result = run(model, maps)
    assert result.shape == (1, 4 * factor, 5 * factor, 2)
    np.testing.assert_allclose(result[interior][..., 1], 3, rtol=1e-6)
    expected = cv2.resize(maps[0], (5 * factor, 4 * factor), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(result[interior], expected[interior[1:]], atol=1e-5)


def test_fixed_upsampling_is_bilinear_interpolation_to_the_border():
    maps = np.random.default_rng(0).normal(size=(1, 4, 5, 2)).astype(np.float32)
    result = keras.ops.convert_to_numpy(BilinearUpsampling(8)(maps))
    np.testing.assert_allclose(result[0], cv2.resize(maps[0], (40, 32), interpolation=cv2.INTER_LINEAR), atol=1e-5)


def pair_of_norms(**kwargs):
    """Keras's own and ours, with the same scale and offset."""
    norms = [cls(momentum=0.9, epsilon=1e-3, **kwargs) for cls in (keras.layers.BatchNormalization, BatchNormalization)]
    for norm in norms:
        norm.build((None, None, None, 3))
        norm.gamma.assign([0.5, 1.0, 2.0])
        norm.beta.assign([-1.0, 0.0, 1.0])
    return norms


@pytest.mark.parametrize("training", [True, False])
def test_the_fused_batch_norm_is_keras_own(training):
    x = np.random.default_rng(0).normal(3, 2, (4, 9, 9, 3)).astype(np.float32)
    theirs, ours = pair_of_norms()
    for _ in range(3):
        np.testing.assert_allclose(ours(x, training=training), theirs(x, training=training), atol=1e-5)
    np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean, atol=1e-5)
    # The kernel's running variance is the unbiased one: n / (n - 1) of Keras's share.
    np.testing.assert_allclose(ours.moving_variance, theirs.moving_variance, rtol=1 / (4 * 81 - 1) + 1e-4)


def test_a_frozen_batch_norm_neither_learns_nor_looks_at_the_batch():
    _, norm = pair_of_norms()
    norm.trainable = False
    x = np.full((2, 4, 4, 3), 5, np.float32)
    np.testing.assert_allclose(norm(x, training=True), norm(x, training=False))
    np.testing.assert_array_equal(norm.moving_mean, [0, 0, 0])


def test_in_mixed_precision_only_the_activations_are_short():
    norm = pair_of_norms(dtype="mixed_bfloat16")[1]
    y = norm(keras.ops.ones((2, 4, 4, 3), "bfloat16"), training=True)
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    assert {w.dtype for w in norm.weights} == {"float32"}
