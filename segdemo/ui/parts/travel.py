"""Pictures, task and model go along from tab to tab, and come into a tab from anywhere on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from segdemo.ui.parts.choice import AUTO, fitting_task
from segdemo.ui.parts.pickers import SILENT, Context
from segdemo.zoo import best_model

Show = Callable[[list[str], str, str, str], list]
"""From paths, task, model and language to the values of the components that show them."""


def bring_along(page: Context, tab: gr.Tab, own: gr.components.Component, outputs: list, show: Show) -> gr.events.Dependency:
    """Whenever ``tab`` is opened, it shows what an earlier tab has, unless the visitor brought something here or chose something else since.

    Args:
        own: the tab's picker of pictures.
        outputs: the components that change.
        show: their values.
    """
    with tab:  # beside it, Gradio would count it as a tab
        before = gr.State(None)

    def carry(here, shown, language, *values):
        paths, task, model = first_brought(values)
        now = [_names(paths), task, model]
        if not paths or now == shown or (here and (shown is None or _names(here) != shown[0])):
            return [gr.skip()] * (len(outputs) + 1)
        return [*show(paths, task, model, language), now]

    sources = [component for each in page.brought for component in each]
    return tab.select(carry, [own, before, page.language, *sources], [*outputs, before], **SILENT)


def first_brought(values: tuple) -> tuple[list[str], str, str]:
    """The paths of the first pictures that there are among the values of `Context.brought`, with their task and model.

    A task that was left to the picture is the one that the first of them suggests, and a model that was left to the task its best.
    """
    views = [values[i : i + 3] for i in range(0, len(values), 3)]
    pictures, task, model = next((view for view in views if view[0]), views[0])
    paths = _paths(pictures)
    task = fitting_task(task, paths[0] if paths else None)
    return paths, task, best_model(task) if model == AUTO else model


def _paths(pictures: list | None) -> list[str]:
    """Of a gallery's value or a file picker's."""
    return [each if isinstance(each, str) else each[0] for each in pictures or []]


def _names(pictures: list) -> list[str]:
    return [Path(path).name for path in _paths(pictures)]


def take_from_anywhere(pictures: gr.components.Component, kept: str | None = None) -> gr.events.Dependency:
    """What `bring.js` drops or pastes while this tab is shown comes into ``pictures``, in the place of what is there.

    ``kept`` is a script that gives of what is there and of what comes that which is beside what comes, and this again.
    """
    door = gr.File(visible="hidden", file_count="multiple", type="filepath", elem_classes="bring")
    return door.upload(
        lambda there, files: ([*_paths(there), *files], None), [pictures, door], [pictures, door], js=kept or "(there, files) => [null, files]", **SILENT
    )
