"""A mask as something to look at: colours, overlay, files."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

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


def _encode(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
