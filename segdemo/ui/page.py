"""The page: layout, and thin handlers that call the package."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio as gr

from segdemo.architectures import MODELS
from segdemo.examples import examples
from segdemo.images import ImageError
from segdemo.tasks import TASKS, Words
from segdemo.ui import results
from segdemo.ui.about import about_html
from segdemo.ui.api import KEPT_SECONDS, MODEL_EVENTS, public_api
from segdemo.ui.text import IMAGE_ERRORS_ZH, LANGUAGES, both, say
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
                pictures = gr.Gallery(
                    label=say("pictures", "en"), type="filepath", file_types=FILE_TYPES, sources=["upload", "clipboard", "webcam"], columns=3, height=220, interactive=True,
                    elem_id="pictures", buttons=[],
                )  # fmt: skip
                with gr.Row():
                    run = gr.Button(say("run", "en"), variant="primary", elem_id="run", scale=3)
                    clear = gr.Button(say("clear", "en"), elem_id="clear", scale=1, min_width=80)
                _html(f'<h2 id="examples-heading">{both("examples")}</h2>')
                samples = gr.Gallery(
                    _example_files(first, "en"), label=say("examples", "en"), show_label=False, columns=3, height="auto", allow_preview=False, interactive=False,
                    object_fit="cover", elem_id="examples", buttons=[],
                )  # fmt: skip
            with gr.Column(scale=7, min_width=320):
                output = _html(results.empty_card(), elem_id="results", js_on_load=results.OPACITY_SCRIPT)
        with gr.Tab(say("tab_about", "en")) as about_tab:
            _html(about_html())

        private = {"api_visibility": "private"}
        segment_inputs = [pictures, task, model, language]
        chosen = samples.select(_choose_example, task, pictures, show_progress="hidden", **private)
        runs = [start(segment_pictures, segment_inputs, output, **MODEL_EVENTS, **private) for start in (run.click, chosen.then)]
        for each in runs:
            each.then(None, None, None, js=SHOW_RESULT, **private)
        clear.click(lambda: (None, results.empty_card()), None, [pictures, output], cancels=runs, **private)

        def change_task(task_name: str, model_name: str, language_code: str):
            choices = _model_choices(zoo, task_name)
            chosen = model_name if model_name in dict(choices).values() else choices[0][1]
            return gr.update(choices=choices, value=chosen), _note(task_name, chosen), _example_files(task_name, language_code)

        task.change(change_task, [task, model, language], [model, note, samples], show_progress="hidden", **private)
        model.change(_note, [task, model], note, show_progress="hidden", **private)

        def relabel(code: str, task_name: str):
            labels = [gr.update(label=say(key, code)) for key in ("language", "model", "pictures", "tab_segment", "tab_about")]
            buttons = [gr.update(value=say(key, code)) for key in ("run", "clear")]
            return [
                *labels,
                *buttons,
                gr.update(label=say("task", code), choices=_task_choices(tasks, code)),
                gr.update(label=say("examples", code), value=_example_files(task_name, code)),
            ]

        relabelled = [language, model, pictures, segment_tab, about_tab, run, clear, task, samples]
        language.change(relabel, [language, task], relabelled, js=_with_first(SHOW_LANGUAGE), show_progress="hidden", **private)
        page.load(None, None, language, js=CHOOSE_LANGUAGE)

        public_api()
    return page.queue(max_size=64)


def segment_pictures(paths: list[tuple[str, str | None]] | None, task: str, model: str, language: str = "en", progress=gr.Progress()) -> Iterator[str]:  # noqa: B008
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
        cards += _card(Path(path), entry)
        yield cards + results.status(_words("done", number=number, count=len(paths)))


def _card(path: Path, entry: Entry) -> str:
    """The result for one picture, or what was wrong with it: one bad picture never costs the others."""
    try:
        result = load(entry.model, entry.task)(path)
        return results.result_card(path.name, result, entry, MODELS[entry.model].title)
    except ImageError as error:
        return results.error_card(path.name, Words(str(error), IMAGE_ERRORS_ZH[error.code].format(**error.values)))
    except Exception as error:
        logging.getLogger(__name__).exception("segmenting %s", path.name)
        return results.error_card(path.name, _words("failed", name=path.name, kind=type(error).__name__))


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
