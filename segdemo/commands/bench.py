"""``bench``: how long each step takes on this machine."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from segdemo.commands.options import add_runtime, add_task_and_model, at_least_one

SUMMARY = "Time a trained model on this machine, step by step."


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser)
    parser.add_argument("--size", default="480x360", metavar="WIDTHxHEIGHT")
    add_runtime(parser)
    parser.add_argument("--runs", type=at_least_one, default=20)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: Namespace) -> None:
    from segdemo.scoring.speed import time_segmenter
    from segdemo.zoo import load

    try:
        width, height = (at_least_one(side) for side in options.size.lower().split("x"))
    except (ValueError, ArgumentTypeError) as error:
        raise ValueError(f"--size is {options.size!r}; write it as 480x360.") from error
    report = time_segmenter(load(options.model, options.task, options.runtime), height, width, options.runs)
    if options.json:
        print(json.dumps(report))
        return
    print(f"{options.task}, {options.model}, {width}x{height}, {report['runtime']}, median of {options.runs} on {report['machine']}")
    for step, milliseconds in report["milliseconds"].items():
        print(f"  {step:<8}{milliseconds:8.1f} ms")
