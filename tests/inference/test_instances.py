import numpy as np
import pytest

from segdemo.inference.instances import BACKGROUND, CORE, RIM, borders, core_and_rim, object_logits, separate


def discs(centres, radius, shape=(40, 60)):
    """(H, W) object ids 1, 2, ...; where two discs overlap, the nearer centre's."""
    y, x = np.indices(shape)
    distances = np.array([np.hypot(y - cy, x - cx) for cy, cx in centres])
    return np.where(distances.min(axis=0) <= radius, distances.argmin(axis=0) + 1, 0)


def certain(target):
    """Logits of a network that says ``target`` of background, rim and core."""
    return 10 * np.eye(3, dtype=np.float32)[target]


def test_the_core_lies_deep_inside():
    # Of a square of 7, depths are 0 at the border, then 1, 2, 3 in the middle; 0.4 * 3 = 1.2 leaves 2 and 3.
    square = np.zeros((9, 9), np.uint16)
    square[1:8, 1:8] = 65535
    expected = np.zeros((9, 9), np.uint8)
    expected[1:8, 1:8] = RIM
    expected[3:6, 3:6] = CORE
    np.testing.assert_array_equal(core_and_rim(square), expected)


def test_a_thin_object_is_all_core_and_nothing_is_all_background():
    line = np.zeros((5, 9), int)
    line[2] = 4
    assert core_and_rim(line)[2].tolist() == [CORE] * 9
    assert not core_and_rim(np.zeros((5, 9), int)).any()


def test_touching_objects_have_cores_that_do_not_touch():
    ids = discs([(20, 20), (20, 35)], 10)
    target = core_and_rim(ids)
    assert ((target > 0) == (ids > 0)).all()
    between = target[15:26, 26:30]
    assert (between == RIM).all()
    assert target[20, 20] == target[20, 35] == CORE


@pytest.mark.parametrize("centres", [[(20, 20)], [(20, 20), (20, 35)], [(12, 15), (12, 30), (12, 45), (27, 22), (27, 37)]])
def test_touching_objects_come_back_one_by_one(centres):
    ids = discs(centres, 9)
    found = separate(certain(core_and_rim(ids)))
    assert found.dtype == np.int32
    assert np.unique(found).tolist() == list(range(len(centres) + 1))
    for i in range(1, len(centres) + 1):
        overlap = (ids == i) & (found == np.bincount(found[ids == i]).argmax())
        assert overlap.sum() > 0.9 * (ids == i).sum()


def test_foreground_without_a_core_is_one_object_if_it_is_large():
    target = np.full((20, 20), BACKGROUND)
    target[2:8, 2:8] = RIM
    target[15, 15] = RIM  # a speck
    assert separate(certain(target)).max() == 1


def test_a_speck_of_core_is_noise():
    target = np.full((20, 20), RIM)
    target[5:10, 5:10] = CORE
    target[15, 15] = CORE
    assert separate(certain(target)).max() == 1


def test_an_empty_picture_has_no_objects():
    assert not separate(certain(np.zeros((8, 8), int))).any()


def test_rim_and_core_are_both_the_object():
    # Probabilities 0.4, 0.3, 0.3: the background is the likeliest output, but the object the likelier class.
    logits = np.log(np.array([[[0.4, 0.3, 0.3]]], np.float32))
    np.testing.assert_allclose(np.exp(object_logits(logits)), [[[0.4, 0.6]]], rtol=1e-6)


def test_an_object_that_fills_the_picture_has_a_core():
    assert (core_and_rim(np.ones((5, 9), int)) == CORE).all()


def test_a_border_touches_another_object_by_a_side():
    ids = np.ones((4, 4), int)
    ids[3, 3] = 2
    assert np.argwhere(borders(ids)).tolist() == [[2, 3], [3, 2], [3, 3]]


@pytest.mark.parametrize(("width", "objects"), [(4, 1), (3, 0)])
def test_an_object_without_a_core_has_at_least_twelve_pixels(width, objects):
    target = np.full((20, 20), BACKGROUND)
    target[2:5, 2 : 2 + width] = RIM
    assert separate(certain(target)).max() == objects


@pytest.mark.parametrize(("height", "objects"), [(3, 2), (2, 1)])
def test_a_core_has_at_least_six_pixels(height, objects):
    target = np.full((12, 20), RIM)
    target[2 : 2 + height, 2:4] = target[6:10, 12:16] = CORE
    assert separate(certain(target)).max() == objects


def test_objects_with_and_without_a_core_are_counted_together():
    target = np.full((12, 30), BACKGROUND)
    target[2:10, 2:10] = target[2:10, 20:28] = RIM
    target[4:8, 4:8] = CORE
    assert np.unique(separate(certain(target))).tolist() == [0, 1, 2]


def test_two_objects_meet_where_the_core_is_least_likely():
    # From the left core the logit of a core falls to column 12, from there it rises steeply to the right one.
    core = np.array([9, 9, 9, 5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -3, -2, -1, 0, 9, 9, 9], np.float32)
    row = np.stack([np.full(20, -20), np.full(20, 8), core], axis=1).astype(np.float32)
    found = separate(np.broadcast_to(row, (6, 20, 3)))
    assert (found[:, :12] == found[0, 0]).all() and (found[:, 13:] == found[0, 19]).all() and found[0, 0] != found[0, 19]
