"""A class that presses the button at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, Visitor, running, write_street
from benchmarks.timing import seconds

PEOPLE = 20


def measure(quick: bool) -> dict:
    """Results a second of one visitor who asks again and again, and of `PEOPLE` at once, each with a 1920x1080 JPEG on the page.

    Returns:
        ``alone`` and ``together``, results a second; ``errors``, texts; ``told``, how many were told their place in the queue.
    """
    people, times = (3, 1) if quick else (PEOPLE, 3)
    with TemporaryDirectory() as folder, running(*OURS) as app:
        picture = write_street(Path(folder), 1920, 1080)
        visitors = [Visitor(app.address, "segment_pictures") for _ in range(people)]
        for _ in range(1 if quick else 5):
            visitors[0](picture)  # warms up
        alone = seconds(lambda: [visitors[0](picture) for _ in range(people)])
        visitors[0].places.clear()
        errors: list[str] = []

        def visit(visitor: Visitor) -> None:
            for _ in range(times):
                try:
                    visitor(picture)
                except Exception as error:
                    errors.append(repr(error))

        with ThreadPoolExecutor(people) as pool:
            together = seconds(lambda: list(pool.map(visit, visitors)))
        told = sum(bool(visitor.places) for visitor in visitors)
        for visitor in visitors:
            visitor.http.close()
    return {"people": people, "alone": people / alone, "together": (people * times - len(errors)) / together, "errors": errors, "told": told}
