"""A class that presses the button at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, Visitor, running, write_street
from benchmarks.timing import in_turns

PEOPLE = 20


def measure(quick: bool) -> dict:
    """Results a second of one visitor who asks again and again, and of `PEOPLE` at once, each with a 1920x1080 JPEG on the page.

    Returns:
        ``alone`` and ``together``, results a second; ``errors``, texts; ``told``, how many were told their place in the queue.
    """
    people, times, rounds = (3, 1, 1) if quick else (PEOPLE, 3, 5)
    with TemporaryDirectory() as folder, running(*OURS) as app:
        picture = write_street(Path(folder), 1920, 1080)
        first = Visitor(app.address, "segment_pictures")
        visitors = [Visitor(app.address, "segment_pictures") for _ in range(people)]
        errors: list[str] = []

        def visit(visitor: Visitor) -> None:
            for _ in range(times):
                try:
                    visitor(picture)
                except Exception as error:
                    errors.append(repr(error))

        with ThreadPoolExecutor(people) as pool:
            calls = {"alone": lambda: [first(picture) for _ in range(people)], "together": lambda: list(pool.map(visit, visitors))}
            taken = in_turns(calls, rounds, before=0)
        told = sum(bool(visitor.places) for visitor in visitors)
        for visitor in (first, *visitors):
            visitor.http.close()
    return {"people": people, "alone": people / taken["alone"], "together": people * times / taken["together"], "errors": errors, "told": told}
