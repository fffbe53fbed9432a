"""Writes the plans, what pupils think and the worksheet's key into docs/teach.md and its mirror, as the page has them.

python -m benchmarks.classroom
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from pathlib import Path

from segdemo.languages import Words
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.worksheet import EXERCISES
from segdemo.ui.text import words_of

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = {"docs/teach.md": "en", "docs/teach.zh-CN.md": "zh"}
WIDEST = 120  # bytes of a line, where it can be broken
ADDRESS = "http://localhost:7860/?"


def filled(document: str) -> str:
    """The document with its lesson renewed."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.sub(
        r"(<!-- lesson: [^>]*-->\n).*?(<!-- /lesson -->)", lambda found: f"{found[1]}\n{lesson(DOCUMENTS[document])}\n\n{found[2]}", text, flags=re.DOTALL
    )


def lesson(language: str) -> str:
    def say(words: Words) -> str:
        return getattr(words, language)

    def at(step: str) -> str:
        return f"[{say(STEPS[step].title)}]({ADDRESS}tab=learn&step={step})" if step in STEPS else say(words_of("learn_worksheet"))

    blocks = []
    for plan in teachers.PLANS:
        ends = list(accumulate((part.minutes for part in plan), initial=0))
        parts = zip(pairwise(ends), plan, strict=True)
        rows = [f"- **{begun}–{end}** {at(part.step)}\n{say(part.do)}\n{say(part.ask)}" for (begun, end), part in parts]
        blocks += [f"## {say(words_of('learn_plan', minutes=ends[-1]))}", "\n".join(rows)]
    blocks += [f"## {say(words_of('learn_mistakes'))}", "\n".join(f"- {say(one.thought)}\n{say(one.instead)} {at(one.step)}" for one in teachers.MISTAKES)]
    for advice in teachers.ADVICE:
        blocks += [f"## {say(advice.heading)}", "\n".join([say(advice.text), *(f"- [{say(words)}]({ADDRESS}{link})" for link, words in advice.links)])]
    blocks += [f"## {say(words_of('learn_key'))}", "\n".join(f"{i}. {say(one.task)}\n**{say(one.key())}**" for i, one in enumerate(EXERCISES, 1))]
    return "\n\n".join("\n".join(_wrapped(line) for line in _indented(block)) for block in blocks)


def _indented(block: str) -> list[str]:
    """Its lines; what goes on with an item of a list stands below its words."""
    listed = block.startswith(("- ", "1. "))
    return [line if not listed or re.match(r"- |\d+\. ", line) else f"  {' ' * block.startswith('1')}{line}" for line in block.splitlines()]


def _wrapped(line: str) -> str:
    """The line in pieces of at most `WIDEST` bytes, each but the first indented as the text of an item is, broken after spaces or Chinese marks."""
    margin = re.sub(r"\S", " ", re.findall(r"^ *(?:- |\d+\. )?", line)[0])
    pieces = [""]
    for word in re.findall(r"[^ ，。；：？]+[ ，。；：？]*|[ ，。；：？]+", line):
        if len((pieces[-1] + word).rstrip().encode()) > WIDEST and pieces[-1].strip():
            pieces.append(margin)
        pieces[-1] += word
    return "\n".join(piece.rstrip() for piece in pieces)


if __name__ == "__main__":
    for name in DOCUMENTS:
        (ROOT / name).write_text(filled(name), encoding="utf-8")
