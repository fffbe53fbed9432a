"""``export``: a run's weights, published."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from segdemo.commands.chosen import run_folder
from segdemo.commands.options import LABELLED, add_task_and_model
from segdemo.tasks import get_task

SUMMARY = "Publish a run: the mean of its epochs that scores best on a split; writes weights/TASK-MODEL.weights.h5, the manifest's row and the model card."


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help=f"{LABELLED}; int8 is fitted to the pictures of its train")
    parser.add_argument("--split", default="val", help="what the scores and the temperature are measured on (default: val)")
    parser.add_argument("--run", dest="folder", type=Path, metavar="FOLDER", help="default: runs/TASK-MODEL")
    parser.add_argument("--dtype", default="float16", choices=("float16", "float32"), help="how the file stores the numbers (default: float16)")


def run(options: Namespace) -> None:
    from segdemo.data.folder import open_split
    from segdemo.publishing.publish import check_run, publish

    task = get_task(options.task)
    check_run(options.model, task, run_folder(options))
    train, split = (open_split(options.data, name, task) for name in ("train", options.split))
    entry = publish(options.model, task, run_folder(options), train, split, options.data.name, options.split, options.dtype)
    print(f"weights/{entry.file}: {entry.bytes / 1e6:.1f} MB, mIoU {entry.miou:.4f} on {entry.split}.")
