import io
import xml.etree.ElementTree

import numpy as np
from PIL import Image

from segdemo.images import shrink
from segdemo.output.visualization import colorize, jpeg, overlay, palette_png, time_charts
from segdemo.tasks import TASKS

STREET = TASKS["street"]

MASK = np.array([[0, 0, 3], [8, 3, 3]], np.uint8)


def test_colours_are_the_palette():
    assert colorize(MASK, STREET).tolist()[1] == [[21, 101, 186], [88, 39, 105], [88, 39, 105]]  # car, road, road


def test_an_overlay_mixes_picture_and_colour():
    image = np.full((2, 3, 3), 200, np.uint8)
    assert (overlay(image, MASK, STREET, 0) == 200).all()
    assert (overlay(image, MASK, STREET, 1) == colorize(MASK, STREET)).all()
    assert overlay(image, MASK, STREET, 0.25)[1, 0].tolist() == [155, 175, 196]  # 0.75 x 200 + 0.25 x (21, 101, 186)


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
        assert "#b5d7ff" in chart and "#1565ba" in chart and "#7b332c" not in chart  # sky, car, and no building
    assert time_charts([0.0], shares[:1], STREET, [("s", "%")])
