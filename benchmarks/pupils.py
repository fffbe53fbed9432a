"""A class in one step of the lesson at the same moment.

python -m benchmarks.pupils        measures this part alone, and prints it
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice, product
from threading import Barrier

import httpx
import numpy as np

from benchmarks.apps import OURS, App, running
from segdemo.analysis.robustness import HARMS, LEVELS

PUPILS = 30
STEP = "harm"  # each wish runs a network on the server, and there are more of them than pupils


def measure(quick: bool) -> dict:
    """Seconds from a touch to its answer: `PUPILS` at once, each of whom touches something else, so that no answer is there already.

    Returns:
        ``pupils``; ``median`` and ``longest``, seconds; ``alone``, the median of one pupil who asks the same again in a quiet room, computed anew;
        ``errors``, texts.
    """
    pupils = 3 if quick else PUPILS
    wishes = [json.dumps({"kind": kind, "level": level}) for level, kind in product(range(1, LEVELS + 1), HARMS)]
    with running(*OURS) as app, httpx.Client(base_url=app.address, timeout=600) as http:
        first(app, http)
        chosen = list(islice(cycle(wishes), pupils))
        together, errors = at_once(http, chosen)
    with running(*OURS) as app, httpx.Client(base_url=app.address, timeout=600) as http:
        first(app, http)
        alone = [timed(http, wish) for wish in chosen]
    if not together:
        raise RuntimeError(f"No pupil got an answer. The first was told: {errors[0]}")
    return {"pupils": pupils, "median": float(np.median(together)), "longest": max(together), "alone": float(np.median(alone)), "errors": errors}


def first(app: App, http: httpx.Client) -> None:
    """Comes to the step, whose network is loaded, and looks around until the server has loaded the others."""
    ask(http, json.dumps({"kind": next(iter(HARMS)), "level": 0}))
    app.settle()


def at_once(http: httpx.Client, wishes: list[str]) -> tuple[list[float], list[str]]:
    """The seconds of all that were answered, and what the others were told."""
    errors: list[str] = []
    start = Barrier(len(wishes))

    def touch(wish: str) -> float | None:
        start.wait()
        try:
            return timed(http, wish)
        except Exception as error:
            errors.append(repr(error))
            return None

    with ThreadPoolExecutor(len(wishes)) as pool:
        return [seconds for seconds in pool.map(touch, wishes) if seconds is not None], errors


def timed(http: httpx.Client, wish: str) -> float:
    begun = time.perf_counter()
    ask(http, wish)
    return time.perf_counter() - begun


def ask(http: httpx.Client, wish: str) -> dict:
    """What the lesson's script does.

    Raises:
        RuntimeError: if there is no answer.
    """
    answer = http.get(f"/lesson/{STEP}", params={"wish": wish})
    if answer.status_code != 200:
        raise RuntimeError(f"{wish} was answered {answer.text}")
    return answer.json()


if __name__ == "__main__":
    from benchmarks.results import table

    print(table({"pupils": measure(quick=False)}))
