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


def mask_of(picture: Path, masks: list[str], alone: bool) -> Path | None:
    """The mask that belongs to a picture: the one of its name, ``photo.png`` or ``photo.mask.png`` to ``photo.jpg``; or the only one of an only picture."""
    paths = [Path(mask) for mask in masks]
    named = [path for path in paths if path.stem.removesuffix(".mask") == picture.stem]
    if named:
        return named[0]
    return paths[0] if alone and len(paths) == 1 else None


def unmatched(pictures: list[Path], masks: list[str]) -> list[str]:
    """The names of the masks that belong to no picture."""
    used = {mask_of(picture, masks, len(pictures) == 1) for picture in pictures}
    return [Path(mask).name for mask in masks if Path(mask) not in used]


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
