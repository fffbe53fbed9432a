"""Tasks and networks of one's own, which are then wherever a task is chosen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from segdemo.images import read_image
from segdemo.languages import Words
from segdemo.models import ARCHITECTURES, MODELS, get_architecture
from segdemo.models.architecture import Architecture
from segdemo.runtime.brought import ENDINGS, BroughtNetwork, read_input
from segdemo.runtime.files import file_sha256
from segdemo.runtime.manifest import MANIFEST, Entry, brought_entry, read_manifest
from segdemo.tasks import PUBLISHED, TASKS, Task, task_from_folder
from segdemo.tasks.folder import CLASSES, read_facts, task_from_facts
from segdemo.tasks.pictures import OwnFile


@dataclass(frozen=True)
class OwnTask:
    """A task of one's own: the folder that ``export`` left, and what is in it; or a network that somebody brought."""

    task: Task
    folder: Path
    entries: tuple[Entry, ...]
    brought: BroughtNetwork | None = None


OWN: dict[str, OwnTask] = {}
"""By the task's name."""


def add_tasks(folder: str | Path) -> list[Task]:
    """Makes a task of one's own known everywhere: `TASKS`, `load`, the page, its API and the commands then have it.

    Args:
        folder: as ``export`` leaves it, with ``classes.json``, ``manifest.json`` and the weights; or a folder of such folders. Pictures in its
            ``examples/`` are offered on the page.

    Raises:
        ValueError: if it is no such folder, or a published task has the same name; the message says what is wrong. Then nothing is added.
    """
    root = Path(folder)
    found = [root] if (root / CLASSES).is_file() else sorted(path.parent for path in root.glob(f"*/{CLASSES}"))
    if not found:
        raise ValueError(f"There is no task in {root}: neither it nor a folder in it has a {CLASSES}.")
    read = [_own_task(path) for path in found]
    names = [each.task.name for each in read]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"Two folders in {root} describe a task {twice[0]!r}; give each another name in its {CLASSES}.")
    for each in read:
        TASKS[each.task.name] = each.task
        OWN[each.task.name] = each
    return [each.task for each in read]


def add_model(path: str | Path) -> Task:
    """Makes a network that somebody else made known everywhere, with its classes as a task of its own.

    Args:
        path: an ``.onnx`` or ``.tflite`` file. Beside it lies a JSON called like it, ``my.onnx.json``: a class list as `task_from_folder` reads it,
            with ``"input"``, which says how the network wants its pictures (see `brought.Input`), and maybe ``"temperature"``. ``convert`` writes one.

    Raises:
        ValueError: if a file is missing or wrong, or a name is taken; the message says what is wrong. Then nothing is added.
        RuntimeError: if what runs it is not installed.
    """
    path = Path(path)
    told = path.with_name(f"{path.name}.json")
    if not path.is_file():
        raise ValueError(f"{path} does not exist, or is not a file.")
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path} is not a network that can be brought: it must be a file that ends in {' or '.join(ENDINGS)}.")
    if not told.is_file():
        raise ValueError(f"{path} has no {told.name} beside it, which says its classes and how it wants pictures: see docs/train.md. `convert` writes one.")
    facts = read_facts(told)
    task = task_from_facts(facts, told, f"what {path.name} was", f"{path.name} 的训练数据")
    if any(task.title == other.title for other in TASKS.values()):  # one of the page's tasks, converted and brought back
        task = replace(task, title=Words(f"{task.title.en} ({path.name})", f"{task.title.zh}（{path.name}）"))
    if task.name in PUBLISHED or path.stem in ARCHITECTURES:
        raise ValueError(f"{path.name} or its task {task.name!r} is called like what is published here. Choose another name.")
    temperature = facts.get("temperature", 1.0)
    if type(temperature) not in (int, float) or not 0 < temperature < 1000:
        raise ValueError(f"{told}: 'temperature' is {temperature!r}; it must be a number above 0.")
    try:
        network = BroughtNetwork(path, read_input(facts.get("input", {})), task.num_classes)
    except ValueError as error:
        raise ValueError(f"{told} and {path.name} do not fit: {error}.") from error
    entry = brought_entry(task.name, path, file_sha256(path), task.pixels, temperature)
    MODELS[path.stem] = Architecture(path.stem, _untrainable, path.stem, Words(f"Brought as {path.name}.", f"由文件 {path.name} 提供。"))
    TASKS[task.name], OWN[task.name] = task, OwnTask(task, path.parent, (entry,), network)
    return task


def _untrainable(*_: object) -> NoReturn:
    raise ValueError("A network that was brought as a file cannot be trained here.")


def add_own_tasks(folders: Iterable[str | Path], models: Iterable[str | Path] = ()) -> None:
    """`add_tasks` and `add_model` of these, and of those that the environment names: ``SEGDEMO_TASKS``, ``SEGDEMO_MODELS``, several as in ``PATH``."""
    for folder in (*_named("SEGDEMO_TASKS"), *folders):
        add_tasks(folder)
    for model in (*_named("SEGDEMO_MODELS"), *models):
        add_model(model)


def _named(variable: str) -> Iterable[str]:
    return filter(None, os.environ.get(variable, "").split(os.pathsep))


def _own_task(folder: Path) -> OwnTask:
    """What the folder holds, checked; its weights only when they are loaded."""
    task = task_from_folder(folder)
    if task.name in PUBLISHED:
        raise ValueError(f"{folder / CLASSES} calls the task {task.name!r}, and so is a published one called. Choose another name.")
    found = read_manifest(folder / MANIFEST)
    if not found:
        raise ValueError(f"{folder} has no trained weights: {MANIFEST} is missing. `python -m segdemo export --task {task.name} --to {folder}` writes it.")
    for (name, model), entry in found.items():
        if name != task.name:
            raise ValueError(f"{folder / MANIFEST} is of the task {name!r}, {CLASSES} beside it of {task.name!r}.")
        get_architecture(model)
        if (*entry.iou,) != task.class_names or entry.pixels != task.pixels:
            raise ValueError(f"{folder / MANIFEST}: {model} was trained for other classes or pixels than {CLASSES} beside it names. Export it again.")
        if missing := [file for file in (entry.file, *(told["file"] for told in entry.runtimes.values())) if not (folder / file).is_file()]:
            raise ValueError(f"{folder / missing[0]} is missing, which {MANIFEST} beside it names.")
    for example in task.examples:
        if isinstance(example.picture, OwnFile):
            read_image(example.picture.path)
    return OwnTask(task, folder, tuple(found.values()))
