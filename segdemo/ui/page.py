"""The page: layout, and thin handlers that call the package."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr

from segdemo.architectures import MODELS
from segdemo.downloads import archive
from segdemo.examples import examples
from segdemo.images import ImageError
from segdemo.regions import METHODS
from segdemo.report import report_html
from segdemo.runtime import RUNTIME_TITLES, has_litert
from segdemo.segmentation import Segmentation
from segdemo.tasks import TASKS, Words
from segdemo.ui import results
from segdemo.ui.about import about_html
from segdemo.ui.api import KEPT_SECONDS, MODEL_EVENTS, own_folder, public_api
from segdemo.ui.compare import ZOOM_SCRIPT, compare_picture
from segdemo.ui.explain import class_choices, layer_choices, show_evidence, show_regions
from segdemo.ui.explain import empty_card as explain_empty
from segdemo.ui.text import IMAGE_ERRORS_ZH, LANGUAGES, both, say
from segdemo.ui.truth import mask_of, truth_section
from segdemo.visualization import jpeg
from segdemo.zoo import Entry, entries, load

MOST_PICTURES = 20
FILE_TYPES = ["image", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".webp", ".avif"]  # not every browser knows that these are images

# The page's `lang` decides which language the HTML shows; a `?lang=` in the address or the browser's own language decides at first.
CHOOSE_LANGUAGE = """() => {
  const wanted = new URLSearchParams(location.search).get('lang') || navigator.language || 'en';
  return wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}"""
SHOW_LANGUAGE = "(language) => { document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'; return language; }"

# On a phone the result is below the pickers: bring it into view.
SHOW_RESULT = "() => { if (innerWidth < 760) document.getElementById('results').scrollIntoView({behavior: 'smooth'}) }"


def build_page() -> gr.Blocks:
    """The whole app. Its public endpoint is ``/segment``; see `api.segment_file`."""
    zoo = entries()
    tasks = [name for name in TASKS if any(task == name for task, _ in zoo)]
    if not tasks:
        raise RuntimeError("weights/manifest.json lists no trained model; get the repository again, or train one.")
    first = tasks[0]
    best = max((entry for entry in zoo.values() if entry.task == first), key=lambda entry: entry.miou)

    with gr.Blocks(title="segdemo", delete_cache=(KEPT_SECONDS, KEPT_SECONDS), analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="masthead"):
            _html(f"<h1>{both('title')}</h1><p>{both('promise')}</p>")
            language = gr.Radio(
                [(label, code) for code, label in LANGUAGES.items()], value="en", label=say("language", "en"), elem_id="language", scale=0, min_width=200
            )
        with gr.Tab(say("tab_segment", "en")) as segment_tab, gr.Row():
            with gr.Column(scale=2, min_width=320):
                task = gr.Radio(_task_choices(tasks, "en"), value=first, label=say("task", "en"), elem_id="task")
                model = gr.Radio(_model_choices(zoo, first), value=best.model, label=say("model", "en"), elem_id="model")
                note = _html(_note(first, best.model))
                with gr.Accordion(say("speed", "en"), open=False, elem_id="speed") as speed:
                    runtimes = [(title, name) for name, title in RUNTIME_TITLES.items() if name == "keras" or has_litert()]
                    runtime = gr.Radio(runtimes, value=runtimes[0][1], label=say("runtime", "en"), elem_id="runtime")
                    _html(f"<p class='facts'>{both('runtime_note' if has_litert() else 'runtime_missing')}</p>")
                pictures = _picture_picker("pictures", "pictures", columns=3)
                with gr.Accordion(say("truth", "en"), open=False, elem_id="truth") as truth:
                    _html(f"<p class='facts'>{both('truth_note')}</p>")
                    masks = gr.File(
                        label=say("truth_masks", "en"), file_count="multiple", file_types=[".png", ".tif", ".bmp"], type="filepath", height=120, elem_id="masks"
                    )
                with gr.Row():
                    run = gr.Button(say("run", "en"), variant="primary", elem_id="run", scale=3)
                    clear = gr.Button(say("clear", "en"), elem_id="clear", scale=1, min_width=80)
                zip_all = gr.Button(say("zip", "en"), size="sm", elem_id="zip")
                zip_file = gr.File(label=say("zip_file", "en"), visible=False, elem_id="zip-file")
                samples = _sample_picker(first, "examples")
            with gr.Column(scale=7, min_width=320):
                output = _html(results.empty_card(), elem_id="results", js_on_load=results.CARD_SCRIPT)
        with gr.Tab(say("tab_compare", "en")) as compare_tab, gr.Row():
            with gr.Column(scale=2, min_width=320):
                compare_task = gr.Radio(_task_choices(tasks, "en"), value=first, label=say("task", "en"), elem_id="compare-task")
                picture = _picture_picker("picture", "compare-picture", columns=1)
                compare = gr.Button(say("compare", "en"), variant="primary", elem_id="compare")
                compare_samples = _sample_picker(first, "compare-examples")
            with gr.Column(scale=7, min_width=320):
                comparison = _html(next(compare_picture(None, first)), elem_id="comparison", js_on_load=ZOOM_SCRIPT)
        with gr.Tab(say("tab_explain", "en")) as explain_tab, gr.Row():
            with gr.Column(scale=2, min_width=320):
                question = gr.Radio(_questions("en"), value="regions", label=say("question", "en"), elem_id="question")
                explain_task = gr.Radio(_task_choices(tasks, "en"), value=first, label=say("task", "en"), elem_id="explain-task")
                explain_model = gr.Radio(_model_choices(zoo, first), value=best.model, label=say("model", "en"), elem_id="explain-model")
                method = gr.Radio(_methods("en"), value="slic", label=say("method", "en"), elem_id="method")
                explain_class = gr.Dropdown(
                    class_choices(TASKS[first].classes, "en"), value=0, label=say("class", "en"), elem_id="explain-class", visible=False
                )
                layer = gr.Dropdown(
                    layer_choices(best.model, "en"), value=layer_choices(best.model, "en")[0][1], label=say("layer", "en"), elem_id="layer", visible=False
                )
                explain_picture = _picture_picker("picture", "explain-picture", columns=1)
                explain = gr.Button(say("explain", "en"), variant="primary", elem_id="explain")
                explain_samples = _sample_picker(first, "explain-examples")
            with gr.Column(scale=7, min_width=320):
                explanation = _html(explain_empty(), elem_id="explanation")
        with gr.Tab(say("tab_about", "en")) as about_tab:
            _html(about_html())

        private = {"api_visibility": "private"}
        segment_inputs = [pictures, task, model, language, runtime, masks]
        chosen = samples.select(_choose_example, task, pictures, show_progress="hidden", **private)
        runs = [start(segment_pictures, segment_inputs, output, **MODEL_EVENTS, **private) for start in (run.click, chosen.then)]
        for each in runs:
            each.then(None, None, None, js=SHOW_RESULT, **private)
        zip_all.click(take_home, [pictures, task, model, language, runtime], zip_file, **MODEL_EVENTS, **private)
        clear.click(
            lambda: (None, None, gr.update(value=None, visible=False), results.empty_card()), None, [pictures, masks, zip_file, output], cancels=runs, **private
        )

        compare_chosen = compare_samples.select(_choose_example, compare_task, picture, show_progress="hidden", **private)
        for start in (compare.click, compare_chosen.then):
            start(compare_picture, [picture, compare_task], comparison, **MODEL_EVENTS, **private)
        compare_task.change(_example_files, [compare_task, language], compare_samples, show_progress="hidden", **private)

        def answer(paths, asked, task_name, model_name, how, class_id, layer_name, progress=gr.Progress()):  # noqa: B008
            if asked == "regions":
                return show_regions(paths, task_name, model_name, how)
            return show_evidence(paths, task_name, model_name, class_id, layer_name, lambda done, of: progress((done, of)))

        explain_inputs = [explain_picture, question, explain_task, explain_model, method, explain_class, layer]
        explain_chosen = explain_samples.select(_choose_example, explain_task, explain_picture, show_progress="hidden", **private)
        for start in (explain.click, explain_chosen.then):
            start(answer, explain_inputs, explanation, **MODEL_EVENTS, **private)

        def ask(asked: str):
            return [gr.update(visible=asked == "regions"), *[gr.update(visible=asked == "evidence")] * 2]

        question.change(ask, question, [method, explain_class, layer], show_progress="hidden", **private)

        def change_explain_task(task_name: str, model_name: str, code: str):
            choices, chosen = _kept_choice(zoo, task_name, model_name)
            classes = gr.update(choices=class_choices(TASKS[task_name].classes, code), value=0)
            return gr.update(choices=choices, value=chosen), classes, _example_files(task_name, code)

        explain_task.change(
            change_explain_task, [explain_task, explain_model, language], [explain_model, explain_class, explain_samples], show_progress="hidden", **private
        )

        def change_explain_model(model_name: str, code: str):
            choices = layer_choices(model_name, code)
            return gr.update(choices=choices, value=choices[0][1])

        explain_model.change(change_explain_model, [explain_model, language], layer, show_progress="hidden", **private)

        def change_task(task_name: str, model_name: str, language_code: str):
            choices, chosen = _kept_choice(zoo, task_name, model_name)
            return gr.update(choices=choices, value=chosen), _note(task_name, chosen), _example_files(task_name, language_code)

        task.change(change_task, [task, model, language], [model, note, samples], show_progress="hidden", **private)
        model.change(_note, [task, model], note, show_progress="hidden", **private)

        labelled = {
            "language": language, "model": model, "pictures": pictures, "tab_segment": segment_tab, "tab_compare": compare_tab, "tab_explain": explain_tab,
            "tab_about": about_tab,
            "runtime": runtime, "speed": speed, "picture": picture, "truth": truth, "truth_masks": masks, "zip_file": zip_file,
        }  # fmt: skip
        buttons = {"run": run, "clear": clear, "zip": zip_all, "compare": compare, "explain": explain}
        again = {"model": explain_model, "picture": explain_picture}  # names that another component has, too

        def relabel(code: str, explain_model_name: str, *task_names: str):
            return [
                *(gr.update(label=say(key, code)) for key in (*labelled, *again)),
                *(gr.update(value=say(key, code)) for key in buttons),
                *[gr.update(label=say("task", code), choices=_task_choices(tasks, code))] * 3,
                *(gr.update(label=say("examples", code), value=_example_files(name, code)) for name in task_names),
                gr.update(label=say("question", code), choices=_questions(code)),
                gr.update(label=say("method", code), choices=_methods(code)),
                gr.update(label=say("class", code), choices=class_choices(TASKS[task_names[-1]].classes, code)),
                gr.update(label=say("layer", code), choices=layer_choices(explain_model_name, code)),
            ]

        relabelled = [
            *labelled.values(), *again.values(), *buttons.values(), task, compare_task, explain_task, samples, compare_samples, explain_samples,
            question, method, explain_class, layer,
        ]  # fmt: skip
        language.change(
            relabel, [language, explain_model, task, compare_task, explain_task], relabelled, js=_with_first(SHOW_LANGUAGE), show_progress="hidden", **private
        )
        page.load(None, None, language, js=CHOOSE_LANGUAGE)

        public_api()
    return page.queue(max_size=64)


def segment_pictures(
    paths: list[tuple[str, str | None]] | None,
    task: str,
    model: str,
    language: str = "en",
    runtime: str = "auto",
    masks: list[str] | None = None,
    progress=gr.Progress(),  # noqa: B008
) -> Iterator[str]:
    """Segments the gallery's pictures one after the other, showing each as it is done."""
    if not paths:
        yield results.notice(_words("no_pictures")) + results.empty_card()
        return
    cards = ""
    if len(paths) > MOST_PICTURES:
        cards = results.notice(_words("too_many", count=len(paths), limit=MOST_PICTURES))
        paths = paths[:MOST_PICTURES]
    entry = entries()[task, model]
    for number, (path, _) in enumerate(paths, 1):
        progress((number - 1, len(paths)), desc=say("working", language, number=number, count=len(paths)))
        cards += _card(Path(path), entry, runtime, mask_of(Path(path), masks or [], len(paths) == 1))
        yield cards + results.status(_words("done", number=number, count=len(paths)))


