"""``export``: a run's weights, published."""

from __future__ import annotations

import shlex
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from segdemo.commands.chosen import chosen_task, run_folder
from segdemo.commands.options import LABELLED, add_task_and_model
from segdemo.tasks import PUBLISHED, Task, task_from_folder
from segdemo.tasks.folder import CLASSES
from segdemo.zoo import WEIGHTS

SUMMARY = (
    "Publish a run: the mean of its epochs that scores best on a split; writes TASK-MODEL.weights.h5, files for LiteRT, the manifest's row and the model card. "
    "A task of your own gets a folder, with which `--tasks` brings it to the page and to every command."
)


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser, own=True)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help=f"{LABELLED}; int8 is fitted to the pictures of its train")
    parser.add_argument("--split", default="val", help="what the scores and the temperature are measured on (default: val)")
    parser.add_argument("--run", dest="folder", type=Path, metavar="FOLDER", help="default: runs/TASK-MODEL")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="of a task of your own (default: tasks/TASK)")
    parser.add_argument("--dtype", default="float16", choices=("float16", "float32"), help="how the file stores the numbers (default: float16)")


def run(options: Namespace) -> None:
    from segdemo.data.folder import open_split
    from segdemo.publishing.publish import check_run, publish

    task = chosen_task(options)
    folder = own_folder(options, task)
    check_run(options.model, task, run_folder(options))
    train, split = (open_split(options.data, name, task) for name in ("train", options.split))
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(options.data / CLASSES, folder)
        if (options.data / "examples").is_dir():
            shutil.copytree(options.data / "examples", folder / "examples", dirs_exist_ok=True)
    entry = publish(options.model, task, run_folder(options), train, split, options.data.resolve().name, options.split, options.dtype, folder or WEIGHTS)
    print(f"{(folder or Path('weights')) / entry.file}: {entry.bytes / 1e6:.1f} MB, mIoU {entry.miou:.4f} on {entry.split}.")
    if folder:
        print(f"python app.py --tasks {shlex.quote(str(folder))} shows it; so does --tasks with every command, and segdemo.add_tasks in Python.")


def own_folder(options: Namespace, task: Task) -> Path | None:
    """Where a task of one's own goes; None for a published one, whose place is known.

    Raises:
        ValueError: if that holds something else.
    """
    if not (options.data / CLASSES).is_file():
        if options.to:
            raise ValueError(f"--to is for a task of your own, which {options.data / CLASSES} would describe; {task.name} is published.")
        return None
    if task.name in PUBLISHED:
        raise ValueError(f"{task.name!r} is the name of a published task; give yours another in {options.data / CLASSES}.")
    folder = options.to or Path("tasks") / task.name
    if (folder / CLASSES).is_file() and (there := task_from_folder(folder)).classes != task.classes:
        raise ValueError(f"{folder} holds the task {there.name!r} with other classes; choose another folder with --to.")
    if (folder / CLASSES).resolve() == (options.data / CLASSES).resolve():
        raise ValueError(f"{folder} holds the labelled pictures; choose another folder with --to, for what is there may be shown to others.")
    return folder
