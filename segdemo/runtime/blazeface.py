"""BlazeFace, full range: a small network that finds faces (Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047)."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from segdemo.runtime.cores import cores

SIDE = 192  # of the square picture that it takes
CELLS = 48  # along it: one face a cell at most


class BlazeFace:
    """Google's network as MediaPipe ships it, run by LiteRT.

    Args:
        path: of its ``.tflite``.
    """

    def __init__(self, path: Path):
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_path=str(path), num_threads=cores())
        self._interpreter.allocate_tensors()
        self._running = threading.Lock()
        y, x = np.mgrid[:CELLS, :CELLS].reshape(2, -1) + 0.5
        self._centres = np.stack([x, y], axis=1) / CELLS

    def __call__(self, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(192, 192, 3) uint8 to faces (N, 4) float64 of left, top, right, bottom in shares of the side, and their scores (N,) in 0-1, N = 2304."""
        with self._running:
            taken = self._interpreter.get_input_details()[0]["index"]
            self._interpreter.set_tensor(taken, np.float32(square[None] / 127.5 - 1))
            self._interpreter.invoke()
            given = [self._interpreter.get_tensor(each["index"])[0] for each in self._interpreter.get_output_details()]
        places, scores = sorted(given, key=lambda each: -each.shape[1])
        centres, halves = places[:, :2] / SIDE + self._centres, places[:, 2:4] / SIDE / 2
        return np.concatenate([centres - halves, centres + halves], axis=1), 1 / (1 + np.exp(-np.clip(scores[:, 0], -80, 80)))
