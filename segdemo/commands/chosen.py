"""What the options choose: a task, a model, the folder of a run."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from segdemo.inference.segmentation import Segmenter
from segdemo.runtime import RUNTIME_TITLES
from segdemo.runtime.brought import ENDINGS
from segdemo.tasks import TASKS, Task, task_from_folder


def chosen_task(options: Namespace) -> Task:
    """The task described by the dataset's own classes.json, if it has one, or a known task."""
    folder = options.data
    if folder and (folder / "classes.json").is_file():
        task = task_from_folder(folder)
        if task.name != options.task:
            raise ValueError(f"{folder / 'classes.json'} describes the task {task.name!r}, not {options.task!r}.")
        return task
    if folder and options.task not in TASKS:
        raise ValueError(f"There is no task {options.task!r} ({', '.join(TASKS)}), and no {folder / 'classes.json'} that describes it.")
    if options.task not in TASKS:
        own = "A task of your own needs its folder: --tasks DIR, where `export` left it, or --data DIR with its classes.json, and --weights FILE."
        raise ValueError(f"There is no task {options.task!r}. Choose one of: {', '.join(TASKS)}. {own}")
    return TASKS[options.task]


def chosen_segmenter(options: Namespace, task: Task) -> Segmenter:
    """The published model, or that of ``--weights``, which may be a taught classifier with a task of its own."""
    if options.weights is None:
        if task.name in TASKS and task.class_names != TASKS[task.name].class_names:
            described = options.data / "classes.json"
            raise ValueError(f"The published models of {task.name!r} have other classes than {described}. Give --weights, or the task another name.")
        if task.name not in TASKS:
            raise ValueError(f"There is no published model of {task.name!r}: give --weights, such as runs/{task.name}-{options.model}/best.weights.h5.")
        from segdemo.zoo import load

        return load(options.model, task.name, options.runtime)
    if not options.weights.is_file():
        raise ValueError(f"--weights is {str(options.weights)!r}, which is not a file.")
    if options.weights.suffix in ENDINGS:
        from segdemo.inference.own import add_model
        from segdemo.zoo import load

        if options.runtime not in ("auto", runtime := ENDINGS[options.weights.suffix]):
            raise ValueError(f"--runtime is {options.runtime!r}, but {RUNTIME_TITLES[runtime]} runs what --weights names: leave one of the two out.")
        return load(options.weights.stem, add_model(options.weights).name)
    if options.weights.suffix == ".segdemo":
        from segdemo.zoo import load

        return load(options.weights)
    if options.runtime not in ("auto", "keras"):
        raise ValueError(f"--runtime is {options.runtime!r}, but Keras runs what --weights names: leave one of the two out.")
    from segdemo.runtime.with_keras import KerasNetwork

    return Segmenter(KerasNetwork(options.model, task, options.weights), task, options.model)


def run_folder(options: Namespace) -> Path:
    return options.folder or Path("runs") / f"{options.task}-{options.model}"
