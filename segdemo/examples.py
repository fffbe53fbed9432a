"""Example pictures: from installed packages, or drawn by `segdemo.scenes`; none is stored in the repository."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from segdemo import scenes
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


def _street() -> list[Example]:
    from sklearn.datasets import load_sample_image

    return [
        Example("drawn-street-1", Words("Drawn by our code", "由程序绘制"), scenes.street(0, 640, 480)[0]),
        Example("drawn-street-2", Words("Drawn by our code", "由程序绘制"), scenes.street(3, 640, 480)[0]),
        Example("china", Words("Not a dash-cam picture (scikit-learn)", "并非行车记录仪画面（scikit-learn）"), load_sample_image("china.jpg")),
    ]


def _animals() -> list[Example]:
    from skimage import data

    return [
        Example("chelsea", Words("Chelsea the cat (scikit-image)", "小猫 Chelsea(scikit-image)"), data.chelsea()),
        Example("astronaut", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins(scikit-image)"), data.astronaut()),
        Example("coffee", Words("No animal at all (scikit-image)", "没有动物（scikit-image）"), data.coffee()),
    ]


def _nuclei() -> list[Example]:
    return [Example(f"drawn-cells-{i + 1}", Words("Drawn by our code", "由程序绘制"), scenes.cells(i)[0]) for i in range(2)]


def _faces() -> list[Example]:
    from skimage import data

    return [Example("astronaut-face", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins(scikit-image)"), data.astronaut()[0:300, 60:360])]


_MAKERS = {"street": _street, "animals": _animals, "nuclei": _nuclei, "faces": _faces}
