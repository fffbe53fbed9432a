"""The endpoints for programs: over HTTP, with `gradio_client`, and as tools over MCP.

Gradio shows the docstrings below to whoever asks what there is: first the description, then one line a parameter, one a returned value.
"""

from __future__ import annotations

import inspect
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.components.api_component import Api
from gradio.utils import get_function_description, get_upload_folder

from segdemo.analysis.agreement import compare_masks
from segdemo.analysis.explanation import CAUTION, occlusion, seg_grad_cam
from segdemo.analysis.regions import METHODS, agreement, find_regions, vote
from segdemo.data.masks import read_mask
from segdemo.errors import log_fault
from segdemo.images import read_image
from segdemo.inference.segmentation import Segmentation
from segdemo.languages import LANGUAGES
from segdemo.models import MODELS
from segdemo.output import takeaway
from segdemo.output.visualization import jpeg, overlay, palette_png, png
from segdemo.runtime import RUNTIME_TITLES, RUNTIMES
from segdemo.runtime.files import write_whole
from segdemo.scoring import ground_truth
from segdemo.suggestion import likeliest_task
from segdemo.tasks import TASKS, get_task
from segdemo.teaching.correction import as_painted
from segdemo.teaching.strokes import read_strokes
from segdemo.zoo import entries, load
from segdemo.zoo import suggest as suggested
from segdemo.zoo import teach as taught

MODEL_EVENTS = {"concurrency_id": "model", "concurrency_limit": 1}  # one network at a time: each uses every core

FILES = ("image", "mask", "strokes")  # the parameters that are files; the others are texts


def choices() -> dict[str, list[str]]:
    """The values of those parameters that have but a few."""
    return {
        "task": ["auto", *TASKS],
        "model": ["auto", *MODELS],
        "runtime": ["auto", *RUNTIMES],
        "method": list(METHODS),
        "kind": list(takeaway.KINDS),
        "language": list(LANGUAGES),
    }


def public_api() -> None:
    """Adds the endpoints to the page being built, on components that the page does not show."""
    with gr.Group(visible=False):
        _endpoint(suggest, gr.JSON(label="suggestions"))
        _endpoint(segment, gr.File(label="mask"), gr.File(label="overlay"), gr.JSON(label="statistics"))
        _endpoint(compare, gr.File(label="masks", file_count="multiple"), gr.File(label="disagreement"), gr.JSON(label="agreement"))
        _endpoint(score, gr.File(label="error_map"), gr.JSON(label="scores"))
        _endpoint(regions, gr.File(label="mask"), gr.JSON(label="regions"))
        _endpoint(explain, gr.File(label="seg_grad_cam"), gr.File(label="occlusion"), gr.JSON(label="explanation"))
        _endpoint(take, gr.File(label="file"))
        _endpoint(teach, gr.File(label="mask"), gr.File(label="overlay"), gr.JSON(label="statistics"))


def _endpoint(handler: Callable, *outputs: gr.components.Component) -> None:
    """Names, defaults and descriptions are those of the handler, whose wrapped lines are joined: Gradio takes one line for each value."""
    handler.__doc__ = re.sub(r"\n {12,}", " ", handler.__doc__ or "")
    sentence, described, returns = get_function_description(handler)
    inputs = [_input(name, parameter.default, described[name]) for name, parameter in inspect.signature(handler).parameters.items()]
    description = f"{sentence} Returns: {'; '.join(returns)}."
    gr.Button().click(handler, inputs, list(outputs), api_name=handler.__name__, api_description=description, **MODEL_EVENTS)


def _input(name: str, default: object, description: str) -> gr.components.Component:
    if name in FILES:
        return gr.File(label=name, type="filepath")
    schema: dict[str, Any] = {"type": "string", "additional_description": description}  # which "Use via API" shows; MCP has the docstring
    if name in (limited := choices()):
        schema["enum"] = limited[name]
    return Api(None if default is inspect.Parameter.empty else default, schema, label=name)


