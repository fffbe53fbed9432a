"""Pictures that belong to no task, for the network that suggests one: drawn by code, and from packages that are installed.

Drawn: charts, pages of text, screenshots, diagrams, handwriting, maps, shapes, textures, stripes, noise, gradients, discs on black, stars
and craters.
From packages of Debian (`apt-get install tuxpaint-stamps-default opencv-doc gnome-backgrounds mate-backgrounds`, or unpacked
anywhere with `dpkg-deb -x`): the stamps of Tux Paint, which are things cut out of photographs (food, tools, dishes, toys, coins,
instruments, insects, planets, road signs ...), laid on drawn grounds and on grass, walls and sky; the diagrams and screenshots of
OpenCV's manual; abstract backgrounds.
Held out, for scores: photographs of scikit-image, of Foolbox and of OpenCV's examples that show nothing which a task knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from segdemo.data.stage import noise

SIDE = 256  # of what is drawn, in pixels
WORDS = [
    "the",
    "a",
    "of",
    "network",
    "picture",
    "class",
    "mask",
    "train",
    "loss",
    "deep",
    "layer",
    "pixel",
    "street",
    "cell",
    "result",
    "number",
    "table",
    "each",
    "model",
    "score",
    "value",
    "1",
    "24",
    "0.98",
    "2026",
]

STAMPS = "usr/share/tuxpaint/stamps"
# Folders of stamps left out: letters, which are drawn here too, and what a task may know: mammals, birds, plants, people, clothes, vehicles, buildings.
KNOWN_STAMPS = (
    *(
        "symbols/alphabets",
        "animals/mammals",
        "animals/birds",
        "animals/marsupials",
        "clothes",
        "people",
        "plants",
        "naturalforces",
        "town/houses",
        "town/monuments",
    ),
    *(f"vehicles/{kind}" for kind in ("auto", "cycle", "emergency", "flight", "masstransit", "race", "ship")),
)
GRAPHICS = "usr/share/doc/opencv-doc/opencv4/html"
ABSTRACT = ("usr/share/backgrounds/mate/abstract", "usr/share/backgrounds/mate/desktop", "usr/share/backgrounds/gnome")
FLAT = 0.25  # a graphic has one colour on at least this share of its pixels; other pictures of the manual may show anything

# Photographs that no task knows, for scores only: by package (or folder of Debian's), and name.
HELD_OUT = {
    "skimage": ("data/coffee.png", "data/coins.png", "data/page.png", "data/text.png", "data/clock_motion.png", "data/color.png", "data/logo.png",
                "data/moon.png", "data/hubble_deep_field.jpg", "data/brick.png", "data/gravel.png"),
    "foolbox": tuple(f"data/imagenet_{name}.jpg" for name in ("02_438", "03_990", "04_949", "09_455", "10_541", "12_741", "13_471", "18_317", "19_305")),
    "usr/share/doc/opencv-doc/examples/data": (
        "HappyFish.jpg", "LinuxLogo.jpg", "WindowsLogo.jpg", "aloeL.jpg", "apple.jpg", "blox.jpg", "board.jpg", "box.png", "cards.png", "detect_blob.png",
        "fruits.jpg", "gradient.png", "imageTextN.png", "left.jpg", "notes.png", "opencv-logo.png", "orange.jpg", "pca_test1.jpg", "pic1.png", "pic3.png",
        "rubberwhale1.png", "smarties.png", "starry_night.jpg", "stuff.jpg", "sudoku.png", "text_defocus.jpg", "chessboard.png", "box_in_scene.png",
    ),
}  # fmt: skip


def drawn(rng: np.random.Generator) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8 RGB, of a random kind."""
    return DRAWN[rng.integers(len(DRAWN))](rng)


