import keras
import numpy as np
import pytest

from segdemo.runtime.storage import save_weights


def small(seed):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(400, 3, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn", moving_variance_initializer=keras.initializers.Constant(1e6))(x)
    return keras.Model(inputs, x)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 0), ("float16", 5e-4)])
def test_stored_weights_load_into_plain_keras(tmp_path, dtype, tolerance):
    model, other = small(0), small(1)
    save_weights(model, tmp_path / "a.weights.h5", dtype)
    other.load_weights(tmp_path / "a.weights.h5")
    for stored, original in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(stored, original, rtol=tolerance, atol=tolerance / 10)
    assert other.get_layer("bn").moving_variance.numpy()[0] == 1e6  # beyond float16's largest number, 65504


def test_half_precision_halves_the_large_kernels(tmp_path):
    for dtype in ("float32", "float16"):
        save_weights(small(0), tmp_path / f"{dtype}.weights.h5", dtype)
    sizes = [(tmp_path / f"{dtype}.weights.h5").stat().st_size for dtype in ("float32", "float16")]
    assert sizes[0] - sizes[1] == pytest.approx(2 * 3 * 3 * 3 * 400, abs=1024)
