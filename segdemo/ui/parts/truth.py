"""What a card says when the visitor brought the true mask."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from segdemo.data.masks import MaskError, read_mask
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.output.visualization import png
from segdemo.scoring.ground_truth import error_map, score
from segdemo.ui.parts.charts import chart
from segdemo.ui.parts.templating import render

LONGEST_SIDE = 800


def pair(pictures: list[Path], masks: list[str]) -> tuple[list[Path | None], list[Path]]:
    """The mask of each picture, and the masks that belong to none.

    It is the one of its name, ``photo.png``, ``photo.mask.png`` or ``photo.jpg.png`` to ``photo.jpg``; of several of one name, each picture has the next;
    or it is the only one of an only picture.
    """
    left = [Path(mask) for mask in masks]
    if len(pictures) == len(left) == 1:
        return [left[0]], []
    found = []
    for picture in pictures:
        found.append(next((path for path in left if path.stem.removesuffix(".mask") in (picture.stem, picture.name)), None))
        if found[-1]:
            left.remove(found[-1])
    return found, left


def truth_section(result: Segmentation, path: Path, picture: Path) -> Markup:
    """HTML: scores of each class, where the model is wrong, what it takes for what; or why the mask cannot be used."""
    try:
        target = read_mask(path, result.task, result.mask.shape, picture)
    except MaskError as error:
        return render("truth", problem=error.words)
    scores = score(target, result)
    classes = zip(result.task.classes, scores.iou, scores.dice, strict=True)
    return render(
        "truth",
        problem=None,
        miou=_number(scores.mean_iou),
        accuracy=_number(scores.pixel_accuracy),
        errors=png(shrink(error_map(target, result.mask), result.mask, LONGEST_SIDE)[0]),
        scores=[(info, _number(iou), _number(dice)) for info, iou, dice in classes if iou == iou],  # a class that neither side holds is NaN
        confusion=chart(_confusion_svg(result, scores), "confusion"),
    )


def _confusion_svg(result: Segmentation, scores) -> str:
    from io import BytesIO

    from segdemo.scoring.plots import plot_confusion

    file = BytesIO()
    plot_confusion(scores, result.task, file)
    return file.getvalue().decode()


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"
