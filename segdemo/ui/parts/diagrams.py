"""Drawings for the lesson, as SVG in the colours of the text around them."""

from __future__ import annotations

from markupsafe import Markup

from segdemo.tasks import TASKS
from segdemo.ui.parts.assets import drawing
from segdemo.ui.parts.templating import render

TAPS = range(-1, 2)  # of a 3x3 filter, from its centre
CELL = 9  # pixels of a drawing


def kinds() -> Markup:
    """One street in three ways: regions without names, a class for every pixel, every car by itself."""
    street = {c.name: f"rgb{c.color}" for c in TASKS["street"].classes}
    sky, road, tree = "M0 0H130V50H0z", "M0 50H130V86H0z", "M14 64V44a16 16 0 1 1 8 0V64z"
    places = ((36, 66), (70, 74))  # of the cars' left ends, the farther one first
    cars = [f"M{x} {y}v-12l8-2 7-10h18l8 10 9 3v11z" for x, y in places]
    details = [[f"M{x + 15} {y - 23}h18l6 8h-30z", *(f"M{x + left} {y}a6 6 0 1 0 12 0a6 6 0 1 0-12 0z" for left in (5, 30))] for x, y in places]
    whole = [sky, road, tree, *(part for car, inside in zip(cars, details, strict=True) for part in (car, *inside))]
    regions = [_path(part, f"hsl(220 8% {88 - 22 * i % 63}%)") for i, part in enumerate(whole)]
    semantic = [_path(sky, street["sky"]), _path(road, street["road"]), _path(tree, street["tree"]), _path("".join(cars), street["car"], "none")]
    instances = [_path("M0 0H130V86H0z", "none"), *(_path(car, street[name]) for car, name in zip(cars, ("car", "pavement"), strict=True))]
    return render("diagram_kinds", panels=(regions, semantic, instances))


def atrous(rates: tuple[int, ...] = (1, 2, 6)) -> Markup:
    """Where the nine weights of a 3x3 filter fall at each rate (Chen et al. 2017, figure 1)."""
    side = 2 * max(rates) + 1
    centre, gap = max(rates), 3
    filters = []
    for number, rate in enumerate(rates):
        left = number * (side + gap) * CELL
        taps = {(centre + i * rate, centre + j * rate) for i in TAPS for j in TAPS}
        squares = [(left + x * CELL, y * CELL, "box tap" if (x, y) in taps else "box") for y in range(side) for x in range(side)]
        filters.append((squares, round(left + side * CELL / 2), f"r = {rate}: {2 * rate + 1} × {2 * rate + 1}"))
    return render("diagram_atrous", filters=filters, size=CELL - 1, width=(len(rates) * (side + gap) - gap) * CELL, height=side * CELL + 22)


def u_net(strides: tuple[int, ...] = (2, 4, 8, 16, 32)) -> Markup:
    """The encoder on the left, the decoder on the right, each box as high as its features are; across, the skips."""
    width, wide, tall = 420, 22, 150
    bottom = tall + 14
    sizes = []
    for i, stride in enumerate(strides):
        place, height = 8 + i * 44, tall / 2**i + 8
        sides = (place, width - place - wide) if stride != strides[-1] else ((width - wide) // 2,)
        sizes.append({"sides": sides, "top": round(bottom - height), "height": round(height), "label": f"1/{stride}"})
    return render("diagram_u_net", sizes=sizes, width=width, wide=wide, bottom=bottom)


def iou() -> Markup:
    """Truth and prediction as two rectangles of 120 x 80, a third of each in the other: (1/3) / (1 + 1 - 1/3) = 1/5."""
    return drawing("iou")


def _path(path: str, fill: str, stroke: str = "currentColor") -> tuple[str, str, str]:
    return path, fill, stroke
