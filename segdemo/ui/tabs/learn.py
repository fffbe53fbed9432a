"""The Learn tab: a lesson of steps, each a file in `segdemo.ui.learn`."""

from __future__ import annotations

import json

import gradio as gr

from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.glossary import TERMS
from segdemo.ui.learn.worksheet import EXERCISES
from segdemo.ui.link import LinkedTab, Query
from segdemo.ui.parts.assets import Script, call, script
from segdemo.ui.parts.pickers import Context, html
from segdemo.ui.parts.templating import render


def learn_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_learn", id="learn") as tab:
        html(render("learn", steps=STEPS, terms=TERMS, home=_home_of_terms(), teachers=teachers, exercises=EXERCISES), elem_id="lesson", js_on_load=_script())

    def opened(query: Query) -> list:
        query.known("step", [*STEPS, "glossary", teachers.NAME], "")
        return []

    return LinkedTab(tab, {}, opened, [], own=("step", "set"))


def _script() -> Script:
    words = {name: {key: [text.en, text.zh] for key, text in step.words.items()} for name, step in STEPS.items()}
    data = {name: {"words": words[name], **step.data} for name, step in STEPS.items()}
    scripts = ", ".join(f"{json.dumps(name)}: {script(f'learn/{name}')}" for name in (*STEPS, teachers.NAME))
    return call("learn", Script("element"), data, Script(f"{{{scripts}}}"), call("learn_tools"))


def _home_of_terms() -> dict[str, str]:
    """In which step each term is defined."""
    return {term: step.name for step in reversed(STEPS.values()) for term in step.terms}