def take_home(paths: list[tuple[str, str | None]] | None, task: str, model: str, language: str, runtime: str) -> dict:
    """A ZIP with masks, overlays, reports and statistics of the pictures that can be read."""
    if not paths:
        gr.Info(say("no_pictures", language))
        return gr.update(visible=False)
    segmenter = load(model, task, runtime)
    settings = {"task": getattr(TASKS[task].title, language), "model": MODELS[model].title, "runtime": RUNTIME_TITLES[segmenter.runtime]}
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")

    def segmented() -> Iterator[tuple[str, Segmentation]]:
        for path, _ in paths[:MOST_PICTURES]:
            with suppress(ImageError):  # the card says what is wrong with it
                yield Path(path).name, segmenter(path)

    file = own_folder() / "segdemo.zip"
    file.write_bytes(archive(segmented(), settings, lambda name, result: report_html(name, result, settings, language, made)))
    return gr.update(value=str(file), visible=True)


def _card(path: Path, entry: Entry, runtime: str, mask: Path | None) -> str:
    """The result for one picture, or what was wrong with it: one bad picture never costs the others."""
    try:
        segmenter = load(entry.model, entry.task, runtime)
        result = segmenter(path)
        title = f"{MODELS[entry.model].title}, {RUNTIME_TITLES[segmenter.runtime]}"
        return results.result_card(path.name, result, entry, title, truth_section(result, mask) if mask else "")
    except ImageError as error:
        return results.error_card(path.name, Words(str(error), IMAGE_ERRORS_ZH[error.code].format(**error.values)))
    except Exception as error:
        logging.getLogger(__name__).exception("segmenting %s", path.name)
        return results.error_card(path.name, results.failed(path.name, error))


