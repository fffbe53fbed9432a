"""The Segment tab: pictures in, a card for each out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from segdemo.errors import FileError
from segdemo.images import ImageError, read_to_show, shrink
from segdemo.models import MODELS
from segdemo.output.downloads import Archive
from segdemo.output.report import report_html
from segdemo.runtime import RUNTIME_TITLES, RUNTIMES, has_litert, resolve
from segdemo.runtime.files import write_whole
from segdemo.tasks import TASKS
from segdemo.ui.api import MODEL_EVENTS, own_folder
from segdemo.ui.limits import SEGMENT_PICTURES
from segdemo.ui.link import Examples, LinkedTab, Query
from segdemo.ui.parts import choice, results
from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.files import Gone, Wish
from segdemo.ui.parts.pickers import AUTO, OPENING_TASK, PRIVATE, SILENT, Context, Pictures, choose_example, example_files, html, named, opening_picture
from segdemo.ui.parts.templating import render
from segdemo.ui.parts.travel import take_from_anywhere
from segdemo.ui.parts.truth import pair, truth_section
from segdemo.ui.text import say, words_of
from segdemo.zoo import best_model, entries, load


def segment_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_segment", id="segment") as tab, gr.Row(elem_classes="stage"):
        with gr.Column(scale=7, min_width=320):
            output = html(opening(), elem_id="results", js_on_load=script("card"))
        with gr.Column(scale=2, min_width=320, elem_classes="quiet"):
            html(render("doors"), js_on_load=script("doors"), elem_id="doors")
            pictures = page.picture_picker("pictures", "pictures", columns=3)
            brought = take_from_anywhere(pictures)
            with gr.Row():
                run = page.button("run", variant="primary", scale=3)
                clear = page.button("clear", scale=1, min_width=80)
            zip_all = page.button("zip", size="sm", visible=False)
            file = gr.DownloadButton(visible="hidden", elem_id="taken")
            examples = gr.Column(elem_classes="flat")
            task = page.task_picker("task", auto=has_litert())
            model = page.best_or_model_picker(task, "model")
            with examples:
                samples = page.sample_picker(task, "examples")
            note = html(_note(task.value, model.value))
            with page.add(gr.Accordion, "speed", open=False, elem_id="speed"):
                runtimes = [(RUNTIME_TITLES[name], name) for name in RUNTIMES if name == "keras" or has_litert()]
                runtime = page.add(gr.Radio, "runtime", choices=runtimes, value=runtimes[0][1], elem_id="runtime")
                html(render("facts", words=words_of("runtime_note" if has_litert() else "runtime_missing")))
            with page.add(gr.Accordion, "truth", open=False, elem_id="truth"):
                html(render("facts", words=words_of("truth_note")))
                masks = page.add(
                    gr.File, "truth_masks", file_count="multiple", file_types=[".png", ".tif", ".bmp"], type="filepath", height=140, elem_id="masks"
                )

    page.cards = output
    page.brought.append((pictures, task, model))
    chosen = samples.select(choose_example, task, pictures, **SILENT)
    inputs = [pictures, task, model, page.language, runtime, masks]
    runs = [start(segment_pictures, inputs, output, **MODEL_EVENTS, **PRIVATE) for start in (run.click, chosen.then, brought.then)]
    # What is shown follows what is chosen. One listener for all, for it is of two listeners' runs that an older one could end last.
    choices = [pictures.upload, task.input, model.input, runtime.input, masks.change]
    runs.append(gr.on(choices, segment_pictures, inputs, output, trigger_mode="always_last", **MODEL_EVENTS, **PRIVATE))
    for each in runs:
        each.then(lambda paths: gr.update(visible=bool(paths)), pictures, zip_all, **SILENT)
    for show in (*(each.then for each in runs), pictures.upload, brought.then, task.input, model.input):
        show(None, None, None, js=call("show", "results"), **PRIVATE)
    zipped = zip_all.click(take_home, [pictures, task, model, page.language, runtime], file, **MODEL_EVENTS, **PRIVATE)
    taken = output.download(take_one, [pictures, page.language], file, **MODEL_EVENTS, **SILENT)
    taken.then(None, None, None, js=script("idle"), **PRIVATE)
    for ready in (zipped, taken):
        ready.success(None, None, None, js=script("save"), **PRIVATE)
    # In the browser: a choice that waits for the run that is cancelled here must find the pictures gone.
    emptied = script("clear")
    cleared = clear.click(None, None, [pictures, masks, output, zip_all], js=emptied, cancels=runs, **PRIVATE)
    # A run's last result may come after that: this one waits behind the run.
    cleared.then(opening, None, output, **MODEL_EVENTS, **SILENT)
    pictures.change(None, pictures, None, js=script("clear_if_empty"), **SILENT)

    def change_task(task_name: str, model_name: str, language: str):
        return gr.update(**page.best_or_models(task_name, language)), _note(task_name, model_name), example_files(task_name, language)

    task.input(change_task, [task, model, page.language], [model, note, samples], **SILENT)
    model.input(_note, [task, model], note, **SILENT)

    def opened(query: Query) -> list:
        task_name = query.known("task", [AUTO, *page.tasks], task.value)
        model_name = query.known("model", [AUTO, *page.models(task_name)], AUTO)
        chosen_runtime = query.known("runtime", [name for _, name in runtimes], runtimes[0][1])
        shown = gr.update(**page.best_or_models(task_name, "en"), value=model_name), _note(task_name, model_name), example_files(task_name, "en")
        return [task_name, *shown, chosen_runtime, query.example()]

    settings = {"task": task, "model": model, "runtime": runtime}
    return LinkedTab(tab, settings, opened, [task, model, note, samples, runtime, pictures], Examples(samples, pictures, (chosen, brought, cleared), run))


@cache
def opening() -> Markup:
    """What the page opens on, made once: a picture with its result."""
    return render("opening", card=_card(opening_picture(), 0, AUTO if has_litert() else OPENING_TASK, AUTO, "auto", None))


def segment_pictures(
    paths: Pictures,
    task: str,
    model: str,
    language: str = "en",
    runtime: str = "auto",
    masks: list[str] | None = None,
    progress=gr.Progress(),  # noqa: B008
) -> Iterator[Markup]:
    """Segments the gallery's pictures one after the other, showing each as it is done; without any, the one that the page opens on."""
    if not paths:
        yield render("opening", card=_card(opening_picture(), 0, task, model, runtime, None))
        return
    pictures = named(paths)
    true, strange = pair([*pictures.values()], masks or [])
    cards = results.notice(words_of("truth_unmatched", names=", ".join(path.name for path in strange))) if strange else Markup()
    if len(paths) > SEGMENT_PICTURES:
        cards += results.notice(words_of("too_many", count=len(paths), limit=SEGMENT_PICTURES))
    count = min(len(paths), SEGMENT_PICTURES)
    for number, ((name, path), mask) in enumerate([*zip(pictures.items(), true, strict=True)][:count], 1):
        progress((number - 1, count), desc=say("working", language, number=number, count=count))
        cards += _card(path, number - 1, task, model, runtime, mask, name)
        yield cards + results.done(number, count, cards.count(f'class="{results.ERROR}"'))


