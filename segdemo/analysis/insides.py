"""What goes on inside of a network: its features, what a place of it sees, and what is left if a path is cut. Everything is an array.

The receptive field is computed as Dumoulin, Visin 2016 (https://arxiv.org/abs/1603.07285) and Araujo, Norris, Sim 2019
(https://distill.pub/2019/computing-receptive-fields) do; the measured one is the gradient of a logit, as in Luo et al. 2016 (https://arxiv.org/abs/1701.04128).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from segdemo.inference.segmentation import Segmenter, as_seen


def without(segmenter: Segmenter, layers: Collection[str]) -> Segmenter:
    """The segmenter with the paths through some layers cut; see `runtime.cuts.cut`.

    Raises:
        ValueError: if it does not run on Keras, or has no such layer.
    """
    from segdemo.runtime.with_keras import KerasNetwork  # it brings TensorFlow

    model = _model(segmenter)
    return Segmenter(KerasNetwork.without(model, layers), segmenter.task, segmenter.model, segmenter.temperature, segmenter.runtime)


def feature_maps(segmenter: Segmenter, image: np.ndarray, layer: str, pixels: int | None = None) -> np.ndarray:
    """(H, W, 3) uint8 to the features (h, w, K) float32 of a layer, at a working size of so many ``pixels``, or the task's."""
    from segdemo.runtime.gradients import feature_gradients

    return feature_gradients(_model(segmenter), as_seen(image, pixels or segmenter.task.pixels), layer, np.zeros_like)[0]


def influence(segmenter: Segmenter, image: np.ndarray, class_id: int, place: tuple[float, float]) -> np.ndarray:
    """How much each pixel moves the logit of a class at one place.

    Args:
        segmenter: on Keras.
        image: (H, W, 3) uint8.
        class_id: an output of the network.
        place: (down, right), each as a share of the picture, 0 up to 1.

    Returns:
        (h, w) float32 at the working size: the absolute gradient, summed over the colours; its maximum is 1, or all is 0.
    """
    from segdemo.runtime.gradients import feature_gradients

    model = _model(segmenter)

    def weigh(logits: np.ndarray) -> np.ndarray:
        weights = np.zeros_like(logits)
        weights[int(place[0] * logits.shape[0]), int(place[1] * logits.shape[1]), class_id] = 1
        return weights

    gradient = feature_gradients(model, as_seen(image, segmenter.task.pixels), model.layers[0].name, weigh)[1]
    heat = np.abs(gradient).sum(axis=2)
    return heat / heat.max() if heat.max() > 0 else heat


def receptive_fields(layers: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """How many pixels one value after each layer can see along a side, and how many pixels lie between two neighbouring values.

    Args:
        layers: (kernel, stride, rate) of each, from the picture on.
    """
    field, step, found = 1, 1, []
    for kernel, stride, rate in layers:
        field += (kernel - 1) * rate * step
        step *= stride
        found.append((field, step))
    return found


def coarsened(mask: np.ndarray, block: int, classes: int) -> np.ndarray:
    """(H, W) of class ids to (H / block, W / block) uint8, rounded up: the class that most pixels of each square have; ids from ``classes`` on do not count."""
    rows, columns = (-(-length // block) for length in mask.shape)
    padded = np.pad(mask, [(0, rows * block - mask.shape[0]), (0, columns * block - mask.shape[1])], mode="edge")
    squares = padded.reshape(rows, block, columns, block)
    return np.stack([(squares == class_id).sum(axis=(1, 3)) for class_id in range(classes)]).argmax(axis=0).astype(np.uint8)


def _model(segmenter: Segmenter) -> Any:
    model = getattr(segmenter.network, "model", None)
    if model is None:
        raise ValueError('To look inside of a network, load it with runtime="keras".')
    return model
