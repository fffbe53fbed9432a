import numpy as np
import pytest

from segdemo.inference.instances import BACKGROUND, CORE, RIM, core_and_rim, object_logits, separate


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
