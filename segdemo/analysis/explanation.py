"""Why this class here? Two heat maps: Seg-Grad-CAM asks the gradients, occlusion covers the picture bit by bit and looks again.

Seg-Grad-CAM (Vinogradova, Dibrov, Myers 2020, https://arxiv.org/abs/2002.11434) is Grad-CAM (Selvaraju et al. 2017) for a set of
pixels; it needs gradients, so the Keras runtime. Occlusion (Zeiler, Fergus 2014, https://arxiv.org/abs/1311.2901, section 4.2)
needs only the network's answers, from any runtime: slower, but a check that does not lean on the inside of the network.

Where a task looks for faces first, one head is explained: that of the pixels asked about. Elsewhere the maps are 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from segdemo.images import read_image
from segdemo.inference.areas import Area
from segdemo.inference.instances import CORE, RIM
from segdemo.inference.segmentation import Segmenter, class_logits, labels, resize, resize_logits, seen_size, whole
from segdemo.languages import Words
from segdemo.models import ARCHITECTURES
from segdemo.runtime.brought import BroughtNetwork
from segdemo.tasks import Task

Picture = str | Path | bytes | Image.Image | np.ndarray
Where = np.ndarray | tuple[int, int] | None

CAUTION = Words(
    "A heat map shows only roughly, by one method, what raised the model's score. It does not prove that the model is right, or that it has "
    "understood what is there. Another layer or another method may give another map.",
    "热力图只是用某一种方法粗略地显示哪里提高了模型的分数。"
    "它不能证明模型是对的，也不能证明模型理解了图中的内容；换一层或换一种方法，结果可能不同。",
)  # fmt: skip

GREY = 127
CELLS = 8  # squares along the side of a square picture
BATCH = 4  # covered pictures that run at once
ROUNDING = 1e-6  # of float32 sums


def seg_grad_cam(segmenter: Segmenter, image: Picture, class_id: int, where: Where = None, layer: str | None = None) -> np.ndarray:
    """Where the features of a layer speak for a class (equation 1 of the paper, and the ReLU and the map that follow it).

    The logits of the class are summed over a set of pixels M; a channel weighs as much as the mean of this sum's gradient over
    the channel's map; the map is the ReLU of the weighted sum of channels.

    Args:
        segmenter: loaded with ``runtime="keras"``.
        image: see `Segmenter`.
        class_id: the class to explain.
        where: M in the picture: (H, W) bool, or one pixel (y, x), or None for all that the mask gives to the class. A class may be asked for
            where the mask has another.
        layer: a name from `Architecture.layers`, or any other of the model with maps (N, h, w, channels); by default the end of the backbone.

    Returns:
        (H, W) float32, 0 to 1 = its maximum; all 0 if nothing speaks for the class.

    Raises:
        ValueError: if the segmenter does not run on Keras, as no network that was brought as a file does; if there is no such class or layer, or M is
            empty or no part of the picture.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """
    model = getattr(segmenter.network, "model", None)
    if isinstance(segmenter.network, BroughtNetwork):
        told = f"{segmenter.network.path.name} was brought as a file, which has no gradients here, and Grad-CAM needs them."
        raise ValueError(f"{told} Choose a task whose models were trained here, or ask for `regions`, which any network can name.")
    if model is None:
        raise ValueError('Grad-CAM needs gradients, which this runtime does not have: load the model with runtime="keras".')
    from segdemo.runtime.gradients import feature_gradients  # it brings TensorFlow

    layer = _layer(segmenter, model, layer)
    everything = read_image(image)
    area, where = _explained(segmenter, everything, class_id, where)
    image = everything[area.slices]
    seen = resize(image, seen_size(area, everything, segmenter.task.pixels))

    def weigh(logits: np.ndarray) -> np.ndarray:
        chosen = _chosen(where, class_id, logits, segmenter.task, image.shape[:2])
        return chosen[..., None] * _class_weights(logits, class_id, segmenter.task)

    maps, gradient = feature_gradients(model, seen, layer, weigh)
    weights = gradient.mean(axis=(0, 1))
    heat = maps @ weights
    heat[heat < ROUNDING * (abs(maps) @ abs(weights)).max()] = 0  # the ReLU; where channels cancel out, what is left is no evidence either
    heat = resize_logits(_to_seen(heat, model, seen.shape[:2])[..., None], image.shape[:2])[..., 0]
    return _put_back(heat / heat.max() if heat.max() > 0 else heat, area, everything)


def occlusion(
    segmenter: Segmenter,
    image: Picture,
    class_id: int,
    where: Where = None,
    patch: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """How much less probable a class gets when a grey square covers a part of the picture (section 4.2 of the paper).

    The squares lie side by side; the network runs once for each. Where a square covers pixels of M itself, it takes away what they look like,
    elsewhere only what stands around them.

    Args:
        segmenter: of any runtime.
        image, class_id, where: see `seg_grad_cam`.
        patch: about the side of a square, in pixels of the working size; by default such that a square picture has 8x8 of them.
        progress: called with how many squares are done, and of how many.

    Returns:
        (H, W) float32 in [-1, 1]: the drop of the class's mean probability over M, one value a square. Positive: the square spoke for the class.

    Raises:
        ValueError: if there is no such class, or M is empty or no part of the picture.
    """
    if patch is not None and patch < 1:
        raise ValueError(f"patch is {patch}; a square's side is at least one pixel.")
    everything = read_image(image)
    area, where = _explained(segmenter, everything, class_id, where)
    image = everything[area.slices]
    seen = resize(image, seen_size(area, everything, segmenter.task.pixels))
    logits = segmenter.network(seen[None])[0]
    chosen = _chosen(where, class_id, logits, segmenter.task, image.shape[:2])
    before = _mean_probability(logits, class_id, chosen, segmenter)
    heat = np.empty(seen.shape[:2], np.float32)
    cells = _cells(seen.shape[0], seen.shape[1], patch or math.sqrt(heat.size) / CELLS)
    for start in range(0, len(cells), BATCH):
        some = cells[start : start + BATCH]
        covered = np.repeat(seen[None], len(some), axis=0)
        for picture, cell in zip(covered, some, strict=True):
            picture[cell] = GREY
        for cell, logits in zip(some, segmenter.network(covered), strict=True):
            heat[cell] = before - _mean_probability(logits, class_id, chosen, segmenter)
        if progress:
            progress(start + len(some), len(cells))
    return _put_back(cv2.resize(heat, image.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT), area, everything)


def _explained(segmenter: Segmenter, image: np.ndarray, class_id: int, where: Where) -> tuple[Area, Where]:
    """The area of the picture that the network saw with most of the pixels asked about, and ``where`` in it; without such an area, all of both."""
    areas = segmenter.locate(image) or ()
    if where is None:
        if len(areas) < 2:
            return (areas or (whole(image),))[0], None
        asked = segmenter(image).mask == class_id
    else:
        asked = np.asarray(where)
        if asked.shape == (2,) and asked.dtype.kind in "iu":
            y, x = asked.tolist()
            area = next((area for area in areas if area.has(y, x)), None)
            return (area, (y - area.top, x - area.left)) if area else (whole(image), where)
        if asked.shape != image.shape[:2]:
            return whole(image), where
    area = max(areas, key=lambda area: np.count_nonzero(asked[area.slices]), default=whole(image))
    if where is not None and not asked[area.slices].any():
        return whole(image), where
    return area, None if where is None else asked[area.slices]


def _put_back(heat: np.ndarray, area: Area, image: np.ndarray) -> np.ndarray:
    """The map of an area as one of the picture, 0 around it."""
    if area == whole(image):
        return heat
    around = np.zeros(image.shape[:2], heat.dtype)
    around[area.slices] = heat
    return around


def _layer(segmenter: Segmenter, model: Any, layer: str | None) -> str:
    """The name of a layer that is there and has maps."""
    offered = list(ARCHITECTURES[segmenter.model].layers) if segmenter.model in ARCHITECTURES else []
    if layer is None and not offered:
        raise ValueError(f"No layer is known for the model {segmenter.model!r}: name one of its layers.")
    layer = layer or offered[0]
    found = [each for each in model.layers if each.name == layer]
    if not found or len(found[0].output.shape) != 4:
        raise ValueError(f"The model has no layer {layer!r} with feature maps. Choose one of: {', '.join(offered) or 'those of model.summary()'}.")
    return layer


def _chosen(where: Where, class_id: int, logits: np.ndarray, task: Task, size: tuple[int, int]) -> np.ndarray:
    """The set M as the network sees it.

    Args:
        where, class_id: see `seg_grad_cam`.
        logits: (h, w, outputs) float32 of the whole picture.
        size: (H, W) of the picture.

    Returns:
        (h, w) float32: how many pixels of M fall on each place.
    """
    if not 0 <= class_id < task.num_classes:
        raise ValueError(f"There is no class {class_id} in the task {task.name!r}; its ids are 0 to {task.num_classes - 1}.")
    if where is None:
        chosen = labels(class_logits(logits, task), size)[0] == class_id
        if not chosen.any():
            raise ValueError(f"No pixel of this picture has the class {task.class_names[class_id]!r}: choose another class, or say where to look.")
    else:
        chosen = _area(where, size)
    height, width = logits.shape[:2]
    rows, columns = (np.arange(large) * small // large for large, small in zip(size, (height, width), strict=True))
    counts = np.zeros((height, width), np.float32)
    for row, line in zip(rows, chosen, strict=True):
        counts[row] += np.bincount(columns, line, minlength=width)
    return counts


def _area(where: np.ndarray | tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """A pixel (y, x) or an (H, W) bool to (H, W) bool with at least one pixel."""
    where = np.asarray(where)
    if where.dtype == bool and where.shape == tuple(size):
        if not where.any():
            raise ValueError("No pixel is chosen: there is nothing to explain.")
        return where
    if where.shape != (2,) or where.dtype.kind not in "iu":
        raise ValueError(f"The pixels to explain are {where.dtype} of shape {where.shape}; they must be bool of the picture's {tuple(size)}, or one (y, x).")
    y, x = where.tolist()
    if not (0 <= y < size[0] and 0 <= x < size[1]):
        raise ValueError(f"The pixel (y, x) = ({y}, {x}) is outside the picture of height {size[0]} and width {size[1]}.")
    area = np.zeros(size, bool)
    area[y, x] = True
    return area


def _class_weights(logits: np.ndarray, class_id: int, task: Task) -> np.ndarray:
    """How `segmentation.class_logits` of one class changes with each of the network's (h, w, outputs) logits, of the same shape."""
    weights = np.zeros_like(logits)
    if task.num_outputs == 1:  # the background's own logit is the constant 0: what speaks against the foreground speaks for it
        weights[..., 0] = 1 if class_id else -1
    elif task.countable and class_id:  # of a log-add-exp: the softmax
        rim, core = logits[..., RIM], logits[..., CORE]
        weights[..., CORE] = np.exp(core - np.logaddexp(rim, core))
        weights[..., RIM] = 1 - weights[..., CORE]
    else:
        weights[..., class_id] = 1
    return weights


