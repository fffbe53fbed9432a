"""All that the page knows, as one JSON: tasks, models, texts, templates and scripts are those of the rest of segdemo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from segdemo.data.examples import one_of_each
from segdemo.languages import Words
from segdemo.models import MODELS
from segdemo.runtime.manifest import Entry
from segdemo.tasks import TASKS, Task
from segdemo.tasks.pictures import TO_TEACH, Example
from segdemo.ui.parts.assets import drawing, script
from segdemo.ui.parts.results import model_facts
from segdemo.ui.static.networks import BACKBONE, DETECTOR, PRECISIONS, SUGGESTER, TAUGHT_WITH, name_of
from segdemo.ui.text import TEXT
from segdemo.zoo import eye, scoring, suggester_file

TEMPLATES = Path(__file__).parent.parent / "templates"
USED = (
    "camera_seen", "card", "chosen", "class_name", "comparison", "controls", "empty", "error_card", "facts", "note", "parts", "status",
    "unknown", "warning", "words",
    "teach_answer", "teach_corrects", "teach_looks", "teach_refused", "teach_shown", "teach_table",
)  # fmt: skip
"""The templates that the browser fills in."""


def catalog(entries: Sequence[Entry], precisions: Sequence[str], opening: Task) -> dict[str, object]:
    """What the page is told.

    Args:
        entries: the models.
        precisions: keys of `PRECISIONS`; the first is the usual one.
        opening: the task that it opens on.
    """
    facts = engine_facts(entries, precisions)
    return {
        **facts,
        "opening": {"task": opening.name, "example": opening.examples[0].name},
        "examples": [_example(each) for each in one_of_each(TASKS[name] for name in facts["tasks"])],
        "to_teach": [_example(each) for each in TO_TEACH],
        "titles": {name: MODELS[name].title for name in MODELS},
        "texts": TEXT,
        "templates": {f"{name}.html": (TEMPLATES / f"{name}.html").read_text(encoding="utf-8") for name in USED},
        "scripts": {name: script(name) for name in ("card", "zoom")},
        "drawings": {name: drawing(name) for name in ("wipe", "full_screen")},
    }


def engine_facts(entries: Sequence[Entry], precisions: Sequence[str]) -> dict[str, Any]:
    """What the networks need to be run as in Python, and what is said of them: "precisions", "tasks", "models", "suggester", "detector" and "eye"."""
    _, facts = suggester_file()
    return {
        "precisions": list(precisions),
        "tasks": {name: _task(TASKS[name]) for name in TASKS if any(entry.task == name for entry in entries)},
        "models": [_model(entry, precisions) for entry in entries],
        "suggester": {"network": SUGGESTER, "detector": DETECTOR, **{key: facts[key] for key in ("tasks", "temperature", "added")}},
        "detector": DETECTOR,
        "eye": {
            "backbone": BACKBONE,
            "networks": [{"network": name_of(entry, TAUGHT_WITH), "pixels": TASKS[entry.task].pixels} for entry in scoring()],
            "made_of": eye().made_of,
        },
    }


def _task(task: Task) -> dict[str, object]:
    return {
        "name": task.name,
        "title": asdict(task.title),
        "sentence": asdict(task.sentence),
        "trained_on": asdict(task.trained_on),
        "pixels": task.pixels,
        "countable": task.countable,
        "faces": task.faces_first,
        "background": task.background_id,
        "classes": [asdict(info) for info in task.classes],
        "examples": [_example(each) for each in task.examples],
    }


def _example(example: Example) -> dict[str, object]:
    return {"name": example.name, "caption": asdict(example.caption)}


def _model(entry: Entry, precisions: Sequence[str]) -> dict[str, object]:
    return {
        "task": entry.task,
        "model": entry.model,
        "miou": entry.miou,
        "made_of": entry.sha256,
        "temperature": entry.temperature,
        "usual": entry.usual_confidence,
        "sentence": asdict(MODELS[entry.model].sentence),
        "networks": {precision: name_of(entry, precision) for precision in precisions},
        "facts": {precision: _plain(model_facts(entry, PRECISIONS[precision])) for precision in precisions},
    }


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {key: asdict(value) if isinstance(value, Words) else value for key, value in values.items()}
