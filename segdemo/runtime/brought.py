"""A network that somebody else made, as an ONNX or TFLite file: pictures in, logits out, as `segmentation.Network` wants them.

What the file does not say of itself stands in a JSON beside it; see `Input`. The file is run by ONNX Runtime or LiteRT.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np

from segdemo.package import has, lacking
from segdemo.runtime.cores import cores

ENDINGS = {".onnx": "onnx", ".tflite": "litert"}  # and what runs it
MULTIPLE = 32  # the sides of what a network of any size sees
SURE = 20.0  # the logit of the class of a network that names classes only
LEAST = 1e-6  # of a probability
ONE_INPUT = "it must take one, float32 with four axes"

Run = Callable[[np.ndarray], np.ndarray]
"""The network itself: what it takes, as float32, to what it gives first."""


@dataclass(frozen=True)
class Input:
    """How a network wants its pictures: ``(values / divide - mean) / std``.

    Attributes:
        layout: "NHWC" or "NCHW". channels: "RGB" or "BGR".
        divide: by which the bytes are divided first. mean, std: of each channel.
        height, width: of what it sees; 0 where it takes any size, in multiples of 32. The picture keeps its shape, with grey beside it.
        gives: "logits" or "probabilities".
        counted: whether it gives background, rim and core of objects for two classes, as the models here do that count.
    """

    layout: str = "NHWC"
    channels: str = "RGB"
    divide: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    height: int = 0
    width: int = 0
    gives: str = "logits"
    counted: bool = False


CHOICES = {"layout": ("NHWC", "NCHW"), "channels": ("RGB", "BGR"), "gives": ("logits", "probabilities"), "counted": (False, True)}
NUMBERS = {"divide": range(1, 65536), "height": range(4097), "width": range(4097)}


def read_input(facts: object) -> Input:
    """The ``input`` of the JSON, checked.

    Raises:
        ValueError: saying what is wrong.
    """
    if not isinstance(facts, dict):
        raise ValueError(f'its \'input\' is {str(facts)[:60]!r}; it must be an object such as {{"layout": "NCHW", "divide": 255}}')
    known = {each.name: facts[each.name] for each in fields(Input) if each.name in facts}
    for name, value in known.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"its {name!r} is {str(value)[:60]!r}; it must be one of {', '.join(map(str, CHOICES[name]))}")
        if name in NUMBERS and (type(value) not in (int, float) or not NUMBERS[name][0] <= value <= NUMBERS[name][-1]):
            raise ValueError(f"its {name!r} is {str(value)[:60]!r}; it must be a number from {NUMBERS[name][0]} to {NUMBERS[name][-1]}")
        if name in ("mean", "std"):
            usable = isinstance(value, list) and len(value) == 3 and all(type(v) in (int, float) and abs(v) < 1e6 for v in value)
            if not usable or (name == "std" and 0 in value):
                raise ValueError(f"its {name!r} is {str(value)[:60]!r}; it must be three numbers" + (", none of them 0" if name == "std" else ""))
            known[name] = tuple(value)
    return Input(**known)


class BroughtNetwork:
    """The network behind an ONNX or TFLite file.

    Args:
        path: the file.
        wants: how it wants its pictures.
        num_classes: how many classes it tells apart; of two, one output is made.

    Raises:
        ValueError: if the file cannot be run, or gives nothing that fits, saying why.
        RuntimeError: if the package that runs it is not installed.
    """

    def __init__(self, path: Path, wants: Input, num_classes: int):
        self.path, self.wants, self.num_classes = path, wants, num_classes
        self._run, (height, width) = (_onnx if path.suffix == ".onnx" else _tflite)(path, wants)
        self.size = (height or wants.height, width or wants.width)
        try:
            self(np.zeros((1, 64, 64, 3), np.uint8))
        except ValueError:
            raise
        except Exception as error:  # ONNX Runtime's and LiteRT's own
            raise ValueError(f"{path.name} cannot be run: {str(error)[:200]}") from error

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(N, h, w, 3) uint8 to logits (N, h, w, C) float32."""
        return np.stack([self._one(image) for image in images])

    def _one(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        tall, wide = (side or -(-own // MULTIPLE) * MULTIPLE for side, own in zip(self.size, (height, width), strict=True))
        factor = min(tall / height, wide / width) if all(self.size) else 1.0
        shown = (min(max(round(height * factor), 1), tall), min(max(round(width * factor), 1), wide))
        logits = self._logits(self._run(prepared(image, shown, (tall, wide), self.wants)))
        logits = cv2.resize(logits, (wide, tall), interpolation=cv2.INTER_LINEAR).reshape(tall, wide, -1)[: shown[0], : shown[1]]
        return cv2.resize(np.ascontiguousarray(logits), (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, -1)

    def _logits(self, output: np.ndarray) -> np.ndarray:
        """What the network gave to (h, w, C) float32."""
        try:
            return as_logits(output, self.num_classes, self.wants)
        except ValueError as error:
            raise ValueError(f"{self.path.name} {error}") from error


def prepared(image: np.ndarray, shown: tuple[int, int], size: tuple[int, int], wants: Input) -> np.ndarray:
    """(H, W, 3) uint8 to the (1, h, w, 3) or (1, 3, h, w) float32 that the network takes: the picture at ``shown``, grey beside it up to ``size``."""
    picture = cv2.resize(image, shown[::-1], interpolation=cv2.INTER_AREA if shown < image.shape[:2] else cv2.INTER_LINEAR)
    padded = np.pad(picture, ((0, size[0] - shown[0]), (0, size[1] - shown[1]), (0, 0)), constant_values=127)
    channels = padded[..., ::-1] if wants.channels == "BGR" else padded
    values = (channels.astype(np.float32) / wants.divide - np.array(wants.mean, np.float32)) / np.array(wants.std, np.float32)
    return np.ascontiguousarray(values[None] if wants.layout == "NHWC" else values.transpose(2, 0, 1)[None], np.float32)


def as_logits(output: np.ndarray, num_classes: int, wants: Input) -> np.ndarray:
    """What a network gives of one picture to logits (h, w, C) float32: of two classes one, of more one each.

    Args:
        output: (1, C, h, w) or (1, h, w, C) logits or probabilities, or class ids (1, h, w), (1, 1, h, w) or (1, h, w, 1).

    Raises:
        ValueError: if the shape fits nothing.
    """
    possible = {2: {1, 2, 3} if wants.counted else {1, 2}}.get(num_classes, {num_classes})
    axes = (2, 0) if wants.layout == "NHWC" else (0, 2)
    array = output[0] if output.ndim >= 3 and output.shape[0] == 1 else output
    if np.issubdtype(array.dtype, np.integer) and array.size == np.prod(sorted(array.shape)[-2:]):
        ids = array.reshape([side for side in array.shape if side > 1] or [1, 1])
        scores = SURE * (ids[..., None] == np.arange(num_classes)).astype(np.float32)
    elif array.ndim == 3 and (axis := next((axis for axis in axes if array.shape[axis] in possible and array.dtype.kind == "f"), None)) is not None:
        scores = np.moveaxis(array, axis, 2).astype(np.float32)
        if wants.gives == "probabilities":
            share = np.clip(scores, LEAST, 1 - LEAST)
            scores = np.log(share / (1 - share)) if scores.shape[2] == 1 else np.log(share)
    else:
        wanted = " or ".join(map(str, sorted(possible)))
        needed = f"{num_classes} classes need (1, {wanted}, h, w), (1, h, w, {wanted}) or class ids"
        raise ValueError(f"gives {output.dtype} of the shape {tuple(output.shape)}; {needed}")
    if not np.isfinite(scores).all():
        raise ValueError("gives numbers that are not finite")
    if num_classes == 2 and scores.shape[2] > 1:
        return (np.logaddexp.reduce(scores[..., 1:], axis=2) - scores[..., 0])[..., None]
    return np.ascontiguousarray(scores)


def _onnx(path: Path, wants: Input) -> tuple[Run, tuple[int, int]]:
    if not has("onnxruntime"):
        raise RuntimeError(lacking("onnxruntime", f"{path.name}"))
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own kinds of errors are not part of its interface
        raise ValueError(f"{path.name} is no network that ONNX Runtime can run: {str(error)[:200]}") from error
    taken, given = session.get_inputs()[0], session.get_outputs()[0].name
    if len(session.get_inputs()) != 1 or taken.type != "tensor(float)" or len(taken.shape) != 4:
        raise ValueError(f"{path.name} takes {len(session.get_inputs())} inputs, the first {taken.type} {taken.shape}; {ONE_INPUT}")
    sides = [side if isinstance(side, int) else 0 for side in taken.shape]
    return lambda picture: session.run([given], {taken.name: picture})[0], _sides(sides, wants)


def _tflite(path: Path, wants: Input) -> tuple[Run, tuple[int, int]]:
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(str(path), num_threads=cores())
        interpreter.allocate_tensors()
    except Exception as error:
        raise ValueError(f"{path.name} is no network that LiteRT can run: {str(error)[:200]}") from error
    (taken, *others), given, running = interpreter.get_input_details(), interpreter.get_output_details()[0], threading.Lock()
    if others or taken["dtype"] != np.float32 or len(taken["shape"]) != 4:
        kind = np.dtype(taken["dtype"]).name
        raise ValueError(f"{path.name} takes {1 + len(others)} inputs, the first {kind} {taken['shape']}; {ONE_INPUT}")

    def run(picture: np.ndarray) -> np.ndarray:
        with running:
            interpreter.resize_tensor_input(taken["index"], picture.shape)
            interpreter.allocate_tensors()
            interpreter.set_tensor(taken["index"], picture)
            interpreter.invoke()
            return interpreter.get_tensor(given["index"])

    signature = [int(side) if side > 0 else 0 for side in taken.get("shape_signature", taken["shape"])]
    return run, _sides(signature, wants)


def _sides(shape: list[int], wants: Input) -> tuple[int, int]:
    """Height and width of what the network takes; 0 where any will do. ValueError if the channels stand elsewhere."""
    height, width, channels = (shape[1], shape[2], shape[3]) if wants.layout == "NHWC" else (shape[2], shape[3], shape[1])
    elsewhere = shape[1] if wants.layout == "NHWC" else shape[3]
    if channels not in (0, 3) or (channels == 0 and elsewhere == 3):
        raise ValueError(f"the network takes {shape}, which is not {wants.layout} with three channels")
    return height, width
