"""A mask as something to look at: colours, overlay, files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html import escape

import cv2
import numpy as np
from PIL import Image

from segdemo.images import shrink
from segdemo.tasks import Task

GREY = "#595959"
SAMPLES = 3  # of a mask along a side of a pixel that is drawn
STRIP = 200_000  # pixels of a picture that are drawn at once
LONGEST_OF_JPEG = 65_500  # pixels of a side
TIME_LEFT, TIME_RIGHT = 0.1, 0.97  # where the first and the last time stand in a chart over time, as shares of its width


def colorize(mask: np.ndarray, task: Task) -> np.ndarray:
    """(H, W) uint8 class ids to (H, W, 3) uint8 RGB in the task's palette."""
    return task.palette[mask]


def overlay(image: np.ndarray, mask: np.ndarray, task: Task, opacity: float = 0.5, longest: int | None = None) -> np.ndarray:
    """Lays the colours over the picture, without a step along their borders; the background has none.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) uint8 class ids.
        opacity: 0 shows the picture alone, 1 the colours alone.
        longest: what the longest side is shrunk to, in pixels, with the means of the picture and of the colours.

    Returns:
        uint8 RGB, (H, W, 3) or smaller.
    """
    colors = _with_coverage(task)
    small, _ = shrink(image, mask, longest or max(mask.shape))
    height, width = small.shape[:2]
    if small is not image:
        if SAMPLES * height < len(mask):
            mask = cv2.resize(mask, (SAMPLES * width, SAMPLES * height), interpolation=cv2.INTER_NEAREST_EXACT)
        return _blend(small, cv2.resize(colors[mask], (width, height), interpolation=cv2.INTER_AREA), opacity)
    drawn = np.empty_like(image)
    for rows in strips(*mask.shape):
        above = min(rows.start, 1)
        layer = cv2.GaussianBlur(colors[mask[rows.start - above : rows.stop + 1]], (3, 3), 0)
        drawn[rows] = _blend(image[rows], layer[above : above + rows.stop - rows.start], opacity)
    return drawn


def strips(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture, some at a time: a large one needs little memory then, and the processor's cache holds it."""
    many = max(1, STRIP // width)
    for top in range(0, height, many):
        yield slice(top, min(top + many, height))


def _with_coverage(task: Task) -> np.ndarray:
    """(C, 4) uint8: of each class the colour, and 255; of the background zeros. Without a background (C, 3), for all is covered."""
    if task.background_id is None:
        return task.palette
    colors = np.column_stack([task.palette, np.full(task.num_classes, 255, np.uint8)])
    colors[task.background_id] = 0
    return colors


def _blend(image: np.ndarray, layer: np.ndarray, opacity: float) -> np.ndarray:
    """(h, w, 3) uint8 below (h, w, 4) uint8 of colours times coverage, and coverage, or (h, w, 3) of colours that cover all."""
    if layer.shape[2] == 3:
        return cv2.addWeighted(image, 1 - opacity, layer, opacity, 0)
    uncovered = cv2.merge([255 - layer[..., 3]] * 3)
    laid = cv2.add(np.ascontiguousarray(layer[..., :3]), cv2.multiply(np.ascontiguousarray(image), uncovered, scale=1 / 255))
    return cv2.addWeighted(image, 1 - opacity, laid, opacity, 0)


def ramp_image(values: np.ndarray) -> np.ndarray:
    """(H, W) in [0, 1] to (H, W, 3) uint8 RGB from dark blue over green to yellow, even in lightness (Matplotlib's viridis)."""
    scaled = np.clip(np.rint(255 * values), 0, 255).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(scaled, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)


def palette_png(mask: np.ndarray, task: Task) -> bytes:
    """The mask as an indexed PNG: each pixel's value is its class id, the palette its colour. Small and exact."""
    picture = Image.fromarray(mask)
    picture.putpalette(task.palette.ravel().tolist())
    return _encode(picture, "PNG")


def png(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 RGB, or (H, W) uint8 grey, as a PNG file, exact; quickly rather than small."""
    return _encode(Image.fromarray(image), "PNG", compress_level=1)


def rgba_png(image: np.ndarray) -> bytes:
    """(H, W, 4) uint8 RGBA as a PNG file; quickly rather than small."""
    return _encode(Image.fromarray(image, "RGBA"), "PNG", compress_level=1)


def jpeg(image: np.ndarray, quality: int = 88) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file, without any metadata; a side longer than a JPEG can have is shrunk to that."""
    return _encode(Image.fromarray(shrink(image, image[..., 0], LONGEST_OF_JPEG)[0]), "JPEG", quality=quality)


def time_charts(times: list[float], shares: np.ndarray, task: Task, texts: list[tuple[str, str]]) -> list[str]:
    """Charts of the classes' shares over time, one on the other up to 100%; one a language, from a single drawing.

    Args:
        times: T seconds, rising.
        shares: (T, C) in [0, 1], of each class at each time.
        task: gives the colours.
        texts: for each language, what the horizontal and the vertical axis say.

    Returns:
        One SVG document for each of ``texts``. The times run from `TIME_LEFT` to `TIME_RIGHT` of its width.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    present = np.flatnonzero(shares.any(axis=0))
    with rc_context({"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": "segdemo", "font.size": 11}):
        figure = Figure(figsize=(6, 3.2))
        axes = figure.add_axes((TIME_LEFT, 0.17, TIME_RIGHT - TIME_LEFT, 0.78))
        axes.stackplot(times, 100 * shares[:, present].T, colors=[task.palette[i] / 255 for i in present], edgecolor="white", linewidth=0.4)
        axes.set_xlim(times[0], max(times[-1], times[0] + 1e-3))
        axes.set_ylim(0, 100)
        axes.set_xlabel("@time@", color=GREY)
        axes.set_ylabel("@share@", color=GREY)
        axes.tick_params(colors=GREY, length=0)
        axes.spines[:].set_visible(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return [file.getvalue().replace("@time@", escape(time)).replace("@share@", escape(share)) for time, share in texts]


def _encode(picture: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
