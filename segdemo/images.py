"""Any picture a visitor may bring -> RGB uint8 (H, W, 3), or one clear sentence saying why not."""

from __future__ import annotations

import math
import os
import re
import warnings
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from segdemo.encodings import TooMuchWork, check_scans, deep, deep_data, doubles, ended, lacks_end, plain, size_of_doubles, stretch
from segdemo.errors import FileError

MAX_PIXELS = 8192 * 6144  # what phones call 50 megapixels, 151 MB decoded
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")  # Pillow knows more; some start other programs
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif"}  # of their files
PHOTOMETRIC = 262  # TIFF's tag: 0 where the greatest value is black
# EXIF's tag 0x0112: how the camera was held, and what turns the picture upright.
ORIENTATION = 0x0112
UPRIGHT = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}


class ImageError(FileError):
    """A picture that cannot be used."""


def read_image(source: str | Path | bytes | Image.Image | np.ndarray, name: str | None = None) -> np.ndarray:
    """Decodes a picture.

    EXIF rotation is applied; of an animation the first frame is taken; transparency is laid on white; one-channel
    pictures of over 8 bits, and colour ones of at most 12 in 16, are stretched from their darkest to their brightest value, a thousandth of the pixels aside,
    because how many of the bits a camera or a microscope used is not recorded; CMYK, palette, grey and HEIC become RGB. EXIF itself (place, time) is dropped.

    Args:
        source: a path, an encoded file's bytes, a PIL image, or a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.
        name: what to call it in an error; by default the file's name.

    Returns:
        (H, W, 3) uint8 RGB, contiguous; the caller's own array, if it is such a one.

    Raises:
        ImageError: if it is not a picture, is damaged, or has over 50 megapixels (read from its header, before decoding).
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _to_rgb(source, name or "The picture")
    stream: Path | BytesIO
    if isinstance(source, bytes):
        name = name or "The picture"
        if not source:
            raise _empty(name)
        stream = BytesIO(source)
    elif not isinstance(source, str | os.PathLike):
        kind = type(source).__name__
        raise ImageError(
            f"{kind} is not a picture. Give a path, the bytes of a file, a PIL image, or a uint8 array, one picture at a time.",
            f"{kind} 不是图片。请给出路径、文件的字节、PIL 图像或 uint8 数组；多张图片请逐张给出。",
        )
    else:
        stream = path = Path(source)
        name = name or path.name
        if re.match(r"(https?|ftp|s3|gs|file):/", str(source)):
            raise ImageError(
                f"{source} is an address, and nothing is fetched from the network. Save the picture as a file and give that.",
                f"{source} 是网址，程序不会从网络获取图片。请先保存为文件。",
            )
        try:
            size = path.stat().st_size
        except (OSError, ValueError) as error:
            raise ImageError(f"{name}: there is no such file.", f"{name}：没有这个文件。") from error
        if path.is_dir():
            raise ImageError(
                f"{name} is a folder. Give the pictures in it, for example {name}/*.jpg.",
                f"{name} 是文件夹。请给出其中的图片，例如 {name}/*.jpg。",
            )
        if size == 0:
            raise _empty(name)
    with open_picture(stream, name) as image:
        return _to_rgb(image, name)


def read_to_show(path: Path, longest: int) -> tuple[np.ndarray, tuple[int, int]]:
    """A picture that is to be looked at, not measured. A large JPEG is decoded at a half, a quarter or an eighth of its size, which takes a part of the time.

    Args:
        longest: what its longest side is shrunk to, in pixels, if it is longer.

    Returns:
        (h, w, 3) uint8 RGB, as `read_image` gives it, and the (height, width) that it has in the file.

    Raises:
        ImageError: as `read_image`.
    """
    if not path.is_file() or not path.stat().st_size:
        read_image(path)  # says what is wrong
    with open_picture(path, path.name) as image:
        width, height = image.size
        factor = min(longest / max(image.size), 1)
        image.draft(None, (math.ceil(width * factor), math.ceil(height * factor)))
        picture = _to_rgb(image, path.name)
        if (_orientation(image) or 0) > 4:  # it was turned by a quarter
            height, width = width, height
    return shrink(picture, picture[..., 0], longest)[0], (height, width)


def open_picture(source: Path | BytesIO, name: str) -> Image.Image:
    """Reads a picture's header, not yet its pixels.

    Raises:
        ImageError: if it is none of `FORMATS`, or too large.
    """
    _register_formats()
    try:
        source, data = plain(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is stricter
            image = Image.open(source, formats=[kind for kind in FORMATS if kind in Image.OPEN])
    except Image.DecompressionBombError as error:
        raise _too_large(name, None) from error  # Pillow refuses by itself
    except TooMuchWork as error:
        raise _too_much_work(name) from error
    except Exception as error:  # of damaged files, Pillow's plugins raise nearly anything
        if (found := _of_doubles(source, name)) is not None:
            return found
        if _begins_as_one(source):
            raise _damaged(name) from error
        raise ImageError(
            f"{name} is not a picture that can be read. These formats work: JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC and AVIF.",
            f"{name} 不是可以读取的图片。支持 JPEG、PNG、WebP、GIF、TIFF、BMP、HEIC 和 AVIF。",
        ) from error
    _check_size(image.size, name)
    try:
        check_scans(data, image.width * image.height)
    except TooMuchWork as error:
        raise _too_much_work(name) from error
    if lacks_end(data):
        return ended(data, image)
    return image


def _too_much_work(name: str) -> ImageError:
    return ImageError(
        f"{name} is made so that reading it takes very long. Open it in another program and save it again.",
        f"{name} 的结构会使读取耗时过长。请用其他软件打开并重新保存。",
    )


def load_pixels(image: Image.Image, name: str) -> None:
    """Decodes a picture.

    Raises:
        ImageError: if it is damaged.
    """
    try:
        image.load()
    except Exception as error:
        raise _damaged(name) from error


def _empty(name: str) -> ImageError:
    return ImageError(f"{name} is empty (0 bytes). Was it copied whole?", f"{name} 是空文件（0 字节）。是否没有完整复制？")


def _damaged(name: str) -> ImageError:
    return ImageError(
        f"{name} is damaged or incomplete. Save it again, or take another copy.",
        f"{name} 已损坏或不完整。请重新保存，或换一份文件。",
    )


def _register_formats() -> None:
    Image.init()
    try:
        from pillow_heif import register_heif_opener
    except ImportError:  # no wheel for this platform: HEIC files are then refused as unreadable
        return
    register_heif_opener()


def _to_rgb(image: Image.Image, name: str) -> np.ndarray:
    _check_size(image.size, name)
    data = deep_data(image)
    load_pixels(image, name)  # first: Pillow allocates nothing that a damaged file only promises
    try:
        return _converted(deep(image, data) or image, _orientation(image))
    except Exception as error:  # of what is damaged, Pillow finds some only now
        raise _damaged(name) from error


def _converted(image: Image.Image, held: int | None) -> np.ndarray:
    """``held`` is how the camera was held, as `orientation` gives it."""
    inverted = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == 0  # of eight bits, Pillow has turned it round itself
    if turn := UPRIGHT.get(held or 0):
        image = image.transpose(Image.Transpose[turn])
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        grey = stretch(np.asarray(image))
        if inverted:
            grey = 255 - grey
        return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
    if image.mode == "La":
        image = image.convert("LA")  # all that Pillow makes of it
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def orientation(path: Path) -> int | None:
    """How EXIF says that the camera was held, 1 to 8; None where it does not. What to do about it says `UPRIGHT`.

    Raises:
        ImageError: as `open_picture`.
    """
    with open_picture(path, path.name) as image:
        return _orientation(image)


def _orientation(image: Image.Image) -> int | None:
    try:
        turned = image.getexif().get(ORIENTATION)
        return turned if isinstance(turned, int) else None
    except Exception:  # unreadable EXIF in a good picture: how it was held is unknown, its pixels are not
        return None


def _begins_as_one(source: Path | BytesIO) -> bool:
    """Whether a file that cannot be read begins as one of `FORMATS`: of BMP two letters, with which a text may begin, too, do not count."""
    try:
        with source.open("rb") if isinstance(source, Path) else BytesIO(source.getvalue()) as file:
            start = file.read(16)  # what Pillow gives to those that know a format
    except OSError:
        return False
    knows = (Image.OPEN[kind][1] for kind in FORMATS if kind in Image.OPEN and kind != "BMP")
    return any(accepts is not None and accepts(start) is True for accepts in knows)


def _of_doubles(source: Path | BytesIO, name: str) -> Image.Image | None:
    """A TIFF that Pillow cannot read, if it is one of doubles; see `encodings`."""
    try:
        data = source.read_bytes() if isinstance(source, Path) else source.getvalue()
    except OSError:
        return None
    if (size := size_of_doubles(data)) is None:
        return None
    _check_size(size, name)
    return doubles(data, size)


def _check_size(size: tuple[int, int], name: str) -> None:
    """Raises ImageError if a (width, height) is too large."""
    if size[0] * size[1] > MAX_PIXELS:
        raise _too_large(name, size)


def _too_large(name: str, size: tuple[int, int] | None) -> ImageError:
    """For a (width, height), or None where Pillow refuses to tell it."""
    refused = 2 * (Image.MAX_IMAGE_PIXELS or 0)
    if size:
        there, there_zh = f"{size[0]}x{size[1]} pixels", f"{size[0]}x{size[1]} 像素"
    else:
        there, there_zh = f"over {refused / 1e6:.0f} megapixels", f"超过 {refused / 1e4:.0f} 万像素"
    return ImageError(
        f"{name} is too large: {there}; the limit is {MAX_PIXELS / 1e6:.0f} megapixels. Make it smaller first.",
        f"{name} 太大：{there_zh}。上限为 {MAX_PIXELS / 1e4:.0f} 万像素，请先缩小。",
    )


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.uint8:
        raise ImageError(
            f"The array's dtype is {array.dtype}; it must be uint8 with values 0 to 255.",
            f"数组的类型是 {array.dtype}；必须是 uint8，取值 0 到 255。",
        )
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] not in (3, 4) or 0 in array.shape:
        raise ImageError(
            f"The array's shape is {array.shape}; it must be (H, W), (H, W, 3) or (H, W, 4) with H and W at least 1.",
            f"数组的形状是 {array.shape}；必须是 (H, W)、(H, W, 3) 或 (H, W, 4)，且 H 和 W 至少为 1。",
        )
    if array.shape[2] == 4:
        return _to_rgb(Image.fromarray(array), "The array")
    _check_size(array.shape[1::-1], "The array")
    return np.ascontiguousarray(array)


def shrink(image: np.ndarray, mask: np.ndarray, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Picture (area means) and mask (nearest) with no side over ``longest``, for display."""
    height, width = mask.shape
    factor = longest / max(height, width)
    if factor >= 1:
        return image, mask
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)
