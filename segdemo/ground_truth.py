"""A picture's true mask, from a visitor: read, checked, and held against the model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from segdemo.metrics import Scores, confusion_matrix
from segdemo.segmentation import Segmentation
from segdemo.tasks import IGNORE_ID, Task, Words

RIGHT, WRONG, IGNORED = (0, 158, 115), (213, 94, 0), (128, 128, 128)  # Okabe and Ito's green and vermilion, and grey


class GroundTruthError(ValueError):
    """A mask that cannot be used; `words` says why in both languages, the exception's text is the English one."""

    def __init__(self, english: str, chinese: str):
        super().__init__(english)
        self.words = Words(english, chinese)


def read_ground_truth(source: str | Path, task: Task, size: tuple[int, int]) -> np.ndarray:
    """Reads a mask.

    Args:
        source: a PNG, or another exact format, of class ids (one channel, or a palette), or of the task's colours.
        task: gives the ids and the colours.
        size: (H, W) of the picture.

    Returns:
        (H, W) uint8 class ids; 255, and in a coloured mask white, is to be ignored.

    Raises:
        GroundTruthError: if it is no picture, of another size, or holds unknown ids or colours.
    """
    name = Path(source).name
    try:
        with Image.open(source) as picture:
            array = np.asarray(picture if picture.mode in ("L", "P", "1", "I", "I;16") else picture.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise GroundTruthError(f"{name} is not a picture that can be read. A mask is best a PNG.", f"{name} 不是可以读取的图片。掩码最好是 PNG。") from error
    if array.shape[:2] != tuple(size):
        there, wanted = f"{array.shape[1]}×{array.shape[0]}", f"{size[1]}×{size[0]}"
        raise GroundTruthError(
            f"The mask {name} is {there} pixels, the picture {wanted}: they must be of one size.",
            f"掩码 {name} 为 {there} 像素，图片为 {wanted}：两者尺寸必须相同。",
        )
    mask = array if array.ndim == 2 else _ids_of(array, task, name)
    unknown = np.setdiff1d(np.unique(mask), [*range(task.num_classes), IGNORE_ID])
    if unknown.size:
        last = task.num_classes - 1
        raise GroundTruthError(
            f"The mask {name} holds the id {unknown[0]}; the ids of this task are 0 to {last}, or {IGNORE_ID} to ignore.",
            f"掩码 {name} 含有编号 {unknown[0]}；本任务的编号为 0 到 {last}，{IGNORE_ID} 表示忽略。",
        )
    return mask.astype(np.uint8)


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
                f"The mask {name} holds the colour {color}, which is no class of this task. (A JPEG blurs colours: use a PNG.)",
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