@contextmanager
def _answered() -> Iterator[None]:
    """Around a handler: what the package says of a bad value is what the caller reads."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        log_fault("API", error)
        raise gr.Error(f"The program failed ({type(error).__name__}). Another picture may work.", print_exception=False) from error


@_answered()
def suggest(image: str | None) -> list[dict]:
    """Says which task fits one picture, or none; every other tool takes the task "auto", which is the first of these.

    Args:
        image: the picture's file.

    Returns:
        suggestions: [{"task": a task's name, or null for none of these, "probability"}, ...], the most probable first
    """
    return _as_dicts(suggested(_there(image)))


@_answered()
def segment(image: str | None, task: str = "auto", model: str = "auto", runtime: str = "auto") -> tuple[str, str, dict]:
    """Segments one picture: gives every pixel one of the task's classes. From a shell without a client: curl -F image=@photo.jpg ADDRESS/segment

    Args:
        image: the picture's file.
        task: what the picture shows, and so the classes; "auto" is what the picture looks like.
        model: the architecture of the network; "auto" is the task's best.
        runtime: the software that runs the network; "auto" is the best available, "litert-int8" computes with 8-bit integers, "keras" is the reference.

    Returns:
        mask: an indexed PNG of the picture's size, whose values are class ids
        overlay: the classes' colours over the picture, a JPEG
        statistics: {"task", "suggestions": as `suggest` gives them where the task was "auto", else [],
            "classes": [{"id", "name", "pixels", "share", "regions", "confidence"}, ...], "mean_confidence",
            "unfamiliar": whether the model is less sure than on pictures like those it was trained on, or found no face,
            "located": of the task faces, where the heads are, [[top, bottom, left, right], ...] in pixels, otherwise null, "seconds"}
    """
    result = _segmented(image, task, model, runtime)
    mask, blend = _saved(image, {"mask.png": palette_png(result.mask, result.task), "overlay.jpg": jpeg(overlay(result.image, result.separated, result.task))})
    return mask, blend, statistics_of(result)


def statistics_of(result: Segmentation) -> dict:
    """What `segment` says of a result."""
    return {
        "task": result.task.name,
        "suggestions": _as_dicts(result.suggestions),
        "classes": [{**vars(s), "confidence": s.confidence if s.pixels else None} for s in result.statistics()],
        "mean_confidence": result.mean_confidence,
        "unfamiliar": result.unfamiliar,
        "located": result.located_boxes,
        "seconds": result.timings,
    }


@_answered()
def compare(image: str | None, task: str = "auto") -> tuple[list[str], str, dict]:
    """Segments one picture with every model trained for the task, and shows where they disagree.

    Args:
        image: the picture's file.
        task: what the picture shows, or "auto"; there must be two models for it.

    Returns:
        masks: of each model an indexed PNG of class ids, in the order of "models"
        disagreement: a grey PNG of the picture's size, black where all models agree, white where each gives another class
        agreement: {"task", "models": [{"model", "seconds"}, ...], "everywhere": share of the pixels on which all agree,
            "pairs": [{"models": [a, b], "share"}, ...]}
    """
    task = _task(image, task)
    trained = [model for model in MODELS if (get_task(task).name, model) in entries()]
    if len(trained) < 2:
        several = ", ".join(name for name in TASKS if sum(name == other for other, _ in entries()) > 1)
        raise ValueError(f"The task {task!r} has only one model, {trained[0]}: there is nothing to compare. Use `segment`, or choose one of: {several}.")
    found = {model: _segmented(image, task, model) for model in trained}
    agreed = compare_masks({model: result.mask for model, result in found.items()})
    files = {f"{model}.mask.png": palette_png(result.mask, result.task) for model, result in found.items()}
    *masks, disagreement = _saved(image, {**files, "disagreement.png": _grey_png((agreed.answers - 1) / (len(found) - 1))})
    pairs = [{"models": list(pair), "share": share} for pair, share in agreed.pairs.items()]
    models = [{"model": model, "seconds": result.timings} for model, result in found.items()]
    return masks, disagreement, {"task": task, "models": models, "everywhere": agreed.everywhere, "pairs": pairs}


@_answered()
def score(image: str | None, mask: str | None, task: str = "auto", model: str = "auto") -> tuple[str, dict]:
    """Segments one picture and compares the result with its ground truth.

    Args:
        image: the picture's file.
        mask: the ground truth, of the picture's size: a PNG of class ids, or of the task's colours; 255, or white, is ignored.
        task: what the picture shows, or "auto".
        model: the architecture of the network; "auto" is the task's best.

    Returns:
        error_map: a PNG of the picture's size, green where the model is right, orange where it is wrong, grey where ignored
        scores: {"task", "mean_iou", "pixel_accuracy", "classes": [{"id", "name", "iou", "dice"}, ...], "confusion": pixels by true class (row) and found class}
    """
    if mask is None:
        raise ValueError("There is no ground truth: give a file as `mask`.")
    result = _segmented(image, task, model)
    target = read_mask(mask, result.task, result.mask.shape, Path(image) if image else None)
    scores = ground_truth.score(target, result)
    (errors,) = _saved(image, {"errors.png": png(ground_truth.error_map(target, result.mask))})
    classes = [{"id": i, "name": name, "iou": _finite(scores.iou[i]), "dice": _finite(scores.dice[i])} for i, name in enumerate(result.task.class_names)]
    confusion = scores.matrix[:, : result.task.num_classes].tolist()  # the last column, of ids that are no class, is empty
    return errors, {
        "task": result.task.name,
        "mean_iou": _finite(scores.mean_iou),
        "pixel_accuracy": _finite(scores.pixel_accuracy),
        "classes": classes,
        "confusion": confusion,
    }


@_answered()
def regions(image: str | None, task: str = "auto", model: str = "auto", method: str = "slic") -> tuple[str, dict]:
    """Divides one picture into regions by colour and place alone, and gives each region the class that a network finds for most of its pixels.

    Args:
        image: the picture's file.
        task: what the picture shows, or "auto".
        model: the architecture of the network that finds the classes; "auto" is the task's best.
        method: how regions are found: SLIC superpixels, the graph of Felzenszwalb and Huttenlocher, or k-means.

    Returns:
        mask: an indexed PNG of the picture's size, whose values are the class ids of the regions
        regions: {"task", "regions": how many there are, "kept": share of the pixels that keep the class the network gave them,
            "unfamiliar": as `segment` says it}
    """
    result = _segmented(image, task, model)
    ids = find_regions(result.image, str(method))
    voted = vote(ids, result.mask, result.task.num_classes)
    (mask,) = _saved(image, {"regions.png": palette_png(voted, result.task)})
    return mask, {"task": result.task.name, "regions": int(ids.max()) + 1, "kept": agreement(result.mask, voted), "unfamiliar": result.unfamiliar}


@_answered()
def explain(image: str | None, class_name: str, task: str = "auto", model: str = "auto", layer: str | None = None) -> tuple[str, str, dict]:
    """Shows which parts of one picture support a class: Seg-Grad-CAM uses the network's gradients, occlusion covers the picture square by square.

    Args:
        image: the picture's file.
        class_name: the class to explain, for example "road", by its English or Chinese name or its id; some pixels must have it.
        task: what the picture shows, or "auto".
        model: the architecture of the network; "auto" is the task's best.
        layer: the layer whose features Seg-Grad-CAM weighs; by default the end of the backbone. A wrong name is answered with a list of the right ones.

    Returns:
        seg_grad_cam: a grey PNG of the picture's size, lighter where the features support the class more
        occlusion: a grey PNG of the picture's size, lighter where covering a square makes the class less probable
        explanation: {"task", "class": {"id", "name"}, "largest_drop": the largest drop of the probability, white in the occlusion map,
            "caution": how far to trust the maps, "unfamiliar": as `segment` says it}
    """
    picture, task = read_image(_there(image)), _task(image, task)
    segmenter = load(str(model), task=task, runtime="keras")
    class_id = segmenter.task.class_id(str(class_name))
    gradients = seg_grad_cam(segmenter, picture, class_id, layer=layer)
    usual = _loaded(image, task, model)
    drops = occlusion(usual, picture, class_id)
    largest = float(drops.max())
    files = {"grad-cam.png": _grey_png(gradients), "occlusion.png": _grey_png(np.clip(drops / max(largest, 1e-6), 0, 1))}
    about = {"task": task, "class": {"id": class_id, "name": segmenter.task.class_names[class_id]}, "largest_drop": largest, "caution": CAUTION.en}
    about["unfamiliar"] = usual(picture).unfamiliar
    by_gradients, by_occlusion = _saved(image, files)
    return by_gradients, by_occlusion, about


@_answered()
def take(
    image: str | None,
    kind: str = "cutout",
    class_name: str | None = None,
    task: str = "auto",
    model: str = "auto",
    language: str = "en",
    color: str = "white",
) -> str:
    """Segments one picture and makes a file of it: a class cut out, another background behind it, the overlay, the mask, or a card to share.

    Args:
        image: the picture's file.
        kind: "cutout" is a PNG with a soft transparent edge, cropped; "blurred", "greyed" and "colored" change all but the class; "card" has 1200x630 pixels.
        class_name: the class by its English or Chinese name or its id, or several with commas; by default all but the background, or the largest.
        task: what the picture shows, or "auto".
        model: the architecture of the network; "auto" is the task's best.
        language: of the words on the card.
        color: of the background of "colored", for example "white" or "#0f766e".

    Returns:
        file: a PNG or JPEG without any metadata, as large as the picture but for the cut-out and the card
    """
    result = _segmented(image, task, model)
    taken = takeaway.take(result, str(kind), takeaway.class_ids(result.task, class_name), str(language), str(color))
    return _saved(image, {taken.ending: taken.content})[0]


@_answered()
def teach(image: str | None, strokes: str | None, names: str = "", task: str | None = None, model: str = "auto") -> tuple[str, str, dict]:
    """Learns classes of the caller's own from strokes on one picture, or from strokes where a model is wrong, and gives every pixel one of them.

    Args:
        image: the picture's file.
        strokes: a PNG of the picture's size with one channel, or an indexed one, whose values are class ids; 255 where nothing is painted.
        names: of the classes, in the order of their ids, with commas; at least two must be painted. Of a task, by default, all of its own.
        task: what the model finds whose result is the start, to correct it; by default nothing is corrected.
        model: the architecture of that model; "auto" is the task's best.

    Returns:
        mask: an indexed PNG of the picture's size, whose values are class ids; where something is painted, it is that
        overlay: the classes' colours over the picture, a JPEG
        statistics: {"classes": [{"id", "name", "pixels", "share", "regions", "confidence", "painted": pixels that it learned from}, ...], "mean_confidence"}
    """
    picture = read_image(_there(image))
    if strokes is None:
        raise ValueError("There are no strokes: give a file as `strokes`.")
    painted = read_strokes(Path(strokes))
    told = str(names).split(",") if names else None
    segmenter = taught([picture], [painted], told, correct=_loaded(image, _task(image, task), model) if task else None)
    result = as_painted(segmenter(picture), painted)
    mask, blend = _saved(image, {"mask.png": palette_png(result.mask, result.task), "overlay.jpg": jpeg(overlay(result.image, result.mask, result.task))})
    classes = [
        {**vars(s), "confidence": s.confidence if s.pixels else None, "painted": count} for s, count in zip(result.statistics(), segmenter.painted, strict=True)
    ]
    return mask, blend, {"classes": classes, "mean_confidence": result.mean_confidence}


def _there(image: str | None) -> str:
    """The picture's path, once it is known that there is one."""
    if image is None:
        raise ValueError("There is no picture: give a file as `image`.")
    return image


def _task(image: str | None, task: str) -> str:
    """The task's name; of "auto", the picture's most probable one."""
    return likeliest_task(suggested(_there(image))) if task == "auto" else str(task)


def _loaded(image: str | None, task: str, model: str, runtime: str = "auto"):
    """The `Segmenter`, once it is known that there is a picture for it."""
    _there(image)
    return loaded(str(model), str(task), str(runtime))


def loaded(model: str, task: str, runtime: str):
    """As `load`; ValueError for another runtime than the one that runs a network that was brought as a file."""
    segmenter = load(model, task=task, runtime=runtime)
    if task != "auto" and runtime not in ("auto", segmenter.runtime):
        title = RUNTIME_TITLES[segmenter.runtime]
        raise ValueError(f"The runtime is {runtime!r}, but the network {segmenter.model!r} was brought as a file, which {title} runs. Leave the runtime out.")
    return segmenter


def _segmented(image: str | None, task: str, model: str, runtime: str = "auto") -> Segmentation:
    return _loaded(image, task, model, runtime)(image)


def _as_dicts(suggestions: Iterable[tuple[str | None, float]]) -> list[dict]:
    return [{"task": name, "probability": probability} for name, probability in suggestions]


def _finite(value: float) -> float | None:
    """JSON knows no NaN, the score of a class that neither mask has."""
    return None if np.isnan(value) else float(value)


def _grey_png(values: np.ndarray) -> bytes:
    """(H, W) in [0, 1] as a PNG of 0 to 255."""
    return png(np.rint(255 * values).astype(np.uint8))


def _saved(image: str | None, files: dict[str, bytes]) -> list[str]:
    """Writes files that are called like the picture and then by their keys; their paths, in the same order."""
    folder, stem = own_folder(), Path(image or "").stem or "picture"
    for ending, content in files.items():
        write_whole(folder / f"{stem}.{ending}", content)
    return [str(folder / f"{stem}.{ending}") for ending in files]


def own_folder() -> Path:
    """A new folder in Gradio's own; `segdemo.ui.uploads` sees to the end of it."""
    Path(get_upload_folder()).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=get_upload_folder()))
