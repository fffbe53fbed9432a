"""From a Keras model to a LiteRT file that takes any size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from segdemo.runtime.biases import corrected, kind_of, place
from segdemo.runtime.litert import arranged
from segdemo.runtime.storage import LARGE

LOOKED_AT = 20  # of the pictures, for the biases
HEIGHT, WIDTH = 288, 384  # at which it is converted: two different sides, so that a constant tells which of them it came from


def convert(model: keras.Model, weights: Path | None, path: Path, pictures: Iterable[np.ndarray] | None = None) -> None:
    """Writes what lies between the layers "pad" and "logits" of one of `segdemo.models`; LiteRT's runtime pads and crops.

    The file holds (numpy.savez): ``content``, a LiteRT model from the padded picture (1, H, W, 3) float32 in [-1, 1] to
    logits (1, H, W, C), converted for one size; ``places`` (n, 3), where in it a constant or a shape depends on the size, as
    (offset, axis, stride): the int32 there is the padded picture's height (axis 0) or width (1) over the stride; ``multiple``,
    of which the padded sides are multiples; and, so that no number is stored twice, for each large kernel its ``offsets`` in
    the content, where zeros stand for it, its ``names`` in ``weights``, its ``layouts``, and the ``scale_<i>`` of the batch
    norm folded into it.

    Args:
        model: trained; it holds the numbers of ``weights``.
        weights: the ``.weights.h5`` that will lie beside the file; None puts every number into the file.
        path: what is written, ``.npz``.
        pictures: (h, w, 3) uint8 RGB, of the training split, at the working size. With their middles the network is quantised to int8, a scale for
            each channel of a kernel, and for each activation by what it was on these pictures (Jacob et al. 2018,
            section 3); then the biases are corrected. Without, everything computes in float32.
    """
    core = keras.Model(model.get_layer("pad").output, model.get_layer("logits").input[0])
    core = keras.models.clone_model(core, clone_function=lambda layer: Shuffled(layer) if _is_shuffle(layer) else layer)
    function = tf.function(lambda x: core(x, training=False), input_signature=[tf.TensorSpec((1, HEIGHT, WIDTH, 3), tf.float32)])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(function.get_concrete_function())])
    written = converter.convert() if pictures is None else _quantized(converter, [*pictures])
    content = np.frombuffer(written, np.uint8).copy()
    places = _places(content.tobytes())
    kernels = _take_out_kernels(content, model, weights) if weights else []
    scales: dict[str, Any] = {f"scale_{i}": k.scale for i, k in enumerate(kernels)}
    np.savez_compressed(
        path,
        content=content,
        places=np.array(places),
        multiple=model.get_layer("pad").multiple,
        offsets=np.array([k.offset for k in kernels], int),
        names=np.array([k.name for k in kernels], str),
        layouts=np.array([k.layout for k in kernels], str),
        **scales,
    )


def _is_shuffle(layer: keras.Layer) -> bool:
    """Whether it is a transposed convolution whose filters do not overlap."""
    return isinstance(layer, keras.layers.Conv2DTranspose) and layer.kernel_size == layer.strides == (2, 2)


class Shuffled(keras.layers.Layer):
    """The same as a transposed convolution of kernel 2 and stride 2, but as XNNPACK is fast at it.

    Each pixel becomes 2x2 by itself: a 1x1 convolution to four times the channels, which then take their places
    (sub-pixel convolution: Shi et al. 2016, https://arxiv.org/abs/1609.05158).
    """

    def __init__(self, transposed: keras.layers.Conv2DTranspose):
        super().__init__(name=transposed.name)
        self.kernel, self.bias = transposed.kernel, transposed.bias

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel = tf.transpose(tf.reshape(self.kernel, (1, 1, -1, inputs.shape[-1])), (0, 1, 3, 2))
        return tf.nn.depth_to_space(tf.nn.conv2d(inputs, kernel, 1, "VALID") + tf.tile(self.bias, [4]), 2)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        n, h, w, _ = input_shape
        return (n, *(None if side is None else 2 * side for side in (h, w)), self.bias.shape[0])


def _quantized(converter: tf.lite.TFLiteConverter, pictures: list[np.ndarray]) -> bytes:
    exact, inputs = converter.convert(), [_window(picture) for picture in pictures]
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: [[each] for each in inputs]
    return corrected(converter.convert(), exact, inputs[:: -(-len(inputs) // LOOKED_AT)])


@dataclass(frozen=True)
class _Kernel:
    """A kernel that lies at ``offset`` in the file, made from the dataset ``name`` as `runtime.litert.arranged` does."""

    offset: int
    name: str
    layout: str
    scale: np.ndarray


def _take_out_kernels(content: np.ndarray, model: keras.Model, weights: Path) -> list[_Kernel]:
    """Finds every large kernel in the file by its numbers, and puts zeros there."""
    floats = {offset: content[offset : offset + size].view(np.float32) for offset, size in _buffers(content.tobytes()) if size >= 4 * LARGE}
    norms = {layer.input._keras_history.operation.name: layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)}
    kernels = []
    with h5py.File(weights) as file:
        datasets = {}
        file.visititems(lambda name, item: datasets.update({name: item[()]}) if isinstance(item, h5py.Dataset) and item.size >= LARGE else None)
        for layer in model.layers:
            kernel = getattr(layer, "kernel", None)
            if kernel is None or kernel.shape.num_elements() < LARGE:
                continue
            kernel = np.asarray(kernel)
            name = next(name for name, value in datasets.items() if value.shape == kernel.shape and np.array_equal(value, kernel))
            transposed = "shuffled" if _is_shuffle(layer) else "transposed"
            layout = {keras.layers.DepthwiseConv2D: "depthwise", keras.layers.Conv2DTranspose: transposed}.get(type(layer), "ordinary")
            scale = np.ones(1, np.float32)
            if norm := norms.get(layer.name):
                scale = np.asarray(norm.gamma) / np.sqrt(np.asarray(norm.moving_variance) + norm.epsilon)
            expected = arranged(kernel, layout, scale)
            found = (o for o, there in floats.items() if there.size == expected.size and np.allclose(there, expected.ravel(), rtol=1e-4, atol=1e-6))
            offset = next(found, None)
            if offset is None:
                continue  # the converter made something else of it: it stays in the file
            floats.pop(offset)[:] = 0
            kernels.append(_Kernel(offset, name, layout, scale))
    return kernels


def _buffers(content: bytes) -> Iterator[tuple[int, int]]:
    """(offset, bytes) of each constant in the file."""
    model = schema.Model.GetRootAs(content, 0)
    return (place(content, i) for i in range(model.BuffersLength()) if model.Buffers(i).DataLength())


def _window(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture, of the size of the conversion, padded and scaled as the runtime does: what is seen at another scale has other activations."""
    top, left = (max(side - window, 0) // 2 for side, window in zip(picture.shape, (HEIGHT, WIDTH), strict=False))
    middle = picture[top : top + HEIGHT, left : left + WIDTH]
    padded = np.zeros((1, HEIGHT, WIDTH, 3), np.float32)
    padded[0, : len(middle), : middle.shape[1]] = middle / np.float32(127.5) - 1
    return padded


# Operators whose constants hold a size: which of their inputs it is, and where the height stands in it.
_SIZED = {
    schema.BuiltinOperator.RESIZE_BILINEAR: (1, 0),
    schema.BuiltinOperator.TRANSPOSE_CONV: (0, 1),
    schema.BuiltinOperator.BROADCAST_TO: (1, 1),
}


def _places(content: bytes) -> list[tuple[int, int, int]]:
    """Where a size stands: in a constant, or in the shape of a feature map.

    The interpreter could find the shapes out itself, but XNNPACK takes a transposed convolution only if they are known.
    """
    model = schema.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    places = set()

    def add(start: int, sizes: np.ndarray) -> None:
        for axis, (side, size) in enumerate(zip((HEIGHT, WIDTH), sizes.tolist(), strict=True)):
            if size > 1:  # 1 is the mean over the whole map
                places.add((start + 4 * axis, axis, side // size))

    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        if (kind := kind_of(model, operator)) in _SIZED:
            which, first = _SIZED[kind]
            buffer = tensors[operator.Inputs(which)].Buffer()
            add(place(content, buffer)[0] + 4 * first, model.Buffers(buffer).DataAsNumpy().view(np.int32)[first : first + 2])
    for tensor in tensors:
        if not model.Buffers(tensor.Buffer()).DataLength() and tensor.ShapeLength() == 4:
            add(tensor._tab.Vector(tensor._tab.Offset(4)) + 4, tensor.ShapeAsNumpy()[1:3])
    return sorted(places)
