"""The Compare tab: every model on one picture, and where they disagree."""

from __future__ import annotations

from html import escape
from pathlib import Path

import gradio as gr
import numpy as np

from segdemo.analysis.agreement import Agreement, compare_masks
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.models import MODELS
from segdemo.output.visualization import jpeg, overlay
from segdemo.tasks import TASKS
from segdemo.ui.api import MODEL_EVENTS
from segdemo.ui.link import Examples, LinkedTab, Query
from segdemo.ui.parts import results
from segdemo.ui.parts.pickers import PRIVATE, SHOW, SILENT, Context, Pictures, choose_example, example_files, first_brought, html
from segdemo.ui.text import both, spans, words_of
from segdemo.zoo import Entry, entries, load

LONGEST_SIDE = 800

# One slider zooms into all views alike, where the pointer or the arrow keys say.
ZOOM_SCRIPT = """
let zoom = 1;
const show = () => element.style.setProperty('--zoom', zoom);
const STEPS = { ArrowLeft: ['--x', -5], ArrowRight: ['--x', 5], ArrowUp: ['--y', -5], ArrowDown: ['--y', 5] };
element.addEventListener('keydown', (event) => {
  if (!(event.key in STEPS) || !event.target.matches('.views')) return;
  const [axis, step] = STEPS[event.key], place = parseFloat(element.style.getPropertyValue(axis) || '50%');
  event.preventDefault();
  element.style.setProperty(axis, `${Math.min(Math.max(place + step, 0), 100)}%`);
});
element.addEventListener('input', (event) => { if (event.target.name === 'zoom') { zoom = event.target.value; show(); } });
const aim = (event) => {
  const frame = event.target.closest('.frame');
  if (!frame) return;
  const box = frame.getBoundingClientRect();
  element.style.setProperty('--x', `${100 * (event.clientX - box.left) / box.width}%`);
  element.style.setProperty('--y', `${100 * (event.clientY - box.top) / box.height}%`);
};
element.addEventListener('pointermove', aim);
element.addEventListener('pointerdown', aim);
watch('value', () => { element.querySelectorAll('input[name=zoom]').forEach((input) => { input.value = zoom; }); show(); });
"""


def compare_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_compare", id="compare") as tab, gr.Row():
        with gr.Column(scale=2, min_width=320):
            task = page.task_picker("compare-task")
            picture = page.picture_picker("picture", "compare-picture", columns=1)
            compare = page.button("compare", variant="primary")
            samples = page.sample_picker(task, "compare-examples")
        with gr.Column(scale=7, min_width=320):
            output = html(empty_card(task.value), elem_id="comparison", js_on_load=ZOOM_SCRIPT)

    chosen = samples.select(choose_example, task, picture, **SILENT)
    for start in (compare.click, chosen.then):
        done = start(compare_picture, [picture, task], output, **MODEL_EVENTS, **PRIVATE)
        done.then(None, None, None, js=SHOW % "comparison", **PRIVATE)
    task.input(lambda *chosen: (example_files(*chosen), empty_card(chosen[0])), [task, page.language], [samples, output], **SILENT)

    def carry(own: Pictures, language: str, *brought):
        paths, task_name = first_brought(brought)
        return [gr.skip()] * 3 if own or not paths else [task_name, example_files(task_name, language), [paths[0][0]]]

    carried = tab.select(carry, [picture, page.language, *page.brought], [task, samples, picture], **SILENT)
    page.brought += [picture, task]

    def opened(query: Query) -> list:
        task_name = query.known("task", page.tasks, page.tasks[0])
        return [task_name, example_files(task_name, "en"), query.example(task_name)]

    return LinkedTab(tab, {"task": task}, opened, [task, samples, picture], Examples(samples, picture, (chosen, carried), compare))


def empty_card(task: str) -> str:
    return f'<div class="empty"><h2>{both("compare_title", count=len(_trained(task)))}</h2><p>{both("compare_empty")}</p></div>'


