"""Small pictures as files, and what they are when they are read."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

# Top left red, top right green, bottom left blue, bottom right white, in 8x8 blocks: what JPEG keeps whole.
QUARTERS = np.kron(np.array([[0, 1], [2, 3]]), np.ones((8, 8), int))
COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
RGB = COLOURS[QUARTERS]
GREY = np.array([0, 80, 160, 255], np.uint8)[QUARTERS]
ALPHA = np.array([255, 0, 51, 255], np.uint8)[QUARTERS]  # opaque, clear, a fifth, opaque
# On white, c with opacity a is a c + (1 - a) 255: a fifth of blue is (204, 204, 255), a fifth of grey 160 is 236.
RGB_ON_WHITE = np.array([[255, 0, 0], [255, 255, 255], [204, 204, 255], [255, 255, 255]])[QUARTERS]
GREY_ON_WHITE = np.array([0, 255, 236, 255])[QUARTERS]


def encode(image, kind, **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def as_rgb(grey):
    return np.repeat(grey[..., None], 3, axis=2)


def check(result, expected, tolerance=0):
    assert result.dtype == np.uint8
    assert result.flags.c_contiguous
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, atol=tolerance)


def noise(size=64):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3)).astype(np.uint8)


def chunk(kind, data, crc=None):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)


def png_of_size(width, height):
    """A PNG of no more than its header, which promises width x height pixels of eight-bit RGB."""

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
