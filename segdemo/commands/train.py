"""``train``: a model fitted to a labelled folder."""

from __future__ import annotations

import os
import shlex
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from segdemo.commands.chosen import chosen_task, run_folder
from segdemo.commands.options import add_task_and_model, at_least_one, factor, share, whole
from segdemo.models import ARCHITECTURES
from segdemo.tasks import get_task

SUMMARY = "Fine-tune a model on a labelled folder; call it again after an interruption and it goes on."
INTERRUPTED = " The same command goes on after the last whole epoch."


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser, ARCHITECTURES, own=True)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/{train,val}/{images,masks}; with classes.json for a task of your own")
    parser.add_argument(
        "--also",
        nargs=2,
        action="append",
        default=[],
        metavar=("TASK", "DIR"),
        help="another task's folder, from whose training pictures this one borrows what it knows of them (`borrows` in segdemo/tasks/): "
        "at most as many as its own; can be given several times",
    )
    parser.add_argument(
        "--pretrained",
        default="imagenet",
        metavar="TASK|TASK-MODEL|PATH|imagenet|none",
        help="where it starts: from a published model, whose head is replaced; or where its backbone does (default: imagenet, downloaded by Keras)",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="go on, more gently, from a .weights.h5 of this model, instead of a pretrained backbone and a new head; with another number of classes "
        "its head is replaced; also from one of MODEL-wide, which is pruned",
    )
    parser.add_argument("--run", dest="folder", type=Path, metavar="FOLDER", help="where the run is kept (default: runs/TASK-MODEL)")
    parser.add_argument("--epochs", type=at_least_one, help="instead of the recipe's")
    parser.add_argument("--batch", type=at_least_one, help="instead of the recipe's")
    parser.add_argument("--steps", type=at_least_one, help="an epoch's, instead of those that show every picture once")
    parser.add_argument(
        "--seconds", type=at_least_one, help="end by then, all told, instead of after so many epochs: the learning rate falls to zero with the time left"
    )
    parser.add_argument("--workers", type=at_least_one, default=2, help="threads that draw views (default: 2)")
    parser.add_argument("--rate", type=factor, help="times the recipe's learning rate (default: 1; with --weights 0.4); more for a larger --batch")
    parser.add_argument(
        "--precision",
        default="float32",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
        help="of the activations; mixed_bfloat16 is faster on a processor with avx512_bf16 or amx_bf16",
    )
    parser.add_argument(
        "--distill",
        type=share,
        default=0.0,
        metavar="SHARE",
        help="the part of the loss, 0 to 1, that the mean of the task's published models teaches, all architectures together (default: 0)",
    )
    parser.add_argument(
        "--opinions", type=Path, metavar="FILE", help="a .npz: what these think of the pictures, written by the first training and read by the next"
    )
    parser.add_argument(
        "--seed", type=whole, default=0, help="of the new head and of the views: with the same one, another round would see the very same views (default: 0)"
    )
    parser.add_argument("--quiet", action="store_true", help="one line an epoch, no progress bar")


def run(options: Namespace) -> None:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # before TensorFlow is imported; it is the default only on some processors
    from segdemo.data.folder import borrow, open_split
    from segdemo.training.loop import train
    from segdemo.training.recipes import recipe_of
    from segdemo.training.transfer import published_body

    task = chosen_task(options)
    model = task.form(options.model)
    body = None if options.weights else published_body(options.pretrained, model)
    changes = {key: value for key in ("epochs", "batch", "steps") if (value := getattr(options, key)) is not None}
    own = open_split(options.data, "train", task)
    best = train(
        model,
        task,
        own,
        open_split(options.data, "val", task),
        replace(recipe_of(task, model), **changes),
        run_folder(options),
        None if options.weights or body or options.pretrained == "none" else options.pretrained,
        weights=options.weights,
        rate=options.rate,
        seed=options.seed,
        precision=options.precision,
        progress=not options.quiet,
        distill=options.distill,
        command=public_command(options.arguments, options.data),
        borrowed=[borrow(folder, get_task(owner), task, len(own)) for owner, folder in options.also],
        body=body,
        seconds=options.seconds,
        workers=options.workers,
        opinions_file=options.opinions,
    )
    print(f"The best weights are {best}; curves.svg and log.csv beside them.")


def public_command(arguments: list[str], data: Path) -> str:
    """The command for the model card: where the data and what lies outside this folder are is nobody's business, their names are enough."""

    def told(argument: str) -> str:
        option, _, value = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
        path = Path(value)
        if path == data:
            value = path.resolve().name
        elif path.is_absolute():
            value = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
        return f"{option}={value}" if option else value

    return f"python -m segdemo {shlex.join(map(told, arguments))}"
