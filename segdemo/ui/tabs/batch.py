"""The Batch tab: a table over many pictures, or a short clip frame by frame."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import gradio as gr
import numpy as np

from segdemo.images import shrink
from segdemo.inference.batch import segment_many
from segdemo.inference.clips import MOST_FRAMES, MOST_SECONDS, ClipError, class_shares, segment_clip
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.models import MODELS
from segdemo.output.downloads import Archive
from segdemo.output.tables import Row, mean_row, row_of, shares_csv, table_csv
from segdemo.output.visualization import TIME_LEFT, TIME_RIGHT, jpeg, overlay, time_charts
from segdemo.runtime import RUNTIME_TITLES
from segdemo.tasks import TASKS, Task
from segdemo.ui.api import MODEL_EVENTS, own_folder
from segdemo.ui.link import LinkedTab, Query
from segdemo.ui.parts import results
from segdemo.ui.parts.pickers import FILE_TYPES, PRIVATE, SILENT, Context, html
from segdemo.ui.text import LANGUAGES, both, say, spans, words_of
from segdemo.zoo import load

MOST_PICTURES = 100
THUMBNAIL = 112  # pixels of the longest side
FRAME = 480
PAUSE = 0.5  # seconds at least between two states of the result: each is sent whole

CLIP_SCRIPT = (Path(__file__).parent.parent / "assets" / "clip.js").read_text(encoding="utf-8")

_cancelled: set[str] = set()  # sessions whose run is to end


def batch_tab(page: Context) -> LinkedTab:
    def kinds(language: str) -> dict:
        return {"label": say("batch_kind", language), "choices": [(say(f"batch_{kind}", language), kind) for kind in ("pictures", "clip")]}

    with page.add(gr.Tab, "tab_batch", id="batch") as tab, gr.Row():
        with gr.Column(scale=2, min_width=320):
            kind = page.add(gr.Radio, kinds, value="pictures", elem_id="batch-kind")
            task = page.task_picker("batch-task")
            model = page.model_picker("batch-model")
            pictures = page.add(
                gr.File, "pictures", file_count="multiple", file_types=FILE_TYPES, type="filepath", height=220, elem_id="batch-pictures", buttons=[]
            )
            # Without its sound Gradio would need FFmpeg's program, which not every machine has.
            clip = page.add(gr.Video, "clip", sources=["upload", "webcam"], include_audio=True, height=260, visible=False, elem_id="batch-clip", buttons=[])
            html(f"<p class='facts'>{both('batch_limits', pictures=MOST_PICTURES, seconds=MOST_SECONDS, frames=MOST_FRAMES)}</p>")
            with gr.Row():
                run = page.button("batch_run", variant="primary", scale=3)
                cancel = page.button("batch_cancel", variant="stop", scale=1, min_width=80, visible=False)
            zip_file = page.add(gr.DownloadButton, "batch_zip", size="sm", visible=False, elem_id="batch-zip")
        with gr.Column(scale=7, min_width=320):
            output = html(empty_card(), elem_id="batch-results", js_on_load=CLIP_SCRIPT)

    def begin(request: gr.Request):
        _cancelled.discard(request.session_hash)
        return gr.update(interactive=False), gr.update(visible=True), gr.update(visible=False)

    def work(asked, files, video, task_name, model_name, language, request: gr.Request, progress=gr.Progress()):  # noqa: B008
        def cancelled() -> bool:
            return request.session_hash in _cancelled

        if asked == "clip":
            for card in batch_clip(video, task_name, model_name, language, cancelled, progress):
                yield card, gr.skip()
            return
        archive = Archive({"task": task_name, "model": model_name}, overlays=False)
        for card in batch_pictures(files, task_name, model_name, language, cancelled, progress, archive):
            yield card, gr.skip()
        if archive.records:
            file = own_folder() / "segdemo.zip"
            file.write_bytes(archive.finish())
            yield gr.skip(), gr.update(value=str(file), visible=True)

    def end(request: gr.Request):
        _cancelled.discard(request.session_hash)
        return gr.update(interactive=True), gr.update(visible=False)

    def stop(request: gr.Request) -> None:
        _cancelled.add(request.session_hash)

    started = run.click(begin, None, [run, cancel, zip_file], **SILENT)
    done = started.then(work, [kind, pictures, clip, task, model, page.language], [output, zip_file], **MODEL_EVENTS, **PRIVATE)
    done.then(end, None, [run, cancel], **SILENT)
    cancel.click(stop, None, None, **SILENT)

    def ask(asked: str):
        return [gr.update(visible=asked == "pictures"), gr.update(visible=asked == "clip")]

    kind.input(ask, kind, [pictures, clip], **SILENT)
    task.input(page.kept_model, [task, model], model, **SILENT)

    def opened(query: Query) -> list:
        asked = query.known("kind", ("pictures", "clip"), "pictures")
        task_name = query.known("task", page.tasks, page.tasks[0])
        model_name = query.known("model", page.models(task_name), page.usual_model(task_name))
        return [asked, *ask(asked), task_name, page.show_model(task_name, model_name)]

    return LinkedTab(tab, {"kind": kind, "task": task, "model": model}, opened, [kind, pictures, clip, task, model])


def empty_card() -> str:
    return f'<div class="empty"><h2>{both("batch_title")}</h2><p>{both("batch_empty")}</p></div>'


def batch_pictures(
    paths: list[str] | None, task: str, model: str, language: str, cancelled: Callable[[], bool], progress: Callable, archive: Archive
) -> Iterator[str]:
    """HTML of the table over the pictures, each time with more of them; after a cancellation, with those that were done. Their masks go to ``archive``."""
    if not paths:
        yield results.notice(words_of("batch_no_pictures")) + empty_card()
        return
    above = results.notice(words_of("too_many", count=len(paths), limit=MOST_PICTURES)) if len(paths) > MOST_PICTURES else ""
    pictures = [Path(path) for path in paths[:MOST_PICTURES]]
    rows: list[Row] = []
    lines: list[str] = []
    shown = 0.0
    try:
        segmenter = load(model, task)
        for path, outcome in segment_many(segmenter, pictures):
            rows.append(row_of(path.name, outcome))
            if isinstance(outcome, Segmentation):
                archive.add(path.name, outcome)
            lines.append(_line(rows[-1], TASKS[task], _thumbnail(outcome) if isinstance(outcome, Segmentation) else ""))
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
    except Exception as error:
        name = pictures[min(len(rows), len(pictures) - 1)].name
        logging.getLogger(__name__).exception("segmenting %s", name)
        yield results.error_card(name, words_of("batch_failed", name=name, kind=type(error).__name__)) + (_table_card(rows, lines, segmenter) if rows else "")


def batch_clip(path: str | None, task: str, model: str, language: str, cancelled: Callable[[], bool], progress: Callable) -> Iterator[str]:
    """HTML of the frame that was done last, and at the end of all frames with the chart of their shares; after a cancellation, of those that were done."""
    if not path:
        yield results.notice(words_of("batch_no_clip")) + empty_card()
        return
    name, above, shown = Path(path).name, "", 0.0
    times: list[float] = []
    shares: list[np.ndarray] = []
    frames: list[str] = []
    spent = 0.0
    try:
        segmenter = load(model, task)
        for seconds, result in segment_clip(segmenter, path):
            times.append(seconds)
            shares.append(class_shares(result))
            frames.append(_frame(result))
            spent += sum(result.timings.values())
            progress((len(frames), MOST_FRAMES), desc=say("batch_frame", language, number=len(frames)))
            if cancelled():
                above = results.notice(words_of("batch_clip_cancelled", number=len(frames)))
                break
            if time.monotonic() - shown > PAUSE:
                status = results.status(words_of("batch_frame", number=len(frames)))
                yield f'<article class="result clip"><h2>{escape(name)}</h2><div class="screen"><img src="{frames[-1]}" alt=""></div></article>{status}'
                shown = time.monotonic()
        yield above + clip_card(name, times, np.array(shares), frames, spent / len(frames), segmenter)
    except ClipError as error:
        yield results.error_card(name, error.words)
    except Exception as error:
        logging.getLogger(__name__).exception("segmenting %s", name)
        yield results.error_card(name, words_of("batch_failed", name=name, kind=type(error).__name__))


def clip_card(name: str, times: list[float], shares: np.ndarray, frames: list[str], seconds: float, segmenter: Segmenter) -> str:
    """The card of a clip, which `clip.js` plays.

    Args:
        name: the file's name.
        times: T seconds, of the frames.
        shares: (T, C) in [0, 1], each class's share of each frame.
        frames: T data URIs of overlays.
        seconds: spent on a frame, in the mean.
        segmenter: what made them.
    """
    task = segmenter.task
    safe = escape(name, quote=True)
    texts = [(say("time_axis", language), say("share_axis", language)) for language in LANGUAGES]
    charts = "".join(
        f'<img lang="{language}" src="{results.data_uri("image/svg+xml", svg.encode())}" alt="{say("batch_chart", language)}">'
        for language, svg in zip(LANGUAGES, time_charts(times, shares, task, texts), strict=True)
    )
    pictures = "".join(f'<img src="{frame}" alt="" {"" if i == 0 else "hidden"}>' for i, frame in enumerate(frames))
    facts = both("batch_clip_facts", frames=len(frames), seconds=f"{times[-1]:.1f}", milliseconds=f"{1000 * seconds:.0f}")
    csv = _csv_link(f"{Path(name).stem}.csv", shares_csv(times, shares, task))
    return f"""
