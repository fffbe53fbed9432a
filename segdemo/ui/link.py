"""The address that reproduces a view: tab, task, model, example and settings, and nothing that was uploaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape

import gradio as gr

from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.pickers import AUTO, PRIVATE, SILENT, find_example
from segdemo.ui.text import say

OWN = ("tab", "example")  # names in the address beside those of the tab's settings


@dataclass(frozen=True)
class LinkedTab:
    """A tab whose view the address holds.

    Attributes:
        tab: it, with an id.
        settings: what the address holds, by its name there.
        opened: what an address says to the values of ``outputs``.
        outputs: the components that change.
        examples: if the tab has any, where they come from.
        own: what else the address holds, which a script of the tab writes.
    """

    tab: gr.Tab
    settings: dict[str, gr.components.Component]
    opened: Callable[[Query], list]
    outputs: list[gr.components.Component]
    examples: Examples | None = None
    own: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examples:
    """Attributes:
    gallery: a task's examples.
    picture: the picker that one of them is put into.
    changed: the events that do it, or empty the picker.
    run: the button to be pressed if the address names an example.
    """

    gallery: gr.Gallery
    picture: gr.Gallery
    changed: tuple[gr.events.Dependency, ...]
    run: gr.Button


@dataclass
class Query:
    """What an address says; what of it made no sense is kept in ``unknown``, as HTML of "name=value"."""

    values: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def known(self, name: str, choices: Iterable[str], default: str) -> str:
        """The value called ``name`` if it is one of ``choices``, or else ``default``."""
        value = self.values.get(name)
        if value is None or value in choices:
            return value or default
        self.unknown.append(escape(f"{name}={value[:40]}"))  # Gradio shows HTML in its warnings
        return default

    def example(self) -> list[str] | dict:
        """The value of a picture picker for the example that the address names; if it names none, no change: an upload may be there already."""
        name = self.values.get("example", "")
        path = find_example(name)
        self.known("example", [name] if path else [], "")
        return [str(path)] if path else gr.skip()


def follow_links(page: gr.Blocks, tabs: gr.Tabs, linked: list[LinkedTab], others: list[gr.Tab], language: gr.Radio) -> None:
    """Keeps the address up to date with what is shown, and shows what the address says when the page is opened.

    Of ``others`` it holds the name alone.
    """
    names = sorted({*OWN, *(name for each in linked for name in (*each.settings, *each.own))})
    for tab in others:
        tab.select(None, None, None, js=call("write_link", names, tab.id, [], AUTO), **SILENT)
    for each in linked:
        write = call("write_link", [name for name in names if name not in each.own], each.tab.id, list(each.settings), AUTO)
        shown = [*each.settings.values(), *([each.examples.picture, each.examples.gallery] if each.examples else [])]
        gr.on([each.tab.select, *(c.change for c in shown)], None, shown, None, js=write, **SILENT)
        if each.examples:  # a gallery says nothing when a handler fills it
            for start in (each.examples.picture.upload, *(changed.then for changed in each.examples.changed)):
                start(None, shown, None, js=write, **SILENT)

    def opened(request: gr.Request):
        query = Query({name: value for name, value in request.query_params.items() if name in names})
        first = query.known("tab", [tab.id for tab in (*(each.tab for each in linked), *others)], linked[0].tab.id)
        values = [gr.Tabs(selected=first) if query.values else gr.skip()]
        for each in linked:
            here = query if first == each.tab.id else Query()
            # Who was faster than this answer keeps what he chose.
            filled = each.examples and each.examples.gallery
            values += [value if here.values or output is filled else gr.skip() for output, value in zip(each.outputs, each.opened(here), strict=True)]
        if query.unknown:
            language = "zh" if request.query_params.get("lang", request.headers.get("accept-language", "")).lower().startswith("zh") else "en"
            gr.Warning(say("link_unknown", language, unknown=", ".join(query.unknown)), title=say("link_warning", language))
        return values

    press = call("open_link", {each.tab.id: each.examples.run.elem_id for each in linked if each.examples}, linked[0].tab.id)
    choose_language = call("choose_language", script("show_language"))
    shown = page.load(opened, None, [tabs, *(output for each in linked for output in each.outputs)], **SILENT)
    # What is pressed speaks the language that was chosen.
    shown.then(None, None, language, js=choose_language, **PRIVATE).then(None, None, None, js=press, **PRIVATE)
