"""Every word of the page, one file a language. HTML made from it carries all; the page shows one by its `lang`."""

from __future__ import annotations

from segdemo.languages import LANGUAGES, Words
from segdemo.ui.limits import UPLOAD_MEGABYTES
from segdemo.ui.text.en import EN
from segdemo.ui.text.zh import ZH

TEXT = {"en": EN, "zh": ZH}


def say(key: str, language: str, **values: object) -> str:
    """The text called ``key``, its places filled; a `Words` among the values gives its own language."""
    values = {k: getattr(v, language) if isinstance(v, Words) else v for k, v in values.items()}
    return TEXT[language][key].format(**{"upload": UPLOAD_MEGABYTES, **values})


def words_of(key: str, **values: object) -> Words:
    """The text called ``key`` in both languages."""
    return Words(*(say(key, language, **values) for language in LANGUAGES))
