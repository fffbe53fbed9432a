"""The Explain tab: regions without names beside names, and what speaks for a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import gradio as gr
import numpy as np
from markupsafe import Markup

from segdemo.analysis.explanation import CAUTION, occlusion, seg_grad_cam
from segdemo.analysis.regions import METHODS, agreement, find_regions, mean_colors, outlines, vote
from segdemo.images import ImageError, read_image, shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.models import MODELS
from segdemo.output.visualization import jpeg, overlay, ramp_image
from segdemo.tasks import TASKS
from segdemo.ui.link import Examples, LinkedTab, Query
from segdemo.ui.parts import results
from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.pickers import PRIVATE, SILENT, Context, Pictures, choose_example, example_files, html
from segdemo.ui.parts.templating import class_words, render
from segdemo.ui.parts.travel import bring_along, take_from_anywhere
from segdemo.ui.text import say, words_of
from segdemo.zoo import load

LONGEST_SIDE = 800
LANE = {"concurrency_id": "explain", "concurrency_limit": 1}  # one at a time, and beside other visitors' pictures: an occlusion takes long
LEAST_DROP = 0.05  # of probability, that is worth a word
LEAST_SCALE = 0.2  # a drop of probability that the occlusion map may show in full yellow


def explain_tab(page: Context) -> LinkedTab:
    def questions(language: str) -> dict:
        return {"label": say("question", language), "choices": [(say(f"question_{name}", language), name) for name in ("regions", "evidence")]}

    def methods(language: str) -> dict:
        return {"label": say("method", language), "choices": [(getattr(method.title, language), name) for name, method in METHODS.items()]}

    def classes(language: str, task_name: str) -> dict:
        return {"label": say("class", language), "choices": class_choices(TASKS[task_name].classes, language)}

    def layers(language: str, model_name: str) -> dict:
        return {"label": say("layer", language), "choices": layer_choices(model_name, language)}

    with page.add(gr.Tab, "tab_explain", id="explain") as tab, gr.Row(elem_classes="stage"):
        with gr.Column(scale=7, min_width=320):
            output = html(empty_card(), elem_id="explanation", js_on_load=script("pixel"))
        with gr.Column(scale=2, min_width=320, elem_classes="quiet"):
            question = page.add(gr.Radio, questions, value="regions", elem_id="question")
            task = page.task_picker("explain-task", tasks=page.explained)
            model = page.model_picker("explain-model")
            method = page.add(gr.Radio, methods, value="slic", elem_id="method")
            class_id = page.add(gr.Dropdown, classes, task, value=asked_first(task.value), elem_id="explain-class", visible=False)
            layer = page.add(gr.Dropdown, layers, model, value=layer_choices(model.value, "en")[0][1], elem_id="layer", visible=False)
            picture = page.picture_picker("picture", "explain-picture", columns=1)
            brought = take_from_anywhere(picture)
            explain = page.button("explain", variant="primary")
            samples = page.sample_picker(task, "explain-examples")

    def telling(progress: gr.Progress, language: str) -> Callable[[int, int], None]:
        return lambda done, of: progress((done, of), desc=say("occlusion_working", language, number=done, count=of))

    def answer(paths, asked, task_name, model_name, how, chosen_class, layer_name, language, progress=gr.Progress()):  # noqa: B008
        if asked == "regions":
            return show_regions(paths, task_name, model_name, how)
        return show_evidence(paths, task_name, model_name, chosen_class, layer_name, telling(progress, language))

    chosen = samples.select(choose_example, task, picture, **SILENT)
    for start in (explain.click, chosen.then, brought.then):
        done = start(answer, [picture, question, task, model, method, class_id, layer, page.language], output, **LANE, **PRIVATE)
        done.then(None, None, None, js=call("show", "explanation"), **PRIVATE)

    def answer_pixel(paths, task_name, model_name, layer_name, language, event: gr.EventData, progress=gr.Progress()):  # noqa: B008
        if not paths:
            return [gr.skip()] * 5
        down, right = (min(max(float(share), 0), 0.999999) for share in (event.y, event.x))
        try:
            found = class_at(paths, task_name, model_name, down, right)
        except ImageError as error:  # it was kept for two hours
            return [results.error_card(Path(paths[0][0]).name, error.words), *[gr.skip()] * 4]
        evidence = show_evidence(paths, task_name, model_name, found, layer_name, telling(progress, language), (down, right))
        return [evidence, "evidence", gr.update(visible=False), gr.update(value=found, visible=True), gr.update(visible=True)]

    asked = output.click(answer_pixel, [picture, task, model, layer, page.language], [output, question, method, class_id, layer], **LANE, **PRIVATE)
    asked.then(None, None, None, js=call("show", "explanation"), **PRIVATE)

    def ask(asked: str):
        return [gr.update(visible=asked == "regions"), *[gr.update(visible=asked == "evidence")] * 2, empty_card()]

    def change_task(task_name: str, model_name: str, language: str):
        return (
            page.kept_model(task_name, model_name),
            gr.update(**classes(language, task_name), value=asked_first(task_name)),
            example_files(task_name, language),
        )

    def change_model(model_name: str, language: str):
        choices = layers(language, model_name)
        return gr.update(**choices, value=choices["choices"][0][1])

    question.input(ask, question, [method, class_id, layer, output], **SILENT)
    task.input(lambda *now: (*change_task(*now), empty_card()), [task, model, page.language], [model, class_id, samples, output], **SILENT)
    model.input(change_model, [model, page.language], layer, **SILENT)

    def show(paths: list[str], task_name: str, model_name: str, language: str) -> list:
        if not MODELS[model_name].layers:  # a network that was brought: there is no looking into it
            return [gr.skip()] * 6
        _, class_update, files = change_task(task_name, model_name, language)
        model_update = gr.update(choices=page.model_choices(task_name), value=model_name)
        return [task_name, model_update, class_update, change_model(model_name, language), files, paths[:1]]

    carried = bring_along(page, tab, picture, [task, model, class_id, layer, samples, picture], show)
    page.brought.append((picture, task, model))

    def opened(query: Query) -> list:
        asked = query.known("question", ("regions", "evidence"), "regions")
        task_name = query.known("task", page.explained, page.explained[0])
        model_name = query.known("model", page.models(task_name), page.usual_model(task_name))
        _, class_update, files = change_task(task_name, model_name, "en")
        layer_update = change_model(model_name, "en")
        class_update["value"] = int(query.known("class", [str(i) for i in range(len(TASKS[task_name].classes))], str(class_update["value"])))
        layer_update["value"] = query.known("layer", [name for _, name in layer_update["choices"]], layer_update["value"])
        shown = asked == "evidence"
        return [
            asked, task_name, page.show_model(task_name, model_name), gr.update(value=query.known("method", METHODS, "slic"), visible=not shown),
            class_update | {"visible": shown}, layer_update | {"visible": shown}, files, query.example(),
        ]  # fmt: skip

    settings = {"question": question, "task": task, "model": model, "method": method, "class": class_id, "layer": layer}
    outputs = [question, task, model, method, class_id, layer, samples, picture]
    return LinkedTab(tab, settings, opened, outputs, Examples(samples, picture, (chosen, brought, carried), explain))


def empty_card() -> Markup:
    return results.empty_card("explain_title", "explain_empty")


def show_regions(paths: Pictures, task: str, model: str, method: str) -> Markup:
    """HTML: the picture, its regions, the network's classes, and the regions named by the network's vote."""

    def make(path: Path) -> Markup:
        result = load(model, task)(path)
        regions = find_regions(result.image, method)
        voted = vote(regions, result.mask, result.task.num_classes)
        painted = mean_colors(result.image, regions)
        painted[outlines(regions)] = 255
        kept = agreement(result.mask, voted)
        views = {"painted": painted, "named": overlay(result.image, result.mask, result.task, 0.65), "voted": overlay(result.image, voted, result.task, 0.65)}
        found = {"method": METHODS[method], "count": int(regions.max()) + 1, "model": MODELS[model].title, "kept": kept}
        return _card("regions", path.name, result, np.unique(result.mask), {"picture": result.image, **views}, **found)

    return _guarded(paths, make)


def class_at(paths: Pictures, task: str, model: str, down: float, right: float) -> int:
    """The class that the model gives to the pixel at these shares, from 0 to below 1, of the picture's height and width."""
    assert paths
    mask = load(model, task)(_shrunk(read_image(paths[0][0]))).mask
    return int(mask[int(down * mask.shape[0]), int(right * mask.shape[1])])


