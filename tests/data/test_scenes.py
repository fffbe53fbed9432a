import numpy as np
import pytest

from segdemo.data.scenes import cells, street
from segdemo.data.stage import EYE, Stage
from segdemo.data.street import FAR, IDS, KERBS


@pytest.fixture(scope="module")
def scene():
    return street(0)


def test_a_street_and_its_mask(scene):
    image, mask = scene
    assert (image.shape, image.dtype) == ((720, 960, 3), np.uint8)
    assert (mask.shape, mask.dtype) == ((720, 960), np.uint8)


def test_a_street_has_every_class(scene):
    counts = np.bincount(scene[1].ravel(), minlength=len(IDS))
    assert len(counts) == len(IDS)
    assert counts.min() > 300, dict(zip(IDS, counts, strict=True))


def test_the_street_is_where_the_camera_puts_it(scene):
    mask = scene[1]
    assert mask[0, 480] == IDS["sky"]
    assert mask[719, 480] == IDS["road"]
    # The right kerb (x = 5.4) lies at z = 10 in column 480 + 0.9 * 960 * 5.4 / 10 = 946.6; the road's height 0 in row
    # 360 + 0.9 * 960 * 1.35 / 10 = 476.6, the pavement's (0.12) in row 360 + 0.9 * 960 * 1.23 / 10 = 466.3.
    assert (KERBS[1], EYE) == (5.4, 1.35)
    assert mask[479, 946] == IDS["road"]
    assert (mask[468:476, 946] == IDS["pavement"]).all()


def test_the_picture_matches_the_mask(scene):
    image, mask = scene
    light = {name: image[mask == i].mean() for name, i in IDS.items()}
    assert light["sky"] > 180 > 150 > max(light[name] for name in IDS if name not in ("sky", "traffic sign"))
    red, green, blue = image[mask == IDS["tree"]].mean(axis=0)
    assert green > red and green > blue


def test_the_seed_decides_and_the_size_scales():
    image, mask = street(1, 160, 120)
    assert (image.shape, mask.shape) == ((120, 160, 3), (120, 160))
    for first, again in zip((image, mask), street(1, 160, 120), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(mask, street(2, 160, 120)[1])


def test_a_polygon_covers_what_geometry_says():
    # 2 m wide and 1 m high at z = 10: 0.9 * 200 * 2 (twice the size) / 10 = 36 pixels a metre, so 72 x 36 = 2592.
    stage = Stage(200, 150, IDS, np.random.default_rng(0))
    stage.outline(0, 10, [(-1, 0), (1, 0), (1, 1), (-1, 1)], (90, 20, 20), "car")
    assert (stage.mask == IDS["car"]).sum() == pytest.approx(2592, rel=0.05)
    np.testing.assert_array_equal(stage.image[stage.mask == 0], 0)


def test_a_polygon_outside_the_picture_paints_nothing():
    stage = Stage(40, 30, IDS, np.random.default_rng(0))
    stage.outline(FAR, 10, [(-1, 0), (1, 0), (1, 1)], (90, 20, 20), "car")
    assert not stage.mask.any() and not stage.image.any()


def test_cells():
    image, instances = cells(0, 256)
    assert (image.shape, image.dtype) == ((256, 256, 3), np.uint8)
    assert (instances.shape, instances.dtype) == ((256, 256), np.uint16)
    ids = np.unique(instances)
    np.testing.assert_array_equal(ids, np.arange(len(ids)))  # 0, 1, ..., n without a gap
    assert 40 < len(ids) <= 91
    ground = np.median(image[instances == 0])
    assert all(np.median(image[instances == i]) > ground + 10 for i in ids[1:])


def test_some_cells_touch():
    instances = cells(0)[1].astype(int)
    right = (instances[:, 1:] != instances[:, :-1]) & (instances[:, 1:] > 0) & (instances[:, :-1] > 0)
    assert right.any()


def test_the_seed_decides_the_cells():
    for first, again in zip(cells(1, 128), cells(1, 128), strict=True):
        np.testing.assert_array_equal(first, again)
    assert not np.array_equal(cells(1, 128)[1], cells(2, 128)[1])
