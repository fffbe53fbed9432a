"""What a visitor takes away from a card: one file, made at the picture's full size when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from segdemo.inference.segmentation import Segmentation
from segdemo.output.downloads import safe_name, statistics_csv, statistics_json
from segdemo.output.takeaway import KINDS, take
from segdemo.runtime import RUNTIME_TITLES
from segdemo.runtime.files import write_whole
from segdemo.tasks import TASKS
from segdemo.ui.api import own_folder
from segdemo.ui.parts.pickers import Pictures, named
from segdemo.zoo import entries, load

NUMBERS: dict[str, Callable[[str, Segmentation, dict[str, str]], str]] = {
    "csv": lambda name, result, _: statistics_csv(name, result),
    "json": statistics_json,
}
TAKEN = (*KINDS, *NUMBERS)
OF_CLASSES = ("cutout", "blurred", "greyed", "colored")  # which a picture without any class does not have
"""What there is to take; `text` says "take_KIND" of each."""


class Gone(LookupError):
    """The picture is no longer there, or the wish makes no sense."""


@dataclass(frozen=True)
class Wish:
    """What a card's button asks for, checked: it comes from the browser, where anybody can write anything.

    Attributes:
        path: of the picture. name: its own among those that were brought.
        kind: one of `TAKEN`.
        task, model, runtime: what made the card.
        class_id: the class that is shown alone, if one is.
        color: what stands behind a "colored" picture, "#rrggbb".
    """

    path: Path
    name: str
    kind: str
    task: str
    model: str
    runtime: str
    class_id: int | None
    color: str

    @classmethod
    def of(cls, paths: Pictures, asked: object) -> Self:
        """The wish in what `card.js` sent, on one of the pictures that were brought.

        Raises:
            Gone: if there is no such picture, kind, task, model, runtime, class or colour.
        """
        if not isinstance(asked, dict):
            raise Gone
        number, class_id, color = asked.get("number"), asked.get("class"), str(asked.get("color", ""))
        kind, task, model, runtime, name = (str(asked.get(key, "")) for key in ("kind", "task", "model", "runtime", "name"))
        known = kind in TAKEN and (task, model) in entries() and runtime in RUNTIME_TITLES and bool(re.fullmatch("#[0-9a-f]{6}", color))
        if not known or not (class_id is None or class_id in range(TASKS[task].num_classes)):
            raise Gone
        there = named(paths)
        if not (number in range(len(there)) and [*there][int(str(number))] == name):
            raise Gone
        return cls(there[name], name, kind, task, model, runtime, None if class_id is None else int(str(class_id)), color)

    def make(self, language: str) -> Path:
        """Segments the picture at its full size and writes the file, named like the picture, for the visitor to fetch.

        Raises:
            FileError: if the picture cannot be read any more, or has nothing of what is asked for.
        """
        result = load(self.model, self.task, self.runtime)(self.path)
        stem = Path(safe_name(self.name)).stem
        if self.kind in NUMBERS:
            settings = {"task": self.task, "model": self.model, "runtime": self.runtime}
            ending, content = self.kind, NUMBERS[self.kind](self.name, result, settings).encode()
        else:
            taken = take(result, self.kind, self.class_id, language, self.color)
            ending, content = taken.ending, taken.content
        file = own_folder() / f"{stem}.{ending}"
        write_whole(file, content)
        return file