def show_evidence(
    paths: Pictures,
    task: str,
    model: str,
    class_id: int,
    layer: str | None,
    progress: Callable[[int, int], None] | None = None,
    pixel: tuple[float, float] | None = None,
) -> Markup:
    """HTML: what is explained, Seg-Grad-CAM from a layer, and occlusion as a check on it.

    Args:
        pixel: the one to be explained, as shares of height and width; None for all that have the class.
    """

    def make(path: Path) -> Markup:
        segmenter = load(model, task, "keras")
        image = _shrunk(read_image(path))  # the maps are coarse anyway
        result = segmenter(image)
        info = class_words(result.task.classes[class_id])
        where = None
        if pixel:
            where = int(pixel[0] * result.mask.shape[0]), int(pixel[1] * result.mask.shape[1])
        elif not (result.mask == class_id).any():
            return results.notice(words_of("class_absent", name=info)) + empty_card()
        picked = np.where((result.mask == class_id)[..., None], overlay(result.image, result.mask, result.task, 0.65), result.image // 2)
        if where:
            radius = max(6, max(picked.shape) // 60)
            for thickness, color in ((5, (0, 0, 0)), (2, (255, 255, 255))):
                cv2.circle(picked, where[::-1], radius, color, thickness, cv2.LINE_AA)
        gradients = seg_grad_cam(segmenter, image, class_id, where, layer)
        covered = occlusion(load(model, task), image, class_id, where, progress=progress)
        scale = max(float(covered.max()), LEAST_SCALE)
        views = {"picked": picked, "gradients": _heat(result.image, gradients), "covered": _heat(result.image, np.clip(covered / scale, 0, 1))}
        told = {"scale": f"{scale:.2f}", "drop": f"{covered.max():.2f}", "nothing": covered.max() < LEAST_DROP, "caution": CAUTION}
        return _card("evidence", path.name, result, [class_id], views, asked=info, one_pixel=bool(where), **told)

    return _guarded(paths, make)


def asked_first(task: str) -> int:
    """The class that is asked about before the visitor chooses one: not one of the backdrop."""
    first = TASKS[task].asked_first
    return TASKS[task].class_names.index(first) if first else 0


def class_choices(task_classes: tuple, language: str) -> list[tuple[str, int]]:
    return [(info.name if language == "en" else info.name_zh, i) for i, info in enumerate(task_classes)]


def layer_choices(model: str, language: str) -> list[tuple[str, str]]:
    return [(getattr(title, language), name) for name, title in MODELS[model].layers.items()]


def _guarded(paths: Pictures, make: Callable[[Path], Markup]) -> Markup:
    if not paths:
        return results.notice(words_of("no_pictures")) + empty_card()
    return results.guarded(Path(paths[0][0]), make)


def _card(template: str, name: str, result: Segmentation, classes: Iterable[int], views: dict[str, np.ndarray], **values: object) -> Markup:
    pictures = {place: jpeg(_shrunk(picture)) for place, picture in views.items()}
    shown = [result.task.classes[i] for i in classes]
    return render(template, name=name, warning=results.unfamiliar(result), classes=shown, **pictures, **values)


def _shrunk(picture: np.ndarray) -> np.ndarray:
    return shrink(picture, picture[..., 0], LONGEST_SIDE)[0]


def _heat(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The picture in grey, and over it the heat in colours, the stronger the more opaque."""
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB) // 2
    weight = (0.15 + 0.75 * heat)[..., None]
    return (grey * (1 - weight) + ramp_image(heat) * weight).astype(np.uint8)
