"""The networks that only the lesson needs, loaded when a step first asks for one."""

from __future__ import annotations

import json
from functools import cache

from segdemo.inference.segmentation import Segmenter
from segdemo.runtime.files import file_sha256
from segdemo.tasks import TASKS
from segdemo.zoo import WEIGHTS, WeightsError

MANIFEST = WEIGHTS / "lesson.json"


@cache
def made() -> dict[str, dict]:
    """What there is, by name, as `python -m benchmarks.lesson_networks` wrote it."""
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


@cache
def lesson_network(name: str) -> Segmenter:
    """On Keras, so that one can look inside.

    Raises:
        WeightsError: if its file is missing or damaged.
    """
    from segdemo.runtime.with_keras import KerasNetwork  # it brings TensorFlow

    facts = made()[name]
    path, task = WEIGHTS / facts["file"], TASKS[facts["task"]]
    if not path.is_file() or file_sha256(path) != facts["sha256"]:
        raise WeightsError(f"weights/{path.name} is missing or damaged. Install segdemo again, or get it from its repository.")
    return Segmenter(KerasNetwork(facts["model"], task, path), task, facts["model"], runtime="keras")
