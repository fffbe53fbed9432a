"""From `python app.py` to a page that answers, and what it weighs then."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, PLAIN, Visitor, running, write_street
from benchmarks.timing import seconds

APPS = {"ours": (OURS, "segment_pictures"), "plain": (PLAIN, "plain")}


def measure(quick: bool) -> dict:
    """Three starts of each app, in turns.

    Returns:
        For "ours" and "plain", medians: ``seconds`` until GET / gives 200, ``megabytes`` resident at that moment, and
        ``first_result``, seconds from the start until a visitor who comes at that moment holds the result of a 640x480 JPEG.
    """
    runs: dict[str, list[dict]] = {name: [] for name in APPS}
    with TemporaryDirectory() as folder:
        picture = write_street(Path(folder), 640, 480)
        for _ in range(1 if quick else 3):
            for name, (command, event) in APPS.items():
                with running(*command) as app:
                    megabytes = app.megabytes()
                    with Visitor(app.address, event) as visitor:
                        first = app.seconds + seconds(lambda visitor=visitor: visitor(picture))
                    runs[name].append({"seconds": app.seconds, "megabytes": megabytes, "first_result": first})
    return {name: {key: median(run[key] for run in each) for key in each[0]} for name, each in runs.items()}
