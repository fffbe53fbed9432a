"""One picture's result as a piece of HTML: three views, what one can do with them, legend, table, chart, facts, files.

The pictures are inside the HTML, so nothing of a visitor's is kept on disk for it, and `card.js` changes what is shown in
the browser without asking the server. Each is there once: the overlay's photo and mask are copied by the script.
"""

from __future__ import annotations

import base64
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import cv2
import numpy as np

from segdemo.cores import cores
from segdemo.errors import FileError
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.inference.statistics import ClassStatistics
from segdemo.languages import Words
from segdemo.output.downloads import statistics_csv, statistics_json
from segdemo.output.visualization import jpeg, palette_png, png
from segdemo.output.words import in_words
from segdemo.tasks import Task
from segdemo.ui.text import both, spans, words_of
from segdemo.zoo import Entry

# What the cards do in the browser; the settings stay when the next picture arrives.
CARD_SCRIPT = (Path(__file__).parent.parent / "assets" / "card.js").read_text(encoding="utf-8")

FULL_SCREEN_ICON = '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
ERROR_CARD = '<article class="result error">'  # how the card of a picture begins that could not be segmented
LONGEST_SIDE = 1200  # of the pictures on the page, in pixels


def result_card(name: str, result: Segmentation, entry: Entry, title: str, runtime: str = "litert", more: str = "") -> str:
    """The card of one picture.

    Args:
        name: the file's name.
        result: its segmentation.
        entry: facts about the weights.
        title: the architecture's and the runtime's title.
        runtime: its name, whose score is told.
        more: HTML that follows the numbers.
    """
    start = time.perf_counter()
    task = result.task
    shown, shown_mask = shrink(result.image, result.separated, LONGEST_SIDE)
    with ThreadPoolExecutor(cores()) as pool:  # what encodes lets other threads run
        file = pool.submit(palette_png, result.mask, task)
        views = pool.submit(jpeg, shown), pool.submit(palette_png, shown_mask, task), pool.submit(_doubt_png, result, *shown_mask.shape)
        statistics = result.statistics()
    photo, mask, doubt = (data_uri(kind, view.result()) for kind, view in zip(("image/jpeg", "image/png", "image/png"), views, strict=True))
    present = sorted((s for s in statistics if s.pixels), key=lambda s: -s.pixels)
    drawing = time.perf_counter() - start
    safe = escape(name, quote=True)
    heading = f"result-{secrets.token_hex(4)}"
    drawn = '<canvas class="drawn" hidden></canvas>'
    words = in_words(result)
    described = f"{both('segmentation_of', name=name)} {spans(words)}"
    large = f'<button type="button" class="large"><span class="unseen">{both("large")}</span>{FULL_SCREEN_ICON}</button>'
    captions = "".join(f'<span data-style="{style}">{both(key)}</span>' for style, key in CAPTIONS.items())
    palette = [list(color) for color in task.palette.tolist()]
    return f"""
<article class="result" aria-labelledby="{heading}" data-palette="{palette}">
  <header><h2 id="{heading}">{safe}</h2><p class="facts">{_facts(result, entry, title, runtime, drawing)}</p></header>
  {unfamiliar(result)}
  <p class="words">{spans(words)}</p>
  <div class="views strip">
    <figure><div class="frame"><img class="photo" src="{photo}" alt="{safe}"></div><figcaption>{both("original")}{large}</figcaption></figure>
    <figure><div class="frame" tabindex="0" role="application" aria-labelledby="{heading}-mask"><img class="mask" src="{mask}" alt="">{drawn}</div>
      <figcaption class="drawing"><span id="{heading}-mask">{captions}</span>{large}<span class="unseen">{described}</span></figcaption></figure>
    <figure class="chief"><div class="frame stack"><img class="photo" alt=""><div class="over"><img class="mask" alt="">{drawn}</div></div>
      <figcaption>{both("overlay")}{large}</figcaption></figure>
    <img class="doubt" src="{doubt}" alt="" hidden>
  </div>
  {_controls(present, task, heading)}
  <p class="unseen" id="{heading}-legend">{both("legend")}</p>
  <ul class="legend" aria-labelledby="{heading}-legend">{"".join(_legend_item(s, task) for s in present)}</ul>
  <div class="numbers">
    <div class="table-frame" tabindex="0" role="region" aria-labelledby="{heading}">{_table(present, task)}</div>
    <figure class="chart"><div class="bars" aria-hidden="true">{_bars(present, task)}</div><figcaption>{both("chart")}</figcaption></figure>
  </div>
  {_absent(statistics, task)}
  {more}
  {_files(name, result, entry, runtime, file.result())}
</article>"""


