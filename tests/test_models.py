import functools

import cv2
import keras
import numpy as np
import pytest

from segdemo import architectures
from segdemo.models import BUILDERS, build
from segdemo.models.backbones import MOBILENETV2_BOTTLENECKS, MOBILENETV2_EXPANSIONS, mobilenet_v2, save_mobilenet_v2
from segdemo.models.deeplab import aspp, deeplabv3, deeplabv3plus
from segdemo.models.fcn import fcn8s, fcn_vgg16
from segdemo.models.layers import BatchNormalization, Bilinear, BilinearUpsampling, add_to_logits, conv_bn_relu, upsample
from segdemo.models.unet import unet_original
from segdemo.storage import save_weights
from segdemo.training import build_with_precision

OUTPUTS = 5
VARIANTS = {
    **BUILDERS,
    "unet_original": unet_original,
    "deeplabv3plus, stride 8": lambda n: deeplabv3plus(n, output_stride=8),
    "deeplabv3plus, width 256": lambda n: deeplabv3plus(n, width=256),
    "deeplabv3": deeplabv3,
}


@functools.cache
def built(variant):
    keras.utils.set_random_seed(0)
    return settled(VARIANTS[variant](OUTPUTS))


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


def values(weights):
    return {w.path: keras.ops.convert_to_numpy(w) for w in weights}


# --- The contract of every model


@pytest.fixture(params=VARIANTS)
def model(request):
    return built(request.param)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 45), (96, 64)])
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


@pytest.mark.parametrize("name", BUILDERS)
def test_numbers_are_added_to_the_logits_everywhere(name):
    model = build(name, OUTPUTS)
    images = pictures(64, 96)
    before = run(model, images)
    add_to_logits(model, np.arange(OUTPUTS))
    np.testing.assert_allclose(run(model, images) - before, np.broadcast_to(np.arange(OUTPUTS), before.shape), atol=1e-4)


def test_every_builder_has_its_name_among_the_models_or_the_variants():
    assert list(BUILDERS) == [*architectures.MODELS, *architectures.VARIANTS]


def test_an_unknown_model_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'segnet'.*fcn8s, unet, deeplabv3plus"):
        build("segnet", OUTPUTS)


def test_without_a_network_it_is_said_what_to_give_instead_of_imagenet_s_weights(monkeypatch):
    def refused(*arguments, **options):
        raise Exception("URL fetch failure on https://storage.googleapis.com/a.h5: Name or service not known")

    monkeypatch.setattr(keras.applications, "MobileNetV2", refused)
    with pytest.raises(ValueError, match="cannot be downloaded .*Give the path of a copy of that file, or 'none'"):
        mobilenet_v2(keras.Input((32, 32, 3)), "imagenet")


@pytest.mark.parametrize("name", ["fcn8s", "unet", "deeplabv3plus"])
def test_pretrained_weights_that_are_no_file_are_refused_by_every_model(name):
    with pytest.raises(ValueError, match=r"'gone\.weights\.h5' are not a file"):
        build(name, OUTPUTS, "gone.weights.h5")


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


# --- MobileNetV2 as a backbone


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory):
    """Keras's own MobileNetV2, no weight of which is at its start value, and its file."""
    model = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(None, None, 3))
    rng = np.random.default_rng(0)
    model.set_weights([w + rng.normal(0, 0.05, w.shape) for w in model.get_weights()])
    settled(model)
    path = tmp_path_factory.mktemp("mobilenet") / "mobilenet.weights.h5"
    model.save_weights(path)
    return model, path


@pytest.fixture(scope="module")
def backbones(mobilenet):
    return {stride: mobilenet_v2(keras.Input((64, 96, 3)), mobilenet[1], stride) for stride in (32, 16, 8)}


def test_every_output_stride_holds_the_weights_of_the_file(mobilenet, backbones):
    for backbone in backbones.values():
        # The sum that Keras documents for MobileNetV2 without its classifier.
        assert backbone.count_params() == 2_257_984
        for ours, theirs in zip(backbone.get_weights(), mobilenet[0].get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_output_stride_32_is_the_network_of_keras(mobilenet, backbones):
    images = pictures(64, 96)
    expected = run(mobilenet[0], images)
    assert expected.shape == (1, 2, 3, 1280)
    assert_close(run(backbones[32], images), expected)


@pytest.mark.parametrize(("stride", "shape"), [(16, (1, 4, 6, 1280)), (8, (1, 8, 12, 1280))])
def test_atrous_features_are_finer_and_contain_the_strided_ones(backbones, stride, shape):
    # Keras's stride-2 convolution pads (0, 1): its output i is centred on input 2 i + 1. Without one stride, feature
    # i is found at 2 i + 1; without two, at 2 (2 i + 1) + 1 = 4 i + 3.
    images = pictures(64, 96)
    features = run(backbones[stride], images)
    assert features.shape == shape
    step = 32 // stride
    assert_close(features[:, step - 1 :: step, step - 1 :: step], run(backbones[32], images))


@pytest.mark.parametrize(
    ("taps", "channels"),
    [(MOBILENETV2_BOTTLENECKS, {2: 16, 4: 24, 8: 32, 16: 96, 32: 320}), (MOBILENETV2_EXPANSIONS, {2: 96, 4: 144, 8: 192, 16: 576})],
    ids=["bottlenecks", "expansions"],
)
def test_taps_have_the_stride_and_the_channels_of_the_paper(backbones, taps, channels):
    for stride, name in taps.items():
        assert backbones[32].get_layer(name).output.shape == (None, 64 // stride, 96 // stride, channels[stride])


NARROW = {"block_14_expand": 480, "block_16_expand": 100}


def test_narrower_expansions_keep_the_strongest_channels_of_a_file(mobilenet):
    narrow = mobilenet_v2(keras.Input((64, 96, 3)), mobilenet[1], 16, NARROW)
    project, scale = mobilenet[0].get_layer("block_14_project").kernel, mobilenet[0].get_layer("block_14_depthwise_BN").gamma
    parts = np.sqrt((np.asarray(project)[0, 0] ** 2).sum(1)) * np.abs(scale)
    kept = np.flatnonzero(parts >= np.sort(parts)[-480])
    for name, axis in (("block_14_expand", 3), ("block_14_expand_BN", 0), ("block_14_depthwise", 2), ("block_14_depthwise_BN", 0), ("block_14_project", 2)):
        for ours, theirs in zip(narrow.get_layer(name).get_weights(), mobilenet[0].get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs.take(kept, axis))
    np.testing.assert_array_equal(narrow.get_layer("block_15_expand").kernel, mobilenet[0].get_layer("block_15_expand").kernel)


def test_a_narrower_backbone_is_stored_for_any_width_and_computes_the_same_in_each(tmp_path, mobilenet):
    narrow = mobilenet_v2(keras.Input((64, 96, 3)), mobilenet[1], 32, NARROW)
    save_mobilenet_v2(narrow, tmp_path / "narrow.weights.h5")
    again, wide = (mobilenet_v2(keras.Input((64, 96, 3)), tmp_path / "narrow.weights.h5", 32, expansions) for expansions in (NARROW, None))
    assert again.count_params() < wide.count_params()
    for ours, theirs in zip(again.get_weights(), narrow.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    images = pictures(64, 96)
    assert_close(run(wide, images), run(narrow, images))


# --- FCN


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


# --- Batch normalisation


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
