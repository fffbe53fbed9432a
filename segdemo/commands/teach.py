"""``teach``: strokes on pictures in, a classifier for classes of one's own out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

SUMMARY = "Learn classes of your own from strokes: writes a classifier that predict --weights takes."


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--strokes", required=True, type=Path, metavar="DIR", help="of each picture NAME.png in DIR: class ids, 255 where nothing is painted")
    parser.add_argument("--names", required=True, metavar="NAMES", help="of the classes, in the order of their ids, with commas")
    parser.add_argument("--output", type=Path, default=Path("taught.segdemo"), help="default: taught.segdemo")


def run(options: Namespace) -> None:
    from segdemo.teaching.strokes import read_strokes
    from segdemo.zoo import teach

    if not options.strokes.is_dir():
        raise ValueError(f"--strokes is {str(options.strokes)!r}, which is not a folder. It holds a PNG of class ids for each picture, of the same name.")
    strokes = [read_strokes(options.strokes / f"{picture.stem}.png") for picture in options.pictures]
    taught = teach(options.pictures, strokes, options.names.split(","))
    print(f"{taught.save(options.output)}: {', '.join(f'{n} ({p} pixels)' for n, p in zip(taught.task.class_names, taught.painted, strict=True))}")
