"""The architectures. Every file in this folder that defines ``ARCHITECTURES`` adds those."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from segdemo.models.architecture import Architecture

if TYPE_CHECKING:
    import keras

PARTS = ("backbones", "efficientnet_lite", "layers")  # what architectures are made of: no need to import it, and Keras with it, to know what there is


def _found() -> dict[str, Architecture]:
    """All by name, in the order of their places."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.name not in PARTS]
    architectures = [each for module in modules for each in getattr(module, "ARCHITECTURES", ())]
    return {each.name: each for each in sorted(architectures, key=lambda each: (each.place, each.name))}


ARCHITECTURES: dict[str, Architecture] = _found()
"""All that can be trained."""
MODELS: dict[str, Architecture] = {name: each for name, each in ARCHITECTURES.items() if each.shown}
"""Those that the page offers."""


def get_architecture(name: str) -> Architecture:
    """Raises ValueError, listing the known names, if there is no such model."""
    if name not in MODELS:
        raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]


def build(name: str, num_outputs: int, pretrained: str | Path | None = None) -> keras.Model:
    """An untrained head on a (perhaps pretrained) backbone; see the builder of that name.

    Raises:
        ValueError: if there is no such model; the message lists the known ones.
    """
    if name not in ARCHITECTURES:
        raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name].build(num_outputs, pretrained)
