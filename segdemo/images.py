"""Any picture a visitor may bring -> RGB uint8 (H, W, 3), or one clear sentence saying why not."""

from __future__ import annotations

import contextlib
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 50_000_000  # 50 megapixels: more than any phone's default, and 150 MB decoded


class ImageError(ValueError):
    """A picture that cannot be used; the message names it and says what to do.

    Attributes:
        code: which of the reasons it is, for a translation of the message.
        values: what the message is about, by name.
    """

    def __init__(self, code: str, message: str, **values: str):
        super().__init__(message)
        self.code, self.values = code, values


def read_image(source: str | Path | bytes | Image.Image | np.ndarray, name: str | None = None) -> np.ndarray:
    """Decodes a picture.

    EXIF rotation is applied; of an animation the first frame is taken; transparency is laid on white; one-channel
    16-bit pictures are stretched from their darkest to their brightest value, because how many of the bits a camera or a
    microscope used is not recorded; CMYK, palette, grey and HEIC become RGB. EXIF itself (place, time) is dropped.

    Args:
        source: a path, an encoded file's bytes, a PIL image, or a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.
        name: what to call it in an error; by default the file's name.

    Returns:
        (H, W, 3) uint8 RGB, contiguous.

    Raises:
        ImageError: if it is not a picture, is damaged, or has over 50 megapixels (read from its header, before decoding).
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _to_rgb(source, name or "The picture")
    if isinstance(source, bytes):
        name = name or "The picture"
        stream = BytesIO(source)
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise ImageError("missing", f"{name}: there is no such file.", name=name)
        stream = path
        if path.stat().st_size == 0:
            raise ImageError("empty", f"{name} is empty (0 bytes). Was the upload interrupted?", name=name)
    _register_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is stricter
            image = Image.open(stream)
    except Image.DecompressionBombError as error:
        raise _too_large(name, None) from error  # Pillow refuses by itself
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as error:
        raise ImageError("unreadable", f"{name} is not a picture that can be read. JPEG, PNG, WebP, GIF, TIFF, BMP and HEIC work.", name=name) from error
    with image:
        return _to_rgb(image, name)


def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:  # no wheel for this platform: HEIC files are then refused as unreadable
        return
    register_heif_opener()


def _to_rgb(image: Image.Image, name: str) -> np.ndarray:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, (width, height))
    try:
        image.load()
    except (OSError, ValueError, SyntaxError, IndexError, EOFError, RuntimeError) as error:
        raise ImageError("damaged", f"{name} is damaged or cut short ({error}). Try to save or upload it again.", name=name) from error
    with contextlib.suppress(SyntaxError, ValueError):  # unreadable EXIF in a good picture: the rotation is unknown, the pixels are not
        image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return np.ascontiguousarray(np.repeat(_stretch(np.asarray(image))[..., None], 3, axis=2))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def _too_large(name: str, size: tuple[int, int] | None) -> ImageError:
    """For a (width, height), or None where Pillow refuses to tell it."""
    refused = 2 * Image.MAX_IMAGE_PIXELS
    told = f"{size[0]}x{size[1]} pixels" if size else f"over {refused / 1e6:.0f} megapixels"
    message = f"{name} is too large: {told}; the limit is {MAX_PIXELS / 1e6:.0f} megapixels. Make it smaller first."
    values = {"size": f"{size[0]}x{size[1]}"} if size else {"refused_wan": f"{refused / 1e4:.0f}"}
    return ImageError("too_large" if size else "far_too_large", message, name=name, limit_wan=f"{MAX_PIXELS / 1e4:.0f}", **values)


def _stretch(values: np.ndarray) -> np.ndarray:
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    return np.round((values.astype(np.float32) - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.uint8:
        raise ImageError("array", f"The array's dtype is {array.dtype}; it must be uint8 with values 0 to 255.", name="array")
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] not in (3, 4) or 0 in array.shape:
        raise ImageError("array", f"The array's shape is {array.shape}; it must be (H, W), (H, W, 3) or (H, W, 4) with H and W at least 1.", name="array")
    if array.shape[2] == 4:
        return _to_rgb(Image.fromarray(array), "The array")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise _too_large("The array", array.shape[1::-1])
    return np.ascontiguousarray(array)
