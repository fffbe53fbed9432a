import functools
import operator

import keras
import numpy as np
import pytest
from networks import assert_close, pictures, run, settled

from segdemo.models import ARCHITECTURES, MODELS, build
from segdemo.models.backbones import mobilenet_v2
from segdemo.models.deeplab import aspp, deeplabv3, deeplabv3plus
from segdemo.models.fcn import fcn8s, fcn_vgg16
from segdemo.models.layers import BilinearUpsampling, add_to_logits, conv_bn_relu, upsample
from segdemo.models.unet import unet_original
from segdemo.runtime.storage import save_weights
from segdemo.training.loop import build_with_precision

OUTPUTS = 5
VARIANTS = {
    **{name: architecture.build for name, architecture in ARCHITECTURES.items()},
    "unet_original": unet_original,
    "deeplabv3plus, stride 8": lambda n: deeplabv3plus(n, output_stride=8),
    "deeplabv3plus, width 256": lambda n: deeplabv3plus(n, width=256),
    "deeplabv3": deeplabv3,
}


@functools.cache
def built(variant):
    keras.utils.set_random_seed(0)
    return settled(VARIANTS[variant](OUTPUTS))


def values(weights):
    return {w.path: keras.ops.convert_to_numpy(w) for w in weights}


# --- The contract of every model


@pytest.fixture(params=VARIANTS)
def model(request):
    return built(request.param)


