"""What a visitor takes away from a lesson, as files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from segdemo.errors import FileError
from segdemo.inference.segmentation import Segmentation
from segdemo.output.downloads import safe_name, statistics_csv
from segdemo.output.labels import coco, ilastik, labelme
from segdemo.output.takeaway import take
from segdemo.output.visualization import jpeg, palette_png, png
from segdemo.runtime.files import write_whole
from segdemo.teaching.correction import as_painted
from segdemo.teaching.strokes import TeachError
from segdemo.teaching.taught import ENDING, TaughtSegmenter
from segdemo.ui.api import own_folder
from segdemo.ui.parts.easel import TAKEN
from segdemo.ui.parts.lesson import Lesson
from segdemo.ui.parts.pickers import Pictures


def taken_from(paths: Pictures, asked: object, language: str) -> str:
    """The path of the file that the browser asks for; gr.Error says why there is none."""
    try:
        lesson, wish = Lesson.of(paths, asked), asked if isinstance(asked, dict) else {}
        name, content = made(lesson, str(wish.get("kind")), wish.get("chosen"), language)
    except FileError as error:
        raise gr.Error(getattr(error.words, language), print_exception=False) from error
    path = own_folder() / name
    write_whole(path, content)
    return str(path)


def made(lesson: Lesson, kind: str, chosen: object, language: str) -> tuple[str, bytes]:
    """A file's name and content, at the pictures' full size.

    Raises:
        FileError: if there is no such kind, or nothing of the class in the picture.
    """
    if kind not in TAKEN:
        raise TeachError(f"There is no {kind[:40]!r} to take away.", f"没有“{kind[:40]}”这种文件。")
    segmenter = lesson.learned()
    if kind == "classifier":
        return f"taught{ENDING}", segmenter.to_bytes()
    if kind == "folder":
        return "taught.zip", labelled_folder(lesson, segmenter)
    if kind == "csv":
        return "taught.csv", _table(lesson, segmenter).encode()
    class_id = int(str(chosen)) if chosen in range(len(lesson.names)) else 0
    taken = take(_result(lesson, segmenter, lesson.page), kind, class_id, language)
    return f"{Path(safe_name(lesson.titles[lesson.page])).stem}.{taken.ending}", taken.content


def _table(lesson: Lesson, segmenter: TaughtSegmenter) -> str:
    """The statistics of all pictures."""
    first, *others = [statistics_csv(title, _result(lesson, segmenter, number)) for number, title in enumerate(lesson.titles)]
    return first + "".join(each.split("\r\n", 1)[1] for each in others)


def labelled_folder(lesson: Lesson, segmenter: TaughtSegmenter) -> bytes:
    """A ZIP in the layout that ``train`` reads: pictures, masks, and classes.json; beside them, the masks as COCO and LabelMe have
    them, and the strokes as ilastik does. Where somebody painted, the mask is what was painted.

    The last picture is for validation; if it is the only one, it is for both.
    """
    stream, count = io.BytesIO(), len(lesson.paths)
    colors = [{"name": name, "color": list(color)} for name, color in zip(lesson.names, lesson.colors, strict=True)]
    masks = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("classes.json", json.dumps({"name": "taught", "classes": colors}, ensure_ascii=False, indent=1))
        for number, (name, result) in enumerate(_labelled(lesson, segmenter)):
            for split in [*(["train"] if number < count - 1 or count == 1 else []), *(["val"] if number == count - 1 else [])]:
                archive.writestr(f"{split}/images/{name}.jpg", jpeg(result.image, quality=95))
                archive.writestr(f"{split}/masks/{name}.png", palette_png(result.mask, result.task))
            masks.append((f"{split}/images/{name}.jpg", result.mask))
            archive.writestr(f"labelme/{name}.json", json.dumps(labelme(f"../{masks[-1][0]}", result.mask, result.task), ensure_ascii=False))
            if (strokes := lesson.strokes_of(number)) is not None:
                archive.writestr(f"ilastik/{name}.png", png(ilastik(strokes, result.mask.shape)))
        archive.writestr("coco.json", json.dumps(coco(masks, segmenter.task), ensure_ascii=False))
    return stream.getvalue()


def _labelled(lesson: Lesson, segmenter: TaughtSegmenter) -> Iterator[tuple[str, Segmentation]]:
    for number, path in enumerate(lesson.paths):
        yield f"{number + 1:02}-{Path(safe_name(path.name)).stem}", _result(lesson, segmenter, number)


def _result(lesson: Lesson, segmenter: TaughtSegmenter, number: int) -> Segmentation:
    """Of one picture, at its full size; where somebody painted, it is what was painted."""
    return as_painted(segmenter(lesson.paths[number]), lesson.strokes_of(number))
