"""The page's languages, and a text in all of them."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Words:
    """One text in the page's two languages."""

    en: str
    zh: str
