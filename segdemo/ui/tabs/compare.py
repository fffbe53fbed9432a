"""The Compare tab: every model on one picture, and where they disagree."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import numpy as np
from markupsafe import Markup

from segdemo.analysis.agreement import Agreement, compare_masks
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.models import MODELS
from segdemo.output.visualization import jpeg, overlay
from segdemo.ui.api import MODEL_EVENTS
from segdemo.ui.link import Examples, LinkedTab, Query
from segdemo.ui.parts import results
from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.pickers import PRIVATE, SILENT, Context, Pictures, choose_example, example_files, html
from segdemo.ui.parts.templating import render
from segdemo.ui.parts.travel import bring_along, take_from_anywhere
from segdemo.ui.text import words_of
from segdemo.zoo import Entry, entries, load

LONGEST_SIDE = 800


def compare_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_compare", id="compare") as tab, gr.Row(elem_classes="stage"):
        with gr.Column(scale=7, min_width=320):
            output = html(empty_card(page.tasks[0]), elem_id="comparison", js_on_load=script("zoom"))
        with gr.Column(scale=2, min_width=320, elem_classes="quiet"):
            picture = page.picture_picker("picture", "compare-picture", columns=1)
            brought = take_from_anywhere(picture)
            compare = page.button("compare", variant="primary")
            task = page.task_picker("compare-task")
            samples = page.sample_picker(task, "compare-examples")

    chosen = samples.select(choose_example, task, picture, **SILENT)
    for start in (compare.click, chosen.then, brought.then):
        done = start(compare_picture, [picture, task], output, **MODEL_EVENTS, **PRIVATE)
        done.then(None, None, None, js=call("show", "comparison"), **PRIVATE)
    task.input(example_files, [task, page.language], samples, **SILENT)
    again = task.input(compare_again, [picture, task], output, **MODEL_EVENTS, **PRIVATE)
    again.then(None, None, None, js=call("show", "comparison"), **PRIVATE)

    def show(paths: list[str], task_name: str, model_name: str, language: str) -> list:
        return [task_name, example_files(task_name, language), paths[:1], compare_picture([(paths[0], None)], task_name)]

    carried = bring_along(page, tab, picture, [task, samples, picture, output], show)
    page.brought.append((picture, task, page.brought[0][2]))

    def opened(query: Query) -> list:
        task_name = query.known("task", page.tasks, page.tasks[0])
        return [task_name, example_files(task_name, "en"), query.example()]

    return LinkedTab(tab, {"task": task}, opened, [task, samples, picture], Examples(samples, picture, (chosen, brought, carried), compare))


def empty_card(task: str) -> Markup:
    return results.empty_card("compare_title", "compare_empty", count=len(_trained(task)))


def compare_picture(paths: Pictures, task: str) -> Markup:
    """HTML of the comparison of all models trained for ``task`` on the first picture."""
    if not paths:
        return results.notice(words_of("no_pictures")) + empty_card(task)

    def make(path: Path) -> Markup:
        return comparison_card(path.name, {name: load(name, task)(path) for name in _trained(task)})

    return results.guarded(Path(paths[0][0]), make)


def compare_again(paths: Pictures, task: str) -> Markup:
    """`compare_picture`, if there is one."""
    return compare_picture(paths, task) if paths else empty_card(task)


def _trained(task: str) -> list[str]:
    return [name for name in MODELS if (task, name) in entries()]


def comparison_card(name: str, found: dict[str, Segmentation]) -> Markup:
    """The card: the picture, each model's overlay with its facts, the map of disagreement, the pairs.

    Args:
        name: the picture's file name.
        found: each model's result on it, by the model's name.
    """
    first = next(iter(found.values()))
    task = first.task
    agreement = compare_masks({model: result.mask for model, result in found.items()}) if len(found) > 1 else None
    return render(
        "comparison",
        name=name,
        task=task,
        chosen="",
        warning=next(filter(None, (results.unfamiliar(result, by=MODELS[model].title) for model, result in found.items())), ""),
        picture=jpeg(shrink(first.image, first.mask, LONGEST_SIDE)[0]),
        models=[(_overlay(result), MODELS[model].title, _facts(result, entries()[task.name, model])) for model, result in found.items()],
        agreement=agreement,
        disagreement=_disagreement(first.image, agreement) if agreement else None,
        pairs=[(MODELS[a].title, MODELS[b].title, share) for (a, b), share in agreement.pairs.items()] if agreement else [],
        classes=[info for i, info in enumerate(task.classes) if any((result.mask == i).any() for result in found.values())],
    )


def _overlay(result: Segmentation) -> bytes:
    return jpeg(overlay(result.image, result.separated, result.task, 0.65, LONGEST_SIDE))


def _disagreement(image: np.ndarray, agreement: Agreement) -> bytes:
    """Dark grey where all agree, the lighter the more answers there are: no colour, for colours are classes."""
    image, answers = shrink(image, agreement.answers, LONGEST_SIDE)
    grey = image.mean(axis=2) * 0.35
    shown = np.choose(np.minimum(answers, 3) - 1, (grey, np.full_like(grey, 165), np.full_like(grey, 255)))
    return jpeg(np.repeat(shown[..., None], 3, axis=2).astype(np.uint8))


def _facts(result: Segmentation, entry: Entry) -> dict[str, object]:
    return {**results.model_facts(entry), "milliseconds": f"{1000 * result.timings['network']:.0f}"}
