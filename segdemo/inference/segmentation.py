"""Picture in, segmentation out: the one place where logits become a mask and its confidence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image

from segdemo.images import read_image
from segdemo.inference.areas import Area, canvas_size, compose
from segdemo.inference.instances import borders, object_logits, separate
from segdemo.inference.shown import html_of
from segdemo.inference.statistics import ClassStatistics, class_statistics
from segdemo.runtime.cores import cores
from segdemo.tasks import Task

Result = TypeVar("Result")
Network = Callable[[np.ndarray], np.ndarray]
"""A batch of pictures (N, h, w, 3) uint8 -> logits (N, h, w, C) float32, for h and w from 32."""

Locator = Callable[[np.ndarray], tuple[Area, ...]]
"""A picture (H, W, 3) uint8 -> the areas that the network is to see, the largest first; none if there is nothing of its kind."""

SMALLEST_SIDE = 32
STRIP = 50_000  # pixels of a picture that are decided at once


@dataclass(frozen=True)
class Segmentation:
    """The result for one picture of height H and width W.

    Attributes:
        image: (H, W, 3) uint8 RGB, the picture as decoded.
        mask: (H, W) uint8 class ids.
        confidence: (H, W) float32 in [0, 1], the probability of the class in the mask.
        task: names and colours of the class ids.
        logits: (h, w, C) float32, one a class, at the working size, divided by the temperature.
        instances: of a countable task, (H, W) int32 object ids, 1 to N, 0 = none; otherwise None.
        timings: seconds spent in each step: "decode", "load" (of the network, for the first picture of a size), "network", "labels".
        usual_confidence: what `found_confidence` hardly ever falls below on pictures like those the model was trained on.
        suggestions: where the task was chosen by itself, how probable each is; see `segdemo.suggest`.
        located: of a task that looks for faces first, the areas that the network saw, the largest first; empty if no face was found and it saw
            the whole picture. Outside of them is background, of which it is certain, for nobody looked there. Otherwise None.
    """

    image: np.ndarray
    mask: np.ndarray
    confidence: np.ndarray
    task: Task
    logits: np.ndarray
    instances: np.ndarray | None = None
    timings: dict[str, float] = field(default_factory=dict)
    usual_confidence: float = 0.0
    suggestions: tuple[tuple[str | None, float], ...] = ()
    located: tuple[Area, ...] | None = None

    def __repr__(self) -> str:
        found = sorted((s for s in self._statistics if s.pixels), key=lambda s: -s.pixels)
        return f"<Segmentation {self.mask.shape[1]}x{self.mask.shape[0]}: {', '.join(f'{s.name} {s.share:.1%}' for s in found)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return html_of(self)

    @cached_property
    def mean_confidence(self) -> float:
        """Over all pixels."""
        return float(self.confidence.mean())

    @cached_property
    def found_confidence(self) -> float:
        """Over the pixels of all classes but the background, of which a model is sure wherever it knows nothing; 1 if there are none."""
        background = self.task.background_id
        found = self.confidence if background is None else self.confidence[self.mask != background]
        return float(found.mean()) if found.size else 1.0

    @property
    def unfamiliar(self) -> bool:
        """Whether the picture is hardly of the kind that the model was trained on: it is less sure of what it finds than usual, or nothing was located."""
        if self.located is not None:
            return not self.located
        return self.found_confidence < self.usual_confidence

    @property
    def located_boxes(self) -> list[tuple[int, int, int, int]] | None:
        """`located` as plain numbers: (top, bottom, left, right) of each area."""
        return None if self.located is None else [astuple(area) for area in self.located]

    @property
    def entropy(self) -> np.ndarray:
        """(H, W) float32 in [0, 1]: Shannon's entropy of the class probabilities over that of a guess, log C.

        0 where one class is certain, 1 where all are as likely; computed at the working size and enlarged.
        """
        return np.clip(cv2.resize(self.working_entropy, self.mask.shape[::-1], interpolation=cv2.INTER_LINEAR), 0, 1)

    @cached_property
    def working_entropy(self) -> np.ndarray:
        """(h, w) float32: `entropy` at the working size."""
        shifted = np.ascontiguousarray(self.logits.transpose(2, 0, 1))  # planes: many times faster
        shifted -= shifted.max(axis=0)
        odds = np.exp(shifted)
        total = odds.sum(axis=0)
        return (np.log(total) - (odds * shifted).sum(axis=0) / total) / math.log(len(shifted))

    @property
    def separated(self) -> np.ndarray:
        """(H, W) uint8: the mask, with a gap of background between objects that touch; to be looked at, not measured."""
        return self.separated_at(self.mask.shape)

    def separated_at(self, size: tuple[int, ...]) -> np.ndarray:
        """`separated` at another (height, width): decided there from the logits, so that its borders are as smooth as that size allows."""
        height, width = size
        mask = self.mask if size == self.mask.shape else labels(self.logits, (height, width))[0]
        if self.instances is None:
            return mask
        return np.where(borders(enlarge(self.instances, mask)), 0, mask).astype(np.uint8)

    def statistics(self) -> list[ClassStatistics]:
        """One record a class, in id order; see `statistics.class_statistics`."""
        return list(self._statistics)

    @cached_property
    def _statistics(self) -> list[ClassStatistics]:
        return class_statistics(self.mask, self.confidence, self.task, self.instances)


class Segmenter:
    """A network and the task it was trained for; call it with a picture.

    Args:
        network: see `Network`.
        task: gives the classes and the working size.
        model: the architecture's name.
        temperature: by which the logits are divided, so that the confidence is neither boastful nor shy (Guo et al.
            2017, section 4.2); it never changes the mask.
        runtime: the name of what runs the network; see `segdemo.runtime`.
        usual_confidence: see `Segmentation`; 0 if unknown.
        locator: finds what the network is to see; None if that is the whole picture.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        model: str = "",
        temperature: float = 1.0,
        runtime: str = "",
        usual_confidence: float = 0.0,
        locator: Locator | None = None,
    ):
        self.network, self.task, self.model, self.temperature, self.runtime = network, task, model, temperature, runtime
        self.usual_confidence, self.locator = usual_confidence, locator

    def __call__(self, image: str | Path | bytes | Image.Image | np.ndarray) -> Segmentation:
        """Segments one picture.

        Args:
            image: a path, an encoded file's bytes, a PIL image, or a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.

        Raises:
            ImageError: (a ValueError) if the picture cannot be read; see `images.read_image`.
        """
        picture, decode = timed(read_image, image)
        located, search = timed(self.locate, picture)
        _, load = timed(self.load, picture, located)
        outputs, network = timed(self.logits, picture, located)
        return self.decide(picture, outputs, {"decode": decode, "load": load, "network": search + network}, located)

    def locate(self, image: np.ndarray) -> tuple[Area, ...] | None:
        """The areas of (H, W, 3) uint8 that the network is to see; see `Segmentation.located`."""
        return self.locator(image) if self.locator else None

    def load(self, image: np.ndarray, located: tuple[Area, ...] | None = None) -> None:
        """Readies the network for pictures of this one's size, or of the first area's, if it has anything to do beforehand."""
        if ready := getattr(self.network, "load", None):
            ready(*seen_size((located or (whole(image),))[0], image, self.task.pixels))

    def logits(self, image: np.ndarray, located: tuple[Area, ...] | None = None) -> np.ndarray:
        """(H, W, 3) uint8 to what the network says at the working size, (h, w, outputs) float32.

        Args:
            located: the areas that it is to see one by one; if there are none, the whole picture. The logits of the picture are then as fine
                as those of its smallest area, but for very large pictures; see `areas.compose`.
        """
        areas = located or (whole(image),)
        parts = [(area, self.network(resize(image[area.slices], seen_size(area, image, self.task.pixels))[None])[0]) for area in areas]
        if areas == (whole(image),):
            return parts[0][1]
        size, background = image.shape[:2], self.task.background_id
        assert background is not None
        least = working_size(size[0], size[1], self.task.pixels)
        return compose(parts, size, canvas_size(size, [(area, logits.shape[:2]) for area, logits in parts], least), background)

    def decide(self, image: np.ndarray, outputs: np.ndarray, timings: dict[str, float], located: tuple[Area, ...] | None = None) -> Segmentation:
        """The picture (H, W, 3) uint8 and its `logits` to the result; ``timings`` are the seconds of the steps before."""
        start = time.perf_counter()
        logits = class_logits(outputs, self.task) / np.float32(self.temperature)
        mask, confidence = labels(logits, image.shape[:2])
        instances = enlarge(separate(outputs), mask) if self.task.countable else None
        timings = {**timings, "labels": time.perf_counter() - start}
        return Segmentation(image, mask, confidence, self.task, logits, instances, timings, self.usual_confidence, located=located)


