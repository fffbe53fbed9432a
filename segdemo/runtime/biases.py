"""What int8 shifts on average, taken back in the biases of the convolutions (Nagel et al. 2019, section 4.2, https://arxiv.org/abs/1906.04721).

Depthwise convolutions are what int8 costs MobileNets: their channels differ most in range, and what is rounded does not cancel out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from tensorflow.lite.python import schema_py_generated as schema

CONVOLUTIONS = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D)


class Convolution(NamedTuple):
    """The numbers of its tensors in the file."""

    picture: int
    kernel: int
    bias: int
    output: int


def corrected(quantized: bytes, exact: bytes, inputs: Sequence[np.ndarray]) -> bytes:
    """Shifts the biases, one convolution after the other, until each channel's mean is that of the network in float32.

    Args:
        quantized: a LiteRT file in int8.
        exact: the same network in float32, from the same converter.
        inputs: what both are shown, (1, H, W, C) float32 each.
    """
    content = np.frombuffer(quantized, np.uint8).copy()
    graph = schema.Model.GetRootAs(quantized, 0).Subgraphs(0)
    wanted = _means(exact, [each.output for each in _convolutions(exact)], inputs)
    for (picture, kernel, bias, output), mean in zip(_convolutions(quantized), wanted, strict=True):
        (found,) = _means(content.tobytes(), [output], inputs)
        unit = graph.Tensors(picture).Quantization().ScaleAsNumpy() * graph.Tensors(kernel).Quantization().ScaleAsNumpy()
        start, size = place(quantized, graph.Tensors(bias).Buffer())
        content[start : start + size].view(np.int32)[:] += np.round((mean - found) / unit).astype(np.int32)
    return content.tobytes()


def place(content: bytes, buffer: int) -> tuple[int, int]:
    """Where a constant lies in the file, and how many bytes it has."""
    found = schema.Model.GetRootAs(content, 0).Buffers(buffer)
    return found._tab.Vector(found._tab.Offset(4)), found.DataLength()  # of the field `data`


def kind_of(model: schema.Model, operator: schema.Operator) -> int:
    """Which of `schema.BuiltinOperator` it is."""
    code = model.OperatorCodes(operator.OpcodeIndex())
    return max(code.BuiltinCode(), code.DeprecatedBuiltinCode())


def _convolutions(content: bytes) -> list[Convolution]:
    model = schema.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    found = (graph.Operators(i) for i in range(graph.OperatorsLength()))
    return [Convolution(each.Inputs(0), each.Inputs(1), each.Inputs(2), each.Outputs(0)) for each in found if kind_of(model, each) in CONVOLUTIONS]


def _means(content: bytes, outputs: Sequence[int], inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of each channel of these tensors, over all inputs."""
    interpreter = Interpreter(model_content=content, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    details = {each["index"]: each for each in interpreter.get_tensor_details()}
    sums = [np.zeros(details[output]["shape"][3]) for output in outputs]
    for picture in inputs:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
        interpreter.invoke()
        for total, output in zip(sums, outputs, strict=True):
            scale, zero = details[output]["quantization"]  # (0, 0) in float32
            values = interpreter.get_tensor(output).astype(np.float64)
            total += (((values - zero) * scale) if scale else values).mean(axis=(0, 1, 2))
    return [total / len(inputs) for total in sums]
