"""The columns of what is printed: in a terminal a Chinese character is as wide as two letters."""

from __future__ import annotations

import unicodedata


def width(text: str) -> int:
    """How many letters of a terminal it takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def left(text: str, columns: int) -> str:
    """With spaces behind it."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """With spaces before it."""
    return " " * (columns - width(text)) + text


def short(text: str, columns: int) -> str:
    """Its beginning and a point, where it is wider than that."""
    if width(text) <= columns:
        return text
    while width(text) >= columns:
        text = text[:-1]
    return f"{text}."