def _controls(present: list[ClassStatistics], task: Task, heading: str) -> str:
    """What `card.js` listens to."""
    sliders = "".join(
        f'<label>{both(name)}<input type="range" name="{name}" min="0" max="100" value="{value}">{after}</label>'
        for name, value, after in (
            ("opacity", 55, ""),
            ("split", 0, ""),
            ("threshold", 0, '<output class="threshold">0.00</output><output class="unsure"></output>'),
        )
    )
    styles = "".join(
        f'<button type="button" data-style="{style}" aria-pressed="{str(style == "fill").lower()}">{both(f"style_{style}")}</button>' for style in STYLES
    )
    names = "".join(f'<span data-id="{s.id}" hidden>{spans(class_words(s.id, task))}</span>' for s in present)
    return f"""
  <p class="readout" aria-live="polite"><span class="hint">{both("point")}</span>{names} <b></b></p>
  <div class="controls">{sliders}</div>
  <div class="styles" role="group" aria-labelledby="{heading}-style"><span class="unseen" id="{heading}-style">{both("style")}</span>{styles}</div>
  <p class="ramp" hidden><span>0</span><i></i><span>1</span> <span data-style="confidence">{both("ramp_confidence")}</span><span data-style="entropy">{both("ramp_entropy")}</span></p>"""


STYLES = ("fill", "patterns", "outlines", "confidence", "entropy")
CAPTIONS = {"fill": "mask", "confidence": "style_confidence", "entropy": "style_entropy"}  # of what is drawn; by default the first


def _files(name: str, result: Segmentation, entry: Entry, runtime: str, mask: bytes) -> str:
    """Links to what one may take home; the files are in the links."""
    stem = escape(Path(name).stem, quote=True)
    settings = {"task": entry.task, "model": entry.model, "runtime": runtime}
    files = (
        ("file_mask", f"{stem}.mask.png", "image/png", mask),
        ("file_csv", f"{stem}.csv", "text/csv", statistics_csv(name, result).encode()),
        ("file_json", f"{stem}.json", "application/json", statistics_json(name, result, settings).encode()),
    )
    links = " · ".join(f'<a download="{file}" href="{data_uri(kind, data)}">{both(key)}</a>' for key, file, kind, data in files)
    return f'<p class="files">{both("take_home")} {links}</p>'


