"""Options that several commands have, and what a value must be."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from segdemo.models import MODELS
from segdemo.runtime import RUNTIMES
from segdemo.tasks import TASKS

LABELLED = "pictures in DIR/SPLIT/images, class ids as PNG of the same names in DIR/SPLIT/masks"


def add_task_and_model(parser: argparse.ArgumentParser, models: Iterable[str] = MODELS, own: bool = False, auto: bool = False) -> None:
    """``own``: whether the task may be one that ``--data`` describes. ``auto``: whether it may be each picture's most probable one, and is by default."""
    parser.add_argument("--tasks", action="append", metavar="DIR", help="a folder of tasks of your own, as `export` leaves them (or SEGDEMO_TASKS=DIR)")
    described = "; or the name in DIR/classes.json" if own else ""
    if auto:
        parser.add_argument(
            "--task", help=f"{', '.join(TASKS)}{described}; or auto, what each picture looks like (default: auto; with --data or --weights street)"
        )
        parser.add_argument("--model", choices=["auto", *models], help="default: auto, the task's best; with --weights deeplabv3plus")
        return
    parser.add_argument("--task", default="street", help=f"{', '.join(TASKS)}{described} (default: street)")
    parser.add_argument("--model", default="deeplabv3plus", choices=[*models], help="default: deeplabv3plus")


def add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights",
        type=Path,
        help="a .weights.h5 of a run, instead of the published one, run by Keras; a .segdemo of teach; or an .onnx or .tflite with its .json",
    )


def add_runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runtime", default="auto", choices=("auto", *RUNTIMES), help="what runs the network (default: litert where it is installed)")


def own_tasks(arguments: list[str]) -> list[str]:
    """What ``--tasks`` names, wherever it stands: it must be known before anything asks what tasks there are."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--tasks", action="append", default=[])
    try:
        return parser.parse_known_args(arguments)[0].tasks
    except argparse.ArgumentError:  # without a value: the command's own parser says so
        return []


def at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def whole(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {2**32 - 1}")
    return int(text)


def share(text: str) -> float:
    try:
        if 0 <= float(text) <= 1:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")


def factor(text: str) -> float:
    try:
        if 0 < float(text) <= 10:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, at most 10")


def drawing(text: str) -> Path:
    if Path(text).suffix not in (".png", ".svg"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png or .svg")
    return Path(text)
