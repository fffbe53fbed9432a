"""Pictures on which the models go wrong, drawn for the model cards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure

from segdemo.data.examples import picture_of
from segdemo.inference.segmentation import Segmenter
from segdemo.output.visualization import overlay
from segdemo.tasks.pictures import Failure

CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": lambda image: image,
    "dark": lambda image: (image * 0.1).astype(np.uint8),
    "turned": np.rot90,
    "upside down": np.flipud,
    "blurred": lambda image: cv2.GaussianBlur(image, (0, 0), 8),
}


def failure_picture(failure: Failure) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    return np.ascontiguousarray(CHANGES[failure.change](picture_of(failure.picture)))


def plot_failures(segmenter: Segmenter, path: str | Path) -> None:
    """Draws the failures of the segmenter's task: each picture above its overlay, with the mean confidence."""
    cases = segmenter.task.failures
    figure = Figure(figsize=(3 * len(cases), 5.2), layout="constrained")
    for column, case in zip(figure.subplots(2, len(cases)).T, cases, strict=True):
        result = segmenter(failure_picture(case))
        for axes, picture in zip(column, (result.image, overlay(result.image, result.separated, result.task, 0.6)), strict=True):
            axes.imshow(picture)
            axes.set_axis_off()
        column[0].set_title(case.reason, fontsize=9)
        column[1].set_title(f"mean confidence {result.confidence.mean():.2f}", fontsize=9)
    figure.savefig(path, dpi=80, pil_kwargs={"quality": 80})
