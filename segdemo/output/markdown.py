"""Markdown of a width that is read in an editor, too."""

from __future__ import annotations

import re
import textwrap

WIDTH = 120  # columns


def wrapped(text: str) -> str:
    """The same with each paragraph and list filled to `WIDTH`; tables, headings, pictures and fenced code stay as they are."""
    return "\n\n".join(block if block.startswith(("|", "#", "!", "```", "<")) else _filled(block) for block in text.split("\n\n"))


def shell(command: str) -> str:
    """A command as fenced code that can be pasted, over as many lines as it needs."""
    return "```\n" + " \\\n".join(_lines(command, "", "    ", WIDTH - 2)) + "\n```"


def _filled(block: str) -> str:
    items = re.split(r"\n(?=- )", block)
    return "\n".join("\n".join(_lines(" ".join(item.split()), "", "  " if item.startswith("- ") else "", WIDTH)) for item in items)


def _lines(text: str, first: str, others: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False)
