"""Values that are no bytes: twelve or sixteen bits and real numbers, as cameras and microscopes save them, stretched to 0-255."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from segdemo.images.containers import PNG, chunks

SIZE, BITS, KIND, REAL = (256, 257), 258, 339, (3,)  # TIFF's tags of width and height, of the bits of a value, and of its kind: 3 is a real number
TWELVE_BITS = 4096  # what cameras and microscopes save in sixteen
OUTLIERS = 0.001  # share of the pixels at either end that do not count for the contrast: hot and dead pixels


def stretch(values: np.ndarray) -> np.ndarray:
    """To 0-255 from the least to the greatest value that is finite, but for `OUTLIERS`; NaN is taken for the least."""
    values = values.astype(np.float64)
    finite = np.sort(values[np.isfinite(values)])
    if not finite.size:
        return np.zeros(values.shape, np.uint8)
    skipped = int(OUTLIERS * finite.size)
    low, high = finite[skipped], finite[finite.size - 1 - skipped]
    if low == high:
        low, high = finite[0], finite[-1]
    values = np.clip(np.nan_to_num(values, nan=low), low, high)
    return np.round((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def deep_data(image: Image.Image) -> bytes:
    """The file of a colour picture of sixteen bits, of which Pillow keeps the upper eight; of others nothing."""
    if not isinstance(image, ImageFile.ImageFile) or image.mode not in ("RGB", "RGBA") or not image.tile or image.fp is None:
        return b""
    if ";16" not in str(image.tile[0][3]):
        return b""
    place = image.fp.tell()
    image.fp.seek(0)
    data = image.fp.read()
    image.fp.seek(place)
    whole = not data.startswith(PNG) or all(end <= len(data) for _, _, end in chunks(data))
    return data if whole else b""


def deep(image: Image.Image, data: bytes) -> Image.Image | None:
    """Where at most twelve of the sixteen bits are used, the picture stretched, not turned yet; it would be black. Otherwise None."""
    values = _with_opencv(data) if data else None
    if values is None or values.dtype != np.uint16 or values.ndim != 3 or values.shape[1::-1] != image.size or values.shape[2] not in (3, 4):
        return None
    values = values[..., 2::-1]
    if np.partition(values.ravel(), k := int((1 - OUTLIERS) * (values.size - 1)))[k] >= TWELVE_BITS:
        return None
    return Image.fromarray(stretch(values))


def size_of_doubles(data: bytes) -> tuple[int, int] | None:
    """The (width, height) of a TIFF of 64-bit real numbers, which Pillow cannot read; None of anything else."""
    try:
        directory = ImageFileDirectory_v2(data[:8])
        stream = BytesIO(data)
        stream.seek(directory.next)
        directory.load(stream)
        width, height = (int(directory[tag]) for tag in SIZE)
        return (width, height) if (directory.get(BITS), directory.get(KIND)) == ((64,), REAL) else None
    except Exception:  # it is something else, or damaged
        return None


def doubles(data: bytes, size: tuple[int, int]) -> Image.Image | None:
    """Such a TIFF with numbers of 32 bits; None if it is damaged."""
    values = _with_opencv(data)
    if values is None or values.shape[::-1] != size:
        return None
    with np.errstate(over="ignore"):
        return Image.fromarray(values.astype(np.float32))


def _with_opencv(data: bytes) -> np.ndarray | None:
    """The values as they are stored, blue first, or None."""
    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(before)
