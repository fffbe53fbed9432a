"""``static``: the page as a folder of files that any web server shows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

SUMMARY = "Write the page without a server: a folder that any web server shows; the networks run in the visitor's browser."
PRECISIONS = ("int8", "float32")


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder, or one that this command has written")
    parser.add_argument("--precision", choices=(*PRECISIONS, "both"), default="int8", help="int8: 2 MB a model; float32: 7 MB; both: to choose on the page")
    parser.add_argument("--tasks", action="append", metavar="DIR", help="a folder of tasks of your own (or SEGDEMO_TASKS=DIR): they come along")
    parser.add_argument("--full", default="", metavar="URL", help="where the full version is, if it runs somewhere: the page leads there")


def run(options: Namespace) -> None:
    from segdemo.ui.static.folder import write_folder
    from segdemo.zoo import entries

    folder: Path = options.folder
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file. Name a folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "catalog.json").is_file():
        raise ValueError(f"{folder} holds other files. Name a new folder, so that nothing of yours is replaced.")
    if options.full and not options.full.startswith(("https://", "http://")):
        raise ValueError(f"--full is {options.full!r}; it must be an address that begins with https:// or http://.")
    models = [entry for entry in entries().values() if "litert-int8" in entry.runtimes]  # a network that was brought as a file runs in Python alone
    write_folder(folder, models, PRECISIONS if options.precision == "both" else (options.precision,), options.full)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{folder}: {size / 1e6:.0f} MB. Try it: {'python -m http.server --directory ' + str(folder)}, then http://localhost:8000")