def _mean_probability(logits: np.ndarray, class_id: int, chosen: np.ndarray, segmenter: Segmenter) -> float:
    """(h, w, outputs) float32 to the mean over M of the softmax probability of a class."""
    inside = chosen > 0
    x = class_logits(logits, segmenter.task)[inside] / segmenter.temperature
    x = np.exp(x - x.max(axis=1, keepdims=True))
    return float(np.average(x[:, class_id] / x.sum(axis=1), weights=chosen[inside]))


def _to_seen(heat: np.ndarray, model: Any, size: tuple[int, int]) -> np.ndarray:
    """A map of features to the working size: the models pad the picture at the bottom and right, and their features cover that too."""
    from segdemo.models.layers import PadToMultiple

    multiple = max((layer.multiple for layer in model.layers if isinstance(layer, PadToMultiple)), default=1)
    height, width = size
    return resize_logits(heat[..., None], (height + -height % multiple, width + -width % multiple))[:height, :width, 0]


def _cells(height: int, width: int, side: float) -> list[tuple[slice, slice]]:
    """(rows, columns) of rectangles, as equal and as close to ``side`` as can be, that cover the picture."""
    rows, columns = (np.linspace(0, n, max(round(n / side), 1) + 1).round().astype(int).tolist() for n in (height, width))
    return [(slice(*y), slice(*x)) for y in pairwise(rows) for x in pairwise(columns)]