<article class="result clip" data-times="{[round(t, 3) for t in times]}" data-left="{TIME_LEFT}" data-right="{TIME_RIGHT}">
  <h2>{safe}</h2><p class="facts">{_title(segmenter)} · {facts}</p>
  <div class="player">
    <div class="screen">{pictures}</div>
    <figure class="chart"><div class="plot">{charts}<i class="cursor"></i></div><figcaption>{both("batch_chart")}</figcaption></figure>
  </div>
  <div class="controls"><button type="button" class="play"><span class="off">{both("play")}</span><span class="on">{both("pause")}</span></button>
    <label>{both("frame")}<input type="range" name="frame" min="0" max="{len(frames) - 1}" value="0"></label><output class="now">0.0 s</output></div>
  {results.legend(np.flatnonzero(shares.any(axis=0)), task)}{csv}
</article>"""


def _table_card(rows: list[Row], lines: list[str], segmenter: Segmenter) -> str:
    task = segmenter.task
    classes = "".join(f'<th scope="col">{results.swatch(i, task)}{spans(results.class_words(i, task))}</th>' for i in range(task.num_classes))
    others = "".join(f'<th scope="col">{both(key)}</th>' for key in (*(["objects"] if task.countable else []), "confidence", "milliseconds"))
    mean = mean_row(rows)
    foot = f"<tfoot>{_line(mean, task, '', both('batch_mean', count=sum(not row.error for row in rows)))}</tfoot>" if mean else ""
    return f"""