@pytest.mark.parametrize(("height", "width"), [(33, 45), (96, 64)])
def test_logits_are_as_large_as_the_picture(model, height, width):
    logits = run(model, pictures(height, width, count=2))
    assert logits.shape == (2, height, width, OUTPUTS)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_a_picture_of_odd_size_is_padded_with_grey_and_its_logits_are_cropped(model):
    multiple = model.get_layer("pad").multiple
    padded = np.full((1, -(-33 // multiple) * multiple, -(-45 // multiple) * multiple, 3), 127.5, np.float32)
    padded[:, :33, :45] = pictures(33, 45)
    assert_close(run(model, pictures(33, 45)), run(model, padded)[:, :33, :45])


def test_bytes_are_taken_as_they_are(model):
    images = pictures(32, 32)
    assert_close(run(model, images.astype(np.uint8)), run(model, images))


def test_two_gradient_steps_change_every_trainable_weight(model):
    """One is not enough where scores start at zero: what lies before them hears of the loss in the second."""
    before = values(model.trainable_weights)
    target = np.random.default_rng(1).integers(0, OUTPUTS, (4, 32, 32))
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    for _ in range(2):
        model.train_on_batch(pictures(32, 32, count=4), target)
    after = values(model.trainable_weights)
    assert {path for path in after if not np.array_equal(before[path], after[path])} == set(before)


def test_a_model_made_anew_from_its_config_and_saved_weights_gives_equal_logits(model, tmp_path):
    save_weights(model, tmp_path / "model.weights.h5")
    again = keras.Model.from_config(model.get_config())
    images = pictures(33, 45)
    expected = run(model, images)
    assert np.abs(run(again, images) - expected).max() > 0.1 * expected.std()
    again.load_weights(tmp_path / "model.weights.h5")
    assert_close(run(again, images), expected)


# --- build


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_numbers_are_added_to_the_logits_everywhere(name):
    model = build(name, OUTPUTS)
    images = pictures(64, 96)
    before = run(model, images)
    add_to_logits(model, np.arange(OUTPUTS))
    np.testing.assert_allclose(run(model, images) - before, np.broadcast_to(np.arange(OUTPUTS), before.shape), atol=1e-4)


@pytest.mark.parametrize("row", ["title", "sentence.en", "sentence.zh", "paper", "url", "backbone", "layers"])
@pytest.mark.parametrize("name", MODELS)
def test_no_row_of_an_architecture_is_missing(name, row):
    assert operator.attrgetter(row)(MODELS[name]), f"the architecture {name} lacks {row}"


def test_the_page_offers_three_and_the_rest_is_to_be_trained_only():
    assert list(MODELS) == ["fcn8s", "unet", "deeplabv3plus"]
    assert {"fcn16s", "fcn32s", "unet-wide", "deeplabv3plus-wide"} < set(ARCHITECTURES) - set(MODELS)


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'segnet'.*fcn8s, unet, deeplabv3plus"):
        build("segnet", OUTPUTS)


@pytest.mark.parametrize("name", ["fcn8s", "unet", "deeplabv3plus"])
def test_pretrained_weights_that_are_no_file_are_refused_by_every_model(name):
    with pytest.raises(ValueError, match=r"'gone\.weights\.h5' are neither a file nor a published model"):
        build(name, OUTPUTS, "gone.weights.h5")


@pytest.mark.parametrize("name", ["fcn8s", "unet", "deeplabv3plus"])
def test_in_mixed_precision_the_logits_and_the_weights_are_float32(name):
    model = build_with_precision(name, 3, None, "mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    assert model.get_layer("block_5_project").compute_dtype == "bfloat16"
    assert model.output.dtype == "float32"
    assert {w.dtype for w in model.weights} == {"float32"}
    plain = build(name, 3)
    plain.set_weights(model.get_weights())
    picture = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    np.testing.assert_allclose(model(picture, training=False), plain(picture, training=False), atol=0.1)


def test_an_unknown_fcn_variant_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'4s'.*32s, 16s, 8s"):
        fcn8s(OUTPUTS, variant="4s")


@pytest.mark.parametrize(
    ("builder", "argument", "known"),
    [(deeplabv3, OUTPUTS, "16 and 8"), (deeplabv3plus, OUTPUTS, "16 and 8"), (mobilenet_v2, keras.Input((32, 32, 3)), "32, 16 or 8")],
    ids=["deeplabv3", "deeplabv3plus", "mobilenet_v2"],
)
def test_an_unknown_output_stride_is_answered_with_the_known_ones(builder, argument, known):
    with pytest.raises(ValueError, match=f"output_stride is 4; .*{known}"):
        builder(argument, output_stride=4)


# --- FCN


@pytest.mark.parametrize(
    ("builder", "parameters"),
    [
        # VGG16's convolutions 14,714,688; fc6 7*7*512*4096 + 4096; fc7 4096*4096 + 4096; scores (4096 + 1) 5,
        # (512 + 1) 5 and (256 + 1) 5; up 4*4*5*5 twice.
        (fcn_vgg16, 14_714_688 + 102_764_544 + 16_781_312 + 20_485 + 2_565 + 1_285 + 400 + 400),
        # MobileNetV2 without its last convolution and BN 2,257,984 - 320*1280 - 4*1280 = 1,843,264; fc6 7*7*320 +
        # 4*320 and 320*512 + 4*512; fc7 512*512 + 4*512; scores (512 + 1) 5, (576 + 1) 5 and (192 + 1) 5; up the same.
        (fcn8s, 1_843_264 + 16_960 + 165_888 + 264_192 + 2_565 + 2_885 + 965 + 400 + 400),
    ],
)
def test_fcn_8s_has_the_paper_s_layers_and_starts_as_its_own_coarse_scores_upsampled(builder, parameters):
    model = settled(builder(OUTPUTS))
    assert model.count_params() == parameters
    for stride in (16, 8):
        assert not any(w.any() for w in model.get_layer(f"score_{stride}").get_weights())
    upsampled = model.get_layer("score_fr").output
    for name in ("first", "second"):
        upsampled = upsample(upsampled, 2, name=name)
    upsampled = BilinearUpsampling(8)(upsampled)
    logits, expected = keras.Model(model.input, [model.output, upsampled])(pictures(64, 64), training=False)
    assert_close(logits, expected)


# --- U-Net


def test_the_original_u_net_has_23_convolutions_and_31_million_parameters():
    model = unet_original(2, channels=1)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose)]
    # Two at each of 4 levels down, 2 at the bottom, 3 at each of 4 levels up, 1 at the end.
    assert len(convolutions) == 4 * 2 + 2 + 4 * 3 + 1
    widths = [64, 128, 256, 512, 1024]
    inputs = [1, *widths]
    down = sum(9 * a * b + b + 9 * b * b + b for a, b in zip(inputs, widths, strict=False))
    up = sum(4 * 2 * b * b + b + 9 * 2 * b * b + b + 9 * b * b + b for b in widths[:4])
    assert model.count_params() == down + up + 64 * 2 + 2
    assert round(model.count_params() / 1e6, 2) == 31.03


@pytest.mark.parametrize(("variant", "concatenations"), [("unet", 4), ("unet-wide-without-skips", 0), ("unet_original", 4)])
def test_skips_concatenate_the_encoder_at_four_sizes(variant, concatenations):
    assert sum(isinstance(layer, keras.layers.Concatenate) for layer in built(variant).layers) == concatenations


# --- DeepLab


@pytest.mark.parametrize(
    ("variant", "rates", "size", "branch", "width"),
    [
        ("deeplabv3plus", (6, 12, 18), 4, 96, 128),
        ("deeplabv3plus-wide", (6, 12, 18), 4, 128, 128),
        ("deeplabv3plus, width 256", (6, 12, 18), 4, 96, 256),
        ("deeplabv3plus, stride 8", (12, 24, 36), 8, 96, 128),
        ("deeplabv3", (6, 12, 18), 4, 256, 256),
    ],
)
def test_aspp_looks_at_the_paper_s_rates_at_the_output_stride(variant, rates, size, branch, width):
    model = built(variant)
    atrous = [layer for layer in model.layers if layer.name.startswith("aspp_") and getattr(layer, "dilation_rate", (1, 1)) != (1, 1)]
    assert [layer.dilation_rate for layer in atrous] == [(rate, rate) for rate in rates]
    assert {layer.kernel_size for layer in atrous} == {(3, 3)}
    features = keras.Model(model.input, [model.get_layer(name).output for name in ("aspp_concat", "aspp_project")])(pictures(64, 64))
    # A 1x1 branch, three rates and the pooled picture, as many channels each.
    assert [f.shape for f in features] == [(1, size, size, 5 * branch), (1, size, size, width)]


@pytest.mark.parametrize(
    ("variant", "width", "low_level", "inner"),
    [("deeplabv3plus", 128, 24, 96), ("deeplabv3plus-wide", 128, 48, 128), ("deeplabv3plus, width 256", 256, 24, 96)],
)
def test_the_decoder_joins_aspp_s_channels_with_some_of_stride_4(variant, width, low_level, inner):
    model = built(variant)
    joined = keras.Model(model.input, model.get_layer("decoder_concat").output)(pictures(64, 64))
    assert joined.shape == (1, 16, 16, width + low_level)
    assert [layer.filters for layer in model.layers if layer.name.startswith("decoder_conv") and isinstance(layer, keras.layers.Conv2D)] == [inner, width]


def test_rates_of_one_s_own_replace_the_paper_s():
    features = keras.Input((8, 8, 4))
    model = keras.Model(features, aspp(features, (2, 3), conv_bn_relu))
    assert model.get_layer("aspp_0_rate2").dilation_rate == (2, 2)
    assert model.get_layer("aspp_1_rate3").dilation_rate == (3, 3)
    assert model.get_layer("aspp_concat").output.shape == (None, 8, 8, 4 * 256)
