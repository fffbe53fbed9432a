"""One picture's result as a piece of HTML: three views, what one can do with them, legend, table, chart, facts, files.

The pictures are inside the HTML, so nothing of a visitor's is kept on disk for it, and `card.js` draws and changes what is
shown in the browser without asking the server. They are as large as a screen shows them; what is taken away is made at
the picture's full size, by `files`, when it is asked for.
"""

from __future__ import annotations

import base64
import secrets
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup

from segdemo.errors import FileError, WeightsError, log_fault
from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.inference.statistics import ClassStatistics
from segdemo.languages import Words
from segdemo.output.visualization import jpeg
from segdemo.output.words import in_words
from segdemo.runtime.cores import cores
from segdemo.tasks import TASKS, Task
from segdemo.ui.parts.files import OF_CLASSES, TAKEN
from segdemo.ui.parts.templating import class_words, render
from segdemo.ui.text import words_of
from segdemo.zoo import Entry, entries

ERROR = "result error"  # the CSS class of the card of a picture that could not be segmented
CAPTIONS = {"fill": "mask", "confidence": "style_confidence", "entropy": "style_entropy"}  # of what is drawn; by default the first
LONGEST_SIDE = 1600  # of the photograph on a card, in pixels
LONGEST_DRAWN = 1280  # of the classes, which the browser draws anew at every move of a slider
LARGER = 3  # times as large as a small picture its classes are drawn at most, so that their borders have no steps
FOUND = 0.001  # the share of the picture below which what is not background is nothing
OFFERED = 3  # other tasks, beside a warning


