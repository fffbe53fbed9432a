"""Which task fits a picture, or none: what a small network of its own says, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from segdemo.images import read_image, shrink
from segdemo.inference.segmentation import Locator, Network, Segmentation, Segmenter, resize, timed
from segdemo.tasks import TASKS

SIDE = 192  # pixels of the square that a picture is brought to for the network
LONGEST = 320  # pixels of the longest side of a picture in which a face is looked for
DOUBTED = 0.05  # a chosen task that is less probable than this is hardly the picture's

Suggestions = list[tuple[str | None, float]]
"""(a task's name, or None for "none of these"; its probability), the most probable first; the probabilities add up to 1."""


class Suggester:
    """The network that suggests a task; call it with a picture.

    Args:
        network: see `segmentation.Network`; its logits (1, 1, 1, tasks + 1) are of ``tasks`` and, last, of none of them.
        tasks: the names of the tasks that it was trained to tell apart. Any other task has the probability 0.
        temperature: by which the logits are divided, so that a probability of 0.8 is right eight times in ten.
        added: to the logits before: a number for all of them, or one each.
        faces: finds faces; where "none" would be first and there is one, it is none of these no longer.
    """

    def __init__(self, network: Network, tasks: Sequence[str], temperature: float = 1.0, added: Sequence[float] | float = 0.0, faces: Locator | None = None):
        self.network, self.tasks, self.temperature, self.added, self.faces = network, tuple(tasks), temperature, np.array(added), faces

    def __call__(self, image: str | Path | bytes | Image.Image | np.ndarray) -> Suggestions:
        """See `segdemo.suggest`."""
        picture = read_image(image)
        logits = (self.logits(picture).astype(np.float64) + self.added) / self.temperature
        if logits.argmax() == len(logits) - 1 and self.has_face(picture):
            logits[-1] = -np.inf
        odds = np.exp(logits - logits.max())
        found = dict(zip((*self.tasks, None), (odds / odds.sum()).tolist(), strict=True))
        return sorted(((name, found.get(name, 0.0)) for name in (*TASKS, None)), key=lambda pair: -pair[1])

    def logits(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 to (tasks + 1,) float32."""
        return self.network(as_suggested(image)[None])[0, 0, 0]

    def has_face(self, image: np.ndarray) -> bool:
        """Whether there is a face in (H, W, 3) uint8; small ones in a large picture are not looked for."""
        return self.faces is not None and bool(self.faces(shrink(image, image[..., 0], LONGEST)[0]))


def as_suggested(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 as the network sees it: (SIDE, SIDE, 3), whatever its shape was."""
    return resize(image, (SIDE, SIDE))


def likeliest_task(suggestions: Suggestions) -> str:
    """The most probable task, also where none of them is more probable."""
    return next(name for name, _ in suggestions if name is not None)


def is_unknown(suggestions: Suggestions) -> bool:
    """Whether the picture belongs to none of the tasks."""
    return suggestions[0][0] is None


def doubted(suggestions: Suggestions, task: str) -> bool:
    """Whether ``task`` is hardly the picture's; of a task that the network does not know, nothing is said."""
    return 0 < dict(suggestions).get(task, 0.0) < DOUBTED


def alternative(suggestions: Suggestions, task: str) -> str | None:
    """The task to try instead of a doubted one; None if none fits."""
    best = suggestions[0][0]
    return best if best != task else None


class AutoSegmenter:
    """Segments each picture with the task that is suggested for it.

    Args:
        suggest: from a picture to its suggestions.
        load: from a task's name to its segmenter.
    """

    def __init__(self, suggest: Callable[[np.ndarray], Suggestions], load: Callable[[str], Segmenter]):
        self.suggest, self.load = suggest, load

    def __call__(self, image: str | Path | bytes | Image.Image | np.ndarray) -> Segmentation:
        """As `Segmenter`; the result's ``task`` is the most probable one, and its ``suggestions`` say how probable it and the others are."""
        picture, decode = timed(read_image, image)
        suggestions, suggest = timed(self.suggest, picture)
        result = self.load(likeliest_task(suggestions))(picture)
        return replace(result, suggestions=tuple(suggestions), timings={**result.timings, "decode": decode, "suggest": suggest})
