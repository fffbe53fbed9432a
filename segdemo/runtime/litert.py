"""LiteRT: the network as one flat file, run by XNNPACK. It needs neither TensorFlow nor its memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import h5py
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from segdemo.errors import WeightsError
from segdemo.runtime.cores import cores

# Interpreters that are kept, each with its weights unpacked and the features of one size: two of most tasks, one of the largest pictures.
KEPT, KEPT_PIXELS = 2, 600_000
SMALL_PIXELS = 192 * 192  # such, as the one that suggests a task, are kept beside the larger ones

_running = threading.Lock()  # an interpreter must not be called by two threads, and one alone already uses every core


class LiteRTNetwork:
    """A network that `conversion.convert` wrote.

    Args:
        path: the file.
        weights: the ``.weights.h5`` with its large kernels; None if it holds them itself.
    """

    def __init__(self, path: Path, weights: Path | None = None):
        self.path, self.weights = path, weights

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(N, h, w, 3) uint8 to logits (N, h, w, C) float32."""
        logits = []
        for image in images:
            with _running:
                logits.append(_run(self._of_size(*image.shape[:2]), image))
        return logits[0][None] if len(logits) == 1 else np.stack(logits)

    def load(self, height: int, width: int) -> None:
        """Does beforehand what the first picture of a size would wait for."""
        with _running:
            self._of_size(height, width)

    def _of_size(self, height: int, width: int) -> Interpreter:
        try:
            multiple = _multiple(self.path)
            return _interpreter(self.path, self.weights, (height + -height % multiple, width + -width % multiple))
        except MemoryError:
            raise
        except Exception as error:  # of damaged files, NumPy, h5py and LiteRT raise nearly anything
            name = self.path.name
            raise WeightsError(f"{name} cannot be read any more ({type(error).__name__}). Install segdemo again, or get weights/{name}.", name) from error


def _run(interpreter: Interpreter, image: np.ndarray) -> np.ndarray:
    """The logits of one picture, without a copy but of them: views of an interpreter's memory must be gone when it runs."""
    height, width = image.shape[:2]
    _write(image, interpreter.tensor(interpreter.get_input_details()[0]["index"])()[0])
    interpreter.invoke()
    return interpreter.tensor(interpreter.get_output_details()[0]["index"])()[0, :height, :width].copy()


def _write(image: np.ndarray, padded: np.ndarray) -> None:
    height, width = image.shape[:2]
    padded[height:], padded[:, width:] = 0, 0
    inside = padded[:height, :width]
    np.multiply(image, np.float32(1 / 127.5), out=inside)
    inside -= 1


@lru_cache
def _multiple(path: Path) -> int:
    """The sides of pictures are padded to multiples of it."""
    with np.load(path) as file:
        return int(file["multiple"])


Key = tuple[Path, Path | None, tuple[int, int]]
_kept: OrderedDict[Key, Interpreter] = OrderedDict()  # the one that was used last at the end


def _interpreter(path: Path, weights: Path | None, size: tuple[int, int]) -> Interpreter:
    """The network for padded pictures of one (height, width), kept for the next picture."""
    key = path, weights, size
    if key not in _kept:
        alike = [other for other in _kept if _is_small(other) == _is_small(key)]
        while alike and (len(alike) >= KEPT or sum(_pixels(other) for other in (*alike, key)) > KEPT_PIXELS):
            del _kept[alike.pop(0)]  # before the next is built: both would be there at once
        _kept[key] = _built(path, weights, size)
    _kept.move_to_end(key)
    return _kept[key]


def _pixels(key: Key) -> int:
    return key[2][0] * key[2][1]


def _is_small(key: Key) -> bool:
    return _pixels(key) <= SMALL_PIXELS


def _built(path: Path, weights: Path | None, size: tuple[int, int]) -> Interpreter:
    content, places, _ = whole(path, weights)
    for offset, axis, stride in places.tolist():
        content[offset : offset + 4].view(np.int32)[:] = size[axis] // stride
    interpreter = Interpreter(model_content=content.tobytes(), num_threads=cores())
    interpreter.allocate_tensors()
    return interpreter


def whole(path: Path, weights: Path | None) -> tuple[np.ndarray, np.ndarray, int]:
    """A network with all its kernels, and what makes it one for pictures of a size.

    Returns:
        The file's bytes (n,) uint8; (m, 3) int64: at which byte an int32 stands that is the padded height (axis 0) or width (axis 1) over a
        stride; and the multiple to which both are padded.
    """
    with np.load(path) as file:
        content = file["content"]
        if len(file["names"]):
            _fill(content, file, weights)
        return content, file["places"], int(file["multiple"])


def _fill(content: np.ndarray, file: Mapping[str, np.ndarray], weights: Path | None) -> None:
    """Puts the kernels of ``weights`` where they belong."""
    with h5py.File(weights) as numbers:
        for i, (offset, name, layout) in enumerate(zip(file["offsets"], file["names"], file["layouts"], strict=True)):
            kernel = arranged(numbers[name][()].astype(np.float32), layout, file[f"scale_{i}"])
            content[offset : offset + kernel.nbytes].view(np.float32)[:] = kernel.ravel()


def arranged(kernel: np.ndarray, layout: str, scale: np.ndarray) -> np.ndarray:
    """A Keras kernel as LiteRT wants it, times the batch norm's scale.

    Args:
        kernel: "ordinary" (h, w, in, out), "depthwise" (h, w, in, 1), "transposed" or "shuffled" (h, w, out, in).
        layout: which of them.
        scale: (out,), of a depthwise one (in,); or (1,).

    Returns:
        (out, h, w, in), of a depthwise one (1, h, w, in), of a shuffled one (h * w * out, 1, 1, in).
    """
    if layout == "shuffled":
        return (kernel * scale[:, None]).reshape(-1, 1, 1, kernel.shape[-1])
    if layout == "depthwise":
        return kernel.transpose(3, 0, 1, 2) * scale
    axes = (3, 0, 1, 2) if layout == "ordinary" else (2, 0, 1, 3)
    return kernel.transpose(axes) * scale[:, None, None, None]
