"""Which task a picture is shown with: the one that the visitor chose, or the one that the picture itself suggests."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from segdemo.errors import FileError
from segdemo.images import read_to_show, shrink
from segdemo.output.visualization import jpeg
from segdemo.runtime import has_litert
from segdemo.suggestion import Suggestions, doubted, is_unknown, likeliest_task
from segdemo.tasks import TASKS
from segdemo.ui.parts.templating import render
from segdemo.zoo import entries, suggest

AUTO = "auto"  # the task that a picture itself suggests, and its best model
OTHERS = 2  # tasks that are named beside the one that was taken
LONGEST_SIDE = 800  # of a picture that is shown without classes


@lru_cache(maxsize=256)
def suggestions_of(path: str) -> Suggestions:
    """See `segdemo.suggest`; of a large photograph the size that is shown is enough. The path of a visitor's file holds the hash of its bytes.

    Raises:
        FileError: if it is no picture.
    """
    return suggest(read_to_show(Path(path), LONGEST_SIDE)[0])


def fitting_task(task: str, path: str | None) -> str:
    """``task``, or where the picture decides the one that it suggests; without a picture the first."""
    if task != AUTO:
        return task
    with suppress(FileError):
        if path and has_litert():
            return likeliest_task(suggestions_of(path))
    return next(name for name in TASKS if any(task == name for task, _ in entries()))


def is_of_none(task: str, path: str) -> bool:
    """Whether the visitor left the choice to a picture that is of none of the tasks."""
    return task == AUTO and is_unknown(suggestions_of(path))


def likeliest(path: str) -> list[str]:
    """The tasks that the picture may be of, the likeliest first."""
    return [name for name, _ in suggestions_of(path) if name] if has_litert() else []


def told(task: str, path: str) -> Markup:
    """What was chosen and how sure that is, the likeliest others a tap away; of a task that the visitor chose, only if another fits better."""
    if not has_litert():
        return Markup()
    suggestions, taken = suggestions_of(path), fitting_task(task, path)
    others = [name for name in likeliest(path) if name != taken]
    shares = dict(suggestions)
    if task == AUTO:
        return render("chosen", task=TASKS[taken], share=shares[taken], others=[TASKS[name] for name in others[:OTHERS]])
    if not doubted(suggestions, taken) or is_unknown(suggestions):
        return Markup()
    return render("doubted", task=TASKS[taken], other=TASKS[others[0]], share=shares[others[0]])


def unknown_card(path: Path, number: int) -> Markup:
    """The answer to a picture that is of none of the tasks: what the networks do know, a tap each, and how one teaches them more."""
    photo, _ = read_to_show(path, LONGEST_SIDE)
    picture = jpeg(shrink(photo, photo[..., 0], LONGEST_SIDE)[0])
    share = dict(suggestions_of(str(path)))[None]
    return render("unknown", name=path.name, number=number, picture=picture, share=share, tasks=[TASKS[name] for name in likeliest(str(path))])
