"""Weights as files that plain Keras can load."""

from __future__ import annotations

import warnings
from pathlib import Path

import h5py
import keras
import numpy as np

from segdemo.runtime.files import whole

LARGE = 10_000


def load_weights(model: keras.Model, path: Path) -> None:
    """Every weight from a ``.weights.h5``; ValueError where the file is none or another model's."""
    if not path.is_file():
        raise ValueError(f"The weights {str(path)!r} are not a file. Give the .weights.h5 of an earlier run of the same model.")
    if not path.name.endswith(".weights.h5"):
        raise ValueError(f"The weights {str(path)!r} are not a .weights.h5, which `train` writes: weights/..., or runs/.../best.weights.h5.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras guesses at an old version of itself
            model.load_weights(path)
    except Exception as error:  # of a damaged file, h5py raises nearly anything, and Keras lists every layer
        raise ValueError(
            f"The weights {str(path)!r} do not fit {model.name} with {model.output_shape[-1]} outputs: they are another model's, or damaged."
        ) from error


def save_weights(model: keras.Model, path: Path, dtype: str = "float32") -> None:
    """Writes the weights, without optimizer state, as a Keras ``.weights.h5``.

    Args:
        model: what is stored.
        path: ends in ``.weights.h5``.
        dtype: how large kernels are stored; "float16" halves the file. Those of under 10,000 numbers stay float32,
            and so do biases and batch-norm statistics: a few percent of the file, but the first layers' rounding
            grows through the network. ``model.load_weights`` reads either.
    """
    with whole(path, room_for(model)) as half:
        keras.Model(model.inputs, model.outputs, name=model.name).save_weights(half)
        if dtype != "float32":
            _save_as(half, dtype)


def room_for(model: keras.Model) -> int:
    """Bytes that a file of its weights has at most."""
    return 4 * model.count_params() + 4096 * (len(model.weights) + len(model.layers) + 2)


def _save_as(path: Path, dtype: str) -> None:
    small = path.with_suffix(".tmp")
    with h5py.File(path, "r") as old, h5py.File(small, "w", libver="v110") as new:  # its headers are smaller

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                new.require_group(name)
            else:
                new[name] = item[()].astype(dtype) if item.dtype == np.float32 and item.size >= LARGE else item[()]
            new[name].attrs.update(item.attrs)

        old.visititems(copy)
        new.attrs.update(old.attrs)
    small.replace(path)
