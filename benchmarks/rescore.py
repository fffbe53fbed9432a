"""Scores the published weights anew and writes what changed into weights/manifest.json: after a score's definition changed, without training.

python -m benchmarks.rescore TASK=DIR [TASK=DIR ...]

DIR is the labelled folder that the task's weights were scored on, as ``export --data`` took it. Then ``python -m benchmarks.tables`` writes cards and tables.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from segdemo.data.folder import open_split
from segdemo.scoring.evaluation import evaluate
from segdemo.tasks import get_task
from segdemo.zoo import Entry, add_entry, entries, load

SCORES = {"miou": "mIoU", **{key: key for key in ("pixel_accuracy", "class_accuracy", "boundary_f1", "iou", "dice", "count_error")}}


def rescored(entry: Entry, folder: Path) -> Entry:
    """The row with the scores of today.

    Raises:
        ValueError: if the split is not the one that it was scored on: another number of pictures.
    """
    split = open_split(folder, entry.split, get_task(entry.task))
    if len(split) != entry.pictures:
        raise ValueError(f"{folder} has {len(split)} pictures in {entry.split}; {entry.task} was scored on {entry.pictures}.")
    report = evaluate(load(entry.model, entry.task), split, split.counts()).as_dict()
    return replace(entry, **{field: report[key] for field, key in SCORES.items()})


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        task, folder = argument.split("=", 1)
        for entry in [entry for entry in entries().values() if entry.task == task]:
            new = rescored(entry, Path(folder))
            add_entry(new)
            print(f"{task} {entry.model}: mIoU {entry.miou} -> {new.miou}, boundary F1 {entry.boundary_f1} -> {new.boundary_f1}", flush=True)
