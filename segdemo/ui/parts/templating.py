"""HTML from the templates in `templates/`: what is filled in is escaped, and a name that is missing is an error."""

from __future__ import annotations

import base64
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from segdemo.languages import Words
from segdemo.tasks.task import ClassInfo
from segdemo.ui import text
from segdemo.ui.parts.assets import drawing, style
from segdemo.ui.text import LANGUAGES


def render(template: str, **values: object) -> Markup:
    """The HTML of `templates/TEMPLATE.html`."""
    return Markup(_environment.get_template(f"{template}.html").render(values))


def both(key: str, **values: object) -> Markup:
    """The text called ``key`` in both languages, of which the page shows one."""
    return Markup(text.both(key, **values)) if values else _unchanging(key)


@cache
def _unchanging(key: str) -> Markup:
    return Markup(text.both(key))


def spans(words: Words) -> Markup:
    """``words`` in both languages, of which the page shows one."""
    return Markup(text.spans(words))


def class_words(info: ClassInfo) -> Words:
    return Words(info.name, info.name_zh)


@lru_cache(maxsize=1000)
def class_spans(info: ClassInfo) -> Markup:
    return spans(class_words(info))


@lru_cache(maxsize=1000)
def class_name(info: ClassInfo) -> Markup:
    """A class's colour and its name."""
    return render("class_name", info=info)


def data_uri(data: bytes, kind: str) -> Markup:
    """A file inside of the page; ``kind`` is its media type."""
    return Markup(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def percent(share: float, places: int = 1) -> str:
    return f"{share:.{places}%}"


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.globals.update(
    both=both, spans=spans, say=text.say, class_spans=class_spans, class_name=class_name, drawing=drawing, style=style, LANGUAGES=LANGUAGES
)
_environment.filters.update(data_uri=data_uri, percent=percent)
