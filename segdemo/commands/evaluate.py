"""``evaluate``: a model's scores on a labelled split."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from segdemo.commands.chosen import chosen_segmenter, chosen_task
from segdemo.commands.columns import left, right, short
from segdemo.commands.options import LABELLED, add_runtime, add_task_and_model, add_weights, drawing
from segdemo.tasks import Task

SUMMARY = "Score a trained model on a labelled split: IoU, Dice, boundary F1, accuracy, calibration; of nuclei, the count."
SCORES = {
    "mIoU": "mIoU",
    "pixel accuracy": "pixel_accuracy",
    "class accuracy": "class_accuracy",
    "boundary F1": "boundary_f1",
    "expected calibration error": "expected_calibration_error",
    "count error": "count_error",
}


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser, own=True)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help=LABELLED)
    parser.add_argument("--split", default="val", help="a folder in DIR: train, val, test ... (default: val)")
    add_weights(parser)
    add_runtime(parser)
    parser.add_argument("--picture", type=drawing, metavar="FILE", help="draw the confusion matrix and the confidence against the truth, as .png or .svg")
    parser.add_argument("--json", action="store_true", help="print JSON, the confusion matrix included")


def run(options: Namespace) -> None:
    from segdemo.data.folder import open_split
    from segdemo.scoring.evaluation import evaluate

    task = chosen_task(options)
    split = open_split(options.data, options.split, task)
    result = evaluate(chosen_segmenter(options, task), split, split.counts(), _counter(len(split)))
    report = {"task": task.name, "model": options.model, "split": options.split, "pictures": len(split), **result.as_dict()}
    if options.picture:
        from segdemo.scoring.plots import plot_evaluation

        options.picture.parent.mkdir(parents=True, exist_ok=True)
        plot_evaluation(result, options.picture)
    if options.json:
        print(json.dumps(report))
    else:
        _print_tables(task, report)


def _print_tables(task: Task, report: dict) -> None:
    print(f"{task.name}, {report['model']}, {report['split']}: {report['pictures']} pictures")
    for title, key in SCORES.items():
        if report[key] is not None:
            print(f"  {title:<28}{report[key]:.4f}")
    print(f"  {'class':<14}{'IoU':>8}{'Dice':>8}{'boundary F1':>13}")
    for name in task.class_names:
        iou, dice, outline = (_number(report[key][name]) for key in ("iou", "dice", "class_boundary_f1"))
        print(f"  {left(name, 14)}{iou:>8}{dice:>8}{outline:>13}")
    print("  confusion: so much (%) of a row's class was taken for a column's; the columns are in the order of the rows")
    print(f"  {'':<14}" + "".join(right(short(name, 7), 8) for name in task.class_names))
    for name, row in zip(task.class_names, report["confusion_matrix"], strict=True):
        print(f"  {left(name, 14)}" + "".join(f"{100 * count / sum(row):8.1f}" if any(row) else f"{'-':>8}" for count in row))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _counter(total: int) -> Callable[[int], None] | None:
    """Progress on standard error, only for a person watching."""
    if not sys.stderr.isatty():
        return None
    return lambda done: print(f"\r{done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)
