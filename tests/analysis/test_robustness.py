"""Harm to pictures."""

import numpy as np
import pytest

from segdemo.analysis.robustness import HARMS, LEVELS, harm, harm_mask, lifted
from segdemo.tasks import IGNORE_ID


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.mark.parametrize("kind", HARMS)
def test_each_level_does_more_harm_than_the_one_before_and_none_does_none(image, kind):
    smooth = np.repeat(np.linspace(0, 255, 64, dtype=np.uint8)[None, :, None], 48, 0).repeat(3, 2)
    picture = smooth if kind in ("noise", "jpeg") else image
    far = [np.abs(harm(picture, kind, level).astype(float) - picture).mean() for level in range(LEVELS + 1)]
    assert far[0] == 0 and far == sorted(far) if kind not in ("rotation", "zoom") else far[0] == 0 < min(far[1:])
    assert all(harm(picture, kind, level).shape == picture.shape for level in range(LEVELS + 1)) and len(HARMS[kind].strengths) == LEVELS
    assert (harm(picture, kind, 2) == harm(picture, kind, 2)).all()


def test_half_the_light_is_half_of_every_value():
    assert harm(np.full((2, 2, 3), 200, np.uint8), "darkness", 1).tolist() == np.full((2, 2, 3), 100).tolist()


def test_haze_lightens_the_upper_pixels_more():
    hazy = harm(np.zeros((3, 1, 3), np.uint8), "haze", 2)[:, 0, 0]
    assert hazy.tolist() == [112, 79, 45]  # 225 * 0.5 * (1, 0.7, 0.4)


def test_the_true_mask_turns_with_the_picture_and_what_came_from_outside_is_ignored():
    mask = np.zeros((5, 5), np.uint8)
    mask[0, :] = 1
    turned = harm_mask(mask, "rotation", LEVELS)  # a quarter, against the clock
    assert turned[:, 0].tolist() == [1] * 5 and turned.sum() == 5
    assert harm_mask(mask, "noise", LEVELS) is mask
    assert harm_mask(np.zeros((40, 40), np.uint8), "zoom", LEVELS)[0, 0] == IGNORE_ID


@pytest.mark.parametrize(("kind", "level", "message"), [("rust", 1, "no harm 'rust'"), ("blur", 5, "level is 5"), ("blur", -1, "level is -1")])
def test_a_harm_that_there_is_not_is_named(image, kind, level, message):
    for function, thing in ((harm, image), (harm_mask, image[..., 0])):
        with pytest.raises(ValueError, match=message):
            function(thing, kind, level)


def test_the_largest_object_is_copied_straight_up_and_stays_where_it_was():
    mask = np.zeros((8, 6), np.uint8)
    mask[5:7, 2:4], mask[7, 5] = 3, 3  # a large one with four rows above it, and a small one
    image = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)
    picture, truth, place = lifted(image, mask, 3, 2)  # half of five rows, rounded: two
    assert np.argwhere(place).tolist() == [[3, 2], [3, 3], [4, 2], [4, 3]]
    assert (picture[3:5, 2:4] == image[5:7, 2:4]).all() and (picture[~place] == image[~place]).all()
    assert (truth == 3).sum() == 9 and truth.dtype == np.uint8
    assert np.argwhere(lifted(image, mask, 3, LEVELS)[2]).min(axis=0).tolist() == [0, 2]
    assert (lifted(image, mask, 3, 0)[0] == image).all() and not lifted(image, mask, 1, LEVELS)[2].any()
    with pytest.raises(ValueError, match="level is 5"):
        lifted(image, mask, 3, 5)