def result_card(
    name: str,
    result: Segmentation,
    entry: Entry,
    title: str,
    runtime: str = "litert",
    more: Markup | None = None,
    *,
    number: int = 0,
    photo: np.ndarray | None = None,
    size: tuple[int, int] | None = None,
    chosen: Markup | None = None,
    suggested: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Markup:
    """The card of one picture.

    Args:
        name: the file's name.
        result: its segmentation, at the picture's size or smaller.
        entry: facts about the weights.
        title: the architecture's and the runtime's title.
        runtime: its name, whose score is told.
        more: HTML that follows the numbers.
        number: the place of the picture among those that were brought, from 0.
        photo: what to show of the picture, (h, w, 3) uint8 RGB, if the result's is smaller.
        size: (height, width) of the picture in its file, if the result's is smaller.
        chosen: HTML at the top: how the task was chosen.
        suggested: the tasks that the picture may be of, the likeliest first.
        without: what is not offered: to take away, of `TAKEN`, or "correction"; "times" of this machine.
    """
    start = time.perf_counter()
    task = result.task
    drawn = _drawn_size(*result.mask.shape)
    with ThreadPoolExecutor(cores()) as pool:  # what encodes lets other threads run
        encoded = pool.submit(lambda: jpeg(shrink(result.image, result.mask, LONGEST_SIDE)[0] if photo is None else photo))
        ids = pool.submit(lambda: packed(result.separated_at(drawn)))
        doubts = pool.submit(_packed_doubts, result, *drawn)
        height, width = size or result.mask.shape
        statistics = [replace(s, pixels=round(s.share * height * width)) for s in result.statistics()]
    steps = {"load": 0.0, **result.timings, "drawing": time.perf_counter() - start}
    found = [s for s in statistics if s.id != task.background_id]
    others = offered(entry.task, suggested)
    nothing = sum(s.share for s in found) < FOUND
    return render(
        "card",
        heading=f"result-{secrets.token_hex(4)}",
        name=name,
        number=number,
        entry=entry,
        runtime=runtime,
        task=task,
        title=title,
        width=width,
        height=height,
        counted=result.mask.shape[::-1] if (height, width) != result.mask.shape else None,
        times=None if "times" in without else {step: _milliseconds(seconds) for step, seconds in {**steps, "total": sum(steps.values())}.items()},
        model_facts=model_facts(entry, runtime),
        chosen=chosen or Markup(),
        warning=Markup() if nothing else unfamiliar(result, others[:OFFERED]),
        nothing=nothing,
        known=_names(task, [s.id for s in found]),
        others=others,
        words=in_words(result),
        palette=task.palette.tolist(),
        photo=encoded.result(),
        drawn=drawn,
        ids=ids.result(),
        doubts=doubts.result(),
        captions=CAPTIONS,
        present=sorted((s for s in statistics if s.pixels), key=lambda s: -s.pixels),
        absent=_absent(statistics, task),
        more=more or Markup(),
        correctable="correction" not in without,
        taken=[kind for kind in TAKEN if kind not in without and not (nothing and kind in OF_CLASSES)],
    )


def offered(task: str, suggested: Sequence[str] = ()) -> list[Task]:
    """The tasks beside this one that there is a model for: those suggested first, the others in their order."""
    trained = {name for name, _ in entries()}
    return [TASKS[name] for name in dict.fromkeys((*suggested, *TASKS)) if name in trained and name != task]


def _drawn_size(height: int, width: int) -> tuple[int, int]:
    factor = min(LARGER, LONGEST_DRAWN / max(height, width))
    return max(round(factor * height), 1), max(round(factor * width), 1)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


def _absent(statistics: list[ClassStatistics], task: Task) -> Words | None:
    """The names of the classes that the picture does not have."""
    absent = [s.id for s in statistics if not s.pixels]
    return _names(task, absent) if absent else None


def _names(task: Task, ids: list[int]) -> Words:
    names = [class_words(task.classes[i]) for i in ids]
    return Words(", ".join(w.en for w in names), "、".join(w.zh for w in names))


def packed(values: np.ndarray) -> str:
    """uint8 of any shape, deflated and in letters: what `card.js` reads exactly, which a picture's pixels are not in every browser."""
    return base64.b64encode(zlib.compress(values.tobytes(), 3)).decode()


def _packed_doubts(result: Segmentation, height: int, width: int) -> str:
    """Confidence and entropy in fiftieths, at half of the size that is drawn: each row as its first value and the differences between neighbours."""
    size = (-(-width // 2), -(-height // 2))
    planes = [cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (result.confidence, result.working_entropy)]
    fiftieths = np.clip(np.rint(50 * np.stack(planes)), 0, 50)
    return packed(np.diff(fiftieths, axis=2, prepend=0).astype(np.int8))


def guarded(path: Path, make: Callable[[Path], Markup], name: str = "") -> Markup:
    """``make(path)``, or the card that says what is wrong with the file, or that something is with us: one bad picture never costs the others."""
    name = name or path.name
    try:
        return make(path)
    except FileError as error:
        return error_card(name, error.words)
    except Exception as error:
        log_fault(f"segmenting {name}", error)
        return error_card(name, fault_words("failed", name, error))


def fault_words(key: str, name: str, error: Exception) -> Words:
    """What is said of a picture that could not be segmented through no fault of its own."""
    if isinstance(error, WeightsError):
        return words_of("weights_failed", name=name, file=error.file)
    return words_of(key, name=name, kind=type(error).__name__)


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
    measured = entry.runtimes.get(runtime, {"miou": entry.miou})
    size = measured["bytes"] if runtime == "litert-int8" and "bytes" in measured else entry.bytes  # LiteRT's float32 takes its kernels from the weights
    return {
        "scored": bool(entry.pictures),
        "parameters": entry.parameters / 1e6,
        "parameters_wan": entry.parameters / 1e4,
        "megabytes": f"{size / 1e6:.1f}",
        "miou": f"{measured['miou']:.3f}",
        "data": entry.data,
        "split": words_of(f"split_{entry.split}") if entry.split in ("val", "test") else entry.split,
        "pictures": entry.pictures,
        "size": entry.size.replace("x", "×"),
    }


def unfamiliar(result: Segmentation, others: Sequence[Task] = (), by: str = "") -> Markup:
    """A warning if the model is less sure of the picture than of nearly all of its own kind, or nothing.

    ``others`` are the way out; ``by`` names the model where there are several.
    """
    if not result.unfamiliar:
        return Markup()
    if result.located is not None:
        return render("warning", words=words_of("no_face"), others=others, by=by)
    values = {"trained_on": result.task.trained_on, "confidence": f"{result.found_confidence:.2f}", "usual": f"{result.usual_confidence:.2f}"}
    return render("warning", words=words_of("unfamiliar", **values), others=others, by=by)
