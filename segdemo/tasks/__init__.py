"""The tasks: what each set of weights was trained to see. Every file in this folder that defines a ``TASK`` is one."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from segdemo.tasks.folder import task_from_folder
from segdemo.tasks.task import IGNORE_ID, ClassInfo, Task

__all__ = ["IGNORE_ID", "PUBLISHED", "TASKS", "ClassInfo", "Task", "get_task", "task_from_folder"]


def _found() -> dict[str, Task]:
    """The tasks by name, in the order of their places."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    tasks = [module.TASK for module in modules if hasattr(module, "TASK")]
    return {task.name: task for task in sorted(tasks, key=lambda task: (task.place, task.name))}


TASKS: dict[str, Task] = _found()
"""All that are known: those of this folder, then those that `segdemo.add_tasks` brought."""
PUBLISHED = frozenset(TASKS)
"""The names of those of this folder."""


def get_task(name: str) -> Task:
    """The task called ``name``.

    Raises:
        ValueError: if there is none; the message lists the known ones.
    """
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. Choose one of: {', '.join(TASKS)}.")
    return TASKS[name]
