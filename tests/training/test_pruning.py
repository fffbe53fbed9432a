"""A network made narrower keeps the channels that it would miss, and they do the part of the others."""

import keras
import numpy as np
import pytest
from keras import layers

from segdemo.models import build
from segdemo.models.layers import conv_bn_relu
from segdemo.runtime.storage import save_weights
from segdemo.training.pruning import load_or_prune, prune

PICTURES = np.random.default_rng(1).uniform(0, 255, (4, 64, 96, 3)).astype("float32")


def two_convolutions(filters, kernel=1):
    image = keras.Input((None, None, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1, name="rescale")(image)
    x = conv_bn_relu(x, filters, 1, name="first")
    return keras.Model(image, layers.Conv2D(3, kernel, padding="same", name="second")(x))


@pytest.mark.parametrize(
    ("scales", "rows", "kept"),
    [
        ([1, 1, 1], [1, 0.1, -2], [0, 2]),  # what is hardly heard
        ([1, 1, 0.01], [1, 0.1, -2], [0, 1]),  # what hardly says anything
    ],
)
def test_the_channels_that_matter_are_kept_in_their_order(scales, rows, kept):
    wide, narrow = two_convolutions(3), two_convolutions(2)
    wide.get_layer("first").kernel.assign(np.eye(3)[None, None])  # red, green, blue: none can stand for another
    wide.get_layer("first_bn").gamma.assign(scales)
    wide.get_layer("second").kernel.assign(np.multiply.outer(rows, [1.0, 1.0, 1.0])[None, None])
    prune(wide, narrow, PICTURES)
    np.testing.assert_array_equal(narrow.get_layer("first_bn").gamma, np.array(scales, np.float32)[kept])
    np.testing.assert_array_equal(narrow.get_layer("first").kernel, np.eye(3, dtype=np.float32)[None, None][..., kept])


@pytest.mark.parametrize("kernel", [1, 3])
def test_of_two_channels_that_say_the_same_one_goes_and_the_other_makes_up_for_it(kernel):
    wide, narrow = two_convolutions(3, kernel), two_convolutions(2, kernel)
    wide.get_layer("first").kernel.assign(np.array([[1, 0, 4], [0, 1, 0], [0, 0, 0]])[None, None])  # red, green, red
    expected = np.asarray(wide(PICTURES))
    prune(wide, narrow, PICTURES)
    assert np.asarray(narrow.get_layer("first").kernel)[0, 0, :2].any(axis=1).all()  # red and green
    np.testing.assert_allclose(narrow(PICTURES), expected, atol=0.01 * expected.std())


def test_a_lost_constant_becomes_part_of_the_bias():
    wide, narrow = two_convolutions(3), two_convolutions(2)
    wide.get_layer("first_bn").gamma.assign([1.0, 1.0, 0.0])
    wide.get_layer("first_bn").beta.assign([0.0, 0.0, 5.0])
    prune(wide, narrow, PICTURES)
    lost = 5 * np.asarray(wide.get_layer("second").kernel)[0, 0, 2]
    np.testing.assert_allclose(narrow.get_layer("second").bias, np.asarray(wide.get_layer("second").bias) + lost, atol=2e-3)


def silence(wide, narrow, rng):
    """Makes as many channels of each wider convolution say nothing as the narrow network lacks."""
    for layer in wide.layers:
        if not hasattr(layer, "filters") or layer.filters == (kept := narrow.get_layer(layer.name).filters):
            continue
        silent = rng.permutation(layer.filters)[kept:]
        norms = [norm for norm in wide.layers if isinstance(norm, layers.BatchNormalization) and norm.input is layer.output]
        weights = [norms[0].gamma, norms[0].beta] if norms else [layer.kernel, layer.bias]
        for weight in weights:
            numbers = np.array(weight) + (rng.uniform(0.5, 1, weight.shape) if norms else 0)
            index = (slice(None), slice(None), silent) if isinstance(layer, layers.Conv2DTranspose) and weight is layer.kernel else (..., silent)
            numbers[index] = 0
            weight.assign(numbers)


def test_a_network_whose_other_channels_say_nothing_computes_the_same_without_them(tmp_path):
    rng = np.random.default_rng(0)
    wide, narrow = build("unet-wide", 3), build("unet", 3)
    silence(wide, narrow, rng)
    for layer in wide.layers:
        if layer.name.startswith("score"):
            layer.kernel.assign(rng.normal(size=layer.kernel.shape))  # U-Net's finer scores start at zero
    save_weights(wide, tmp_path / "wide.weights.h5")
    assert load_or_prune(narrow, "unet", tmp_path / "wide.weights.h5", lambda: PICTURES)
    assert narrow.count_params() < wide.count_params()
    expected = np.asarray(wide(PICTURES))
    assert np.abs(np.asarray(narrow(PICTURES)) - expected).mean() < 0.02 * expected.std()


def test_weights_of_neither_form_are_refused(tmp_path):
    save_weights(build("fcn8s", 3), tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match="do not fit unet with 3 outputs"):
        load_or_prune(build("unet", 3), "unet", tmp_path / "a.weights.h5", lambda: PICTURES)
    with pytest.raises(ValueError, match="do not fit fcn8s with 4 outputs"):
        load_or_prune(build("fcn8s", 4), "fcn8s", tmp_path / "a.weights.h5", lambda: PICTURES)
