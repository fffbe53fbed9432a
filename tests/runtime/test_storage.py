import h5py
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
    sizes = {}
    for dtype in ("float32", "float16"):
        path = tmp_path / f"{dtype}.weights.h5"
        save_weights(small(0), path, dtype)
        with h5py.File(path) as file:
            stored = []
            file.visititems(lambda _, item, stored=stored: stored.append(item.id.get_storage_size() if isinstance(item, h5py.Dataset) else 0))
        sizes[dtype] = sum(stored), path.stat().st_size - sum(stored)
    assert sizes["float32"][0] - sizes["float16"][0] == 2 * 3 * 3 * 3 * 400
    assert sizes["float16"][1] < sizes["float32"][1]  # the headers
