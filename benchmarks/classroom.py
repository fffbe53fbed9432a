"""Writes the plans, what pupils think and the worksheet's key into docs/teach.md and its mirror, as the page has them.

python -m benchmarks.classroom
"""

from __future__ import annotations

import re
from pathlib import Path

from segdemo.languages import Words
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.worksheet import EXERCISES
from segdemo.ui.text import words_of

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = {"docs/teach.md": "en", "docs/teach.zh-CN.md": "zh"}
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
        blocks += [f"## {say(words_of('learn_plan', minutes=sum(part.minutes for part in plan)))}", _table(plan, at, say)]
    blocks += [f"## {say(words_of('learn_mistakes'))}", "\n".join(f"- {say(one.thought)} {say(one.instead)} {at(one.step)}" for one in teachers.MISTAKES)]
    for advice in teachers.ADVICE:
        blocks += [f"## {say(advice.heading)}", " ".join([say(advice.text), *(f"[{say(words)}]({ADDRESS}{link})" for link, words in advice.links)])]
    blocks += [f"## {say(words_of('learn_key'))}", "\n".join(f"{i}. {say(one.task)} **{say(one.key())}**" for i, one in enumerate(EXERCISES, 1))]
    return "\n\n".join(blocks)


def _table(plan: tuple[teachers.Part, ...], at, say) -> str:
    rows, begun = [[say(words_of(f"learn_{name}")) for name in ("minutes", "step", "do", "ask")], ["---"] * 4], 0
    for part in plan:
        rows.append([f"{begun}–{begun + part.minutes}", at(part.step), say(part.do), say(part.ask)])
        begun += part.minutes
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    for name in DOCUMENTS:
        (ROOT / name).write_text(filled(name), encoding="utf-8")