<article class="result batch"><h2 id="batch-heading">{spans(task.title)}</h2><p class="facts">{_title(segmenter)}</p>
  <div class="table-frame" tabindex="0" role="region" aria-labelledby="batch-heading"><table>
    <thead><tr><th scope="col">{both("picture")}</th>{classes}{others}</tr></thead><tbody>{"".join(lines)}</tbody>{foot}</table></div>
  <p class="facts">{both("batch_dash")}</p>
  {_csv_link("segdemo.csv", table_csv(rows, task))}
</article>"""


def _line(row: Row, task: Task, thumbnail: str, title: str | None = None) -> str:
    """One row; ``title`` is HTML in place of the picture's name."""
    odd = f"<br><em>⚠ {both('odd')}</em>" if row.unfamiliar and not title else ""
    head = f'<th scope="row">{thumbnail}<span class="name">{title or escape(row.name)}{odd}</span></th>'
    if row.error:
        return f'<tr class="bad">{head}<td colspan="{task.num_classes + task.countable + 2}">{spans(row.error.words)}</td></tr>'
    cells = [f"{share:.1%}" if share else "–" for share in row.shares]
    if task.countable:
        cells.append(f"{row.objects:.4g}")
    cells += [f"{row.confidence:.2f}", f"{1000 * row.seconds:.0f}"]
    return f"<tr>{head}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _title(segmenter: Segmenter) -> str:
    return escape(f"{MODELS[segmenter.model].title}, {RUNTIME_TITLES[segmenter.runtime]}")


def _thumbnail(result: Segmentation) -> str:
    return f'<img src="{_overlay(result, THUMBNAIL)}" alt="">'


def _frame(result: Segmentation) -> str:
    return _overlay(result, FRAME)


def _overlay(result: Segmentation, longest: int) -> str:
    image, mask = shrink(result.image, result.separated, longest)
    return results.data_uri("image/jpeg", jpeg(overlay(image, mask, result.task, 0.6), quality=80))


def _csv_link(file: str, text: str) -> str:
    link = f'<a download="{escape(file, quote=True)}" href="{results.data_uri("text/csv", text.encode())}">{both("file_csv")}</a>'
    return f'<p class="files">{both("take_home")} {link}</p>'
