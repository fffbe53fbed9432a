"""The Batch tab: a table over many pictures, or a short clip frame by frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import numpy as np
from markupsafe import Markup

from segdemo.errors import log_fault
from segdemo.inference.batch import segment_many
from segdemo.inference.clips import MOST_FRAMES, MOST_SECONDS, ClipError, class_shares, segment_clip
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.languages import Words
from segdemo.models import MODELS
from segdemo.output.downloads import Archive, names_apart
from segdemo.output.movie import mp4
from segdemo.output.tables import Row, mean_row, row_of, shares_csv, table_csv
from segdemo.output.templating import data_uri
from segdemo.output.visualization import TIME_LEFT, TIME_RIGHT, jpeg, overlay, time_charts
from segdemo.runtime import RUNTIME_TITLES
from segdemo.runtime.files import write_whole
from segdemo.tasks import Task
from segdemo.teaching.strokes import TeachError
from segdemo.teaching.taught import ENDING, TaughtSegmenter
from segdemo.ui.api import MODEL_EVENTS, own_folder
from segdemo.ui.limits import BATCH_PICTURES
from segdemo.ui.link import LinkedTab, Query
from segdemo.ui.parts import results
from segdemo.ui.parts.assets import script
from segdemo.ui.parts.lesson_files import taken_from
from segdemo.ui.parts.pickers import FILE_TYPES, PRIVATE, SILENT, Context, Pictures, html
from segdemo.ui.parts.templating import render
from segdemo.ui.parts.travel import bring_along, take_from_anywhere
from segdemo.ui.text import LANGUAGES, say, words_of
from segdemo.zoo import load, read_taught

THUMBNAIL = 112  # pixels of the longest side
FRAME = 480
PAUSE = 0.5  # seconds at least between two states of the result: each is sent whole

_cancelled: set[str] = set()  # sessions whose run is to end


def batch_tab(page: Context) -> LinkedTab:
    def kinds(language: str) -> dict:
        return {"label": say("batch_kind", language), "choices": [(say(f"batch_{kind}", language), kind) for kind in ("pictures", "clip")]}

    with page.add(gr.Tab, "tab_batch", id="batch") as tab, gr.Row(elem_classes="stage"):
        with gr.Column(scale=7, min_width=320):
            output = html(empty_card(), elem_id="batch-results", js_on_load=script("clip"))
        with gr.Column(scale=2, min_width=320, elem_classes="quiet"):
            kind = page.add(gr.Radio, kinds, value="pictures", elem_id="batch-kind")
            task = page.task_picker("batch-task")
            model = page.model_picker("batch-model")
            own = page.add(gr.File, "batch_own", file_types=[ENDING], type="filepath", height=140, elem_id="batch-own", buttons=[])
            pictures = page.add(
                gr.File, "pictures", file_count="multiple", file_types=FILE_TYPES, type="filepath", height=220, elem_id="batch-pictures", buttons=[]
            )
            take_from_anywhere(pictures)
            # Without its sound Gradio would need FFmpeg's program, which not every machine has.
            clip = page.add(gr.Video, "clip", sources=["upload", "webcam"], include_audio=True, height=260, visible=False, elem_id="batch-clip", buttons=[])
            html(render("facts", words=words_of("batch_limits", pictures=BATCH_PICTURES, seconds=MOST_SECONDS, frames=MOST_FRAMES)))
            with gr.Row():
                run = page.button("batch_run", variant="primary", scale=3)
                cancel = page.button("batch_cancel", variant="stop", scale=1, min_width=80, visible=False)
            zip_file = page.add(gr.DownloadButton, "batch_zip", size="sm", visible=False, elem_id="batch-zip")

    def begin(request: gr.Request):
        _cancelled.discard(request.session_hash)
        return gr.update(interactive=False), gr.update(visible=True), gr.update(visible=False)

    def work(asked, files, video, task_name, model_name, own_path, language, request: gr.Request, progress=gr.Progress()):  # noqa: B008
        def cancelled() -> bool:
            return request.session_hash in _cancelled

        def find() -> Segmenter:
            return read_taught(Path(own_path)) if own_path else load(model_name, task_name)

        if asked == "clip":
            for card in batch_clip(video, find, language, cancelled, progress):
                yield card, gr.skip()
            return
        settings = {"task": "taught", "model": Path(own_path).name} if own_path else {"task": task_name, "model": model_name}
        archive = Archive(settings, overlays=False)
        for card in batch_pictures(files, find, language, cancelled, progress, archive):
            yield card, gr.skip()
        if archive.records:
            file = own_folder() / "segdemo.zip"
            write_whole(file, archive.finish())
            yield gr.skip(), gr.update(value=str(file), visible=True)

    def end(request: gr.Request):
        _cancelled.discard(request.session_hash)
        return gr.update(interactive=True), gr.update(visible=False)

    def stop(request: gr.Request) -> None:
        _cancelled.add(request.session_hash)

    started = run.click(begin, None, [run, cancel, zip_file], **SILENT)
    done = started.then(work, [kind, pictures, clip, task, model, own, page.language], [output, zip_file], **MODEL_EVENTS, **PRIVATE)
    done.then(end, None, [run, cancel], **SILENT)
    cancel.click(stop, None, None, **SILENT)

    def ask(asked: str):
        return [gr.update(visible=asked == "pictures"), gr.update(visible=asked == "clip")]

    kind.input(ask, kind, [pictures, clip], **SILENT)
    task.input(page.kept_model, [task, model], model, **SILENT)
    own.change(lambda path: [gr.update(visible=not path)] * 2, own, [task, model], **SILENT)  # a classifier brings its classes along

    if page.lesson:
        canvas, painted = page.lesson
        canvas.apply(take_lesson, [painted, page.language], [own, pictures], **MODEL_EVENTS, **SILENT)

    def show(paths: list[str], task_name: str, model_name: str, _: str) -> list:
        return [paths, task_name, page.show_model(task_name, model_name)]

    bring_along(page, tab, pictures, [pictures, task, model], show)

    def opened(query: Query) -> list:
        asked = query.known("kind", ("pictures", "clip"), "pictures")
        task_name = query.known("task", page.tasks, page.tasks[0])
        model_name = query.known("model", page.models(task_name), page.usual_model(task_name))
        return [asked, *ask(asked), task_name, page.show_model(task_name, model_name)]

    return LinkedTab(tab, {"kind": kind, "task": task, "model": model}, opened, [kind, pictures, clip, task, model])


def take_lesson(painted: Pictures, language: str, event: gr.EventData) -> tuple[str, list[str]]:
    """The classifier that was just taught, and the pictures of Teach."""
    return taken_from(painted, {**event._data, "kind": "classifier"}, language), [path for path, _ in painted or []]


def empty_card() -> Markup:
    return results.empty_card("batch_title", "batch_empty")


def batch_pictures(
    paths: list[str] | None, find: Callable[[], Segmenter], language: str, cancelled: Callable[[], bool], progress: Callable, archive: Archive
) -> Iterator[Markup]:
    """HTML of the table over the pictures, each time with more of them; after a cancellation, with those that were done. Their masks go to ``archive``."""
    if not paths:
        yield results.notice(words_of("batch_no_pictures")) + empty_card()
        return
    above = results.notice(words_of("too_many", count=len(paths), limit=BATCH_PICTURES)) if len(paths) > BATCH_PICTURES else Markup()
    pictures = [Path(path) for path in paths[:BATCH_PICTURES]]
    names = names_apart(path.name for path in pictures)
    rows: list[Row] = []
    lines: list[Markup] = []
    shown = 0.0
    try:
        segmenter = find()
        for name, (_, outcome) in zip(names, segment_many(segmenter, pictures), strict=True):
            rows.append(row_of(name, outcome))
            if isinstance(outcome, Segmentation):
                archive.add(name, outcome)
            lines.append(_line(rows[-1], segmenter.task, _thumbnail(outcome) if isinstance(outcome, Segmentation) else None))
            progress((len(rows), len(pictures)), desc=say("working", language, number=len(rows), count=len(pictures)))
            if cancelled():
                above += results.notice(words_of("batch_cancelled", number=len(rows), count=len(pictures)))
                break
            if time.monotonic() - shown > PAUSE:
                yield above + _table_card(rows, lines, segmenter)
                shown = time.monotonic()
        archive.write("segdemo.csv", table_csv(rows, segmenter.task))
        done = results.done(len(rows), len(pictures), sum(bool(row.error) for row in rows))
        yield above + _table_card(rows, lines, segmenter) + done
    except TeachError as error:
        yield results.error_card("", error.words)
    except Exception as error:
        name = names[min(len(rows), len(names) - 1)]
        log_fault(f"segmenting {name}", error)
        done = _table_card(rows, lines, segmenter) if rows else Markup()
        yield results.error_card(name, results.fault_words("batch_failed", name, error)) + done


def batch_clip(path: str | None, find: Callable[[], Segmenter], language: str, cancelled: Callable[[], bool], progress: Callable) -> Iterator[Markup]:
    """HTML of the frame that was done last, and at the end of all frames with the chart of their shares; after a cancellation, of those that were done."""
    if not path:
        yield results.notice(words_of("batch_no_clip")) + empty_card()
        return
    name, above, shown = Path(path).name, Markup(), 0.0
    times: list[float] = []
    shares: list[np.ndarray] = []
    frames: list[Markup] = []
    movie: list[np.ndarray] = []
    spent = 0.0
    try:
        segmenter = find()
        for seconds, result in segment_clip(segmenter, path):
            times.append(seconds)
            shares.append(class_shares(result))
            drawn = overlay(result.image, result.separated, result.task, 0.6, FRAME)
            movie.append(drawn)
            frames.append(data_uri(jpeg(drawn, quality=80), "image/jpeg"))
            spent += sum(result.timings.values())
            progress((len(frames), MOST_FRAMES), desc=say("batch_frame", language, number=len(frames)))
            if cancelled():
                above = results.notice(words_of("batch_clip_cancelled", number=len(frames)))
                break
            if time.monotonic() - shown > PAUSE:
                yield render("clip_frame", name=name, frame=frames[-1]) + results.status(words_of("batch_frame", number=len(frames)))
                shown = time.monotonic()
        yield above + clip_card(name, times, np.array(shares), frames, mp4(times, movie), spent / len(frames), segmenter)
    except (ClipError, TeachError) as error:
        yield results.error_card(name, error.words)
    except Exception as error:
        log_fault(f"segmenting {name}", error)
        yield results.error_card(name, results.fault_words("batch_failed", name, error))


def clip_card(name: str, times: list[float], shares: np.ndarray, frames: list[Markup], movie: bytes, seconds: float, segmenter: Segmenter) -> Markup:
    """The card of a clip, which `clip.js` plays.

    Args:
        name: the file's name.
        times: T seconds, of the frames.
        shares: (T, C) in [0, 1], each class's share of each frame.
        frames: T data URIs of overlays.
        movie: the same as an MP4.
        seconds: spent on a frame, in the mean.
        segmenter: what made them.
    """
    task = segmenter.task
    texts = [(say("time_axis", language), say("share_axis", language)) for language in LANGUAGES]
    return render(
        "clip",
        name=name,
        title=_title(segmenter),
        times=[round(t, 3) for t in times],
        left=TIME_LEFT,
        right=TIME_RIGHT,
        facts={"frames": len(frames), "seconds": f"{times[-1]:.1f}", "milliseconds": f"{1000 * seconds:.0f}"},
        frames=frames,
        charts=list(zip(LANGUAGES, time_charts(times, shares, task, texts), strict=True)),
        classes=[task.classes[i] for i in np.flatnonzero(shares.any(axis=0))],
        csv_name=f"{Path(name).stem}.csv",
        csv=shares_csv(times, shares, task).encode(),
        movie_name=f"{Path(name).stem}.overlay.mp4",
        movie=movie,
    )


def _table_card(rows: list[Row], lines: list[Markup], segmenter: Segmenter) -> Markup:
    task = segmenter.task
    mean = mean_row(rows)
    foot = mean and _line(mean, task, title=words_of("batch_mean", count=sum(not row.error for row in rows)))
    return render("batch_table", task=task, title=_title(segmenter), lines=lines, foot=foot, csv=table_csv(rows, task).encode())


def _line(row: Row, task: Task, thumbnail: bytes | None = None, title: Words | None = None) -> Markup:
    """One row; ``title`` stands in place of the picture's name."""
    return render("batch_row", row=row, task=task, thumbnail=thumbnail, title=title)


def _title(segmenter: Segmenter) -> str:
    made = ", ".join(segmenter.task.class_names) if isinstance(segmenter, TaughtSegmenter) else MODELS[segmenter.model].title
    return f"{made}, {RUNTIME_TITLES[segmenter.runtime]}"


def _thumbnail(result: Segmentation) -> bytes:
    return jpeg(overlay(result.image, result.separated, result.task, 0.6, THUMBNAIL), quality=80)