def photographs(root: Path, grounds: Sequence[np.ndarray] = ()) -> Iterator[Callable[[np.random.Generator], np.ndarray]]:
    """Of the packages of Debian that lie under ``root``: functions that give a view of one picture each, (H, W, 3) uint8 RGB.

    ``grounds`` are pictures (h, w, 3) on which things are laid, beside drawn ones.
    """
    stamps = [path for path in sorted((root / STAMPS).rglob("*.png")) if not path.relative_to(root / STAMPS).as_posix().startswith(KNOWN_STAMPS)]
    graphics = [path for path in sorted((root / GRAPHICS).rglob("*.png"))[::3] if _is_graphic(path)]  # many are nearly the same
    abstract = [path for folder in ABSTRACT for path in sorted((root / folder).glob("*")) if path.suffix in (".jpg", ".png", ".webp")]
    yield from (lambda rng, path=path: stamped(_opened(path, "RGBA"), rng, grounds) for path in stamps)
    yield from (lambda rng, path=path: _opened(path, "RGB") for path in [*graphics, *abstract])


def held_out(root: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The pictures of `HELD_OUT` that are installed, or lie under ``root``, by name; (H, W, 3) uint8 RGB."""
    for source, names in HELD_OUT.items():
        found = None if "/" in source else find_spec(source)
        folder = Path(found.origin).parent if found and found.origin else root / source
        yield from ((name, _opened(folder / name, "RGB")) for name in names if (folder / name).is_file())


@cache
def _opened(path: Path, mode: str) -> np.ndarray:
    with Image.open(path) as image:
        image.thumbnail((480, 480))
        return np.asarray(image.convert("RGBA").convert(mode))


@cache
def _is_graphic(path: Path) -> bool:
    image = _opened(path, "RGB")
    colours = np.bincount((image // np.uint8(16)).astype(int).reshape(-1, 3) @ [256, 16, 1])
    return min(image.shape[:2]) >= 100 and bool(colours.max() >= FLAT * colours.sum())


def stamped(stamp: np.ndarray, rng: np.random.Generator, grounds: Sequence[np.ndarray] = ()) -> np.ndarray:
    """A thing (h, w, 4) uint8 RGBA, turned: large, on a drawn ground or one of ``grounds``; or small and often, on a drawn one."""
    often = rng.random() < 0.25
    if grounds and not often and rng.random() < 0.5:
        ground = Image.fromarray(grounds[int(rng.integers(len(grounds)))]).resize((SIDE, SIDE))
    else:
        ground = Image.fromarray(GROUNDS[rng.integers(len(GROUNDS))](rng))
    for _ in range(rng.integers(5, 30) if often else rng.choice([1, 1, 2])):
        thing, reach = Image.fromarray(stamp), 0.5 if often else 0.15
        scale = SIDE * (rng.uniform(0.1, 0.3) if often else rng.uniform(0.6, 1.2)) / max(thing.size)
        thing = thing.resize([max(round(side * scale), 1) for side in thing.size]).rotate(rng.uniform(-40, 40), expand=True, resample=Image.Resampling.BILINEAR)
        left, top = (int(rng.uniform(-reach, reach) * SIDE + (SIDE - side) / 2) for side in thing.size)
        ground.paste(thing, (left, top), thing)
    return np.asarray(ground)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def _paper(rng: np.random.Generator) -> tuple[int, int, int]:
    """A light or, sometimes, a dark ground."""
    shade = rng.integers(215, 256) if rng.random() < 0.75 else rng.integers(0, 60)
    red, green, blue = np.clip(shade + rng.integers(-8, 9, 3), 0, 255).tolist()
    return red, green, blue


def _ink(paper: tuple[int, int, int], rng: np.random.Generator) -> tuple[int, int, int]:
    """What can be read on the paper, perhaps coloured."""
    shade = rng.integers(0, 90) if sum(paper) > 380 else rng.integers(160, 256)
    red, green, blue = np.abs(shade - (rng.integers(0, 120, 3) if rng.random() < 0.3 else np.zeros(3, int))).tolist()
    return red, green, blue


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join(rng.choice(WORDS, count))


def _page(rng: np.random.Generator) -> np.ndarray:
    paper = _paper(rng)
    image = Image.new("RGB", (SIDE, SIDE), paper)
    draw, size = ImageDraw.Draw(image), int(rng.integers(6, 26))
    font, ink, left, y = ImageFont.load_default(size), _ink(paper, rng), int(rng.integers(2, 40)), int(rng.integers(2, 40))
    while y < SIDE - size:
        if rng.random() < 0.88:
            draw.text((left, y), _words(rng, int(rng.integers(2, 3 + 400 // size // 4))), ink, font)
        y += int(size * rng.uniform(1.1, 1.5))
    if rng.random() < 0.4:  # photographed askew, in uneven light
        image = image.rotate(rng.uniform(-20, 20), resample=Image.Resampling.BILINEAR, fillcolor=_colour(rng))
        return np.clip(np.asarray(image) * (0.6 + 0.4 * _light(rng)), 0, 255).astype(np.uint8)
    return np.asarray(image)


def _screenshot(rng: np.random.Generator) -> np.ndarray:
    paper = _paper(rng)
    image = Image.new("RGB", (SIDE, SIDE), paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(int(rng.integers(7, 13)))
    draw.rectangle((0, 0, SIDE, int(rng.integers(8, 30))), _colour(rng))
    if rng.random() < 0.6:
        draw.rectangle((0, 0, int(rng.integers(30, 90)), SIDE), _colour(rng))
    for _ in range(rng.integers(4, 22)):
        x, y = rng.integers(0, SIDE, 2).tolist()
        w, h = int(rng.integers(10, 120)), int(rng.integers(6, 60))
        if rng.random() < 0.6:
            draw.rounded_rectangle((x, y, x + w, y + h), int(rng.integers(0, 8)), _colour(rng) if rng.random() < 0.5 else _paper(rng), _ink(paper, rng))
        draw.text((x + 4, y + 3), _words(rng, int(rng.integers(1, 5))), _ink(paper, rng), font)
    return np.asarray(image)


def _chart(rng: np.random.Generator) -> np.ndarray:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((SIDE / 64, SIDE / 64), 64, facecolor=np.array(_paper(rng)) / 255)
    axes, kind, n = figure.subplots(), rng.integers(7), int(rng.integers(3, 30))
    colour = np.array(_colour(rng)) / 255
    if kind == 0:
        axes.bar(range(n), rng.random(n), color=colour)
    elif kind == 1:
        axes.plot(rng.normal(size=(n * 4, rng.integers(1, 5))).cumsum(0))
    elif kind == 2:
        x, y = rng.normal(size=(2, n * 8))
        axes.scatter(x, y, s=rng.integers(2, 60), c=rng.random(n * 8), cmap=rng.choice(["viridis", "plasma", "jet", "Greys"]))
    elif kind == 3:
        axes.pie(rng.random(min(n, 8)) + 0.05)
    elif kind == 4:
        axes.imshow(rng.random((n, n)), cmap=rng.choice(["viridis", "Blues", "hot", "coolwarm"]))
    elif kind == 5:
        axes.hist(rng.normal(size=300), n, color=colour)
    else:
        axes.contourf(noise(rng, 40, 40, 14)[..., 0], int(rng.integers(4, 12)), cmap=rng.choice(["terrain", "viridis", "RdBu"]))
    if rng.random() < 0.7:
        axes.set(title=_words(rng, 3), xlabel=_words(rng, 2))
    axes.grid(rng.random() < 0.4)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _diagram(rng: np.random.Generator) -> np.ndarray:
    paper = _paper(rng)
    image, ink = np.full((SIDE, SIDE, 3), paper, np.uint8), _ink(paper, rng)
    centres = rng.integers(20, SIDE - 20, (rng.integers(3, 9), 2)).tolist()
    for a, b in zip(centres, centres[1:], strict=False):
        cv2.arrowedLine(image, a, b, ink, int(rng.integers(1, 4)), cv2.LINE_AA)
    for x, y in centres:
        w, h = (int(v) for v in rng.integers(10, 40, 2))
        fill = _colour(rng) if rng.random() < 0.4 else paper
        if rng.random() < 0.6:
            cv2.rectangle(image, (x - w, y - h // 2), (x + w, y + h // 2), fill, -1)
            cv2.rectangle(image, (x - w, y - h // 2), (x + w, y + h // 2), ink, 1)
        else:
            cv2.ellipse(image, (x, y), (w, h // 2 + 4), 0, 0, 360, fill, -1)
            cv2.ellipse(image, (x, y), (w, h // 2 + 4), 0, 0, 360, ink, 1, cv2.LINE_AA)
        cv2.putText(image, _words(rng, 1), (x - w + 3, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.35, ink, 1, cv2.LINE_AA)
    return image


def _handwriting(rng: np.random.Generator) -> np.ndarray:
    paper = _paper(rng)
    image, ink, thick = np.full((SIDE, SIDE, 3), paper, np.uint8), _ink(paper, rng), int(rng.integers(1, 5))
    for y in range(int(rng.integers(15, 40)), SIDE - 10, int(rng.integers(18, 60))):
        steps = np.stack([rng.uniform(1, 5, 60).cumsum() + 10, y + 7 * np.sin(rng.uniform(0, 2.4, 60).cumsum()) + rng.normal(0, 3, 60)], 1)
        cv2.polylines(image, [np.round(steps * 16).astype(np.int32)], False, ink, thick, cv2.LINE_AA, 4)
    return image


def _map(rng: np.random.Generator) -> np.ndarray:
    points, colours = rng.integers(0, SIDE, (rng.integers(4, 60), 2)), rng.integers(0, 256, (60, 3))
    y, x = np.mgrid[:SIDE, :SIDE] + 12 * noise(rng, SIDE, SIDE, 40)[..., 0]
    nearest = np.argmin([(x - a) ** 2 + (y - b) ** 2 for a, b in points], axis=0)
    image = np.ascontiguousarray(colours[nearest].astype(np.uint8))
    image[cv2.morphologyEx(nearest.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2))) > 0] = _colour(rng)
    return image


def _shapes(rng: np.random.Generator) -> np.ndarray:
    image = GROUNDS[rng.integers(len(GROUNDS))](rng).copy()
    for _ in range(rng.integers(1, 14)):
        x, y, r = (int(v) for v in (*rng.integers(0, SIDE, 2), rng.integers(5, 90)))
        kind, thick = rng.integers(3), int(rng.choice([-1, -1, 2, 6]))
        if kind == 0:
            cv2.circle(image, (x, y), r, _colour(rng), thick, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(image, (x - r, y - r // 2), (x + r, y + r // 2), _colour(rng), thick)
        else:
            corners = rng.integers(-r, r + 1, (rng.integers(3, 7), 2)) + (x, y)
            cv2.polylines(image, [corners], True, _colour(rng), abs(thick)) if thick > 0 else cv2.fillPoly(image, [corners], _colour(rng))
    return image


def _flat(rng: np.random.Generator) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), _colour(rng) if rng.random() < 0.5 else _paper(rng), np.uint8)


def _light(rng: np.random.Generator) -> np.ndarray:
    """(SIDE, SIDE, 1) from 0 to 1, slowly changing."""
    slope = rng.normal(size=2)
    ramp = np.add.outer(np.linspace(-1, 1, SIDE) * slope[0], np.linspace(-1, 1, SIDE) * slope[1])
    return ((ramp - ramp.min()) / max(float(np.ptp(ramp)), 1e-6))[..., None]


def _gradient(rng: np.random.Generator) -> np.ndarray:
    a, b = np.array(_colour(rng)), np.array(_colour(rng))
    return (a + (b - a) * _light(rng)).astype(np.uint8)


def _noise(rng: np.random.Generator) -> np.ndarray:
    grey = rng.random() < 0.5
    values: np.ndarray = rng.normal(rng.uniform(60, 200), rng.uniform(10, 90), (SIDE, SIDE, 1 if grey else 3))
    if rng.random() < 0.5:
        values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.5, 4)).reshape(values.shape) * 1.5
    return np.broadcast_to(np.clip(values, 0, 255), (SIDE, SIDE, 3)).astype(np.uint8)


def _texture(rng: np.random.Generator) -> np.ndarray:
    """Grain of one or two sizes, perhaps drawn out as in wood or cloth."""
    sizes = np.exp(rng.uniform(np.log(2), np.log(60), 2))
    grain: np.ndarray = noise(rng, SIDE, SIDE, *sizes)[..., 0]
    if rng.random() < 0.5:
        grain = cv2.resize(cv2.resize(grain, (SIDE, int(rng.integers(4, 60)))), (SIDE, SIDE))
        grain = grain if rng.random() < 0.5 else grain.T
    return np.clip(np.array(_colour(rng)) + rng.uniform(10, 60) * grain[..., None], 0, 255).astype(np.uint8)


def _stripes(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    angle, period = rng.uniform(0, np.pi), rng.uniform(5, 80)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
    if rng.random() < 0.5:
        wave = wave * np.sin((y * np.cos(angle) - x * np.sin(angle)) * 2 * np.pi / period)
    if rng.random() < 0.6:
        wave = np.sign(wave)
    a, b = np.array(_colour(rng)), np.array(_colour(rng))
    return (a + (b - a) * (wave[..., None] + 1) / 2).astype(np.uint8)


def _disc(rng: np.random.Generator) -> np.ndarray:
    """A ball on black: as round as an eye's photograph, without vessels."""
    ground, ball = np.zeros((SIDE, SIDE, 3), np.uint8) + rng.integers(0, 30, dtype=np.uint8), GROUNDS[rng.integers(len(GROUNDS))](rng)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(inside, tuple(int(v) for v in SIDE // 2 + rng.integers(-20, 21, 2)), int(rng.integers(50, 150)), 1, -1)
    shade = 0.5 + 0.5 * _light(rng)
    return np.where(inside[..., None] > 0, (ball * shade).astype(np.uint8), ground)


def _sky(rng: np.random.Generator) -> np.ndarray:
    """Stars and nebulae, or the craters of a moon: bright on dark, but no cells."""
    if rng.random() < 0.4:
        ground = np.full((SIDE, SIDE), rng.uniform(60, 190), np.float32) + 20 * noise(rng, SIDE, SIDE, 90, 20, 6)[..., 0]
        for x, y, r in rng.uniform((0, 0, 2), (SIDE, SIDE, 24), (int(rng.integers(10, 120)), 3)):
            centre, step = (int(x), int(y)), rng.uniform(8, 40)
            cv2.circle(ground, centre, int(r), float(ground.mean() - step), -1, cv2.LINE_AA)
            cv2.circle(ground, (centre[0] + 1, centre[1] + 1), int(r), float(ground.mean() + step), max(int(r) // 5, 1), cv2.LINE_AA)
        return np.repeat(np.clip(cv2.GaussianBlur(ground, (0, 0), 1), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    glow = np.clip(noise(rng, SIDE, SIDE, 80, 30), 0, None) * rng.uniform(0, 60) * rng.uniform(0.3, 1, 3)
    image = np.ascontiguousarray(glow.astype(np.float32))
    for x, y in rng.uniform(0, SIDE, (int(rng.integers(60, 700)), 2)):
        tint = 255 * rng.beta(1, 3) * rng.uniform(0.6, 1, 3)
        cv2.circle(image, (round(x * 16), round(y * 16)), round(16 * rng.exponential(0.9)), tuple(tint.tolist()), -1, cv2.LINE_AA, 4)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 0.6), 0, 255).astype(np.uint8)


GROUNDS = (_flat, _gradient, _texture, _noise, _stripes, _texture)
DRAWN = (
    _page,
    _page,
    _screenshot,
    _screenshot,
    _chart,
    _chart,
    _diagram,
    _handwriting,
    _map,
    _shapes,
    _flat,
    _gradient,
    _noise,
    _texture,
    _stripes,
    _disc,
    _sky,
    _sky,
)
