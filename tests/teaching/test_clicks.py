"""What a click takes, on cases that can be worked out by hand."""

import numpy as np
import pytest

from segdemo.teaching.clicks import Click, Looks, extents, otsu
from segdemo.teaching.features import Eye
from segdemo.teaching.taught import look

EYE = Eye(lambda image: [image[::2, ::2].astype(np.float32)], made_of="colours")


def squares() -> np.ndarray:
    """Two blue squares on red, with red between them, and a green one."""
    image = np.zeros((96, 128, 3), np.uint8)
    image[..., 0] = 220
    image[20:60, 10:40] = image[20:60, 80:110] = (0, 0, 220)
    image[70:90, 50:80] = (0, 200, 0)
    return image


SEEN = look(EYE, squares())


def test_a_click_takes_the_object_under_it_and_not_its_twin():
    found = extents(SEEN, [Click(0.4, 0.2, 1)], (96, 128)) == 1
    truth = np.zeros((96, 128), bool)
    truth[20:60, 10:40] = True
    assert (found & truth).sum() / (found | truth).sum() > 0.85
    assert not found[20:60, 80:110].any()


def test_a_second_click_takes_the_twin_too():
    found = extents(SEEN, [Click(0.4, 0.2, 1), Click(0.4, 0.75, 1)], (96, 128)) == 1
    assert found[25:55, 15:35].all() and found[25:55, 85:105].all() and not found[25:55, 50:70].any()


def test_what_another_class_clicked_is_that_class():
    found = extents(SEEN, [Click(0.4, 0.2, 1), Click(0.4, 0.75, 0), Click(0.83, 0.5, 2)], (96, 128))
    assert (found[25:55, 15:35] == 1).all() and (found[25:55, 85:105] == 0).all() and (found[74:86, 54:76] == 2).all()


def test_of_a_picture_of_one_colour_what_is_near_is_taken():
    seen = look(EYE, np.full((64, 64, 3), 99, np.uint8))
    found = extents(seen, [Click(0.5, 0.5, 1)], (64, 64)) == 1
    assert found[32, 32] and not found[0, 0]


def test_the_threshold_parts_two_heaps():
    values = np.concatenate([np.full(70, -0.5), np.full(30, 0.5)])
    assert -0.5 <= otsu(values) < 0.5


def test_the_likeness_is_a_cosine_and_few_numbers_nearly_tell_it():
    looks = Looks.of(SEEN.maps)
    np.testing.assert_allclose((looks.directions**2).sum(axis=1), 1, atol=1e-3)
    few = looks.few(6)
    np.testing.assert_allclose(few @ few.T, looks.directions @ looks.directions.T, atol=0.01)  # there are no more than six features


@pytest.mark.parametrize("place", [(0, 0), (0.9999, 0.9999)])
def test_a_click_in_the_corner_is_a_click(place):
    assert (extents(SEEN, [Click(*place, 1)], (96, 128)) == 1).any()
