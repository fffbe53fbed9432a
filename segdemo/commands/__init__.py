"""``python -m segdemo``, and ``segdemo`` where it is installed: one file a command.

A command's file has ``SUMMARY`` for the help, ``add_options(parser)``, and ``run(options)``, which may return an exit status.
"""

from __future__ import annotations

import argparse
import io
import os
import sys

from segdemo.commands import bench, convert, evaluate, export, predict, publish, static, teach, train
from segdemo.commands.options import own_tasks
from segdemo.inference.own import add_own_tasks
from segdemo.package import VERSION, lacking

COMMANDS = {
    "predict": predict,
    "teach": teach,
    "train": train,
    "evaluate": evaluate,
    "export": export,
    "convert": convert,
    "publish": publish,
    "static": static,
    "bench": bench,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status. A mistake in the input prints one sentence and gives 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):  # the name of a picture may have what a terminal, or Windows' file, cannot show
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        add_own_tasks(own_tasks(arguments))
    except ValueError as error:
        return _failed(str(error))
    options = _parser().parse_args(arguments or ["--help"])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's news of how it was built, before every error
    options.arguments = arguments
    try:
        return COMMANDS[options.command].run(options) or 0
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}." if error.filename else str(error))
    except (ValueError, RuntimeError) as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        if (told := lacking((error.name or "").partition(".")[0], options.command)) is None:
            raise
        return _failed(told)
    except KeyboardInterrupt:
        print("segdemo: interrupted." + getattr(COMMANDS[options.command], "INTERRUPTED", ""), file=sys.stderr, flush=True)
        return 130


def _failed(told: str) -> int:
    print(f"segdemo: {told}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m segdemo", description="Semantic segmentation with FCN, U-Net and DeepLab.")
    parser.add_argument("--version", action="version", version=f"segdemo {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, module in COMMANDS.items():
        module.add_options(commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY))
    return parser
