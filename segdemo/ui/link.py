"""The address that reproduces a view: tab, task, model, example and settings, and nothing that was uploaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import gradio as gr

from segdemo.ui.pickers import PRIVATE, SILENT

OWN = ("tab", "example")  # names in the address beside those of the tab's settings


@dataclass(frozen=True)
class LinkedTab:
    """A tab whose view the address holds.

    Attributes:
        tab: it, with an id.
        settings: what the address holds, by its name there.
        picture: the picker, and examples: where its examples come from; chosen: the event that puts one there.
        opened: what an address says, as {name: value}, to the values of ``outputs``; it ignores what makes no sense.
        outputs: the components that change.
        run: the button to be pressed if there is an example.
    """

    tab: gr.Tab
    settings: dict[str, gr.components.Component]
    picture: gr.Gallery
    examples: gr.Gallery
    chosen: gr.events.Dependency
    opened: Callable[[dict[str, str]], list]
    outputs: list[gr.components.Component]
    run: gr.Button


def known(value: str | None, choices: Iterable[str], default: str) -> str:
    """``value`` if it is one of ``choices``, or else ``default``."""
    return value if value in choices else default


def _writer(names: list[str], tab: gr.Tab, settings: list[str]) -> str:
    """A script of the picker's pictures, the examples and the settings' values; ``names`` are all that an address can hold."""
    # An example's path holds the hash of its bytes: an upload of the same name is not mistaken for it.
    return f"""(pictures, examples, ...values) => {{
  if (!window.linkOpened) return;
  const query = new URLSearchParams(location.search), path = (item) => item && (item.image || item.video || {{}}).path;
  {json.dumps(names)}.forEach((name) => query.delete(name));
  query.set('tab', {json.dumps(tab.id)});
  {json.dumps(settings)}.forEach((name, i) => query.set(name, values[i]));
  const example = pictures && pictures.length === 1 && (examples || []).find((item) => path(item) === path(pictures[0]));
  if (example) query.set('example', path(example).split('/').pop().replace(/\\.jpg$/, ''));
  history.replaceState(history.state, '', '?' + query + location.hash);
}}"""


def follow_links(page: gr.Blocks, tabs: gr.Tabs, linked: list[LinkedTab], others: list[gr.Tab]) -> gr.events.Dependency:
    """Keeps the address up to date with what is shown, and shows what the address says when the page is opened.

    Of ``others`` it holds the name alone.
    """
    names = sorted({*OWN, *(name for each in linked for name in each.settings)})
    for tab in others:
        tab.select(None, None, None, js=_writer(names, tab, []), **SILENT)
    for each in linked:
        write = _writer(names, each.tab, list(each.settings))
        shown = [each.picture, each.examples, *each.settings.values()]
        # A gallery says nothing when a handler fills it.
        gr.on([each.tab.select, each.picture.upload, *(c.change for c in shown)], None, shown, None, js=write, **SILENT)
        each.chosen.then(None, shown, None, js=write, **SILENT)

    def opened(request: gr.Request):
        query = {name: value for name, value in request.query_params.items() if name in names}
        first = known(query.get("tab"), [tab.id for tab in (*(each.tab for each in linked), *others)], linked[0].tab.id)
        values = [gr.Tabs(selected=first) if query else gr.skip()]
        for each in linked:
            here = query if first == each.tab.id else {}
            # Who was faster than this answer keeps what he chose.
            values += [value if here or output is each.examples else gr.skip() for output, value in zip(each.outputs, each.opened(here), strict=True)]
        return values

    press = f"""() => {{
  window.linkOpened = true; // until now, the address was not to be written
  const query = new URLSearchParams(location.search), runs = {json.dumps({each.tab.id: each.run.elem_id for each in linked})};
  const press = () => {{ const run = document.getElementById(runs[query.get('tab')]); run ? run.click() : setTimeout(press, 100); }};
  if (query.get('example') && runs[query.get('tab')]) press();
}}"""
    shown = page.load(opened, None, [tabs, *(output for each in linked for output in each.outputs)], **SILENT)
    shown.then(None, None, None, js=press, **PRIVATE)
    return shown
