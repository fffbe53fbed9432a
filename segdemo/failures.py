"""Pictures on which the models go wrong, to be shown in the model cards: from installed packages, or drawn by our code."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from segdemo import scenes
from segdemo.examples import picture_of


@dataclass(frozen=True)
class Failure:
    """A picture (H, W, 3) uint8 RGB and what is wrong with it, or with showing it to this model."""

    reason: str
    image: np.ndarray


def failures(task: str) -> list[Failure]:
    """Three pictures that ``task`` was not trained for."""
    return _MAKERS[task]()


def _street() -> list[Failure]:
    street = scenes.street(0, 640, 480)[0]
    return [
        Failure("night: a tenth of the light", (street * 0.1).astype(np.uint8)),
        Failure("a camera on its side", np.rot90(street)),
        Failure("a temple, not a street", picture_of("china")),
    ]


def _animals() -> list[Failure]:
    return [
        Failure("a cat upside down", np.flipud(picture_of("chelsea"))),
        Failure("no animal: a cup of coffee", picture_of("coffee")),
        Failure("no animal: a flower", picture_of("flower")),
    ]


def _nuclei() -> list[Failure]:
    return [
        Failure("coins are round, too", picture_of("coins")),
        Failure("stained tissue", picture_of("ihc")),
        Failure("out of focus", cv2.GaussianBlur(scenes.cells(1)[0], (0, 0), 8)),
    ]


def _faces() -> list[Failure]:
    face = picture_of("astronaut-face")
    return [
        Failure("a face upside down", np.flipud(face)),
        Failure("a cat's face", picture_of("chelsea")),
        Failure("the whole person", picture_of("astronaut")),
    ]


_MAKERS = {"street": _street, "animals": _animals, "nuclei": _nuclei, "faces": _faces}
