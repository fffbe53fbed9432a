"""Drawings for the lesson, as SVG in the colours of the text around them."""

from __future__ import annotations

TAPS = range(-1, 2)  # of a 3x3 filter, from its centre
CELL = 9  # pixels of a drawing


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


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}">{words}</text>'


def _svg(width: float, height: float, parts: list[str]) -> str:
    return f'<svg class="diagram" viewBox="0 0 {width:.0f} {height:.0f}" aria-hidden="true">{"".join(parts)}</svg>'
