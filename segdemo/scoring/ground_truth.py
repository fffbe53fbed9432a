"""A picture's true mask, from a visitor: read, checked, and held against the model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from segdemo.data.folder import black_and_white
from segdemo.errors import FileError
from segdemo.images import ImageError, load_pixels, open_picture
from segdemo.inference.segmentation import Segmentation
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import IGNORE_ID, Task

RIGHT, WRONG, IGNORED = (0, 158, 115), (213, 94, 0), (128, 128, 128)  # Okabe and Ito's green and vermilion, and grey


class GroundTruthError(FileError):
    """A mask that cannot be used."""


def read_ground_truth(source: str | Path, task: Task, size: tuple[int, int]) -> np.ndarray:
    """Reads a mask.

    Args:
        source: a PNG, or another exact format, of class ids (one channel, or a palette in the order of the ids), or of the task's colours.
        task: gives the ids and the colours.
        size: (H, W) of the picture.

    Returns:
        (H, W) uint8 class ids; 255, and in a coloured mask white, is to be ignored, except as `black_and_white` says.

    Raises:
        GroundTruthError: if it is no picture, of another size, or holds unknown ids or colours.
    """
    name = Path(source).name
    try:
        with open_picture(Path(source), name) as picture:
            if picture.size != (size[1], size[0]):  # of a small file, too many pixels to decode may come
                there, wanted = f"{picture.width}×{picture.height}", f"{size[1]}×{size[0]}"
                raise GroundTruthError(
                    f"The mask {name} is {there} pixels, the picture {wanted}: both must have the same size.",
                    f"掩码 {name} 为 {there} 像素，图片为 {wanted}：两者尺寸必须相同。",
                )
            load_pixels(picture, name)
            holds_ids = picture.mode in ("L", "1", "I", "I;16") or (picture.mode == "P" and not _in_colors(picture, task))
            array = np.asarray(picture if holds_ids else picture.convert("RGB"))
    except ImageError as error:
        raise GroundTruthError(str(error), error.words.zh) from error
    if array.ndim == 3 and (array == array[..., :1]).all() and array[array < IGNORE_ID].max(initial=0) < task.num_classes:
        array = array[..., 0]  # ids, saved as a grey picture of three channels
    mask = black_and_white(array if array.ndim == 2 else _ids_of(array, task, name), task)
    if task.countable and mask.dtype != np.uint8:
        mask = (mask > 0).astype(np.uint8)  # sixteen bits: a number for every object
    unknown = np.setdiff1d(np.unique(mask), [*range(task.num_classes), IGNORE_ID])
    if unknown.size:
        last = task.num_classes - 1
        raise GroundTruthError(
            f"The mask {name} contains the id {unknown[0]}; the ids of this task are 0 to {last}, and {IGNORE_ID} means ignore.",
            f"掩码 {name} 含有编号 {unknown[0]}；本任务的编号为 0 到 {last}，{IGNORE_ID} 表示忽略。",
        )
    return mask.astype(np.uint8)


def _in_colors(picture: Image.Image, task: Task) -> bool:
    """Whether all that a palette picture uses are colours of the task's classes, or white: then they tell more than its own numbering."""
    palette = picture.convert("RGB").getcolors(task.num_classes + 1) or [(0, None)]
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
            raise GroundTruthError(
                f"The mask {name} contains the colour {color}, which is not the colour of any class of this task. (JPEG changes colours: use PNG.)",
                f"掩码 {name} 含有颜色 {color}，不属于本任务的任何类别。（JPEG 会改变颜色，请用 PNG。）",
            )
    return np.array([known[value] for value in found.tolist()], np.uint8)[places].reshape(packed.shape)


def score(target: np.ndarray, result: Segmentation) -> Scores:
    """The model's scores on this picture; see `metrics.Scores`."""
    return Scores(confusion_matrix(target, result.mask, result.task.num_classes))


def error_map(target: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(H, W) ids, true and predicted, to (H, W, 3) uint8 RGB: green where right, vermilion where wrong, grey where ignored."""
    colors = np.array([WRONG, RIGHT, IGNORED], np.uint8)
    return colors[np.where(target == IGNORE_ID, 2, target == mask)]
