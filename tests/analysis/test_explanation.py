import math
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

import segdemo
from segdemo.analysis.explanation import CAUTION, _cells, occlusion, seg_grad_cam
from segdemo.data import scenes
from segdemo.inference.segmentation import Segmenter
from segdemo.models import MODELS, build
from segdemo.models.layers import BilinearUpsampling, CropLike, PadToMultiple
from segdemo.tasks import TASKS, get_task

PIXELS = 64 * 96
FACES = replace(get_task("faces"), pixels=PIXELS)
NUCLEI = replace(get_task("nuclei"), pixels=PIXELS)
BINARY = replace(NUCLEI, countable=False)
LOG3 = math.log(3)


def pixelwise(task, features, scores, activation="linear", temperature=1.0):
    """A segmenter of 1x1 convolutions: colour (3,) @ features (3, K), activation, @ scores (K, outputs)."""
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(len(features[0]), 1, use_bias=False, name="features")(image)
    x = layers.Activation(activation)(x)
    model = keras.Model(image, layers.Conv2D(task.num_outputs, 1, use_bias=False, name="score")(x))
    model.get_layer("features").set_weights([np.array(features, np.float32)[None, None]])
    model.get_layer("score").set_weights([np.array(scores, np.float32)[None, None]])
    model.trainable = False
    return wrapped(model, task, temperature)


def wrapped(model, task, temperature=1.0):
    return Segmenter(Network(model), task, "by hand", temperature, "keras")


class Network:
    """What `runtime.with_keras.KerasNetwork` is, around any model."""

    def __init__(self, model):
        self.model = model

    def __call__(self, images):
        return np.asarray(self.model(images.astype(np.float32), training=False))


