"""Many pictures: one after the other, each step of one beside another step of the next, and a table over all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from segdemo.downloads import cell, csv_text, number
from segdemo.images import ImageError, read_image
from segdemo.segmentation import Segmentation, Segmenter, timed
from segdemo.tasks import Task

AHEAD = 3  # pictures that are decoded, run or decided while the consumer has another


@dataclass(frozen=True)
class Row:
    """One line of the table: a picture, or the mean of some.

    Attributes:
        name: the picture's file name.
        shares: of each class, in id order, 0-1; empty if the picture could not be read.
        objects: how many were counted; None where they are not told apart. A mean need not be whole.
        confidence: mean over the pixels, 0-1; NaN if the picture could not be read.
        seconds: for all steps together; 0 if the picture could not be read.
        unfamiliar: see `Segmentation`; of a mean, the share of such pictures.
        error: why the picture could not be read, or None.
    """

    name: str
    shares: tuple[float, ...] = ()
    objects: float | None = None
    confidence: float = float("nan")
    seconds: float = 0.0
    unfamiliar: float = False
    error: ImageError | None = None


def segment_many(segmenter: Segmenter, sources: Iterable) -> Iterator[tuple[object, Segmentation | ImageError]]:
    """Segments pictures in their order; decoding, the network, the decision and the consumer's work each have a thread.

    Args:
        segmenter: what segments them.
        sources: pictures as `Segmenter` takes them; gone through no further than `AHEAD` pictures before the consumer.

    Yields:
        Each source with its result, or with the reason why it cannot be read. Closing the iterator waits for the steps
        that have begun, and begins no other.
    """
    sources = iter(sources)
    waiting: deque[tuple[object, Future]] = deque()
    with ExitStack() as stack:
        reader, runner, decider = (stack.enter_context(ThreadPoolExecutor(1)) for _ in range(3))
        stack.callback(lambda: [pool.shutdown(wait=False, cancel_futures=True) for pool in (decider, runner, reader)])

        def run(decoded: Future):
            image, seconds = decoded.result()
            return image, *timed(segmenter.logits, image), seconds

        def decide(ran: Future) -> Segmentation:
            image, outputs, network, decode = ran.result()
            return segmenter.decide(image, outputs, {"decode": decode, "network": network})

        def begin() -> None:
            for source in sources:
                waiting.append((source, decider.submit(decide, runner.submit(run, reader.submit(timed, read_image, source)))))
                return

        for _ in range(AHEAD):
            begin()
        while waiting:
            source, result = waiting.popleft()
            try:
                outcome = result.result()
            except ImageError as error:
                outcome = error
            begin()
            yield source, outcome


def row_of(name: str, outcome: Segmentation | ImageError) -> Row:
    """The picture's line."""
    if isinstance(outcome, ImageError):
        return Row(name, error=outcome)
    statistics = outcome.statistics()
    return Row(
        name,
        shares=tuple(s.share for s in statistics),
        objects=statistics[1].regions if outcome.instances is not None else None,
        confidence=outcome.mean_confidence,
        seconds=sum(outcome.timings.values()),
        unfamiliar=outcome.unfamiliar,
    )


def mean_row(rows: list[Row]) -> Row | None:
    """The mean over the pictures that could be read, each counting the same; None if there is none."""
    read = [row for row in rows if not row.error]
    if not read:
        return None
    counted = read[0].objects is not None
    return Row(
        "mean",
        shares=tuple(np.mean([row.shares for row in read], axis=0).tolist()),
        objects=float(np.mean([row.objects for row in read])) if counted else None,
        confidence=float(np.mean([row.confidence for row in read])),
        seconds=float(np.mean([row.seconds for row in read])),
        unfamiliar=float(np.mean([row.unfamiliar for row in read])),
    )


def table_csv(rows: list[Row], task: Task) -> str:
    """A line a picture and last their mean: "picture", the share of each class, "objects" if they are counted, "confidence", "seconds",
    "unfamiliar" (1 or 0; last, their share), "error".

    Returns:
        Text to be written as UTF-8, as `downloads.csv_text` makes it. What is not known is empty.
    """
    mean = mean_row(rows)
    columns = ("picture", *task.class_names, *(["objects"] if task.countable else []), "confidence", "seconds", "unfamiliar", "error")
    return csv_text(columns, [_line(row, task) for row in (*rows, *([mean] if mean else []))])


def _line(row: Row, task: Task) -> tuple:
    shares = row.shares or (None,) * task.num_classes
    objects = (row.objects,) if task.countable else ()
    known = (None, None) if row.error else (row.seconds, float(row.unfamiliar))
    return (cell(row.name), *shares, *objects, number(row.confidence), *known, cell(str(row.error)) if row.error else None)
