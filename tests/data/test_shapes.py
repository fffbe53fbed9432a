import numpy as np
import pytest

from segdemo.data.folder import open_split
from segdemo.data.shapes import SHAPES, draw, shape, write_folder
from segdemo.tasks import task_from_folder


def test_a_picture_and_its_mask():
    image, mask = draw(0, (60, 90))
    assert (image.shape, image.dtype) == ((60, 90, 3), np.uint8)
    assert (mask.shape, mask.dtype) == ((60, 90), np.uint8)


def test_the_seed_decides():
    for first, again in zip(draw(3), draw(3), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(draw(3)[1], draw(4)[1])


def test_every_class_is_drawn():
    ids = {int(i) for seed in range(4) for i in np.unique(draw(seed)[1])}
    assert ids == set(range(SHAPES.num_classes))


@pytest.mark.parametrize(
    "class_id, area",
    [
        (1, np.pi * 40**2),  # circle of radius 40
        (2, 2 * 40**2),  # square of half diagonal 40: its side is 40 * sqrt(2)
        (3, 3 * np.sqrt(3) / 4 * 40**2),  # triangle in a circle of radius 40
    ],
)
@pytest.mark.parametrize("angle", [0, 0.4])
def test_area_of_a_shape(class_id, area, angle):
    assert shape(class_id, np.array([50.3, 49.6]), 40, angle, (100, 100)).sum() == pytest.approx(area, rel=0.02)


def test_a_square_pixel_by_pixel():
    # Centre (5, 4), half diagonal 3 * sqrt(2), not turned: x from 2 to 8, y from 1 to 7.
    expected = np.zeros((10, 12), bool)
    expected[1:8, 2:9] = True
    np.testing.assert_array_equal(shape(2, np.array([5, 4]), 3 * np.sqrt(2) + 1e-9, 0, (10, 12)), expected)


def test_the_mask_lies_on_the_picture():
    # Every shape is shifted from the ground by 50 to 110 in each channel, so the means are far apart.
    image, mask = draw(1)
    ground = image[mask == 0].mean(axis=0)
    for class_id in set(np.unique(mask)) - {0}:
        assert np.abs(image[mask == class_id].mean(axis=0) - ground).max() > 30


def test_a_written_folder_reads_back(tmp_path):
    write_folder(tmp_path, train=3, val=2, size=(48, 64))
    task = task_from_folder(tmp_path)
    assert (task.name, task.classes, task.pixels) == ("shapes", SHAPES.classes, 48 * 64)
    train, val = (open_split(tmp_path, split, task) for split in ("train", "val"))
    assert (len(train), len(val)) == (3, 2)
    for (image, mask), seed in zip([*train, *val], range(5), strict=True):
        np.testing.assert_array_equal(image, draw(seed, (48, 64))[0])
        np.testing.assert_array_equal(mask, draw(seed, (48, 64))[1])
