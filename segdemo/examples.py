"""Example pictures: from installed packages, or drawn by `segdemo.scenes`; none is stored in the repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from segdemo import scenes
from segdemo.images import read_image
from segdemo.tasks import Words


@dataclass(frozen=True)
class Example:
    """A picture for a task: name for its file, caption and source in both languages, image (H, W, 3) uint8 RGB."""

    name: str
    caption: Words
    image: np.ndarray


@cache
def examples(task: str) -> list[Example]:
    """The examples of a task, the most telling first, made once; an unknown task has none."""
    return _MAKERS.get(task, list)()


# Where the packages keep their photographs. Read as files: importing scikit-learn for a picture takes a second.
_PHOTOGRAPHS = {
    **{name: ("skimage", f"data/{name}.png") for name in ("astronaut", "chelsea", "coffee", "coins", "ihc")},
    **{name: ("sklearn", f"datasets/images/{name}.jpg") for name in ("china", "flower")},
}


_CROPS = {"astronaut-face": np.s_[0:300, 60:360], "astronaut-close": np.s_[10:200, 150:290]}


def picture_of(name: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a photograph that scikit-image or scikit-learn brings along."""
    if name in _CROPS:
        return np.ascontiguousarray(picture_of("astronaut")[_CROPS[name]])
    package, file = _PHOTOGRAPHS[name]
    return read_image(Path(find_spec(package).origin).parent / file)


def _street() -> list[Example]:
    return [
        Example("drawn-street-1", Words("A street, drawn by our code", "由程序绘制的街景"), scenes.street(0, 640, 480)[0]),
        Example("drawn-street-2", Words("Another drawn street", "另一幅绘制的街景"), scenes.street(3, 640, 480)[0]),
        Example("china", Words("Not a dash-cam picture (scikit-learn)", "并非行车记录仪画面（scikit-learn）"), picture_of("china")),
    ]


def _animals() -> list[Example]:
    return [
        Example("chelsea", Words("Chelsea the cat (scikit-image)", "小猫 Chelsea（scikit-image）"), picture_of("chelsea")),
        Example("astronaut", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins（scikit-image）"), picture_of("astronaut")),
        Example("coffee", Words("No animal at all (scikit-image)", "没有动物（scikit-image）"), picture_of("coffee")),
    ]


def _nuclei() -> list[Example]:
    return [
        Example("drawn-cells-1", Words("Cells, drawn by our code", "由程序绘制的细胞"), scenes.cells(0)[0]),
        Example("drawn-cells-2", Words("Other drawn cells", "另一幅绘制的细胞"), scenes.cells(1)[0]),
        Example("ihc", Words("Stained tissue (scikit-image)", "染色组织（scikit-image）"), picture_of("ihc")),
    ]


def _faces() -> list[Example]:
    return [
        Example("astronaut-close", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins（scikit-image）"), picture_of("astronaut-close")),
        Example("astronaut-face", Words("The same, with more around her", "同一张，四周更多"), picture_of("astronaut-face")),
        Example("chelsea-face", Words("Not a person (scikit-image)", "不是人（scikit-image）"), picture_of("chelsea")),
    ]


_MAKERS = {"street": _street, "animals": _animals, "nuclei": _nuclei, "faces": _faces}
