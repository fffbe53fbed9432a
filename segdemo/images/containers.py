"""What stands around the pixels of a PNG or JPEG, and is taken away or bounded before a decoder sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
END_OF_PNG = b"\x00\x00\x00\x00IEND\xaeB`\x82"
NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf"}  # eXIf tells how the camera was held
MOST_CHUNKS = 200_000  # of a PNG; 50 MB in chunks of 8 KB are 6,000
USUAL_SCANS = 14  # of a progressive JPEG: as many as programs write
MOST_SCANNED = 100_000_000  # pixels times scans beyond the usual: about 1.5 s


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
