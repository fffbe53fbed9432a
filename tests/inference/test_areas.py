import numpy as np
import pytest

from segdemo.inference.areas import CANVAS, Area, _middle, canvas_size, compose


def sure(height, width, class_id):
    """Logits (height, width, 3) that are certain of one class."""
    return np.broadcast_to(np.float32(40) * (np.arange(3) == class_id), (height, width, 3)).astype(np.float32)


def probabilities(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)


def test_an_area_is_put_back_in_its_place_and_around_it_is_certain_background():
    # 40x40 in a picture of 100x100, seen at 20x20: rows 30 to 69 and columns 10 to 49 of the canvas.
    made = compose([(Area(30, 70, 10, 50), sure(20, 20, 2))], (100, 100), (100, 100), 1)
    mask = made.argmax(axis=2)
    assert made.shape == (100, 100, 3) and made.dtype == np.float32
    assert (mask[35:65, 15:45] == 2).all()
    outside = np.ones((100, 100), bool)
    outside[30:70, 10:50] = False
    assert (mask[outside] == 1).all()
    assert probabilities(made)[outside][:, 1].min() > 0.9999


def test_on_a_coarser_canvas_everything_is_where_it_was():
    made = compose([(Area(40, 80, 20, 60), sure(20, 20, 2))], (120, 100), (60, 50), 0)
    assert made.shape == (60, 50, 3)
    assert (made.argmax(axis=2)[25:35, 15:25] == 2).all()  # the middle of rows 20 to 39 and columns 10 to 29
    assert not made.argmax(axis=2)[:19].any() and not made.argmax(axis=2)[:, 31:].any()


def test_an_area_fades_in_from_its_sides_but_not_where_the_picture_ends():
    # A side of 100 fades over 8: its first pixel has half a step, 1/16.
    chance = probabilities(compose([(Area(0, 100, 50, 150), sure(100, 100, 2))], (200, 200), (200, 200), 0))[..., 2]
    np.testing.assert_allclose(chance[50, 50:58], (np.arange(8) + 0.5) / 8, atol=1e-3)
    assert chance[0, 100] > 0.999 and chance[99, 100] == pytest.approx(1 / 16, abs=1e-3)


def test_corners_are_outside_for_heads_are_round():
    chance = probabilities(compose([(Area(50, 150, 50, 150), sure(100, 100, 2))], (200, 200), (200, 200), 0))[..., 2]
    assert chance[55, 55] < 0.001 < 0.999 < chance[100, 60]


def test_where_two_areas_meet_each_decides_near_its_own_middle():
    made = compose([(Area(0, 100, 0, 100), sure(50, 50, 1)), (Area(0, 100, 50, 150), sure(50, 50, 2))], (100, 200), (100, 200), 0)
    row = made.argmax(axis=2)[50]
    assert (row[10:74] == 1).all() and (row[76:140] == 2).all() and (row[151:] == 0).all()


def test_a_small_area_lies_on_one_that_is_the_whole_picture():
    made = compose([(Area(0, 100, 0, 100), sure(50, 50, 1)), (Area(40, 60, 40, 60), sure(50, 50, 2))], (100, 100), (100, 100), 0)
    mask = made.argmax(axis=2)
    assert mask[50, 50] == 2 and (mask[:39] == 1).all() and (mask[61:] == 1).all()


def test_probabilities_add_up_to_one_and_an_undecided_area_stays_so():
    chance = probabilities(compose([(Area(20, 80, 20, 80), np.zeros((30, 30, 3), np.float32))], (100, 100), (100, 100), 0))
    np.testing.assert_allclose(chance[50, 50], 1 / 3, rtol=1e-5)
    np.testing.assert_allclose(chance.sum(axis=2), 1, rtol=1e-5)


@pytest.mark.parametrize("logits", [np.zeros((30, 30, 3), np.float32), 3 * sure(30, 30, 2), sure(30, 30, 0)])
def test_what_is_made_are_logarithms_of_probabilities(logits):
    chance = np.exp(compose([(Area(20, 80, 20, 80), logits), (Area(10, 70, 60, 100), logits)], (100, 100), (100, 100), 0))
    assert chance.min() >= 0 and chance.max() < 1.0001
    np.testing.assert_allclose(chance.sum(axis=2), 1, rtol=1e-4)


def test_a_small_area_fades_over_one_pixel():
    chance = probabilities(compose([(Area(45, 55, 45, 55), sure(10, 10, 2))], (100, 100), (100, 100), 0))[..., 2]
    np.testing.assert_allclose(chance[50, 44:47], [0, 0.5, 1], atol=1e-3)


def test_an_area_at_the_foot_of_a_wide_picture_does_not_fade_there():
    chance = probabilities(compose([(Area(50, 100, 20, 120), sure(50, 100, 2))], (100, 200), (100, 200), 0))[..., 2]
    assert chance[99, 70] > 0.999 and chance[50, 70] == pytest.approx(1 / 8, abs=1e-3)  # a side of 50 fades over 4


def test_an_area_counts_most_in_its_middle():
    # Of four rows .25, .75, .75, .25 of the way from a side to the middle, of two columns .5; the less, squared.
    np.testing.assert_allclose(_middle(Area(0, 4, 0, 2)), np.array([[0.0625], [0.25], [0.25], [0.0625]]) + [1e-6, 1e-6], rtol=1e-5)


@pytest.mark.parametrize(("y", "x", "inside"), [(1, 5, True), (2, 6, True), (0, 5, False), (3, 5, False), (1, 4, False), (1, 7, False)])
def test_an_area_has_its_first_row_and_column_and_not_those_after_its_last(y, x, inside):
    assert Area(1, 3, 5, 7).has(y, x) == inside


@pytest.mark.parametrize(
    ("size", "area", "seen", "expected"),
    [
        ((1000, 1000), Area(0, 200, 0, 200), (100, 100), (500, 500)),  # as fine as the head was seen
        ((300, 300), Area(0, 50, 0, 50), (100, 100), (300, 300)),  # never finer than the picture
        ((1000, 1000), Area(0, 200, 0, 200), (100, 300), (500, 500)),  # by its height
        ((1000, 1000), Area(0, 900, 0, 900), (100, 100), (200, 150)),  # never coarser than a picture without heads
        ((3000, 4000), Area(0, 90, 0, 90), (480, 480), (1061, 1414)),  # sqrt(1.5 / 12) of it
    ],
)
def test_the_canvas_is_as_fine_as_the_heads_were_seen(size, area, seen, expected):
    assert canvas_size(size, [(area, seen)], (200, 150)) == expected
    assert expected[0] * expected[1] < 1.01 * CANVAS
