"""The insides of networks, on cases computed by hand and on the shipped ones."""

import json

import keras
import numpy as np
import pytest

from segdemo.analysis.insides import coarsened, feature_maps, influence, receptive_fields, without
from segdemo.data.scenes import street
from segdemo.models.layers import BroadcastLike
from segdemo.runtime.cuts import cut
from segdemo.zoo import load


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        ([(3, 1, 1)], [(3, 1)]),
        ([(3, 1, 1), (3, 1, 1)], [(3, 1), (5, 1)]),
        ([(3, 2, 1), (3, 1, 1)], [(3, 2), (7, 2)]),  # three values, two pixels apart, each three wide: 3 + 2 * 2
        ([(3, 1, 12)], [(25, 1)]),  # 12 to each side of the middle
        ([(2, 2, 1), (2, 2, 1), (3, 1, 6)], [(2, 2), (4, 4), (52, 4)]),  # 4 + 2 * 6 * 4
    ],
)
def test_receptive_fields_are_those_computed_by_hand(layers, found):
    assert receptive_fields(layers) == found


def doubled_and_joined():
    image = keras.Input((None, None, 1), name="picture")
    double = keras.layers.Rescaling(2.0, name="double")(image)
    return keras.Model(image, keras.layers.Concatenate(name="join")([image, double]))


def test_what_is_cut_says_its_mean_everywhere_and_the_rest_is_as_it_was():
    model, picture = doubled_and_joined(), np.array([[1.0, 2.0], [3.0, 6.0]], np.float32)[None, ..., None]
    of_layer, of_join = (np.asarray(cut(model, [name])(picture))[0] for name in ("double", "join"))
    assert (of_layer[..., 0] == picture[0, ..., 0]).all() and (of_layer[..., 1] == 6).all()  # 2 * (1 + 2 + 3 + 6) / 4
    assert (of_join[..., 0] == 3).all() and (of_join[..., 1] == 2 * picture[0, ..., 0]).all()
    assert (np.asarray(cut(model, [])(picture)) == np.asarray(model(picture))).all()


def test_what_is_the_same_everywhere_is_cut_to_nothing():
    image = keras.Input((None, None, 1), name="picture")
    whole = BroadcastLike(name="whole")([keras.layers.GlobalAveragePooling2D(keepdims=True)(image), image])
    picture = np.array([[1.0, 2.0], [3.0, 6.0]], np.float32)[None, ..., None]
    model = keras.Model(image, keras.layers.Concatenate()([image, whole]))
    assert np.asarray(model(picture))[..., 1].tolist() == [[[3, 3], [3, 3]]]
    assert np.asarray(cut(model, ["whole"])(picture)).tolist() == np.stack([picture[..., 0], np.zeros((1, 2, 2))], axis=-1).tolist()


def test_a_layer_that_is_not_there_cannot_be_cut():
    with pytest.raises(ValueError, match="no layer 'elsewhere'"):
        cut(doubled_and_joined(), ["elsewhere"])


def test_only_keras_can_be_looked_into():
    with pytest.raises(ValueError, match='runtime="keras"'):
        without(load("fcn8s", "street", "litert"), [])


def test_the_poles_of_a_drawn_street_need_the_finer_scores_of_fcn():
    image, truth = street(0, 640, 480)
    fcn = load("fcn8s", "street", "keras")
    sure = [int((without(fcn, names)(image).mask == fcn(image).mask).sum()) for names in ((), ("score_8",), ("score_8", "score_16"))]
    assert sure[0] == truth.size and sure[0] > sure[1] > sure[2]


def test_feature_maps_are_as_fine_as_their_stride():
    image = street(0, 320, 256)[0]
    fcn = load("fcn8s", "street", "keras")
    for layer, stride in (("score_fr", 32), ("fuse_16", 16), ("fuse_8", 8)):
        assert feature_maps(fcn, image, layer, 320 * 256).shape == (256 // stride, 320 // stride, 11)


def test_the_pixels_that_move_a_score_lie_around_it():
    heat = influence(load("unet", "animals", "keras"), street(0, 320, 240)[0], 1, (0.25, 0.25))
    rows, columns = np.indices(heat.shape)
    assert heat.max() == 1
    assert (heat * rows).sum() / heat.sum() / heat.shape[0] < 0.45 and (heat * columns).sum() / heat.sum() / heat.shape[1] < 0.45


def test_a_square_of_a_mask_becomes_the_class_of_most_of_its_pixels():
    mask = np.array([[1, 1, 0, 0, 1], [1, 0, 0, 255, 1], [0, 0, 1, 1, 0]], np.uint8)
    assert coarsened(mask, 2, 2).tolist() == [[1, 0, 1], [0, 1, 0]]  # the last row and column stand for what lies beyond them


def test_every_figure_of_the_lesson_has_the_sign_that_its_step_tells():
    from segdemo.ui.learn.step import FIGURES, trained

    found = json.loads(FIGURES.read_text(encoding="utf-8"))
    apart, skips, costs = found["apart"], found["skips"], {(each["width"], each["runtime"], each["size"]): each["miou"] for each in found["costs"]}
    assert apart["8s"]["miou"] > apart["16s"]["miou"] > apart["32s"]["miou"] + 0.1 and apart["8s"]["iou"]["pole"] > 0.1 > apart["32s"]["iou"]["pole"]
    assert trained("fcn")["FCN-8s"] > trained("fcn")["FCN-32s"] and trained("unet")["with skips"] > trained("unet")["without skips"]
    vessel = {left: each["iou"]["vessel"] for left, each in skips.items()}
    assert len(vessel) == 16 and max(vessel, key=vessel.get) == "16,8,4,2" and vessel[""] < 0.2
    assert vessel[""] < found["skipless"]["without"]["iou"]["vessel"] < found["skipless"]["with"]["iou"]["vessel"] - 0.1
    assert found["eighth"]["iou"]["vessel"] < vessel["16,8,4,2"] - 0.1  # without an error, but so coarse
    whole = costs[1, "litert", 1]
    assert abs(whole - costs[1, "litert-int8", 1]) < 0.01 < whole - costs[1, "litert", 0.25]
    assert whole > costs[1, "litert", 0.5] > costs[0.5, "litert", 1] > costs[0.25, "litert", 1]
    rates = {kept: each["radii"] for kept, each in found["rates"]["kept"].items()}
    assert all(with_rates > without + 0.02 for with_rates, without in zip(rates["all"], rates["no rates"], strict=True))
    assert max(rates["all"]) > 0.9 > 0.5 > rates["no rates"][-3] and rates["all"][-1] < max(rates["all"]) - 0.05
    cut = {kept: each["iou"] for kept, each in found["rates"]["kept"].items() if kept.startswith("without")}
    assert min(cut, key=cut.get) == "without 12" and max(cut.values()) < found["rates"]["kept"]["all"]["iou"] - 0.03  # each is missed, the widest most
    assert all(levels[0]["miou"] > levels[-1]["miou"] for levels in found["harms"].values())
    assert found["harms"]["noise"][2]["miou"] < 0.2 and found["harms"]["haze"][2]["miou"] > 0.7
    places = found["harms"]["place"]
    assert places[0]["found"] > 0.8 > 0.6 > places[-1]["found"] and places[0]["iou"]["car"] > places[-1]["iou"]["car"] + 0.05
    assert found["looks"]["hot"] > found["looks"]["cold"] + 0.01 and found["looks"]["pictures"] > 20
    work = found["work"]
    assert work["FCN-32s"] <= work["FCN-16s"] <= work["FCN-8s"] < work["with skips"]
