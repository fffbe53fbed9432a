"""Numbers over many pictures or frames as a table, and any table as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from segdemo.images import ImageError
from segdemo.inference.segmentation import Segmentation
from segdemo.tasks import Task

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes UTF-8 for the code page of its own country
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a cell that starts with one of these can be run by a spreadsheet


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
        Text to be written as UTF-8, as `csv_text` makes it. What is not known is empty.
    """
    mean = mean_row(rows)
    columns = ("picture", *map(cell, task.class_names), *(["objects"] if task.countable else []), "confidence", "seconds", "unfamiliar", "error")
    return csv_text(columns, [_line(row, task) for row in (*rows, *([mean] if mean else []))])


def _line(row: Row, task: Task) -> tuple:
    shares = row.shares or (None,) * task.num_classes
    objects = (row.objects,) if task.countable else ()
    known = (None, None) if row.error else (row.seconds, float(row.unfamiliar))
    return (cell(row.name), *shares, *objects, number(row.confidence), *known, cell(str(row.error)) if row.error else None)


def shares_csv(times: list[float], shares: np.ndarray, task: Task) -> str:
    """A line a frame: "seconds", and the share of each class; see `csv_text`.

    Args:
        times: T seconds.
        shares: (T, C) in [0, 1].
    """
    return csv_text(("seconds", *map(cell, task.class_names)), ((round(seconds, 3), *line) for seconds, line in zip(times, shares.tolist(), strict=True)))


def csv_text(columns: Iterable[str], rows: Iterable[tuple]) -> str:
    """The table as RFC 4180 has it, after a byte order mark; text that a visitor chose must have gone through `cell`."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(rows)
    return BYTE_ORDER_MARK + encodable(file.getvalue())


def cell(text: str) -> str:
    """The text, after an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def number(value: float) -> float | None:
    """The number, or None for NaN and infinity, which neither CSV nor JSON knows."""
    return value if math.isfinite(value) else None


def encodable(text: str) -> str:
    """The text with "?" for what UTF-8 cannot hold: half characters, as in the names of files from other systems."""
    return text.encode(errors="replace").decode()
