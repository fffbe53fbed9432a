"""What was painted on a picture: checked, and as places that a classifier can learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from segdemo.errors import FileError
from segdemo.images import load_pixels, open_picture

UNPAINTED = 255
MOST_CLASSES = 20
MOST_PICTURES = 50
LONGEST_NAME = 60  # letters
LEARNED_PIXELS = 6000  # of all classes together: more teach nothing new and take long


class TeachError(FileError):
    """Pictures, strokes or names that nothing can be learned from."""


@dataclass(frozen=True)
class Painted:
    """Painted pixels of one picture: where, y and x (N,) float32 in shares of its sides, and the class ids (N,) uint8."""

    y: np.ndarray
    x: np.ndarray
    ids: np.ndarray


def read_strokes(source: Path | bytes, name: str = "The strokes") -> np.ndarray:
    """(H, W) uint8 of an image file whose values are class ids, such as an indexed PNG.

    Raises:
        TeachError: if there is no such file, or it has colours or more than eight bits. ImageError: if it cannot be read, or has over 50 megapixels.
    """
    if isinstance(source, Path):
        name = source.name
        if not source.is_file():
            raise TeachError(f"{source}: there is no such file. Each picture needs its strokes.", f"{source}：没有这个文件；每张图都需笔画。")
    with open_picture(BytesIO(source) if isinstance(source, bytes) else source, name) as image:
        if image.mode not in ("L", "P"):
            raise TeachError(
                f"{name} has colours (mode {image.mode}); strokes are one class id a pixel: a PNG with one channel of eight bits, or an indexed one.",
                f"{name} 是彩色图（模式 {image.mode}）；笔画应每像素一个类别编号：单通道 8 位 PNG 或索引 PNG。",
            )
        load_pixels(image, name)
        return np.array(image, np.uint8)


def check_names(names: Sequence[str], most: int = MOST_CLASSES) -> tuple[str, ...]:
    """The names of the classes, at most so many.

    Raises:
        TeachError: if there are fewer than two or too many, one is empty or too long, or there twice.
    """
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise TeachError(f"The names are {names!r}; give a list of texts.", "类别名称应是一组文字。")
    told = tuple(name.strip() for name in names)
    if not 2 <= len(told) <= most:
        raise TeachError(
            f"There are {len(told)} class names; 2 to {most} are possible.",
            f"现有 {len(told)} 个类别名称；可以有 2 到 {most} 个。",
        )
    if wrong := [name for name in told if not name or len(name) > LONGEST_NAME or not name.isprintable()]:
        raise TeachError(
            f"A class is called {wrong[0][:LONGEST_NAME]!r}; a name has 1 to {LONGEST_NAME} letters.",
            f"有一个类别名为“{wrong[0][:LONGEST_NAME]}”；名称应有 1 到 {LONGEST_NAME} 个字。",
        )
    if twice := [name for i, name in enumerate(told) if name in told[:i]]:
        raise TeachError(f"Two classes are called {twice[0]!r}; each needs its own name.", f"有两个类别都叫“{twice[0]}”；名称不能重复。")
    return told


def check_strokes(strokes: np.ndarray, size: tuple[int, int], names: Sequence[str], number: int = 1) -> np.ndarray:
    """The strokes of a picture of ``size`` (H, W): (H, W) uint8 class ids, 255 where nothing is painted.

    Raises:
        TeachError: if their kind or size is another, or an id has no name; ``number`` says which picture's they are.
    """
    strokes = np.asarray(strokes)
    if strokes.dtype != np.uint8 or strokes.ndim != 2:
        raise TeachError(
            f"The strokes of picture {number} are {strokes.dtype} of shape {strokes.shape}; they must be uint8 of shape (H, W), one class id a pixel.",
            f"第 {number} 张图片的笔画是形状为 {strokes.shape} 的 {strokes.dtype}；应为 (H, W) 的 uint8，每个像素一个类别编号。",
        )
    if strokes.shape != size:
        (h, w), (height, width) = strokes.shape, size
        raise TeachError(
            f"The strokes of picture {number} have {w}x{h} pixels, the picture has {width}x{height}; they must be equal.",
            f"第 {number} 张图片的笔画有 {w}x{h} 像素，图片有 {width}x{height} 像素；两者必须相同。",
        )
    ids = np.flatnonzero(np.bincount(strokes.ravel(), minlength=256)[:UNPAINTED])
    if len(ids) and ids[-1] >= len(names):
        raise TeachError(
            f"The strokes of picture {number} have the id {ids[-1]}, but there are only {len(names)} names, for the ids 0 to {len(names) - 1}; "
            f"{UNPAINTED} means unpainted.",
            f"第 {number} 张图片的笔画中有编号 {ids[-1]}；名称只有 {len(names)} 个（0 到 {len(names) - 1}）；{UNPAINTED} 为未涂。",
        )
    return strokes


def count_painted(strokes: Sequence[np.ndarray], names: Sequence[str]) -> np.ndarray:
    """How many pixels of each class are painted in all pictures together, (classes,)."""
    return np.sum([np.bincount(each.ravel(), minlength=256)[: len(names)] for each in strokes], axis=0)


def check_painted(counts: np.ndarray, names: Sequence[str]) -> None:
    """TeachError if of fewer than two classes anything is painted."""
    painted = [name for name, count in zip(names, counts, strict=True) if count]
    if not painted:
        raise TeachError("Nothing is painted yet: paint a stroke of each class.", "还没有任何笔画：请为每个类别画一笔。")
    if len(painted) == 1:
        raise TeachError(
            f"Only {painted[0]!r} is painted. Paint a stroke of another class too: what it is not teaches as much as what it is.",
            f"只画了“{painted[0]}”。请再为另一个类别画一笔：“不是什么”和“是什么”同样重要。",
        )


def painted_pixels(strokes: np.ndarray, counts: np.ndarray) -> Painted:
    """The painted pixels of (H, W) strokes, of large classes evenly chosen ones; ``counts`` are the classes' pixels in all pictures."""
    most = max(LEARNED_PIXELS // max(int((counts > 0).sum()), 1), 1)
    chosen = []
    for class_id, count in enumerate(counts):
        places = np.flatnonzero(strokes.ravel() == class_id)
        share = min(most / max(count, 1), 1)
        chosen.append(places[np.linspace(0, len(places) - 1, max(round(share * len(places)), min(len(places), 1))).round().astype(int)])
    places = np.concatenate(chosen)
    height, width = strokes.shape
    y, x = np.divmod(places, width)
    return Painted(((y + 0.5) / height).astype(np.float32), ((x + 0.5) / width).astype(np.float32), strokes.ravel()[places])
