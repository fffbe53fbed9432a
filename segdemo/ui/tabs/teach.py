"""The Teach tab: strokes in, a mask of the visitor's own classes out, after every stroke."""

from __future__ import annotations

from collections.abc import Sequence
from filecmp import cmp
from pathlib import Path
from secrets import token_hex

import gradio as gr
import numpy as np
from markupsafe import Markup

from segdemo.errors import FileError
from segdemo.inference.segmentation import Segmentation
from segdemo.languages import LANGUAGES
from segdemo.models import MODELS
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import TO_TEACH
from segdemo.ui.api import MODEL_EVENTS
from segdemo.ui.link import Examples, LinkedTab, Query
from segdemo.ui.parts.assets import script
from segdemo.ui.parts.easel import easel, easel_script, vars_of
from segdemo.ui.parts.lesson import MOST_PAGES, Lesson, least_sure, look_beforehand, looks_of, picture_to_paint
from segdemo.ui.parts.lesson_files import taken_from
from segdemo.ui.parts.pickers import PRIVATE, SILENT, Context, Pictures, example_file, html, named, opening_picture
from segdemo.ui.parts.results import packed
from segdemo.ui.parts.templating import class_words, render
from segdemo.ui.parts.travel import bring_along, take_from_anywhere
from segdemo.ui.text import words_of
from segdemo.zoo import entries

DIMENSIONS = 16  # of what the browser knows of a cell


def teach_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_teach", id="teach") as tab, gr.Row(elem_classes="stage"):
        with gr.Column(scale=7, min_width=320):
            shown = html("", elem_id="teach-shown")
            canvas = html(easel(), elem_id="teach-canvas", js_on_load=easel_script())
            answer = html("", elem_id="teach-answer")
            corrects = html("", elem_id="teach-corrects")
            looks = html("", elem_id="teach-looks")
        with gr.Column(scale=2, min_width=280, elem_classes="quiet"):
            pictures = page.picture_picker("pictures", "teach-pictures", columns=3)
            brought = take_from_anywhere(pictures, script("kept_if_painted"))
            html(render("examples_heading"))
            samples = gr.Gallery(
                columns=3, height="auto", show_label=False, allow_preview=False,
                interactive=False, object_fit="cover", elem_id="teach-examples", elem_classes="examples", buttons=[],
            )  # fmt: skip
            html(render("facts", words=words_of("teach_how")))
            show = page.button("teach_start", visible="hidden")
            file = gr.DownloadButton(visible="hidden", elem_id="taught-file")
    page.lesson = canvas, pictures
    page.translated.append((samples, lambda language: {"value": _examples(language)}, ()))
    carried = bring_along(page, tab, pictures, [pictures], lambda paths, *_: [paths])
    chosen = samples.select(_example, pictures, pictures, js=script("kept_if_painted"), **SILENT)
    of_segment = page.brought[0][0]
    corrected = page.cards.edit(correct, [of_segment, pictures, corrects], [pictures, corrects], **SILENT)
    for start in (show.click, pictures.upload, pictures.change, chosen.then, brought.then, carried.then, corrected.then):
        start(show_pictures, pictures, shown, trigger_mode="always_last", **SILENT).then(look_first, pictures, None, **MODEL_EVENTS, **SILENT)
    canvas.submit(answer_to, pictures, answer, trigger_mode="multiple", **MODEL_EVENTS, **SILENT)
    canvas.select(tell_looks, pictures, looks, trigger_mode="multiple", **MODEL_EVENTS, **SILENT)
    taken = canvas.download(take_away, [pictures, page.language], file, **MODEL_EVENTS, **SILENT)
    taken.then(None, None, None, js=script("idle"), **PRIVATE)
    taken.success(None, None, None, js=script("save_taught"), **PRIVATE)

    def opened(query: Query) -> list:
        return [_examples("en"), query.example()]

    return LinkedTab(tab, {}, opened, [samples, pictures], Examples(samples, pictures, (chosen, brought), show))


def _examples(language: str) -> list[tuple[str, str]]:
    return [(str(example_file(each)), getattr(each.caption, language)) for each in TO_TEACH]


def _example(there: Pictures, event: gr.SelectData) -> list[str]:
    """Beside what is painted on, or in the place of what is there; see `assets/kept_if_painted.js`."""
    paths, new = [path for path, _ in there or []], example_file(TO_TEACH[event.index])
    return paths if any(Path(path).name == new.name and cmp(path, new, shallow=False) for path in paths) else [*paths, str(new)]


