"""A mask as something to look at: colours, overlay, files."""

from __future__ import annotations

import io
from html import escape

import cv2
import numpy as np
from PIL import Image

from segdemo.images import shrink
from segdemo.tasks import Task

GREY = "#595959"
LONGEST_OF_JPEG = 65_500  # pixels of a side
TIME_LEFT, TIME_RIGHT = 0.1, 0.97  # where the first and the last time stand in a chart over time, as shares of its width


def colorize(mask: np.ndarray, task: Task) -> np.ndarray:
    """(H, W) uint8 class ids to (H, W, 3) uint8 RGB in the task's palette."""
    return task.palette[mask]


def overlay(image: np.ndarray, mask: np.ndarray, task: Task, opacity: float = 0.5) -> np.ndarray:
    """Lays the colours over the picture.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) uint8 class ids.
        opacity: 0 shows the picture alone, 1 the colours alone.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    return cv2.addWeighted(image, 1 - opacity, colorize(mask, task), opacity, 0)


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
