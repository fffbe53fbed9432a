"""What the server answers to the lesson's scripts; `segdemo.ui.plain` has the address."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache

from segdemo.images import read_image
from segdemo.ui.learn import STEPS, teachers

LONGEST_WISH = 200  # characters
MAKERS = {**{name: step.make for name, step in STEPS.items() if step.make}, teachers.NAME: teachers.make}
ASKS = {name: step.asks for name, step in STEPS.items()}
OWN = {name: step.own for name, step in STEPS.items() if step.own}
REMEMBERED = 256  # answers: all that a class can wish for in most steps


def answer(step: str, wish: str, picture: bytes | None = None) -> dict:
    """What a step's script wishes for, as JSON can hold it.

    Args:
        step: a key of `MAKERS`; with a picture, of `OWN`.
        wish: JSON of an object.
        picture: the file of a picture of the visitor's own. Nothing of it is kept.

    Raises:
        ValueError: with a sentence, if there is no such step, wish or picture.
    """
    if step not in (MAKERS if picture is None else OWN):
        does = "computes anything" if picture is None else "takes a picture of one's own"
        raise ValueError(f"No step of the lesson that {does} is called {step[:40]!r}.")
    asked, known = read_wish(wish), ASKS.get(step, ())
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(f"{', '.join(unknown)[:LONGEST_WISH]}: this step knows no such wish. It knows: {', '.join(known) or 'none'}.")
    if picture is None:
        return _remembered(step, json.dumps(asked, sort_keys=True))
    return OWN[step](asked, read_image(picture, "This file"))


def read_wish(wish: str) -> dict:
    """JSON of an object of few characters.

    Raises:
        ValueError: if it is something else.
    """
    with suppress(RecursionError, ValueError):
        if len(wish) <= LONGEST_WISH and isinstance(asked := json.loads(wish), dict):
            return asked
    raise ValueError(f"A wish is a JSON object of at most {LONGEST_WISH} characters.")


@lru_cache(REMEMBERED)
def _remembered(step: str, wish: str) -> dict:
    """The pictures are the lesson's own, so all pupils of a class are answered by one computation."""
    return MAKERS[step](json.loads(wish))