def show_pictures(paths: Pictures) -> Markup:
    """The pictures as `assets/teach/` shows them, and what is wrong with the others."""
    pages, wrong = [], [words_of("teach_most", most=MOST_PAGES)] if len(paths or []) > MOST_PAGES else []
    for name, path in named((paths or [])[:MOST_PAGES]).items():
        try:
            image = picture_to_paint(path)
        except FileError as error:
            wrong.append(error.words)
            continue
        pages.append({"name": name, "width": image.shape[1], "height": image.shape[0], "picture": jpeg(image)})
    return render("teach_shown", pages=pages, wrong=wrong)


def correct(paths: Pictures, before: Pictures, was: str, event: gr.EventData) -> tuple[list[str] | Pictures, Markup | str]:
    """The picture of a card, and what `assets/teach/` needs to know of its model; what was there if the card makes no sense."""
    try:
        asked, given = event._data, paths or [(str(opening_picture()), None)]
        path, task, model = named(given)[asked["name"]], TASKS[str(asked["task"])], str(asked["model"])
        ids = sorted({i for i in asked["ids"] if i in range(task.num_classes)})
        assert str(path) == given[asked["number"]][0] and (task.name, model) in entries()
    except (AssertionError, IndexError, KeyError, TypeError):
        return before, was
    ids += [i for i in range(task.num_classes) if i not in ids][: max(2 - len(ids), 0)]
    classes = [{"id": i, "words": vars_of(class_words(task.classes[i])), "color": "#{:02x}{:02x}{:02x}".format(*task.classes[i].color)} for i in ids]
    title = {language: f"{MODELS[model].title}{'，' if language == 'zh' else ', '}{getattr(task.title, language)}" for language in LANGUAGES}
    return [str(path)], render("teach_corrects", token=token_hex(4), name=path.name, task=task.name, model=model, title=title, classes=classes)


def look_first(paths: Pictures) -> None:
    """Looks at the first picture while the visitor takes the brush."""
    for path, _ in (paths or [])[:1]:
        try:
            look_beforehand(Path(path))
        except FileError:
            return


def tell_looks(paths: Pictures, event: gr.EventData) -> Markup | str:
    """How the cells of a picture look: a few numbers each, by which `assets/teach/` lights what a click would take."""
    try:
        there = [each for each in named((paths or [])[:MOST_PAGES]).items() if each[0] in event._data["pictures"]]
        page = event._data["page"]
        name, path = there[page]
        few = looks_of(path).few(DIMENSIONS)
    except (FileError, IndexError, KeyError, TypeError):
        return ""
    scale = float(np.abs(few).max()) / 127
    return render("teach_looks", name=name, page=page, scale=scale, looks=packed(np.rint(few / scale).astype(np.int8)))


def answer_to(paths: Pictures, event: gr.EventData) -> Markup:
    """The mask after a stroke, or why there is none."""
    asked = event._data
    serial = asked.get("serial", 0) if isinstance(asked, dict) else 0
    try:
        lesson = Lesson.of(paths, asked)
        segmenter = lesson.learned()
        results = {number: lesson.result(segmenter, number) for number in (range(len(lesson.paths)) if lesson.all else [lesson.page])}
    except FileError as error:
        return render("teach_refused", serial=int(serial) if isinstance(serial, int) else 0, words=error.words)
    result = results[lesson.page]
    return render(
        "teach_answer",
        serial=lesson.serial,
        page=lesson.page,
        ids=packed(result.mask),
        sure=packed(np.rint(255 * result.confidence[::2, ::2]).astype(np.uint8)),
        shares=[round(each.share, 4) for each in result.statistics()],
        next=least_sure(result.confidence, lesson.strokes_of(lesson.page)),
        table=_table(lesson, [*results.values()]) if lesson.all else "",
    )


def _table(lesson: Lesson, results: Sequence[Segmentation]) -> Markup:
    """What there is of each class in each picture, and in all of them."""
    lines = [(title, result.statistics()) for title, result in zip(lesson.titles, results, strict=True)]
    pixels = np.array([[each.pixels for each in statistics] for _, statistics in lines])
    regions = np.array([[each.regions for each in statistics] for _, statistics in lines])
    return render("teach_table", names=lesson.names, lines=lines, shares=pixels.sum(axis=0) / pixels.sum(), regions=regions.sum(axis=0))


def take_away(paths: Pictures, language: str, event: gr.EventData) -> str:
    """The path of the file that a button asks for."""
    return taken_from(paths, event._data, language)
