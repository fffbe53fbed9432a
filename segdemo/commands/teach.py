"""``teach``: strokes on pictures in, a classifier for classes of one's own out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from segdemo.models import MODELS
from segdemo.tasks import TASKS

SUMMARY = "Learn classes of your own from strokes: writes a classifier that predict --weights takes."


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--strokes", required=True, type=Path, metavar="DIR", help="of each picture NAME.png in DIR: class ids, 255 where nothing is painted")
    parser.add_argument("--names", metavar="NAMES", help="of the classes, in the order of their ids, with commas (default with --correct: those of its task)")
    parser.add_argument(
        "--correct", choices=[*TASKS], metavar="TASK", help=f"correct a model: the strokes say what is right where it is wrong ({', '.join(TASKS)})"
    )
    parser.add_argument("--model", choices=["auto", *MODELS], help="which of the task's models --correct corrects (default: auto, its best)")
    parser.add_argument("--output", type=Path, default=Path("taught.segdemo"), help="default: taught.segdemo")


def run(options: Namespace) -> None:
    from segdemo.teaching.strokes import read_strokes
    from segdemo.zoo import load, teach

    if not (options.names or options.correct):
        raise ValueError("What are the classes called? Add --names, such as --names leaf,spot,background, in the order of their ids.")
    if options.model and not options.correct:
        raise ValueError("--model says what --correct corrects; add --correct TASK.")
    if not options.strokes.is_dir():
        raise ValueError(f"--strokes is {str(options.strokes)!r}, which is not a folder. It holds a PNG of class ids for each picture, of the same name.")
    strokes = [read_strokes(options.strokes / f"{picture.stem}.png") for picture in options.pictures]
    names = options.names.split(",") if options.names else None
    taught = teach(options.pictures, strokes, names, correct=load(options.model or "auto", options.correct) if options.correct else None)
    painted = (f"{name} ({count} pixels)" for name, count in zip(taught.task.class_names, taught.painted, strict=True) if count)
    print(f"{taught.save(options.output)}: {', '.join(painted)}")
