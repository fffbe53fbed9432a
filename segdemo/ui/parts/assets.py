"""The page's styles, scripts and drawings: files in `assets/`, each read once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup

ASSETS = Path(__file__).parent.parent / "assets"


class Script(str):
    """JavaScript, so that `call` can tell it from a text."""


def script(name: str) -> Script:
    """The statements of a file or, where it holds one function, that function."""
    return Script(_read(f"{name}.js"))


def scripts(folder: str, names: Iterable[str]) -> Script:
    """The statements of several files of a folder, in this order and in one scope."""
    return Script("\n".join(script(f"{folder}/{name}") for name in names))


def call(name: str, *arguments: object) -> Script:
    """What the function in a file makes of ``arguments``: scripts, or values that JSON can hold."""
    written = (argument if isinstance(argument, Script) else json.dumps(argument) for argument in arguments)
    return Script(f"({script(name)})({', '.join(written)})")


def style(name: str) -> Markup:
    return Markup(_read(f"{name}.css"))


def drawing(name: str) -> Markup:
    """An SVG, as part of a page."""
    return Markup(_read(f"{name}.svg"))


@cache
def _read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8").strip()