def _doubt_png(result: Segmentation, height: int, width: int) -> bytes:
    """Confidence (red) and entropy (green) in fiftieths, at half of the size shown: for `card.js`."""
    size = (max(width // 2, 1), max(height // 2, 1))
    channels = [cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (result.confidence, result.working_entropy)]
    fiftieths = [np.clip(np.rint(50 * channel), 0, 50).astype(np.uint8) for channel in (*channels, np.zeros_like(channels[0]))]
    return png(np.stack(fiftieths, axis=2))


def guarded(path: Path, make: Callable[[Path], str]) -> str:
    """``make(path)``, or the card that says what is wrong with the file, or that something is with us: one bad picture never costs the others."""
    try:
        return make(path)
    except FileError as error:
        return error_card(path.name, error.words)
    except Exception as error:
        logging.getLogger(__name__).exception("%s", path.name)
        return error_card(path.name, words_of("failed", name=path.name, kind=type(error).__name__))


def error_card(name: str, words: Words) -> str:
    """The card of a picture that could not be segmented."""
    return f"{ERROR_CARD}<h2>{escape(name)}</h2><p>{spans(words)}</p></article>"


def status(words: Words) -> str:
    """Says aloud how far the work is."""
    return f'<p class="unseen" role="status">{spans(words)}</p>'


def done(number: int, count: int, bad: int) -> str:
    """Says aloud how many of the ``count`` pictures were looked at, and how many of those could not be segmented."""
    return status(words_of("done_but", number=number, count=count, bad=bad) if bad else words_of("done", number=number, count=count))


def notice(words: Words) -> str:
    return f'<p class="notice" role="status">{spans(words)}</p>'


def empty_card() -> str:
    """What stands where results will be."""
    return f'<div class="empty"><h2>{both("empty_title")}</h2><p>{both("empty")}</p></div>'


def model_note(task: Task, sentence: Words, entry: Entry) -> str:
    """The sentences beside the pickers."""
    return (
        f'<div class="note"><p>{spans(task.sentence)} {both("about_task", trained_on=task.trained_on)}</p>'
        f"<p>{spans(sentence)}</p><p class='facts'>{both('facts_model', **_model_facts(entry))}</p></div>"
    )


def _facts(result: Segmentation, entry: Entry, title: str, runtime: str, drawing: float) -> str:
    height, width = result.mask.shape
    steps = {"load": 0.0, **result.timings, "drawing": drawing}
    milliseconds = {step: f"{1000 * seconds:.0f}" for step, seconds in steps.items()}
    return " · ".join(
        (
            spans(result.task.title),
            escape(title),
            both("facts_picture", width=width, height=height),
            both("facts_time", total=f"{1000 * sum(steps.values()):.0f}", **milliseconds),
            both("facts_model", **_model_facts(entry, runtime)),
        )
    )


def _model_facts(entry: Entry, runtime: str = "litert") -> dict[str, object]:
    return {
        "parameters": entry.parameters / 1e6,
        "parameters_wan": entry.parameters / 1e4,
        "megabytes": f"{entry.bytes / 1e6:.1f}",
        "miou": f"{entry.runtimes.get(runtime, {'miou': entry.miou})['miou']:.3f}",
        "data": entry.data,
        "split": words_of(f"split_{entry.split}") if entry.split in ("val", "test") else entry.split,
        "pictures": entry.pictures,
        "size": entry.size.replace("x", "×"),
    }


def unfamiliar(result: Segmentation) -> str:
    """A warning, if the model is less sure of the picture than of nearly all of its own kind; or nothing."""
    if not result.unfamiliar:
        return ""
    values = {"trained_on": result.task.trained_on, "confidence": f"{result.found_confidence:.2f}", "usual": f"{result.usual_confidence:.2f}"}
    return f'<p class="warning" role="status">{both("unfamiliar", **values)}</p>'


def swatch(class_id: int, task: Task) -> str:
    return '<i class="swatch" style="background: rgb({}, {}, {})"></i>'.format(*task.classes[class_id].color)


def legend(ids: Iterable[int], task: Task) -> str:
    """The classes' colours and names."""
    return f'<ul class="legend">{"".join(f"<li>{swatch(i, task)}{spans(class_words(i, task))}</li>" for i in ids)}</ul>'


def class_words(class_id: int, task: Task) -> Words:
    info = task.classes[class_id]
    return Words(info.name, info.name_zh)


def _legend_item(s: ClassStatistics, task: Task) -> str:
    return f'<li><button type="button" data-id="{s.id}" aria-pressed="false">{swatch(s.id, task)}{spans(class_words(s.id, task))}</button></li>'


def _table(present: list[ClassStatistics], task: Task) -> str:
    head = "".join(f'<th scope="col">{both(key)}</th>' for key in ("class", "pixels", "share", "regions", "confidence"))
    rows = "".join(
        f'<tr><th scope="row">{swatch(s.id, task)}{spans(class_words(s.id, task))}</th>'
        f"<td>{s.pixels:,}</td><td>{s.share:.1%}</td><td>{s.regions}</td><td>{s.confidence:.2f}</td></tr>"
        for s in present
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _bars(present: list[ClassStatistics], task: Task) -> str:
    """A bar a class, the largest class over the whole width; the table beside it says the same in words."""
    return "".join(
        f'<div>{spans(class_words(s.id, task))}<span><i style="width: {s.share / present[0].share:.2%}; background: rgb({", ".join(map(str, task.classes[s.id].color))})"></i></span>'
        f"<b>{s.share:.1%}</b></div>"
        for s in present
    )


def _absent(statistics: list[ClassStatistics], task: Task) -> str:
    absent = [class_words(s.id, task) for s in statistics if not s.pixels]
    if not absent:
        return ""
    names = Words(", ".join(w.en for w in absent), "、".join(w.zh for w in absent))
    return f'<p class="absent">{both("absent", names=names)}</p>'


def data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