def compare_picture(paths: Pictures, task: str) -> str:
    """HTML of the comparison of all models trained for ``task`` on the first picture."""
    if not paths:
        return results.notice(words_of("no_pictures")) + empty_card(task)

    def make(path: Path) -> str:
        return comparison_card(path.name, {name: load(name, task)(path) for name in _trained(task)})

    return results.guarded(Path(paths[0][0]), make)


def _trained(task: str) -> list[str]:
    return [name for name in MODELS if (task, name) in entries()]


def comparison_card(name: str, found: dict[str, Segmentation]) -> str:
    """The card: the picture, each model's overlay with its facts, the map of disagreement, the pairs.

    Args:
        name: the picture's file name.
        found: each model's result on it, by the model's name.
    """
    first = next(iter(found.values()))
    task = first.task
    views = [_view(_picture(first), both("original"), escape(name, quote=True))]
    for model, result in found.items():
        entry = entries()[task.name, model]
        views.append(_view(_overlay(result), f"<strong>{MODELS[model].title}</strong> {_facts(result, entry)}", MODELS[model].title))
    lines = ""
    if len(found) > 1:
        agreement = compare_masks({model: result.mask for model, result in found.items()})
        views.append(_view(_disagreement(first.image, agreement), f"<strong>{both('disagreement')}</strong> {both('disagreement_key')}", ""))
        lines = f"<p class='words'>{both('agree', share=f'{agreement.everywhere:.1%}', count=len(found))}</p>{_pairs(agreement)}"
    legend = results.legend((i for i in range(task.num_classes) if any((r.mask == i).any() for r in found.values())), task)
    zoom = f'<div class="controls"><label>{both("zoom")}<input type="range" name="zoom" min="1" max="8" step="0.5" value="1"></label></div>'
    aim = f'<span class="unseen" id="compare-aim">{both("aim")}</span>'
    pictures = f'{aim}<div class="views" tabindex="0" role="application" aria-labelledby="compare-aim">{"".join(views)}</div>'
    pictures = f'<div class="side">{pictures}<div class="verdict">{lines}</div></div>'
    heading = f"<h2>{escape(name)}</h2><p class='facts'>{spans(TASKS[task.name].title)}</p>"
    heading += next(filter(None, (results.unfamiliar(result) for result in found.values())), "")
    return f'<article class="result compare">{heading}{pictures}{zoom}{legend}</article>'


def _view(picture: str, caption: str, alternative: str) -> str:
    return f'<figure><div class="frame"><img src="{picture}" alt="{alternative}"></div><figcaption><span>{caption}</span></figcaption></figure>'


def _picture(result: Segmentation) -> str:
    return results.data_uri("image/jpeg", jpeg(shrink(result.image, result.mask, LONGEST_SIDE)[0]))


def _overlay(result: Segmentation) -> str:
    image, mask = shrink(result.image, result.separated, LONGEST_SIDE)
    return results.data_uri("image/jpeg", jpeg(overlay(image, mask, result.task, 0.65)))


def _disagreement(image: np.ndarray, agreement: Agreement) -> str:
    """Dark grey where all agree, the lighter the more answers there are: no colour, for colours are classes."""
    image, answers = shrink(image, agreement.answers, LONGEST_SIDE)
    grey = image.mean(axis=2) * 0.35
    shown = np.choose(np.minimum(answers, 3) - 1, (grey, np.full_like(grey, 165), np.full_like(grey, 255)))
    return results.data_uri("image/jpeg", jpeg(np.repeat(shown[..., None], 3, axis=2).astype(np.uint8)))


def _facts(result: Segmentation, entry: Entry) -> str:
    return both(
        "compare_facts",
        milliseconds=f"{1000 * result.timings['network']:.0f}",
        parameters=entry.parameters / 1e6,
        parameters_wan=entry.parameters / 1e4,
        miou=f"{entry.miou:.3f}",
    )


def _pairs(agreement: Agreement) -> str:
    rows = "".join(f'<tr><th scope="row">{MODELS[a].title} · {MODELS[b].title}</th><td>{share:.1%}</td></tr>' for (a, b), share in agreement.pairs.items())
    return f'<table class="pairs"><thead><tr><th scope="col">{both("pair")}</th><th scope="col">{both("pair_share")}</th></tr></thead><tbody>{rows}</tbody></table>'