def _picture_picker(key: str, elem_id: str, columns: int) -> gr.Gallery:
    """Where a visitor's pictures go; its label is the text called ``key``."""
    return gr.Gallery(
        label=say(key, "en"), type="filepath", file_types=FILE_TYPES, sources=["upload", "clipboard", "webcam"], columns=columns, height=220, interactive=True,
        elem_id=elem_id, buttons=[],
    )  # fmt: skip


def _sample_picker(task: str, elem_id: str) -> gr.Gallery:
    """The task's examples, below their heading."""
    _html(f'<h2 class="examples-heading">{both("examples")}</h2>')
    return gr.Gallery(
        _example_files(task, "en"), label=say("examples", "en"), show_label=False, columns=3, height="auto", allow_preview=False, interactive=False,
        object_fit="cover", elem_id=elem_id, elem_classes="examples", buttons=[],
    )  # fmt: skip


def _html(value: str, **options) -> gr.HTML:
    """HTML that only `theme.CSS` styles."""
    return gr.HTML(value, apply_default_css=False, **options)


def _words(key: str, **values: object) -> Words:
    return Words(*(say(key, language, **values) for language in LANGUAGES))


def _with_first(script: str) -> str:
    """A script on the first input, the others passed on."""
    return f"(first, ...others) => [({script})(first), ...others]"


