"""The page's HTML, from the templates in `templates/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup

from segdemo.languages import LANGUAGES, Words
from segdemo.output.templating import templates
from segdemo.tasks.task import ClassInfo
from segdemo.ui.parts.assets import drawing, style
from segdemo.ui.text import say, words_of


def render(template: str, **values: object) -> Markup:
    """The HTML of `templates/TEMPLATE.html`."""
    return Markup(_environment.get_template(f"{template}.html").render(values))


def both(key: str, values: Mapping[str, object] | None = None, **named: object) -> Markup:
    """The text called ``key`` in both languages, of which the page shows one; its places filled with ``values`` and those that are ``named``."""
    return spans(words_of(key, **(values or {}), **named)) if values or named else _unchanging(key)


@cache
def _unchanging(key: str) -> Markup:
    return spans(words_of(key))


def spans(words: Words) -> Markup:
    """``words`` in both languages, escaped, of which the page shows one."""
    return render("words", words=words)


def class_words(info: ClassInfo) -> Words:
    return Words(info.name, info.name_zh)


@lru_cache(maxsize=1000)
def class_spans(info: ClassInfo) -> Markup:
    return spans(class_words(info))


@lru_cache(maxsize=1000)
def class_name(info: ClassInfo) -> Markup:
    """A class's colour and its name."""
    return render("class_name", info=info)


def percent(share: float, places: int = 1) -> str:
    least = 0.01 / 10**places
    return f"<{least:.{places}%}" if 0 < share < least / 2 else f"{share:.{places}%}"  # a class that is there has not 0.0%


_environment = templates(Path(__file__).parent.parent / "templates")
_environment.globals.update(both=both, spans=spans, say=say, class_spans=class_spans, class_name=class_name, drawing=drawing, style=style, LANGUAGES=LANGUAGES)
_environment.filters.update(percent=percent, thousands=lambda count: f"{count:,}")
