"""A mask as something to look at: colours, overlay, files, chart."""

from __future__ import annotations

import io
from html import escape

import cv2
import numpy as np
from PIL import Image

from segdemo.statistics import ClassStatistics
from segdemo.tasks import Task


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


def jpeg(image: np.ndarray, quality: int = 88) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file, without any metadata."""
    return _encode(Image.fromarray(image), "JPEG", quality=quality)


def shrink(image: np.ndarray, mask: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Picture (area means) and mask (nearest) with no side over ``longest``, for display."""
    height, width = mask.shape
    factor = longest / max(height, width)
    if factor >= 1:
        return image, mask
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)


def share_charts(statistics: list[ClassStatistics], task: Task, texts: list[tuple[list[str], str]]) -> list[str]:
    """Bar charts of each class's share, one a language, from a single drawing.

    Args:
        statistics: in the order of the bars, top first.
        task: gives the colours.
        texts: for each language, the names beside the bars and what the lengths are. The reader's own fonts draw
            them, so any script works.

    Returns:
        One SVG document for each of ``texts``.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    grey = "#595959"
    count = max(len(statistics), 1)
    inches = 0.75 + 0.32 * count
    with rc_context({"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": "segdemo", "font.size": 11}):
        figure = Figure(figsize=(5, inches))
        axes = figure.add_axes((0.25, 0.55 / inches, 0.72, 1 - 0.6 / inches))
        shares = [100 * s.share for s in statistics]
        axes.barh(range(len(shares)), shares, color=[task.palette[s.id] / 255 for s in statistics], edgecolor="#8888", linewidth=0.5)
        for row, share in enumerate(shares):
            axes.text(share, row, f" {share:.1f}%", va="center", color=grey)
        axes.set_yticks(range(len(shares)), [f"@{row}@" for row in range(len(shares))], color=grey)
        axes.set_xlabel("@axis@", color=grey)
        axes.tick_params(colors=grey, length=0)
        axes.set_xlim(0, max(shares, default=1) * 1.2)
        axes.set_ylim(count - 0.4, -0.6)
        axes.spines[:].set_visible(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    charts = []
    for names, axis in texts:
        chart = file.getvalue().replace("@axis@", escape(axis))
        for row, name in enumerate(names):
            chart = chart.replace(f"@{row}@", escape(name))
        charts.append(chart)
    return charts


def _encode(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
