"""``publish``: the page as a Hugging Face Space."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from segdemo.publishing import space as spaces

SUMMARY = "Make a Hugging Face Space of the page, with your own tasks if you name them, or bring it up to date. Log in before: hf auth login."


def _static_space(folder: Path) -> spaces.Space:
    from segdemo.ui.static.space import static_space

    return static_space(folder)


KINDS: dict[str, Callable[[Path], spaces.Space]] = {"gradio-space": lambda _: spaces.gradio_space(), "static-space": _static_space}
"""Each makes a Space; in the folder it may write what is made for it."""


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=KINDS, help="gradio-space: the whole page, on a server; static-space: the page without one")
    parser.add_argument("name", metavar="NAME", help="of the Space: YOU/segdemo")
    parser.add_argument("--dry-run", action="store_true", help="show what would be uploaded, and upload nothing")
    parser.add_argument("--private", action="store_true", help="a new Space is seen by nobody but you")
    parser.add_argument("--replace", action="store_true", help="the Space may have files already: they are replaced")
    parser.add_argument("--tasks", action="append", metavar="DIR", help="a folder of tasks of your own (or SEGDEMO_TASKS=DIR): they come along")


def run(options: Namespace) -> None:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(options.name)
    except HFValidationError as error:
        raise ValueError(f"{options.name!r} is no name of a Space. It should look like YOU/segdemo.") from error
    if options.name.count("/") != 1:
        raise ValueError(f"{options.name!r} lacks your name at Hugging Face. It should look like YOU/segdemo.")
    with TemporaryDirectory() as made, TemporaryDirectory() as folder:
        space = KINDS[options.kind](Path(made))
        if options.dry_run:
            print(listed(space))
            return
        spaces.copy(space, Path(folder))
        try:
            address = spaces.upload(space, Path(folder), options.name, HfApi(), options.private, options.replace)
        except LocalTokenNotFoundError as error:
            raise ValueError("You are not logged in at Hugging Face. Run `hf auth login`, or set HF_TOKEN, and try again.") from error
        except HfHubHTTPError as error:
            raise RuntimeError(f"Hugging Face refused: {error.server_message or error}. Nothing else was changed.") from error
    print(f"{address} is being built; it takes some minutes.\nFor a README: {spaces.badge(options.name)}")


def listed(space: spaces.Space) -> str:
    """The settings, and what is there, folder by folder."""
    readme = space.files["README.md"].read_text(encoding="utf-8")
    settings = readme.split("---\n")[1].strip()
    parts = Counter(name.split("/")[0] for name in space.files)
    rows = [f"{part}/ ({count} files)" if part not in space.files else part for part, count in parts.items()]
    size = sum(path.stat().st_size for path in space.files.values())
    told = [f"{key}={value}" for key, value in space.variables.items()]
    return "\n".join([settings, *told, "", *rows, "", f"{len(space.files)} files, {size / 1e6:.0f} MB. Nothing was uploaded."])
