"""What frozen networks see in a picture, as maps that a classifier reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

Backbone = Callable[[np.ndarray], list[np.ndarray]]
"""A picture (h, w, 3) uint8 -> feature maps, the finest first, each of a whole stride over the picture padded at the bottom and right."""

Scores = Callable[[np.ndarray], np.ndarray]
"""A picture (h, w, 3) uint8 -> what another network says of it (h', w', C) float32, over the whole picture."""

COARSER = 4  # as often a network's scores are shrunk: they were enlarged by as much


@dataclass(frozen=True)
class Map:
    """A feature map: ``values`` (h, w, C) float32, of which (rows, columns) cells lie over the picture; the others over what it was padded with."""

    values: np.ndarray
    over: tuple[float, float]

    def places(self, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places in shares of the picture's sides as (row, column) among the cells, whose middles are whole numbers."""
        return y * self.over[0] - 0.5, x * self.over[1] - 0.5

    def at(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """(N, C) at places in shares of the picture's sides (N,), between the cells bilinearly."""
        rows, columns = self.places(y, x)
        (top, bottom, down), (left, right, along) = _between(rows, self.values.shape[0]), _between(columns, self.values.shape[1])
        upper = self.values[top, left] * (1 - along) + self.values[top, right] * along
        lower = self.values[bottom, left] * (1 - along) + self.values[bottom, right] * along
        return upper * (1 - down) + lower * down

    def over_all(self, size: tuple[int, int]) -> np.ndarray:
        """(height, width, C): enlarged over the picture, bilinearly."""
        if self.values.shape[:2] == self.over == size:
            return self.values
        height, width = size
        enlarged = cv2.resize(self.values, None, fx=width / self.over[1], fy=height / self.over[0], interpolation=cv2.INTER_LINEAR)
        return enlarged.reshape(*enlarged.shape[:2], -1)[:height, :width]

    @cached_property
    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """The means of the values and of their squares, (C,) float64 each; found once, for every stroke asks."""
        return self.values.mean(axis=(0, 1), dtype=np.float64), np.square(self.values).mean(axis=(0, 1), dtype=np.float64)


def _between(places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells before and after each place, and how far it is from the first, (N, 1)."""
    places = np.clip(places, 0, count - 1)
    first = np.floor(places).astype(int)
    return first, np.minimum(first + 1, count - 1), (places - first).astype(np.float32)[:, None]


class Eye:
    """All that is seen of a picture; call it with one.

    Args:
        backbone: see `Backbone`.
        scores: of networks whose answers are features too, see `Scores`.
        made_of: what the networks are, so that a classifier is not used with others than it learned with.
    """

    def __init__(self, backbone: Backbone, scores: Sequence[Scores] = (), made_of: str = ""):
        self.backbone, self.scores, self.made_of = backbone, tuple(scores), made_of

    def __call__(self, image: np.ndarray) -> tuple[Map, ...]:
        """(h, w, 3) uint8 to its maps: the colours (CIELAB, lightness first, 0-255), the backbone's features, the scores."""
        height, width = image.shape[:2]
        seen = [Map(cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32), (height, width))]
        for values in self.backbone(image):
            stride = 2 ** np.ceil(np.log2(max(height / values.shape[0], 1)))  # less than it where the last cells lie over padding
            seen.append(Map(values, (height / stride, width / stride)))
        for network in self.scores:
            values = network(image)
            size = (max(values.shape[1] // COARSER, 1), max(values.shape[0] // COARSER, 1))
            small = np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in np.moveaxis(values, 2, 0)], axis=2)
            seen.append(Map(small, small.shape[:2]))
        return tuple(seen)
