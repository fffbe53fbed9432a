"""A mask file -> class ids, however a program saved it; one reader for training, `evaluate` and the page."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from segdemo.errors import FileError
from segdemo.images import UPRIGHT, ImageError, load_pixels, open_picture, orientation
from segdemo.tasks import IGNORE_ID, Task

SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".gif", ".webp")  # of formats that can keep every value


class MaskError(FileError):
    """A mask that cannot be used."""


def read_mask(source: str | Path, task: Task, size: tuple[int, int], picture: Path | None = None) -> np.ndarray:
    """Reads a mask.

    Args:
        source: a PNG, or another exact format, of class ids (one channel, or a palette in the order of the ids), or of the task's colours;
            of a countable task also of a number for each object.
        task: gives the ids and the colours.
        size: (H, W) of the picture, upright.
        picture: the picture's file: a mask may have been drawn on its pixels as they are stored, before EXIF turned them.

    Returns:
        (H, W) uint8 class ids; 255, and in a coloured mask white, is to be ignored, except as `black_and_white` says.

    Raises:
        MaskError: if it is no picture, of another size, or holds unknown ids or colours.
    """
    name = Path(source).name
    try:
        with open_picture(Path(source), name) as image:
            turn = _turn(image.size, size, name, picture)  # before it is decoded: of a small file, too many pixels may come
            load_pixels(image, name)
            holds_ids = image.mode in ("L", "1", "I", "I;16", "I;16B") or (image.mode == "P" and not _in_colors(image, task))
            array = np.asarray(image if holds_ids else image.convert("RGB"))
    except ImageError as error:
        raise MaskError(str(error), error.words.zh) from error
    if array.ndim == 3 and (array == array[..., :1]).all() and array[array < IGNORE_ID].max(initial=0) < task.num_classes:
        array = array[..., 0]  # ids, saved as a grey picture of three channels
    mask = black_and_white(array if array.ndim == 2 else _ids_of(array, task, name), task)
    if task.countable and (mask.dtype != np.uint8 or ((mask > 1) & (mask < IGNORE_ID)).any()):
        mask = np.where((mask == IGNORE_ID) & (mask.dtype == np.uint8), IGNORE_ID, mask > 0)  # a number for every object
    unknown = np.setdiff1d(np.unique(mask), [*range(task.num_classes), IGNORE_ID])
    if unknown.size:
        last = task.num_classes - 1
        raise MaskError(
            f"The mask {name} contains the id {unknown[0]}; the ids of {task.name} are 0 to {last}, and {IGNORE_ID} means ignore.",
            f"掩码 {name} 含有编号 {unknown[0]}；本任务的编号为 0 到 {last}，{IGNORE_ID} 表示忽略。",
        )
    mask = mask.astype(np.uint8)
    return np.asarray(Image.fromarray(mask).transpose(Image.Transpose[UPRIGHT[turn]])) if turn else mask


def black_and_white(mask: np.ndarray, task: Task) -> np.ndarray:
    """Of two classes, a mask of nothing but 0 and 255 is black and white, as many programs save it: 255 is class 1, not ignored."""
    return (mask == IGNORE_ID).astype(np.uint8) if task.num_classes == 2 and np.array_equal(np.unique(mask), [0, IGNORE_ID]) else mask


def _turn(there: tuple[int, int], size: tuple[int, int], name: str, picture: Path | None) -> int:
    """How the mask is to be turned, as EXIF says it of the picture, or 0.

    If only one reading of a turned picture fits the mask's size, that; if both do, the mask is taken for one of the upright picture, and a line says so.
    """
    height, width = size
    turn = (orientation(picture) or 0) if picture else 0
    if there == (width, height):
        if turn in UPRIGHT and (turn <= 4 or width == height) and picture:
            _say_both(str(picture.parent))
        return 0
    if turn > 4 and there == (height, width):
        return turn
    raise MaskError(
        f"The mask {name} is {there[0]}×{there[1]} pixels, the picture {width}×{height}: both must have the same size.",
        f"掩码 {name} 为 {there[0]}×{there[1]} 像素，图片为 {width}×{height}：两者尺寸必须相同。",
    )


@cache
def _say_both(folder: str) -> None:
    logging.getLogger("segdemo").warning(
        "%s: a picture's EXIF turns it, and its mask would fit either way. Masks are taken for those of the upright pictures, as viewers show them.", folder
    )


def _in_colors(image: Image.Image, task: Task) -> bool:
    """Whether all that a palette picture uses are colours of the task's classes, or white: then they tell more than its own numbering."""
    palette = image.convert("RGB").getcolors(task.num_classes + 1) or [(0, None)]
    return {color for _, color in palette} <= {*map(tuple, task.palette.tolist()), (255, 255, 255)}


def _ids_of(colors: np.ndarray, task: Task, name: str) -> np.ndarray:
    """(H, W, 3) of the palette's colours to ids."""
    packed = colors.astype(np.int64) @ np.array([65536, 256, 1])
    known = {int(np.dot(color, [65536, 256, 1])): i for i, color in enumerate(task.palette.astype(int).tolist())}
    known.setdefault(0xFFFFFF, IGNORE_ID)
    found, places = np.unique(packed, return_inverse=True)
    for value in found.tolist():
        if value not in known:
            color = f"({value >> 16}, {value >> 8 & 255}, {value & 255})"
            raise MaskError(
                f"The mask {name} contains the colour {color}, which is not the colour of any class of {task.name}. (JPEG changes colours: use PNG.)",
                f"掩码 {name} 含有颜色 {color}，不属于本任务的任何类别。（JPEG 会改变颜色，请用 PNG。）",
            )
    return np.array([known[value] for value in found.tolist()], np.uint8)[places].reshape(packed.shape)
