"""Example pictures: from installed packages, or drawn by `segdemo.data.scenes`; none is stored in the repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from segdemo.data import scenes
from segdemo.images import read_image
from segdemo.languages import Words
from segdemo.package import lacking
from segdemo.tasks import TASKS, Task
from segdemo.tasks.pictures import Drawing, Example, OwnFile, Photograph, Source


@dataclass(frozen=True)
class ExamplePicture:
    """A picture for a task: name for its file, caption and source in both languages, image (H, W, 3) uint8 RGB."""

    name: str
    caption: Words
    image: np.ndarray


@cache
def examples(task: str) -> list[ExamplePicture]:
    """The examples of a task, the most telling first, made once; an unknown task has none."""
    listed = TASKS[task].examples if task in TASKS else ()
    return [ExamplePicture(example.name, example.caption, picture_of(example.picture)) for example in listed]


def one_of_each(tasks: Iterable[Task]) -> list[Example]:
    """The most telling example of each task of a picture that is not there already."""
    shown: dict[Source, Example] = {}
    for task in tasks:
        if new := next((each for each in task.examples if each.picture not in shown), None):
            shown[new.picture] = new
    return [*shown.values()]


def picture_of(source: Source) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    if isinstance(source, OwnFile):
        return read_image(source.path)
    return _photograph(source) if isinstance(source, Photograph) else _drawing(source)


def _photograph(source: Photograph) -> np.ndarray:
    """Read as a file: importing scikit-learn for a picture takes a second."""
    package = find_spec(source.package)
    if package is None or package.origin is None:
        raise RuntimeError(lacking(source.package, "This example"))
    image = read_image(Path(package.origin).parent / source.file)
    if source.crop is None:
        return image
    top, bottom, left, right = source.crop
    return np.ascontiguousarray(image[top:bottom, left:right])


def _drawing(source: Drawing) -> np.ndarray:
    return scenes.SCENES[source.scene](source.seed, *(source.size or ()))[0]
