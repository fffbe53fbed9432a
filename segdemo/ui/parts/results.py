"""One picture's result as a piece of HTML: three views, what one can do with them, legend, table, chart, facts, files.

The pictures are inside the HTML, so nothing of a visitor's is kept on disk for it, and `card.js` changes what is shown in
the browser without asking the server. Each is there once: the overlay's photo and mask are copied by the script.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup

from segdemo.cores import cores
from segdemo.errors import FileError, log_fault
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.inference.statistics import ClassStatistics
from segdemo.languages import Words
from segdemo.output.downloads import statistics_csv, statistics_json
from segdemo.output.visualization import jpeg, palette_png, png
from segdemo.output.words import in_words
from segdemo.tasks import Task
from segdemo.ui.parts.templating import class_words, render
from segdemo.ui.text import words_of
from segdemo.zoo import Entry

ERROR = "result error"  # the CSS class of the card of a picture that could not be segmented
CAPTIONS = {"fill": "mask", "confidence": "style_confidence", "entropy": "style_entropy"}  # of what is drawn; by default the first
LONGEST_SIDE = 1200  # of the pictures on the page, in pixels


def result_card(name: str, result: Segmentation, entry: Entry, title: str, runtime: str = "litert", more: Markup | None = None) -> Markup:
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
        photo = pool.submit(jpeg, shown)
        mask = pool.submit(palette_png, shown_mask, task)
        doubt = pool.submit(_doubt_png, result, *shown_mask.shape)
        statistics = result.statistics()
    steps = {"load": 0.0, **result.timings, "drawing": time.perf_counter() - start}
    settings = {"task": entry.task, "model": entry.model, "runtime": runtime}
    stem = Path(name).stem
    height, width = result.mask.shape
    return render(
        "card",
        heading=f"result-{secrets.token_hex(4)}",
        name=name,
        task=task,
        title=title,
        width=width,
        height=height,
        times={"total": _milliseconds(sum(steps.values())), **{step: _milliseconds(seconds) for step, seconds in steps.items()}},
        model_facts=model_facts(entry, runtime),
        warning=unfamiliar(result),
        words=in_words(result),
        palette=task.palette.tolist(),
        photo=photo.result(),
        mask=mask.result(),
        doubt=doubt.result(),
        captions=CAPTIONS,
        present=sorted((s for s in statistics if s.pixels), key=lambda s: -s.pixels),
        absent=_absent(statistics, task),
        more=more or Markup(),
        files=(
            (f"{stem}.mask.png", file.result(), "image/png", "file_mask"),
            (f"{stem}.csv", statistics_csv(name, result).encode(), "text/csv", "file_csv"),
            (f"{stem}.json", statistics_json(name, result, settings).encode(), "application/json", "file_json"),
        ),
    )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


def _absent(statistics: list[ClassStatistics], task: Task) -> Words | None:
    """The names of the classes that the picture does not have."""
    absent = [class_words(task.classes[s.id]) for s in statistics if not s.pixels]
    return Words(", ".join(w.en for w in absent), "、".join(w.zh for w in absent)) if absent else None


def _doubt_png(result: Segmentation, height: int, width: int) -> bytes:
    """Confidence (red) and entropy (green) in fiftieths, at half of the size shown: for `card.js`."""
    size = (max(width // 2, 1), max(height // 2, 1))
    channels = [cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (result.confidence, result.working_entropy)]
    fiftieths = [np.clip(np.rint(50 * channel), 0, 50).astype(np.uint8) for channel in (*channels, np.zeros_like(channels[0]))]
    return png(np.stack(fiftieths, axis=2))


def guarded(path: Path, make: Callable[[Path], Markup]) -> Markup:
    """``make(path)``, or the card that says what is wrong with the file, or that something is with us: one bad picture never costs the others."""
    try:
        return make(path)
    except FileError as error:
        return error_card(path.name, error.words)
    except Exception as error:
        log_fault(path.name, error)
        return error_card(path.name, words_of("failed", name=path.name, kind=type(error).__name__))


def error_card(name: str, words: Words) -> Markup:
    """The card of a picture that could not be segmented."""
    return render("error_card", kind=ERROR, name=name, words=words)


def status(words: Words) -> Markup:
    """Says aloud how far the work is."""
    return render("status", kind="unseen", words=words)


def done(number: int, count: int, bad: int) -> Markup:
    """Says aloud how many of the ``count`` pictures were looked at, and how many of those could not be segmented."""
    return status(words_of("done_but", number=number, count=count, bad=bad) if bad else words_of("done", number=number, count=count))


def notice(words: Words) -> Markup:
    return render("status", kind="notice", words=words)


def empty_card(title: str = "empty_title", text: str = "empty", **values: object) -> Markup:
    """What stands where results will be: the texts of these keys, the title's places filled."""
    return render("empty", title=words_of(title, **values), text=words_of(text))


def model_note(task: Task, sentence: Words, entry: Entry) -> Markup:
    """The sentences beside the pickers."""
    return render("note", task=task, sentence=sentence, model_facts=model_facts(entry))


def model_facts(entry: Entry, runtime: str = "litert") -> dict[str, object]:
    """What the texts on a model have places for."""
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


def unfamiliar(result: Segmentation) -> Markup:
    """A warning, if the model is less sure of the picture than of nearly all of its own kind; or nothing."""
    if not result.unfamiliar:
        return Markup()
    values = {"trained_on": result.task.trained_on, "confidence": f"{result.found_confidence:.2f}", "usual": f"{result.usual_confidence:.2f}"}
    return render("status", kind="warning", words=words_of("unfamiliar", **values))
