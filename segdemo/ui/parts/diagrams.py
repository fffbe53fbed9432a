"""Drawings for the lesson, as SVG in the colours of the text around them."""

from __future__ import annotations

from segdemo.tasks import TASKS

TAPS = range(-1, 2)  # of a 3x3 filter, from its centre
CELL = 9  # pixels of a drawing


def kinds() -> str:
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
    panels = (regions, semantic, instances)
    return _svg(422, 108, [f'<g transform="translate({1 + 145 * i} 1)">{"".join(parts)}{_text(65, 104, str(i + 1))}</g>' for i, parts in enumerate(panels)])


def atrous(rates: tuple[int, ...] = (1, 2, 6)) -> str:
    """Where the nine weights of a 3x3 filter fall at each rate (Chen et al. 2017, figure 1)."""
    side = 2 * max(rates) + 1
    centre, gap = max(rates), 3
    parts = []
    for number, rate in enumerate(rates):
        left = number * (side + gap) * CELL
        taps = {(centre + i * rate, centre + j * rate) for i in TAPS for j in TAPS}
        parts += [_square(left + x * CELL, y * CELL, (x, y) in taps) for y in range(side) for x in range(side)]
        parts.append(_text(left + side * CELL / 2, side * CELL + 16, f"r = {rate}: {2 * rate + 1} × {2 * rate + 1}"))
    return _svg(len(rates) * (side + gap) * CELL - gap * CELL, side * CELL + 22, parts)


def u_net(strides: tuple[int, ...] = (2, 4, 8, 16, 32)) -> str:
    """The encoder on the left, the decoder on the right, each box as high as its features are; across, the skips."""
    width, wide, tall = 420, 22, 150
    heights = [tall / 2**i + 8 for i in range(len(strides))]
    places = [8 + i * 44 for i in range(len(strides))]
    bottom = tall + 14
    parts = [
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
    ]
    for stride, place, height in zip(strides, places, heights, strict=True):
        top = bottom - height
        sides = (place, width - place - wide) if stride != strides[-1] else ((width - wide) / 2,)
        parts += [
            f'<rect x="{x}" y="{top:.0f}" width="{wide}" height="{height:.0f}" rx="3" class="{kind}"/>'
            for x, kind in zip(sides, ("box", "box tap"), strict=False)
        ]
        parts += [_text(x + wide / 2, bottom + 16, f"1/{stride}") for x in sides]
        if len(sides) == 2:
            parts.append(f'<path d="M{sides[0] + wide + 2} {top + 6:.0f}H{sides[1] - 3}" class="skip" marker-end="url(#tip)"/>')
    return _svg(width, bottom + 22, parts)


def iou() -> str:
    """Truth and prediction as two rectangles of 120 x 80, a third of each in the other: (1/3) / (1 + 1 - 1/3) = 1/5."""
    parts = [
        '<rect x="4" y="4" width="120" height="80" class="box"/>',
        '<rect x="64" y="30.67" width="120" height="80" class="box"/>',
        '<rect x="64" y="30.67" width="60" height="53.33" class="box tap"/>',
        _text(300, 62, "IoU = |A ∩ B| / |A ∪ B| = 1 / 5"),
        _text(16, 20, "A"),
        _text(172, 104, "B"),
    ]
    return _svg(420, 116, parts)


def _square(x: float, y: float, filled: bool) -> str:
    return f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" class="{"box tap" if filled else "box"}"/>'


def _path(path: str, fill: str, stroke: str = "currentColor") -> str:
    return f'<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-opacity=".45"/>'


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}">{words}</text>'


def _svg(width: float, height: float, parts: list[str]) -> str:
    return f'<svg class="diagram" viewBox="0 0 {width:.0f} {height:.0f}" aria-hidden="true">{"".join(parts)}</svg>'
