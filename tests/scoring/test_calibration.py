from dataclasses import replace

import numpy as np
import pytest

from segdemo.inference.segmentation import Segmenter
from segdemo.scoring.calibration import Reliability, fit_shift, fit_temperature, fit_unweighting, usual_confidence
from segdemo.tasks import get_task

FACES = replace(get_task("faces"), pixels=64 * 64)


def test_the_error_is_that_computed_by_hand():
    # Two pixels of 0.9, one of them right, and two of 0.5, one of them right: (2 |0.5 - 0.9| + 2 |0.5 - 0.5|) / 4 = 0.2.
    reliability = Reliability()
    reliability.add(np.array([[1, 1, 2, 2]]), np.array([[1, 0, 2, 0]]), np.array([[0.9, 0.9, 0.5, 0.5]]))
    assert reliability.expected_calibration_error == pytest.approx(0.2)


def test_within_a_bin_too_much_and_too_little_cancel_and_pictures_add_up():
    reliability = Reliability()
    reliability.add(np.array([[0]]), np.array([[0]]), np.array([[0.95]]))
    reliability.add(np.array([[0]]), np.array([[1]]), np.array([[0.99]]))
    assert reliability.expected_calibration_error == pytest.approx(abs(1 - (0.95 + 0.99)) / 2)


def test_ignored_pixels_and_the_ends_of_the_range():
    reliability = Reliability()
    assert np.isnan(reliability.expected_calibration_error)
    reliability.add(np.array([[255, 0, 0]]), np.array([[0, 0, 1]]), np.array([[0.3, 1.0, 0.0]]))
    assert reliability.pixels.sum() == 2
    assert reliability.pixels[0] == reliability.pixels[-1] == 1
    assert reliability.expected_calibration_error == 0


@pytest.mark.parametrize("boast", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_is_found(boast):
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(64, 64, 6)) * 2
    target = (honest + rng.gumbel(size=honest.shape)).argmax(axis=2).astype(np.uint8)  # a draw from softmax(honest)
    target[:3] = 255
    segmenter = Segmenter(lambda images: (boast * honest)[None].astype(np.float32), FACES)
    pairs = [(np.zeros((64, 64, 3), np.uint8), target)]
    assert fit_temperature(segmenter, pairs, pixels=10_000) == pytest.approx(boast, rel=0.1)


@pytest.mark.parametrize(("boast", "found"), [(50, np.exp(2)), (0.02, np.exp(-2))])
def test_a_temperature_is_from_a_seventh_to_seven(boast, found):
    honest = 3 * np.random.default_rng(0).normal(size=(64, 64, 6))
    target = np.array([[np.random.default_rng(i * 64 + j).choice(6, p=np.exp(x) / np.exp(x).sum()) for j, x in enumerate(row)] for i, row in enumerate(honest)])
    segmenter = Segmenter(lambda images: (boast * honest)[None].astype(np.float32), FACES)
    assert fit_temperature(segmenter, [(np.zeros((64, 64, 3), np.uint8), target.astype(np.uint8))]) == pytest.approx(found, rel=1e-3)


def test_temperature_changes_the_confidence_and_never_the_mask():
    logits = np.random.default_rng(1).normal(size=(1, 64, 64, 6)).astype(np.float32)
    plain, cool = (Segmenter(lambda images: logits, FACES, temperature=t)(np.zeros((64, 64, 3), np.uint8)) for t in (1.0, 2.0))
    np.testing.assert_array_equal(plain.mask, cool.mask)
    expected = np.exp(logits[0] / 2).max(axis=2) / np.exp(logits[0] / 2).sum(axis=2)
    np.testing.assert_allclose(cool.confidence, expected, rtol=1e-5)
    assert (cool.confidence < plain.confidence).all()


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        # The weights gave class 1 log 2 = 0.69 too much. Of pixels that are class 0 it is sure by 0.45: half of 0.69 does not turn them, three quarters do.
        (0.45, 0.75),
        (0.3, 0.5),
        (-0.1, 0.0),  # nothing is wrong: nothing is taken off
    ],
)
def test_so_much_of_the_class_weights_is_taken_off_as_the_score_asks_for(margin, expected):
    target = np.repeat([1, 0], 32)[:, None].repeat(64, axis=1).astype(np.uint8)
    logits = np.full((64, 64, 6), -9, np.float32)
    logits[..., 0], logits[..., 1] = 0, np.where(target == 1, 2.0, margin)
    segmenter = Segmenter(lambda images: logits[None], FACES)
    pairs = [(np.zeros((64, 64, 3), np.uint8), target)]
    assert fit_unweighting(segmenter, pairs, np.array([1, 2, 1, 1, 1, 1])) == expected


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        (-0.3, 0.4),  # what is missed is found from 0.3 more on
        (-0.9, 0.0),  # it would take more than there is: nothing is better than nothing
        (0.3, 0.0),  # nothing is missed
    ],
)
def test_so_much_is_added_to_a_binary_task_s_logit_as_the_score_asks_for(missed, expected):
    # The last quarter is background, and the network says so by 0.5: more than that would be wrong there.
    target = np.repeat([1, 1, 0, 0], 16)[:, None].repeat(64, axis=1).astype(np.uint8)
    logits = np.repeat(np.float32([2, missed, -3, -0.5]), 16)[:, None].repeat(64, axis=1)[..., None]
    vessels = Segmenter(lambda images: logits[None], replace(get_task("vessels"), pixels=64 * 64))
    assert fit_shift(vessels, [(np.zeros((64, 64, 3), np.uint8), target)]) == expected


def test_the_usual_confidence_is_a_quantile_or_of_few_pictures_a_range_below_their_least():
    assert usual_confidence(np.arange(101) / 100, 0.98) == pytest.approx(0.02)
    assert usual_confidence(np.array([0.9, 0.8, 0.85, 0.9]), 0.98) == pytest.approx(0.7)
    assert usual_confidence(np.array([0.9, 0.3]), 0.98) == 0
