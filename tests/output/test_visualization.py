import io
import xml.etree.ElementTree

import numpy as np
import pytest
from PIL import Image

from segdemo.images import shrink
from segdemo.output import visualization
from segdemo.output.visualization import colorize, jpeg, overlay, palette_png, time_charts
from segdemo.tasks import TASKS

STREET, ANIMALS = TASKS["street"], TASKS["animals"]

MASK = np.array([[0, 0, 3], [8, 3, 3]], np.uint8)


def test_colours_are_the_palette():
    assert colorize(MASK, STREET).tolist()[1] == [STREET.palette[i].tolist() for i in (8, 3, 3)]


def blocks(*ids, side=6):
    """A row of squares, one a class id."""
    return np.repeat(np.repeat(np.array([ids], np.uint8), side, 0), side, 1)


def test_an_overlay_mixes_picture_and_colour():
    mask = blocks(3, 8)
    image = np.full((6, 12, 3), 200, np.uint8)
    assert (overlay(image, mask, STREET, 0) == 200).all()
    assert (overlay(image, mask, STREET, 1)[:, :5] == STREET.palette[3]).all()
    red, green, blue = (round(0.75 * 200 + 0.25 * int(value)) for value in STREET.palette[8])
    np.testing.assert_allclose(overlay(image, mask, STREET, 0.25)[3, 10], (red, green, blue), atol=1)


def test_an_overlay_leaves_the_background_as_it_is():
    mask, image = blocks(0, 2), np.full((6, 12, 3), 200, np.uint8)
    drawn = overlay(image, mask, ANIMALS)
    assert (drawn[:, :5] == 200).all() and (np.abs(drawn[:, 7:] - (100 + ANIMALS.palette[2] / 2)) <= 1).all()
    assert (overlay(image, np.zeros_like(mask), ANIMALS, 1) == 200).all()


@pytest.mark.parametrize("longest", [None, 150], ids=["full size", "half size"])
def test_a_drawn_border_has_no_steps(longest):
    """Along a slanted border each row's colours sum up to where the line is, to a fifth of a pixel; a staircase is up to half a pixel off."""
    at = 50 + 0.3 * np.arange(100)  # where the border cuts the middle of each row
    mask = np.where(np.arange(300) + 0.5 < at[:, None], 8, 0).astype(np.uint8)
    drawn = overlay(np.zeros((100, 300, 3), np.uint8), mask, STREET, 1, longest)[..., 0].astype(float)
    inside, outside = float(STREET.palette[8][0]), float(STREET.palette[0][0])
    found = ((drawn - outside) / (inside - outside)).sum(axis=1)
    scale = drawn.shape[1] / 300
    rows = (np.arange(len(drawn)) + 0.5) / scale - 0.5
    off = found - (50 + 0.3 * rows) * scale
    assert np.abs(off[2:-2]).max() < (0.2 if longest else 0.5) and np.abs(off[2:-2]).mean() < 0.25
    assert len(np.unique(drawn)) > 4


def test_a_large_overlay_is_drawn_in_strips_without_seams():
    mask = (np.indices((900, 700)).sum(axis=0) // 40 % 2).astype(np.uint8)
    image = np.random.default_rng(0).integers(0, 256, (900, 700, 3)).astype(np.uint8)
    assert mask.size / 2 > visualization.STRIP
    middle = overlay(image[200:500], mask[200:500], STREET)
    assert (overlay(image, mask, STREET)[201:499] == middle[1:-1]).all()


def test_a_palette_png_keeps_ids_and_shows_colours():
    picture = Image.open(io.BytesIO(palette_png(MASK, STREET)))
    assert picture.mode == "P"
    assert (np.array(picture) == MASK).all()
    assert (np.array(picture.convert("RGB")) == colorize(MASK, STREET)).all()


def test_a_jpeg_has_the_size_and_no_metadata():
    picture = Image.open(io.BytesIO(jpeg(np.full((4, 6, 3), 99, np.uint8))))
    assert picture.size == (6, 4) and not picture.getexif()


def test_a_side_longer_than_a_jpeg_can_have_is_shrunk_to_that():
    assert Image.open(io.BytesIO(jpeg(np.zeros((20, 70_000, 3), np.uint8)))).size == (65_500, 19)


def test_shrinking_keeps_the_shape_and_the_ids():
    image, mask = np.zeros((400, 200, 3), np.uint8), np.repeat([[2, 9]], 400, 0).repeat(100, 1).astype(np.uint8)
    small, small_mask = shrink(image, mask, 100)
    assert small.shape == (100, 50, 3) and small_mask.shape == (100, 50)
    assert set(np.unique(small_mask)) == {2, 9}
    assert shrink(image, mask, 400)[0] is image


def test_a_chart_over_time_has_its_axes_in_each_language_and_its_classes_colours():
    shares = np.zeros((3, 11))
    shares[:, 0], shares[:, 8] = (1, 0.5, 0), (0, 0.5, 1)  # sky gives way to car
    english, chinese = time_charts([0, 1, 2], shares, STREET, [("time & s", "share"), ("时间", "占比")])
    for chart, words in ((english, {"time & s", "share"}), (chinese, {"时间", "占比"})):
        texts = {e.text.strip() for e in xml.etree.ElementTree.fromstring(chart).iter() if e.tag.endswith("text")}
        assert words <= texts and "@" not in "".join(texts)
        assert "#8df7ff" in chart and "#033efd" in chart and "#7b332c" not in chart  # sky, car, and no building
    assert time_charts([0.0], shares[:1], STREET, [("s", "%")])
