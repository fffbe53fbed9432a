import math

import numpy as np
import pytest

from segdemo.inference.statistics import class_statistics, count_regions
from segdemo.tasks import get_task

MASK = np.array([[0, 0, 2, 2], [0, 0, 0, 0], [2, 0, 0, 3]], np.uint8)
CONFIDENCE = np.array([[1, 1, 0.5, 0.75], [1, 1, 1, 1], [1, 1, 0.2, 0.5]], np.float32)


@pytest.fixture
def records():
    return class_statistics(MASK, CONFIDENCE, get_task("faces"))


def test_there_is_one_record_a_class_in_id_order(records):
    assert [r.id for r in records] == list(range(6))
    assert tuple(r.name for r in records) == get_task("faces").class_names


def test_records_hold_what_was_counted_by_hand(records):
    # Class 2: two pixels at the top and one at the left, of 12, with confidences 0.5, 0.75 and 1.
    assert (records[2].pixels, records[2].share, records[2].regions) == (3, 3 / 12, 2)
    assert records[2].confidence == pytest.approx(2.25 / 3)
    # Class 0: eight pixels, all touching, seven sure and one 0.2.
    assert (records[0].pixels, records[0].share, records[0].regions) == (8, 8 / 12, 1)
    assert records[0].confidence == pytest.approx(7.2 / 8)


def test_an_absent_class_has_zeros_and_no_confidence(records):
    assert (records[1].pixels, records[1].share, records[1].regions) == (0, 0.0, 0)
    assert math.isnan(records[1].confidence)


def test_shares_sum_to_one(records):
    assert sum(r.share for r in records) == pytest.approx(1)
    assert sum(r.pixels for r in records) == MASK.size


@pytest.mark.parametrize(
    ("rows", "regions"),
    [
        (["...", "...", "..."], 0),
        (["###", "###", "###"], 1),
        (["#.#", "...", "#.#"], 4),
        (["#..", ".#.", "..#"], 1),  # corners touch
        (["#.#", "#.#", "#.#"], 2),
        (["###", "#.#", "###"], 1),  # a ring
        (["#"], 1),
    ],
)
def test_regions_are_areas_whose_pixels_touch_by_a_side_or_a_corner(rows, regions):
    assert count_regions(np.array([[c == "#" for c in row] for row in rows])) == regions


def test_only_the_objects_are_counted_by_their_instances():
    """Three nuclei touch in one area, whose ids are 2, 3 and 9; the background around them is in two pieces."""
    mask = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]], np.uint8)
    instances = np.array([[0, 2, 0], [0, 3, 0], [0, 9, 0]])
    records = class_statistics(mask, np.ones(mask.shape, np.float32), get_task("nuclei"), instances)
    assert [r.regions for r in records] == [2, 3]
    assert [r.regions for r in class_statistics(mask, np.ones(mask.shape, np.float32), get_task("nuclei"))] == [2, 1]