def timed(function: Callable[..., Result], *arguments: object) -> tuple[Result, float]:
    """(what the function returns, the seconds it took)."""
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def class_logits(logits: np.ndarray, task: Task) -> np.ndarray:
    """(h, w, outputs) float32, as a network of ``task`` gives them, to (h, w, classes): of a binary task, one or three become two."""
    if task.countable:
        return object_logits(logits)
    if task.num_outputs == 1:  # a sigmoid is a softmax over (0, logit)
        return np.concatenate([np.zeros_like(logits), logits], axis=2)
    return logits


def working_size(height: int, width: int, pixels: int) -> tuple[int, int]:
    """The (height, width) at which the network sees a picture: of the picture's shape, and about ``pixels`` in area.

    A picture within a tenth of the right scale is left as it is: resampling would only blur it. No side is below 32.
    """
    scale = math.sqrt(pixels / (height * width))
    if 0.9 <= scale <= 1.1:
        scale = 1.0
    # A very long and thin picture stays within twice the area once its short side is raised to 32.
    longest = 2 * pixels // SMALLEST_SIDE
    height, width = (min(max(round(side * scale), SMALLEST_SIDE), longest) for side in (height, width))
    return height, width


def as_seen(image: np.ndarray, pixels: int) -> np.ndarray:
    """(H, W, 3) uint8 as the network of a task of so many ``pixels`` sees it: at its `working_size`."""
    return resize(image, working_size(image.shape[0], image.shape[1], pixels))


