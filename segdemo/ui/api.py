"""The endpoint for programs: ``/segment``, over HTTP or with `gradio_client`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder

from segdemo.visualization import jpeg, overlay, palette_png
from segdemo.zoo import load

KEPT_SECONDS = 3600  # files of a visitor are deleted between one and two of these after they came
MODEL_EVENTS = {"concurrency_id": "model", "concurrency_limit": 1}  # one network at a time: each uses every core


def public_api() -> None:
    """Adds the endpoint to the page being built, on components that the page does not show."""
    with gr.Group(visible=False):
        image = gr.File(label="image", type="filepath")
        task = gr.Textbox("street", label="task")
        model = gr.Textbox("deeplabv3plus", label="model")
        runtime = gr.Textbox("auto", label="runtime")
        mask, blend, report = gr.File(label="mask"), gr.File(label="overlay"), gr.JSON(label="statistics")
        gr.Button().click(segment_file, [image, task, model, runtime], [mask, blend, report], api_name="segment", **MODEL_EVENTS)


def segment_file(image: str | None, task: str = "street", model: str = "deeplabv3plus", runtime: str = "auto") -> tuple[str, str, dict]:
    """Segments one picture.

    Args:
        image: the picture's file.
        task: "street", "animals", "nuclei" or "faces".
        model: "fcn8s", "unet" or "deeplabv3plus".
        runtime: "litert", "litert-int8", "keras", or "auto", the best there is.

    Returns:
        The mask as an indexed PNG whose values are class ids, the overlay as a JPEG, and the statistics:
        {"classes": [{"id", "name", "pixels", "share", "regions", "confidence"}, ...], "mean_confidence", "seconds"}.
    """
    if image is None:
        raise gr.Error("There is no picture: give a file as `image`.", print_exception=False)
    try:
        result = load(model, task, runtime)(image)
    except (ValueError, RuntimeError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    folder = own_folder()
    stem = Path(image).stem or "picture"
    (folder / f"{stem}.mask.png").write_bytes(palette_png(result.mask, result.task))
    (folder / f"{stem}.overlay.jpg").write_bytes(jpeg(overlay(result.image, result.separated, result.task)))
    classes = [{**vars(s), "confidence": s.confidence if s.pixels else None} for s in result.statistics()]
    report = {"classes": classes, "mean_confidence": float(result.confidence.mean()), "seconds": result.timings}
    return str(folder / f"{stem}.mask.png"), str(folder / f"{stem}.overlay.jpg"), report


def own_folder() -> Path:
    """A new folder in Gradio's own, where `delete_cache` sees to the end of it."""
    Path(get_upload_folder()).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=get_upload_folder()))