def take_home(paths: Pictures, task: str, model: str, language: str, runtime: str) -> str:
    """The path of a ZIP with masks, overlays, reports and statistics of the pictures that can be read."""
    if not paths:
        raise gr.Error(say("no_pictures", language), print_exception=False)
    segmenter = load(model, task=task, runtime=runtime)
    settings = {
        "task": say("automatic", language) if task == AUTO else getattr(TASKS[task].title, language),
        "model": say("best_model", language) if model == AUTO else MODELS[model].title,
        "runtime": RUNTIME_TITLES[resolve(runtime)],
    }
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")

    archive = Archive(settings, lambda name, result: report_html(name, result, settings, language, made))
    for name, path in [*named(paths).items()][:SEGMENT_PICTURES]:
        with suppress(ImageError):  # the card says what is wrong with it
            archive.add(name, segmenter(path))
    file = own_folder() / "segdemo.zip"
    write_whole(file, archive.finish())
    return str(file)


def take_one(paths: Pictures, language: str, event: gr.EventData) -> str:
    """The path of the file that a card's button asks for."""
    try:
        return str(Wish.of(paths or [(str(opening_picture()), None)], event._data).make(language))
    except Gone as error:
        raise gr.Error(say("gone", language), print_exception=False) from error
    except FileError as error:
        raise gr.Error(getattr(error.words, language), print_exception=False) from error


def _card(path: Path, number: int, task: str, model: str, runtime: str, mask: Path | None, name: str = "") -> Markup:
    """The result for one picture, or what was wrong with it. Only a true mask needs the picture's full size."""

    def make(path: Path) -> Markup:
        if choice.is_of_none(task, str(path)):
            return choice.unknown_card(path, number)
        fitting = choice.fitting_task(task, str(path))
        entry = entries()[fitting, best_model(fitting) if model == AUTO else model]
        segmenter = load(entry.model, entry.task, runtime)
        if mask:
            result, photo, size = segmenter(path), None, None
        else:
            start = time.perf_counter()
            photo, size = read_to_show(path, results.LONGEST_SIDE)
            decode = time.perf_counter() - start
            result = segmenter(shrink(photo, photo[..., 0], results.LONGEST_DRAWN)[0])
            result.timings["decode"] = decode
        title = f"{MODELS[entry.model].title}, {RUNTIME_TITLES[segmenter.runtime]}"
        more = truth_section(result, mask, path) if mask else None
        chosen, suggested = choice.told(task, str(path)), choice.likeliest(str(path))
        return results.result_card(
            name or path.name, result, entry, title, segmenter.runtime, more, number=number, photo=photo, size=size, chosen=chosen, suggested=suggested
        )

    return results.guarded(path, make, name)


def _note(task: str, model: str) -> Markup:
    if task == AUTO:
        return render("facts", words=words_of("automatic_note"))
    model = best_model(task) if model == AUTO else model
    return results.model_note(TASKS[task], MODELS[model].sentence, entries()[task, model])
