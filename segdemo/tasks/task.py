"""What a task is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from segdemo.languages import Words
from segdemo.tasks.pictures import Example, Failure

IGNORE_ID = 255


@dataclass(frozen=True)
class ClassInfo:
    """One class: its name in English and Chinese and its colour, (R, G, B) in 0-255."""

    name: str
    name_zh: str
    color: tuple[int, int, int]


@dataclass(frozen=True)
class Task:
    """A segmentation task: one file in this folder holds all that is said of it.

    Class ids are positions in ``classes``; 255 marks pixels that are ignored in training and scoring. The published tasks' colours
    were searched for, by `benchmarks/colors.py`: classes stay apart for every kind of eye, most of all those that touch, and from the
    photographs that they are laid over. `tests/tasks/test_tasks.py` measures it.

    Attributes:
        name: The id used in commands and file names.
        title, sentence, trained_on: What the page says about it.
        classes: The classes in id order.
        pixels: The working area in pixels. A picture is scaled, keeping its shape, to about this many before
            the network runs, in training as in use. Found on val.
        countable: Whether touching regions of class 1 are told apart and counted one by one. The network then
            has three outputs, background, rim and core of an object; see `segdemo.inference.instances`.
        faces_first: Whether faces are looked for first, and the network sees each head by itself; see `segdemo.inference.heads`. The task needs
            a background.
        usual_share: Which share of val's pictures reaches the model's "usual confidence"; a picture below it is called unfamiliar.
        asked_first: The class that Explain asks about until the visitor chooses one; "" for the first.
        place: Where the task stands in every list; equal ones by name.
        examples: Pictures that the page offers, the most telling first.
        failures: Pictures on which the models go wrong, for the model cards.
        data, licence, limits: Paragraphs of the model cards.
        same_split: Whether anybody can get the data in the very split that was scored.
        recipe: What its training does otherwise than `segdemo.training.recipes.DEFAULT`: fields of `Recipe`, and of
            `Augmentation` below "augmentation".
        forms: Which of `models.ARCHITECTURES` stands behind the name of one that the page offers, where it is another: "deeplabv3plus" on a
            backbone that suits this task better.
        borrows: What other tasks' pictures teach this one, by the other task's name: which of its classes are which class here, by
            name; "*" stands for all that are not named. What is not mapped is ignored. See `segdemo.data.folder.borrow`.
    """

    name: str
    title: Words
    sentence: Words
    trained_on: Words
    classes: tuple[ClassInfo, ...]
    pixels: int
    countable: bool = False
    faces_first: bool = False
    usual_share: float = 0.98
    asked_first: str = ""
    place: int = 100
    examples: tuple[Example, ...] = ()
    failures: tuple[Failure, ...] = ()
    data: str = ""
    licence: str = ""
    limits: str = ""
    same_split: bool = False
    recipe: Mapping[str, object] = field(default_factory=dict, hash=False)
    forms: Mapping[str, str] = field(default_factory=dict, hash=False)
    borrows: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    @property
    def num_outputs(self) -> int:
        """Channels of the logits: one a class; of a binary task, one (the foreground), or three if it is countable."""
        if self.num_classes == 2:
            return 3 if self.countable else 1
        return self.num_classes

    @property
    def background_id(self) -> int | None:
        """The id of the class called "background", if there is one: whatever is none of the others."""
        return next((i for i, c in enumerate(self.classes) if c.name == "background"), None)

    def form(self, model: str) -> str:
        """Which of `models.ARCHITECTURES` the model of this name is here."""
        return self.forms.get(model, model)

    def class_id(self, wanted: str) -> int:
        """The id of the class of this id or name, in either language.

        Raises:
            ValueError: if there is none; the message lists the names.
        """
        for i, info in enumerate(self.classes):
            if wanted.strip().lower() in (str(i), info.name.lower(), info.name_zh):
                return i
        raise ValueError(f"There is no class {wanted!r} in the task {self.name!r}. Choose one of: {', '.join(self.class_names)}.")

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.classes)

    @property
    def palette(self) -> np.ndarray:
        """(num_classes, 3) uint8, RGB."""
        return np.array([c.color for c in self.classes], np.uint8)


def classes(*rows: tuple[str, str, tuple[int, int, int]]) -> tuple[ClassInfo, ...]:
    """Rows of name, Chinese name and colour as the classes of a task."""
    return tuple(ClassInfo(*row) for row in rows)
