"""All that the page knows, as one JSON: tasks, models, texts and templates are those of the rest of segdemo."""

from __future__ import annotations

from collections.abc import Sequence

from segdemo.runtime.manifest import Entry
from segdemo.tasks import TASKS, Task
from segdemo.ui.static.networks import DETECTOR, SUGGESTER, name_of
from segdemo.zoo import suggester_file


def engine_facts(entries: Sequence[Entry], precisions: Sequence[str]) -> dict[str, object]:
    """What the networks need to be run as in Python: "tasks", "models", "suggester" and "detector"."""
    _, facts = suggester_file()
    return {
        "precisions": list(precisions),
        "tasks": {name: _task(TASKS[name]) for name in TASKS if any(entry.task == name for entry in entries)},
        "models": [_model(entry, precisions) for entry in entries],
        "suggester": {"network": SUGGESTER, "detector": DETECTOR, **{key: facts[key] for key in ("tasks", "temperature", "added")}},
        "detector": DETECTOR,
    }


def _task(task: Task) -> dict[str, object]:
    return {
        "name": task.name,
        "pixels": task.pixels,
        "countable": task.countable,
        "faces": task.faces_first,
        "background": task.background_id,
        "classes": [{"name": info.name, "name_zh": info.name_zh, "color": info.color} for info in task.classes],
    }


def _model(entry: Entry, precisions: Sequence[str]) -> dict[str, object]:
    return {
        "task": entry.task,
        "model": entry.model,
        "temperature": entry.temperature,
        "usual": entry.usual_confidence,
        "networks": {precision: name_of(entry, precision) for precision in precisions},
    }
