import re

import pytest

from segdemo.tasks import get_task
from segdemo.ui.parts.diagrams import CELL, atrous, iou, kinds, u_net


def rectangles(svg, kind):
    found = re.findall(rf'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"(?: rx="3")? class="{kind}"', svg)
    return [tuple(map(float, numbers)) for numbers in found]


def test_two_cars_are_many_regions_or_one_class_or_two_objects():
    regions, semantic, instances = (re.findall('fill="([^"]+)"', panel) for panel in kinds().split("<g ")[1:])
    car = f"rgb{get_task('street').classes[8].color}"
    assert len(regions) == 11 and car not in regions and len(set(regions)) > 3
    assert semantic.count(car) == 1 and len(semantic) == len(set(semantic)) == 4
    assert instances.count(car) == 1 and len(set(instances)) == 3


@pytest.mark.parametrize("rate", [1, 2, 6])
def test_the_nine_weights_lie_a_rate_apart(rate):
    taps = rectangles(atrous((rate,)), "box tap")
    for axis in (0, 1):
        assert sorted({tap[axis] for tap in taps}) == [0, rate * CELL, 2 * rate * CELL]
    assert len(taps) == 9 and len(taps) + len(rectangles(atrous((rate,)), "box")) == (2 * rate + 1) ** 2


def test_skips_lead_from_every_size_but_the_smallest():
    drawing = u_net((2, 4, 8))
    assert drawing.count('class="skip"') == 2 and re.findall(r"1/\d+", drawing) == ["1/2", "1/2", "1/4", "1/4", "1/8"]


def test_the_drawn_iou_is_a_fifth():
    (both,) = rectangles(iou(), "box tap")
    a, b = rectangles(iou(), "box")
    common = both[2] * both[3]
    assert common / (a[2] * a[3] + b[2] * b[3] - common) == pytest.approx(1 / 5, abs=1e-3)
    assert both[:2] == b[:2] and both[0] + both[2] == a[0] + a[2] and both[1] + both[3] == pytest.approx(a[1] + a[3])
