"""A frozen backbone by LiteRT, for pictures of any size."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from segdemo.runtime.cores import cores


def sizes(content: bytes) -> list[tuple[int, int, int]]:
    """Where in the file an int32 is the height (axis 0) or width (axis 1) of a picture over a stride: (offset, axis, stride)."""
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.Model.GetRootAs(content, 0).Subgraphs(0)
    tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
    sides = graph.Tensors(graph.Inputs(0)).ShapeAsNumpy().tolist()
    return [
        (each._tab.Vector(each._tab.Offset(4)) + 4 * place, place - 1, sides[place] // each.Shape(place))
        for each in tensors
        if each.ShapeLength() == 4 and each.Shape(1) >= sides[1] // LiteRTBackbone.MULTIPLE  # no kernel is as large as a map
        for place in (1, 2)  # of a shape (1, height, width, channels)
    ]


class LiteRTBackbone:
    """The features of a network that `training.features` wrote.

    Args:
        path: of its ``.tflite``: (1, H, W, 3) float32, RGB as (x - 127) / 128, to feature maps of several strides.
        shuffled: (offset, bytes) of each tensor of float16 in it whose numbers are shuffled, so that nothing is left of what it has learned.
    """

    MULTIPLE = 16  # the coarsest stride: sides are padded to multiples of it

    def __init__(self, path: Path, shuffled: Sequence[tuple[int, int]] = ()):
        from ai_edge_litert.interpreter import Interpreter

        content, rng = np.fromfile(path, np.uint8), np.random.default_rng(0)
        for offset, size in shuffled:
            rng.shuffle(content[offset : offset + size].view(np.float16))
        self._interpreter = Interpreter(model_content=content.tobytes(), num_threads=cores())
        self._ready_for: tuple[int, ...] = ()
        self._running = threading.Lock()

    def __call__(self, image: np.ndarray) -> list[np.ndarray]:
        """(h, w, 3) uint8 to (h' / stride, w' / stride, C) float32, the finest first, where h' and w' are h and w padded with black at the bottom and right."""
        height, width = image.shape[:2]
        padded = np.zeros((1, height + -height % self.MULTIPLE, width + -width % self.MULTIPLE, 3), np.float32)
        padded[0, :height, :width] = (image - np.float32(127)) / 128
        with self._running:
            taken = self._interpreter.get_input_details()[0]["index"]
            if self._ready_for != padded.shape:
                self._interpreter.resize_tensor_input(taken, padded.shape)
                self._interpreter.allocate_tensors()
                self._ready_for = padded.shape
            self._interpreter.set_tensor(taken, padded)
            self._interpreter.invoke()
            given = [self._interpreter.get_tensor(each["index"])[0] for each in self._interpreter.get_output_details()]
        return sorted(given, key=lambda each: -each.shape[0])