def stripes(*colors, height=64, width=96):
    """Vertical stripes of equal width."""
    return np.repeat(np.repeat(np.array([colors], np.uint8), width // len(colors), axis=1), height, axis=0)


# --- Seg-Grad-CAM

# Features (red - green, green - red), their ReLU, and a class 1 that likes both: what a pixel's gradient is depends on its colour.
OPPOSITE = dict(
    features=[[1, -1], [-1, 1], [0, 0]],
    scores=[[0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]],
    activation="relu",
)
RED_DARK_GREEN = stripes((200, 0, 0), (100, 0, 0), (0, 200, 0))


def test_the_map_depends_on_the_pixels_that_are_explained():
    segmenter = pixelwise(FACES, **OPPOSITE)
    # At a red pixel the gradient is (1, 0): the map is the ReLU of red - green, 200, 100 and -200.
    heat = seg_grad_cam(segmenter, RED_DARK_GREEN, 1, (5, 5), "features")
    assert (heat.shape, heat.dtype) == ((64, 96), np.float32)
    np.testing.assert_allclose(heat, np.repeat([[1] * 32 + [0.5] * 32 + [0] * 32], 64, axis=0))
    # At a green one it is (0, 1): the ReLU of green - red.
    heat = seg_grad_cam(segmenter, RED_DARK_GREEN, 1, (63, 95), "features")
    np.testing.assert_allclose(heat, np.repeat([[0] * 64 + [1] * 32], 64, axis=0))


def test_by_default_all_pixels_of_the_class_are_explained_and_a_mask_chooses_some():
    segmenter = pixelwise(FACES, **OPPOSITE)
    # All are class 1: two thirds say (1, 0), one third (0, 1), and (2/3 - 1/3)(red - green) is left.
    expected = np.repeat([[1] * 32 + [0.5] * 32 + [0] * 32], 64, axis=0)
    np.testing.assert_allclose(seg_grad_cam(segmenter, RED_DARK_GREEN, 1, layer="features"), expected, atol=1e-6)
    green = RED_DARK_GREEN[..., 1] > 0
    np.testing.assert_allclose(seg_grad_cam(segmenter, RED_DARK_GREEN, 1, green, "features"), green)
    # As many of either kind cancel out, and zeros stay zeros.
    assert not seg_grad_cam(segmenter, RED_DARK_GREEN, 1, green | green[:, ::-1], "features").any()


def test_pixels_of_a_picture_of_another_size_are_found():
    segmenter = pixelwise(FACES, **OPPOSITE)
    large = RED_DARK_GREEN.repeat(5, axis=0).repeat(5, axis=1)
    heat = seg_grad_cam(segmenter, large, 1, (319, 479), "features")
    assert heat.shape == (320, 480)
    assert heat[:, 325:] == pytest.approx(1)
    assert not heat[:, :315].any()


def test_a_class_may_be_asked_for_where_another_was_seen():
    # Class 0 likes green and is nowhere: the pixel is red, and class 1 likes red twice as much.
    segmenter = pixelwise(FACES, features=[[1, 0], [0, 1], [0, 0]], scores=[[0, 2, 0, 0, 0, 0], [1, 2, 0, 0, 0, 0]])
    heat = seg_grad_cam(segmenter, RED_DARK_GREEN, 0, (0, 0), "features")
    np.testing.assert_allclose(heat, RED_DARK_GREEN[..., 1] > 0)
    with pytest.raises(ValueError, match="No pixel of this picture has the class 'background'"):
        seg_grad_cam(segmenter, RED_DARK_GREEN, 0, layer="features")


def test_rim_and_core_are_one_class():
    # At (log 3, 0) the gradient of log(e^rim + e^core) is (3/4, 1/4); the other colour's map is a third.
    segmenter = pixelwise(NUCLEI, features=[[LOG3 / 100, 0], [0, LOG3 / 100], [0, 0]], scores=[[0, 1, 0], [0, 0, 1]])
    heat = seg_grad_cam(segmenter, stripes((100, 0, 0), (0, 100, 0)), 1, (0, 0), "features")
    np.testing.assert_allclose(heat[0], [1] * 48 + [1 / 3] * 48, rtol=1e-5)


def test_what_speaks_against_the_only_output_speaks_for_the_background():
    segmenter = pixelwise(BINARY, features=[[1, 0], [0, 1], [0, 0]], scores=[[1], [-1]])
    picture = stripes((100, 0, 0), (0, 100, 0))
    for class_id in (0, 1):  # of one output, the positive is class 1
        np.testing.assert_allclose(seg_grad_cam(segmenter, picture, class_id, layer="features"), picture[..., 1 - class_id] > 0)


def test_the_map_is_as_large_as_the_padded_picture_and_then_cut():
    # 40 rows are padded to 64: two cells of 32, means 200 and (8 * 200) / 32 = 50, at rows 15.5 and 47.5.
    image = keras.Input((None, None, 3))
    x = layers.AveragePooling2D(32, name="features")(PadToMultiple(32)(image))
    x = BilinearUpsampling(32)(layers.Conv2D(6, 1, kernel_initializer="ones")(x))
    segmenter = wrapped(keras.Model(image, CropLike()([x, image])), replace(FACES, pixels=40 * 64))
    heat = seg_grad_cam(segmenter, np.full((40, 64, 3), 200, np.uint8), 0, layer="features")
    assert heat.shape == (40, 64)
    assert heat[:16] == pytest.approx(1)
    assert heat[39] == pytest.approx(1 - 0.75 * (39 - 15.5) / 32)


@pytest.mark.parametrize(("name", "form"), sorted({(name, task.form(name)) for task in TASKS.values() for name in MODELS}))
def test_the_layers_are_there_and_have_maps(name, form):
    model = build(form, 2)
    outputs = [model.get_layer(layer).output for layer in MODELS[name].layers]
    for title, output in zip(MODELS[name].layers.values(), outputs, strict=True):
        assert len(output.shape) == 4
        assert title.en and title.zh
    shapes = keras.Model(model.input, outputs).compute_output_shape((1, 64, 96, 3))
    for title, shape in zip(MODELS[name].layers.values(), shapes, strict=True):
        stride = int(title.en.split()[-1])
        assert shape[1:3] == (64 // stride, 96 // stride)
        assert str(stride) in title.zh


def test_what_cannot_be_explained_is_refused_in_words():
    segmenter = pixelwise(FACES, **OPPOSITE)
    for arguments, message in [
        ((6,), "no class 6 in the task 'faces'; its ids are 0 to 5"),
        ((1, (64, 0)), r"\(64, 0\) is outside the picture of height 64 and width 96"),
        ((1, np.zeros((64, 96), bool)), "No pixel is chosen"),
        ((1, np.ones((64, 95), bool)), r"bool of shape \(64, 95\); they must be bool of the picture's \(64, 96\)"),
        ((1, np.ones((64, 96), np.uint8)), "uint8 of shape"),
        ((1, (0.5, 0.5)), "float64 of shape"),
    ]:
        with pytest.raises(ValueError, match=message):
            seg_grad_cam(segmenter, RED_DARK_GREEN, *arguments, layer="features")
        with pytest.raises(ValueError, match=message):
            occlusion(segmenter, RED_DARK_GREEN, *arguments)
    with pytest.raises(ValueError, match="No layer is known for the model 'by hand'"):
        seg_grad_cam(segmenter, RED_DARK_GREEN, 1)
    with pytest.raises(ValueError, match="no layer 'fc8' with feature maps"):
        seg_grad_cam(segmenter, RED_DARK_GREEN, 1, layer="fc8")
    with pytest.raises(ValueError, match="patch is 0"):
        occlusion(segmenter, RED_DARK_GREEN, 1, patch=0)


def test_without_gradients_there_is_no_grad_cam(monkeypatch):
    with pytest.raises(ValueError, match='runtime="keras"'):
        seg_grad_cam(Segmenter(brightness, BINARY), RED_DARK_GREEN, 1)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="runs on jax"):
        seg_grad_cam(pixelwise(FACES, **OPPOSITE), RED_DARK_GREEN, 1, layer="features")


# --- occlusion


def brightness(images):
    """One output: white is foreground with 3/4, all else with 1/4."""
    return np.where(images[..., :1] == 255, LOG3, -LOG3).astype(np.float32)


def context(images):
    """One output, the same everywhere: foreground with 3/4 if the top left pixel is red, with 1/4 if not; with 9/10 if the top right one is grey."""
    left = np.where(images[:, :1, :1, :1] == 200, LOG3, -LOG3)
    right = np.where(images[:, :1, -1:, :1] == 127, LOG3, 0)
    return np.broadcast_to(left + right, (*images.shape[:3], 1)).astype(np.float32)


SQUARE = replace(BINARY, pixels=64 * 64)


def test_covering_the_object_itself_makes_it_less_probable():
    # 8x8 squares of 8x8 pixels: each takes 64 of the object's 2048 pixels from 3/4 to 1/4.
    heat = occlusion(Segmenter(brightness, SQUARE), stripes((255, 255, 255), (0, 0, 0), width=64), 1)
    assert (heat.shape, heat.dtype) == ((64, 64), np.float32)
    np.testing.assert_allclose(heat, np.repeat([[0.5 * 64 / 2048] * 32 + [0] * 32], 64, axis=0), atol=1e-7)


def test_what_stands_around_counts_for_or_against():
    picture = stripes((200, 0, 0), (0, 200, 0), width=64)
    steps = []
    heat = occlusion(Segmenter(context, SQUARE), picture, 1, (40, 40), patch=16, progress=lambda *step: steps.append(step))
    expected = np.zeros((64, 64))
    expected[:16, :16] = 3 / 4 - 1 / 4
    expected[:16, 48:] = 3 / 4 - 9 / 10
    np.testing.assert_allclose(heat, expected, atol=1e-6)
    assert steps == [(4, 16), (8, 16), (12, 16), (16, 16)]
    # The other class's probability moves the other way.
    np.testing.assert_allclose(occlusion(Segmenter(context, SQUARE), picture, 0, (40, 40), patch=16), -expected, atol=1e-6)


def test_the_mean_is_over_the_chosen_pixels_and_probabilities_are_tempered():
    # Temperature 1/2 doubles the logits: 9/10 and 1/10. One of the two squares under the mask is white.
    picture = stripes((255, 255, 255), (0, 0, 0), width=64)
    where = np.zeros((64, 64), bool)
    where[:8, 24:40] = True
    heat = occlusion(Segmenter(brightness, SQUARE, temperature=0.5), picture, 1, where)
    expected = np.zeros((64, 64))
    expected[:8, 24:32] = (9 / 10 + 1 / 10) / 2 - 1 / 10
    np.testing.assert_allclose(heat, expected, atol=1e-6)


def test_squares_are_laid_at_the_working_size_and_shown_at_the_picture_s():
    picture = stripes((255, 255, 255), (0, 0, 0), height=256, width=256)
    heat = occlusion(Segmenter(brightness, SQUARE), picture, 1)
    assert heat.shape == (256, 256)
    np.testing.assert_allclose(heat[0], [0.5 / 32] * 128 + [0] * 128, atol=1e-7)


def test_a_class_that_is_not_there_has_nothing_to_lose():
    with pytest.raises(ValueError, match="No pixel of this picture has the class 'nucleus'"):
        occlusion(Segmenter(brightness, SQUARE), np.zeros((64, 64, 3), np.uint8), 1)


def test_cells_cover_the_picture_once_and_are_nearly_equal():
    for size in [(64, 64), (360, 480), (32, 4096), (37, 61)]:
        covered = np.zeros(size, int)
        for cell in _cells(*size, 45):
            covered[cell] += 1
        assert (covered == 1).all()
    assert len(_cells(360, 480, 52)) == 7 * 9
    assert {s.stop - s.start for rows_columns in _cells(37, 61, 7) for s in rows_columns} <= {6, 7, 8}


# --- a trained model


def test_a_trained_model_knows_the_sky_by_the_sky():
    segmenter = segdemo.load("fcn8s", "street", "keras")
    picture = scenes.street(0, 240, 180)[0]
    sky = segmenter.task.class_names.index("sky")
    here = segmenter(picture).mask == sky
    heat = seg_grad_cam(segmenter, picture, sky)
    drop = occlusion(segmenter, picture, sky)
    for each in (heat, drop):
        assert (each.shape, each.dtype) == ((180, 240), np.float32)
        assert each[here].mean() > each[~here].mean()
    assert (heat.min(), heat.max()) == (0, 1)
    assert -1 <= drop.min() < drop.max() <= 1
    assert drop[here].mean() > 0
    road = segmenter.task.class_names.index("road")
    here = segmenter(picture).mask == road
    heat_of_road = seg_grad_cam(segmenter, picture, road)
    assert heat_of_road[here].mean() > heat_of_road[~here].mean()
    # The layer of that name is the default, and a finer one shows another map.
    np.testing.assert_allclose(seg_grad_cam(segmenter, picture, sky, layer="block_16_project_BN"), heat, atol=1e-3)
    assert not np.allclose(seg_grad_cam(segmenter, picture, sky, layer="block_13_expand_relu"), heat, atol=0.1)


def test_the_caution_is_in_each_language():
    assert CAUTION.en.endswith(".") and CAUTION.zh.endswith("。")
    assert "does not prove" in CAUTION.en and "不能证明" in CAUTION.zh
    assert not set(CAUTION.zh) & set(",.;:!?()")
