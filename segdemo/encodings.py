"""What decoders must not be left alone with, by a file's bytes.

What stands around the pixels of a PNG or JPEG is taken away or bounded. Twelve or sixteen bits and real numbers, as cameras and microscopes
save them, are stretched to 0-255.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
END_OF_PNG = b"\x00\x00\x00\x00IEND\xaeB`\x82"
NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf"}  # eXIf tells how the camera was held
MOST_CHUNKS = 200_000  # of a PNG; 50 MB in chunks of 8 KB are 6,000
USUAL_SCANS = 14  # of a progressive JPEG: as many as programs write
MOST_SCANNED = 100_000_000  # pixels times scans beyond the usual: about 1.5 s
SIZE, BITS, KIND, REAL = (256, 257), 258, 339, (3,)  # TIFF's tags of width and height, of the bits of a value, and of its kind: 3 is a real number
TWELVE_BITS = 4096  # what cameras and microscopes save in sixteen
OUTLIERS = 0.001  # share of the pixels at either end that do not count for the contrast: hot and dead pixels


class TooMuchWork(ValueError):
    """A file made to keep a decoder busy."""


def plain(source: Path | BytesIO) -> tuple[Path | BytesIO, bytes]:
    """What to decode; of a PNG or JPEG also its bytes, of others none."""
    with source.open("rb") if isinstance(source, Path) else BytesIO(source.getvalue()) as file:
        start = file.read(len(PNG))
        if start == PNG:
            return BytesIO(_plain_png(start + file.read())), b""
        if start.startswith(JPEG):
            data = start + file.read()
            return BytesIO(data), data
    return source, b""


def ended(data: bytes, cut: Image.Image) -> Image.Image:
    """A JPEG without its end: with one, if all its pixels are there, otherwise as it was."""
    try:
        whole, other = (Image.open(BytesIO(ended), formats=["JPEG"]) for ended in _endings(data))
        return whole if np.array_equal(np.asarray(whole), np.asarray(other)) else cut
    except Exception:  # it is damaged elsewhere, too, which decoding it will say
        return cut


def _plain_png(data: bytes) -> bytes:
    """The chunks that the first picture needs: no texts, no colour profiles, no animation, whatever their size and however damaged.

    Raises:
        TooMuchWork: if there are over `MOST_CHUNKS`.
    """
    return b"".join([PNG, *(data[start:end] for kind, start, end in chunks(data) if kind in NEEDED), END_OF_PNG])


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end (which may lie beyond the data) of every chunk before IEND."""
    at = len(PNG)
    for _ in range(MOST_CHUNKS):
        kind, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        if len(kind) < 4 or kind == b"IEND":
            return
        yield kind, at, end
        at = end
    raise TooMuchWork


def check_scans(data: bytes, pixels: int) -> None:
    """A progressive JPEG may go over its pixels as often as it likes, each time with next to no data.

    Raises:
        TooMuchWork: if that would take seconds.
    """
    scans = data.count(b"\xff\xda")
    if scans > USUAL_SCANS and scans * pixels > MOST_SCANNED:
        raise TooMuchWork


def lacks_end(data: bytes) -> bool:
    """Whether a JPEG ends without its marker of the end (what cameras and programs write behind it does not matter)."""
    return data.startswith(JPEG) and not re.search(rb"\xff\xd9", data[data.rfind(b"\xff\xda") :])


def _endings(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG without its end, ended in two ways: all its pixels were there if both give the same picture."""
    return data + b"\xff\xd9", data + bytes(range(1, 250, 7)) * 40 + b"\xff\xd9"


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
