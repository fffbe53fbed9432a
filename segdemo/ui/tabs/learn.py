"""The Learn tab: a lesson of steps, each a file in `segdemo.ui.learn`."""

from __future__ import annotations

import json
from functools import lru_cache

import gradio as gr

from segdemo.errors import log_fault
from segdemo.ui.api import MODEL_EVENTS
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.glossary import TERMS
from segdemo.ui.learn.worksheet import EXERCISES
from segdemo.ui.link import LinkedTab, Query
from segdemo.ui.parts.assets import Script, call, script
from segdemo.ui.parts.pickers import Context, html
from segdemo.ui.parts.templating import render

LONGEST_WISH = 200  # characters
MAKERS = {**{name: step.make for name, step in STEPS.items() if step.make}, teachers.NAME: teachers.make}
REMEMBERED = 256  # answers: all that a class can wish for in most steps


def learn_tab(page: Context) -> LinkedTab:
    with page.add(gr.Tab, "tab_learn", id="learn") as tab:
        html(render("learn", steps=STEPS, terms=TERMS, home=_home_of_terms(), teachers=teachers, exercises=EXERCISES), elem_id="lesson", js_on_load=_script())
        with gr.Group(visible=False):
            wish = [gr.Textbox(label=name) for name in ("step", "wish")]
            gr.Button().click(answer, wish, gr.JSON(label="answer"), api_name="learn", api_visibility="undocumented", **MODEL_EVENTS)

    def opened(query: Query) -> list:
        query.known("step", [*STEPS, "glossary", teachers.NAME], "")
        return []

    return LinkedTab(tab, {}, opened, [], own=("step", "set"))


def answer(step: str, wish: str) -> dict:
    """What a step's script wishes for.

    Args:
        step: a key of `MAKERS`.
        wish: JSON of an object.

    Raises:
        gr.Error: with a sentence, if there is no such step or wish.
    """
    try:
        if step not in MAKERS:
            raise ValueError(f"No step of the lesson that computes anything is called {step[:40]!r}.")
        if len(wish) > LONGEST_WISH or not isinstance(json.loads(wish), dict):
            raise ValueError(f"A wish is a JSON object of at most {LONGEST_WISH} characters.")
        return _remembered(step, json.dumps(json.loads(wish), sort_keys=True))
    except (ValueError, RecursionError) as error:
        raise gr.Error(str(error), print_exception=False) from error
    except Exception as error:
        log_fault("lesson", error)
        raise gr.Error(f"The program failed ({type(error).__name__}).", print_exception=False) from error


@lru_cache(REMEMBERED)
def _remembered(step: str, wish: str) -> dict:
    """The pictures are the lesson's own, so all pupils of a class are answered by one computation."""
    return MAKERS[step](json.loads(wish))


def _script() -> Script:
    words = {name: {key: [text.en, text.zh] for key, text in step.words.items()} for name, step in STEPS.items()}
    data = {name: {"words": words[name], **step.data} for name, step in STEPS.items()}
    scripts = ", ".join(f"{json.dumps(name)}: {script(f'learn/{name}')}" for name in (*STEPS, teachers.NAME))
    return call("learn", Script("element"), data, Script(f"{{{scripts}}}"), call("learn_tools"))


def _home_of_terms() -> dict[str, str]:
    """In which step each term is defined."""
    return {term: step.name for step in reversed(STEPS.values()) for term in step.terms}
