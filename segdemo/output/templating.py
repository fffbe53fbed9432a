"""HTML from templates: what is filled in is escaped, and a name that is missing is an error."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def templates(folder: Path) -> Environment:
    """The templates in a folder, each compiled once; with the filter `data_uri`."""
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters["data_uri"] = data_uri
    return environment


def data_uri(data: bytes, kind: str) -> Markup:
    """A file inside of a page; ``kind`` is its media type."""
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode()}")
