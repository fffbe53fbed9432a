"""Which pictures a task shows, and where they come from: none is stored in the repository. `segdemo.data.examples` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segdemo.languages import Words


@dataclass(frozen=True)
class Photograph:
    """A photograph that an installed package brings along.

    Attributes:
        package: the package's name on import.
        file: the path inside of it.
        crop: (top, bottom, left, right) in pixels; None for all of it.
    """

    package: str
    file: str
    crop: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Drawing:
    """A picture that `segdemo.data.scenes` draws: the scene, the seed, and (width, height) where the scene takes any."""

    scene: str
    seed: int = 0
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class OwnFile:
    """A picture of somebody's own, in the folder of a task of theirs."""

    path: Path


Source = Photograph | Drawing | OwnFile


@dataclass(frozen=True)
class Example:
    """A picture that the page offers: the name of its file and of its address, and its caption."""

    name: str
    caption: Words
    picture: Source


@dataclass(frozen=True)
class Failure:
    """A picture for a model card: what is wrong with it, or with showing it to this model.

    Attributes:
        reason: in English.
        picture: where it comes from.
        change: what is done to it; a key of `segdemo.publishing.failures.CHANGES`, or "".
    """

    reason: str
    picture: Source
    change: str = ""


CHELSEA = Photograph("skimage", "data/chelsea.png")
ASTRONAUT = Photograph("skimage", "data/astronaut.png")
ASTRONAUT_FACE = Photograph("skimage", "data/astronaut.png", (0, 300, 60, 360))
ASTRONAUT_CLOSE = Photograph("skimage", "data/astronaut.png", (10, 200, 150, 290))
COFFEE = Photograph("skimage", "data/coffee.png")
COINS = Photograph("skimage", "data/coins.png")
TISSUE = Photograph("skimage", "data/ihc.png")
CHINA = Photograph("sklearn", "datasets/images/china.jpg")
FLOWER = Photograph("sklearn", "datasets/images/flower.jpg")
RETINA = Photograph("skimage", "data/retina.jpg")
RETINA_DISC = Photograph("skimage", "data/retina.jpg", (400, 1000, 250, 850))
HOPPER = Photograph("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")
TOWER = Photograph("gradio", "media_assets/images/tower.jpg")

TO_TEACH = (
    Example("china-scene", Words("Where is the roof?", "屋顶在哪里？"), CHINA),
    Example("coins", Words("How much is coin?", "硬币占多少？"), COINS),
    Example("flower", Words("Petal, heart, leaf", "花瓣、花心、叶子"), FLOWER),
    Example("tissue", Words("Brown or blue cells?", "棕色还是蓝色细胞？"), TISSUE),
    Example("chelsea", Words("Cut out the cat", "把猫抠出来"), CHELSEA),
)
"""What strokes can be painted on, and a question that they answer."""
