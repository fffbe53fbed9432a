"""The networks that only the lesson needs, loaded when a step first asks for one."""

from __future__ import annotations

import json
from functools import cache

from segdemo.data.discs import DISCS
from segdemo.inference.segmentation import Network, Segmenter
from segdemo.tasks import TASKS, Task
from segdemo.zoo import WEIGHTS, checked_file

MANIFEST = WEIGHTS / "lesson.json"


@cache
def made() -> dict[str, dict]:
    """What there is, by name, as `python -m benchmarks.lesson_networks` wrote it."""
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


@cache
def lesson_network(name: str, runtime: str = "keras") -> Segmenter:
    """On Keras, so that one can look inside, or as it would serve.

    Raises:
        WeightsError: if a file of it is missing or damaged.
    """
    facts = made()[name]
    task = DISCS if facts["task"] == DISCS.name else TASKS[facts["task"]]
    return Segmenter(_network(facts, task, runtime), task, facts["model"], runtime=runtime)


def _network(facts: dict, task: Task, runtime: str) -> Network:
    """What is imported here takes long: only when it is wanted."""
    if runtime == "keras":
        from segdemo.runtime.with_keras import KerasNetwork

        return KerasNetwork(facts["model"], task, checked_file(WEIGHTS, facts))
    from segdemo.runtime.litert import LiteRTNetwork

    return LiteRTNetwork(checked_file(WEIGHTS, facts["runtimes"][runtime]), checked_file(WEIGHTS, facts) if runtime == "litert" else None)
