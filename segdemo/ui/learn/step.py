"""What a step of the lesson is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from segdemo.data.scenes import street
from segdemo.languages import Words
from segdemo.output.visualization import jpeg, png
from segdemo.tasks import Task
from segdemo.zoo import WEIGHTS

FIGURES = WEIGHTS.parent / "docs" / "lesson.json"


@dataclass(frozen=True)
class Answer:
    """One of the answers that a question offers, and what is said to who chooses it."""

    words: Words
    reply: Words
    right: bool = False


@dataclass(frozen=True)
class Step:
    """One idea: a question, something to touch, what was to be seen, and a question with an answer at once.

    Attributes:
        name: the id in addresses, and the name of its files.
        place: where it stands among the steps.
        title: in the contents.
        question: asked first.
        task: what to do.
        seen: what was to be seen, in two sentences.
        asked, answers: the question at the end.
        figure: what was measured, with split and command; none where the exhibit itself measures.
        words: texts that the script needs, by name.
        data: what else it needs that costs nothing to send.
        make: answers the script's wishes, for what needs a network: what it asks for to what JSON can hold. Everything a visitor sends is checked there.
        asks: the names of the values that a wish may have.
        own: as `make`, of a picture of the visitor's own, (H, W, 3) uint8.
        terms: words defined here, keys of `glossary.TERMS`.
        papers: (authors and year, address).
    """

    name: str
    place: int
    title: Words
    question: Words
    task: Words
    seen: Words
    asked: Words
    answers: tuple[Answer, ...]
    figure: Callable[[], Words] | None = None
    words: Mapping[str, Words] = field(default_factory=dict, hash=False)
    data: Mapping[str, object] = field(default_factory=dict, hash=False)
    make: Callable[[Mapping[str, object]], dict] | None = None
    asks: tuple[str, ...] = ()
    own: Callable[[Mapping[str, object], np.ndarray], dict] | None = None
    terms: tuple[str, ...] = ()
    papers: tuple[tuple[str, str], ...] = ()

    @property
    def offered(self) -> tuple[Answer, ...]:
        """The answers in the order in which they stand: not everywhere the right one first."""
        first = self.place // 10 % len(self.answers)
        return self.answers[first:] + self.answers[:first]


def one_of(wish: Mapping[str, object], name: str, choices: Mapping | list | tuple | range):
    """The value called ``name`` of a wish.

    Raises:
        ValueError: if it is none of ``choices``.
    """
    value = wish.get(name)
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value in choices:
        return value
    there = json.dumps(value)[:40] if name in wish else "missing"
    raise ValueError(f"{name} is {there}; it must be one of {', '.join(map(str, choices))}.")


def photograph(image: np.ndarray) -> str:
    """(H, W, 3) uint8 as an address that holds the picture."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(image)).decode()


def ids(mask: np.ndarray) -> str:
    """(H, W) uint8 as the address of a grey PNG of these values."""
    return "data:image/png;base64," + base64.b64encode(png(mask)).decode()


@cache
def drawn_street(width: int = 640, height: int = 480) -> tuple[np.ndarray, np.ndarray]:
    """The lesson's street and its mask, drawn once of each size: a large one takes seconds. Nobody writes into them."""
    return street(0, width, height)


def named_classes(task: Task) -> list[dict]:
    return [{"id": i, "words": [info.name, info.name_zh], "color": list(info.color)} for i, info in enumerate(task.classes)]


@cache
def experiments() -> dict:
    """What `python -m benchmarks.experiments` measured."""
    return json.loads(FIGURES.with_name("experiments.json").read_text(encoding="utf-8"))


@cache
def trained(plot: str) -> dict[str, float]:
    """Mean IoU on val of networks that were trained so, by line of a plot of docs/experiments.md: the mean of its short trainings on all pictures."""
    runs = experiments()["runs"]
    lines = dict.fromkeys(run["line"] for run in runs if run["plot"] == plot)
    return {line: float(np.mean([run["val_miou"][-1] for run in runs if (run["plot"], run["line"], run["place"]) == (plot, line, "100%")])) for line in lines}


@cache
def figures() -> dict:
    """What `python -m benchmarks.lesson` measured."""
    return json.loads(FIGURES.read_text(encoding="utf-8"))
