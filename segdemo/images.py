"""Any picture a visitor may bring -> RGB uint8 (H, W, 3), or one clear sentence saying why not."""

from __future__ import annotations

import math
import os
import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from segdemo.errors import FileError

MAX_PIXELS = 8192 * 6144  # what phones call 50 megapixels, 151 MB decoded
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")  # Pillow knows more; some start other programs
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif"}  # of their files
# EXIF's tag 0x0112: how the camera was held, and what turns the picture upright.
ORIENTATION = 0x0112
PHOTOMETRIC = 262  # TIFF's tag: 0 where the greatest value is black
SIZE, BITS, KIND, REAL = (256, 257), 258, 339, (3,)  # TIFF's tags of width and height, of the bits of a value, and of its kind: 3 is a real number
TWELVE_BITS = 4096  # what cameras and microscopes save in sixteen
OUTLIERS = 0.001  # share of the pixels at either end that do not count for the contrast: hot and dead pixels
UPRIGHT = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}
# What stands around the pixels of a PNG or JPEG is taken away or bounded before a decoder sees it.
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
END_OF_PNG = b"\x00\x00\x00\x00IEND\xaeB`\x82"
NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf"}  # eXIf tells how the camera was held
MOST_CHUNKS = 200_000  # of a PNG; 50 MB in chunks of 8 KB are 6,000
USUAL_SCANS = 14  # of a progressive JPEG: as many as programs write
MOST_SCANNED = 100_000_000  # pixels times scans beyond the usual: about 1.5 s


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
            raise ImageError(f"{name} is empty (0 bytes). Was the upload interrupted?", f"{name} 是空文件（0 字节）。上传是否中断了？")
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
        source, data = _plain(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is stricter
            image = Image.open(source, formats=[kind for kind in FORMATS if kind in Image.OPEN])
    except Image.DecompressionBombError as error:
        raise _too_large(name, None) from error  # Pillow refuses by itself
    except _TooMuchWork as error:
        raise _too_much_work(name) from error
    except Exception as error:  # of damaged files, Pillow's plugins raise nearly anything
        if (doubles := _of_doubles(source, name)) is not None:
            return doubles
        raise ImageError(
            f"{name} is not a picture that can be read. These formats work: JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC and AVIF.",
            f"{name} 不是可以读取的图片。支持 JPEG、PNG、WebP、GIF、TIFF、BMP、HEIC 和 AVIF。",
        ) from error
    _check_size(image.size, name)
    try:
        _check_scans(data, image.width * image.height)
    except _TooMuchWork as error:
        raise _too_much_work(name) from error
    if _lacks_end(data):
        return _ended(data, image)
    return image


def _plain(source: Path | BytesIO) -> tuple[Path | BytesIO, bytes]:
    """What to decode; of a PNG or JPEG also its bytes, of others none."""
    with source.open("rb") if isinstance(source, Path) else BytesIO(source.getvalue()) as file:
        start = file.read(len(PNG))
        if start == PNG:
            return BytesIO(_plain_png(start + file.read())), b""
        if start.startswith(JPEG):
            data = start + file.read()
            return BytesIO(data), data
    return source, b""


def _ended(data: bytes, cut: Image.Image) -> Image.Image:
    """A JPEG without its end: with one, if all its pixels are there, otherwise as it was."""
    try:
        whole, other = (Image.open(BytesIO(ended), formats=["JPEG"]) for ended in _endings(data))
        return whole if np.array_equal(np.asarray(whole), np.asarray(other)) else cut
    except Exception:  # it is damaged elsewhere, too, which decoding it will say
        return cut


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
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> ImageError:
    return ImageError(f"{name} is damaged or incomplete ({error}). Save or upload it again.", f"{name} 已损坏或不完整。请重新保存或上传。")


def _register_formats() -> None:
    Image.init()
    try:
        from pillow_heif import register_heif_opener
    except ImportError:  # no wheel for this platform: HEIC files are then refused as unreadable
        return
    register_heif_opener()


def _to_rgb(image: Image.Image, name: str) -> np.ndarray:
    _check_size(image.size, name)
    deep = _deep_data(image)
    load_pixels(image, name)  # first: Pillow allocates nothing that a damaged file only promises
    try:
        return _converted(_deep(image, deep) or image)
    except Exception as error:  # of what is damaged, Pillow finds some only now
        raise _damaged(name, error) from error


def _converted(image: Image.Image) -> np.ndarray:
    inverted = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == 0  # of eight bits, Pillow has turned it round itself
    if turn := UPRIGHT.get(_orientation(image) or 0):
        image = image.transpose(Image.Transpose[turn])
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        grey = _stretch(np.asarray(image))
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


def _deep_data(image: Image.Image) -> bytes:
    """The file of a colour picture of sixteen bits, of which Pillow keeps the upper eight; of others nothing."""
    if not isinstance(image, ImageFile.ImageFile) or image.mode not in ("RGB", "RGBA") or not image.tile or image.fp is None:
        return b""
    if ";16" not in str(image.tile[0][3]):
        return b""
    place = image.fp.tell()
    image.fp.seek(0)
    data = image.fp.read()
    image.fp.seek(place)
    whole = not data.startswith(PNG) or all(end <= len(data) for _, _, end in _chunks(data))
    return data if whole else b""


def _deep(image: Image.Image, data: bytes) -> Image.Image | None:
    """Where at most twelve of the sixteen bits are used, the picture stretched; it would be black. Otherwise None."""
    values = _with_opencv(data) if data else None
    if values is None or values.dtype != np.uint16 or values.ndim != 3 or values.shape[1::-1] != image.size or values.shape[2] not in (3, 4):
        return None
    values = values[..., 2::-1]
    if np.partition(values.ravel(), k := int((1 - OUTLIERS) * (values.size - 1)))[k] >= TWELVE_BITS:
        return None
    deep = Image.fromarray(_stretch(values))
    deep.getexif().update({ORIENTATION: _orientation(image) or 1})
    return deep


def _of_doubles(source: Path | BytesIO, name: str) -> Image.Image | None:
    """A TIFF of 64-bit real numbers, which Pillow cannot read, as one of 32-bit ones; None of anything else."""
    try:
        data = source.read_bytes() if isinstance(source, Path) else source.getvalue()
        directory = ImageFileDirectory_v2(data[:8])
        stream = BytesIO(data)
        stream.seek(directory.next)
        directory.load(stream)
        width, height = (int(directory[tag]) for tag in SIZE)
        if (directory.get(BITS), directory.get(KIND)) != ((64,), REAL):
            return None
    except Exception:  # it is something else, or damaged
        return None
    _check_size((width, height), name)
    values = _with_opencv(data)
    if values is None or values.shape != (height, width):
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


def _orientation(image: Image.Image) -> int | None:
    try:
        turned = image.getexif().get(ORIENTATION)
        return turned if isinstance(turned, int) else None
    except Exception:  # unreadable EXIF in a good picture: how it was held is unknown, its pixels are not
        return None


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


def _stretch(values: np.ndarray) -> np.ndarray:
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


class _TooMuchWork(ValueError):
    """A file made to keep a decoder busy."""


def _plain_png(data: bytes) -> bytes:
    """The chunks that the first picture needs: no texts, no colour profiles, no animation, whatever their size and however damaged.

    Raises:
        _TooMuchWork: if there are over `MOST_CHUNKS`.
    """
    return b"".join([PNG, *(data[start:end] for kind, start, end in _chunks(data) if kind in NEEDED), END_OF_PNG])


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end (which may lie beyond the data) of every chunk before IEND."""
    at = len(PNG)
    for _ in range(MOST_CHUNKS):
        kind, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        if len(kind) < 4 or kind == b"IEND":
            return
        yield kind, at, end
        at = end
    raise _TooMuchWork


def _check_scans(data: bytes, pixels: int) -> None:
    """A progressive JPEG may go over its pixels as often as it likes, each time with next to no data.

    Raises:
        _TooMuchWork: if that would take seconds.
    """
    scans = data.count(b"\xff\xda")
    if scans > USUAL_SCANS and scans * pixels > MOST_SCANNED:
        raise _TooMuchWork


def _lacks_end(data: bytes) -> bool:
    """Whether a JPEG ends without its marker of the end (what cameras and programs write behind it does not matter)."""
    return data.startswith(JPEG) and not re.search(rb"\xff\xd9", data[data.rfind(b"\xff\xda") :])


def _endings(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG without its end, ended in two ways: all its pixels were there if both give the same picture."""
    return data + b"\xff\xd9", data + bytes(range(1, 250, 7)) * 40 + b"\xff\xd9"
