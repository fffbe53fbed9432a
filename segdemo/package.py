"""The version of the package, what a bare install of it leaves out, and the extra that brings it."""

from __future__ import annotations

import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

VERSION = "1.0.0"

EXTRAS = {
    "keras": ("Keras and TensorFlow", "train"),
    "tensorflow": ("Keras and TensorFlow", "train"),
    "matplotlib": ("Matplotlib", "ui"),
    "sklearn": ("scikit-learn", "ui"),
    "gradio": ("Gradio", "ui"),
    "huggingface_hub": ("huggingface_hub", "ui"),
    "pyarrow": ("PyArrow", "folder"),
    "ray": ("Ray", "ray"),
    "supervision": ("supervision", "notebook"),
    "onnx": ("ONNX", "onnx"),
    "onnxruntime": ("ONNX Runtime", "onnx"),
    "tf2onnx": ("tf2onnx", "onnx"),
}


def has(package: str) -> bool:
    """Whether it could be imported, without doing so."""
    return find_spec(package) is not None


def lacking(package: str, who: str) -> str | None:
    """The sentence that tells ``who`` how to get an absent package; None if no extra brings it."""
    if package not in EXTRAS:
        return None
    title, extra = EXTRAS[package]
    return f"{who} needs {title}: {_pip_install(extra)}"


def _pip_install(extra: str) -> str:
    """The command: in a copy of the repository, which pip does not know, with its Python and its folder."""
    try:
        version("segdemo")
    except PackageNotFoundError:
        return shlex.join([sys.executable, "-m", "pip", "install", "-e", f"{Path(__file__).parents[1]}[{extra}]"])
    return f"pip install 'segdemo[{extra}]'"
