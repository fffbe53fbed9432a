"""The lesson: one file a step. Every file in this folder that defines a ``STEP`` is one; its script is the file of its name in `assets/learn/`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from segdemo.ui.learn.step import Step


def _found() -> dict[str, Step]:
    """The steps by name, in the order of their places."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    steps = [module.STEP for module in modules if hasattr(module, "STEP")]
    return {step.name: step for step in sorted(steps, key=lambda step: step.place)}


STEPS: dict[str, Step] = _found()