def _task_choices(tasks: list[str], language: str) -> list[tuple[str, str]]:
    return [(getattr(TASKS[name].title, language), name) for name in tasks]


def _model_choices(zoo: dict[tuple[str, str], Entry], task: str) -> list[tuple[str, str]]:
    return [(architecture.title, name) for name, architecture in MODELS.items() if (task, name) in zoo]


def _questions(language: str) -> list[tuple[str, str]]:
    return [(say(f"question_{name}", language), name) for name in ("regions", "evidence")]


def _methods(language: str) -> list[tuple[str, str]]:
    return [(getattr(method.title, language), name) for name, method in METHODS.items()]


def _kept_choice(zoo: dict[tuple[str, str], Entry], task: str, model: str) -> tuple[list[tuple[str, str]], str]:
    """The models trained for ``task``, and ``model`` if it is among them, or else the first."""
    choices = _model_choices(zoo, task)
    return choices, model if model in dict(choices).values() else choices[0][1]


def _note(task: str, model: str) -> str:
    return results.model_note(TASKS[task], MODELS[model].sentence, entries()[task, model])


@cache
def _examples_folder() -> TemporaryDirectory:
    """Where the examples lie while this process lives."""
    return TemporaryDirectory(prefix="segdemo-examples-")


def _example_files(task: str, language: str) -> list[tuple[str, str]]:
    """The task's examples as files with captions, each written once."""
    files = []
    for example in examples(task):
        path = Path(_examples_folder().name) / f"{example.name}.jpg"
        if not path.exists():
            path.write_bytes(jpeg(example.image, quality=92))
        files.append((str(path), getattr(example.caption, language)))
    return files


def _choose_example(task: str, event: gr.SelectData) -> list[str]:
    return [_example_files(task, "en")[event.index][0]]
