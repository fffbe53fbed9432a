"""Keras, and what is made with it, imported when something of it is first used.

The facts of an architecture stand in one file with its layers, and whoever only reads the facts (the page, the command line) must not wait for TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


class Lazy:
    """Stands for the module called ``name``."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str):
        return getattr(import_module(self._name), attribute)


if TYPE_CHECKING:
    import keras
    from keras import layers

    from segdemo.models import backbones
    from segdemo.models import layers as parts
else:
    keras, layers = Lazy("keras"), Lazy("keras.layers")
    backbones, parts = Lazy("segdemo.models.backbones"), Lazy("segdemo.models.layers")
