import csv
import io
import math
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from segdemo.images import ImageError
from segdemo.inference.batch import AHEAD, segment_many
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.output.tables import Row, mean_row, row_of, table_csv
from segdemo.output.visualization import png
from segdemo.tasks import get_task

FACES = replace(get_task("faces"), pixels=64 * 64)
ERROR = ImageError("=notes.jpg is not a picture.", "=notes.jpg 不是图片。")


def red_is_skin(images):
    """A stand-in for a network: class 1 where the picture is red."""
    logits = np.zeros((*images.shape[:3], 6), np.float32)
    logits[..., 1] = images[..., 0] - 127.0
    return logits


def picture(red_columns):
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :red_columns, 0] = 255
    return png(image)


def test_every_source_comes_back_in_order_and_a_bad_one_with_its_reason():
    sources = [picture(0), b"text", picture(64), picture(16)]
    outcomes = list(segment_many(Segmenter(red_is_skin, FACES), iter(sources)))
    assert [source for source, _ in outcomes] == sources
    assert isinstance(outcomes[1][1], ImageError) and "not a picture" in str(outcomes[1][1])
    assert [float((outcomes[i][1].mask == 1).mean()) for i in (0, 2, 3)] == [0, 1, 0.25]
    assert list(outcomes[0][1].timings) == ["decode", "network", "labels"]
    assert all(0 <= seconds < 60 for seconds in outcomes[0][1].timings.values())


def test_many_give_what_each_alone_gives():
    segmenter = Segmenter(red_is_skin, FACES)
    ((_, many),), one = segment_many(segmenter, [picture(5)]), segmenter(picture(5))
    np.testing.assert_array_equal(many.mask, one.mask)
    np.testing.assert_array_equal(many.confidence, one.confidence)


def test_no_picture_gives_nothing():
    assert list(segment_many(Segmenter(red_is_skin, FACES), [])) == []


def test_the_network_works_while_the_consumer_does():
    def slow(images):
        time.sleep(0.05)
        return red_is_skin(images)

    start = time.perf_counter()
    for _ in segment_many(Segmenter(slow, FACES), [picture(1)] * 10):
        time.sleep(0.05)
    assert time.perf_counter() - start < 0.85  # one after the other would be 1 second, side by side 0.55


def test_the_network_has_one_picture_at_a_time():
    inside, most = [], []

    def busy(images):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return red_is_skin(images)

    assert len(list(segment_many(Segmenter(busy, FACES), [picture(1)] * 6))) == 6
    assert max(most) == 1


def test_no_more_than_a_few_are_taken_ahead_and_none_after_closing():
    taken = []

    def sources():
        for i in range(50):
            taken.append(i)
            yield picture(1)

    before = threading.active_count()
    outcomes = segment_many(Segmenter(red_is_skin, FACES), sources())
    next(outcomes)
    time.sleep(0.1)
    assert len(taken) == AHEAD + 1
    outcomes.close()
    assert len(taken) == AHEAD + 1 and threading.active_count() == before


def test_a_fault_of_the_network_is_raised_where_its_picture_would_be():
    def faulty(images):
        if images.any():
            raise RuntimeError("out of memory")
        return red_is_skin(images)

    outcomes = segment_many(Segmenter(faulty, FACES), [picture(0), picture(1), picture(0)])
    next(outcomes)
    with pytest.raises(RuntimeError, match="out of memory"):
        next(outcomes)


def test_a_row_holds_shares_confidence_and_time():
    mask = np.array([[0, 0, 1, 5]], np.uint8)
    result = Segmentation(
        np.zeros((1, 4, 3), np.uint8), mask, np.array([[1, 0.5, 1, 0.5]], np.float32), FACES, np.zeros((1, 1, 6)), timings={"decode": 0.25, "network": 0.5}
    )
    assert row_of("a.jpg", result) == Row("a.jpg", (0.5, 0.25, 0, 0, 0, 0.25), None, 0.75, 0.75)


def test_objects_are_counted_where_they_are_told_apart():
    nuclei = get_task("nuclei")
    mask = np.ones((1, 4), np.uint8)
    result = Segmentation(np.zeros((1, 4, 3), np.uint8), mask, np.ones((1, 4), np.float32), nuclei, np.zeros((1, 1, 2)), np.array([[1, 1, 2, 3]]))
    assert row_of("a", result).objects == 3
    assert mean_row([row_of("a", result), Row("b", (1, 0), 0, 1, 0)]).objects == 1.5


def test_the_mean_is_over_the_pictures_that_could_be_read():
    rows = [Row("a", (1, 0), None, 0.5, 1), Row("bad", error=ERROR), Row("b", (0.5, 0.5), None, 0.75, 3)]
    assert mean_row(rows) == Row("mean", (0.75, 0.25), None, 0.625, 2)
    assert mean_row([rows[1]]) is None and mean_row([]) is None


def test_a_bad_row_has_no_confidence():
    row = row_of("bad", ERROR)
    assert row.error is ERROR and row.shares == () and math.isnan(row.confidence)


def test_the_csv_has_a_line_a_picture_the_reason_of_a_bad_one_and_the_mean():
    nuclei = get_task("nuclei")
    rows = [Row("a.jpg", (0.75, 0.25), 4, 0.5, 0.125, unfamiliar=True), Row("=notes.jpg", error=ERROR)]
    text = table_csv(rows, nuclei)
    assert text.startswith("\ufeff")
    first, bad, mean = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    assert first == {
        "picture": "a.jpg",
        "background": "0.75",
        "nucleus": "0.25",
        "objects": "4",
        "confidence": "0.5",
        "seconds": "0.125",
        "unfamiliar": "1.0",
        "error": "",
    }
    assert bad["picture"] == "'=notes.jpg" and bad["error"] == "'=notes.jpg is not a picture." and bad["nucleus"] == bad["confidence"] == bad["seconds"] == ""
    assert mean == {**first, "picture": "mean", "objects": "4.0"}
    assert "objects" not in table_csv([], FACES)