def whole(image: np.ndarray) -> Area:
    """All of (H, W, 3)."""
    return Area(0, image.shape[0], 0, image.shape[1])


def seen_size(area: Area, image: np.ndarray, pixels: int) -> tuple[int, int]:
    """The (height, width) at which the network sees an area: the `working_size` of a whole picture; of a part always about ``pixels``, in steps of 32.

    Heads of all sizes then share one interpreter.
    """
    if area == whole(image):
        return working_size(area.height, area.width, pixels)
    scale = math.sqrt(pixels / (area.height * area.width))
    height, width = (max(round(side * scale / SMALLEST_SIDE), 1) * SMALLEST_SIDE for side in (area.height, area.width))
    return height, width


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 to (height, width, 3): area means when shrinking, bilinear when enlarging."""
    height, width = size
    if image.shape[:2] == (height, width):
        return image
    shrinks = height * width < image.shape[0] * image.shape[1]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def labels(logits: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Resizes the logits, never the mask, and decides.

    Args:
        logits: (h, w, C) float32, one a class.
        size: (H, W) of the picture.

    Returns:
        mask (H, W) uint8, the most probable class, and confidence (H, W) float32, its softmax probability.
    """
    height, width = size
    mask = np.zeros((height, width), np.uint8)
    confidence = np.empty((height, width), np.float32)
    # In strips that stay in the processor's cache, one plane a class: many times faster than all at once, and a picture
    # of 50 megapixels does not need C times 200 MB. NumPy and OpenCV let other threads run meanwhile.
    rows = np.arange(height)
    strip = max(1, STRIP // width)

    def decide(top: int) -> None:
        planes = resize_rows(logits, rows[top : top + strip], height, width)
        ids = mask[top : top + strip]
        best = planes[0].copy()
        for c in range(1, len(planes)):
            np.copyto(ids, np.uint8(c), where=planes[c] > best)
            np.maximum(best, planes[c], out=best)
        planes -= best
        np.exp(planes, out=planes)
        np.divide(1, planes.sum(axis=0), out=confidence[top : top + strip])

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(decide, range(0, height, strip)))
    return mask, confidence


def enlarge(instances: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(h, w) object ids at the working size to the mask's (H, W), 0 where the mask is background."""
    height, width = mask.shape
    large = cv2.resize(instances, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return large * (mask > 0)


def resize_logits(logits: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w, C) float32 to (H, W, C), bilinearly."""
    return np.moveaxis(resize_rows(logits, np.arange(size[0]), *size), 0, 2)


def resize_rows(logits: np.ndarray, rows: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear resize (half-pixel centres) of (h, w, C) to planes (C, height, width), of which only ``rows`` are made."""
    h, w = logits.shape[:2]
    if (h, w) == (height, width):
        return np.ascontiguousarray(logits[rows].transpose(2, 0, 1))
    y = np.clip((rows + 0.5) * h / height - 0.5, 0, h - 1)
    low = np.floor(y).astype(int)
    part = (y - low).astype(np.float32)[:, None, None]
    lines = logits[low] * (1 - part) + logits[np.minimum(low + 1, h - 1)] * part
    return np.stack([cv2.resize(lines[..., c], (width, len(rows)), interpolation=cv2.INTER_LINEAR) for c in range(logits.shape[2])])
