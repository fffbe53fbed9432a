"""The page: its head and its tabs, one file each."""

from __future__ import annotations

import gradio as gr

from segdemo.ui.api import public_api
from segdemo.ui.calls import Page
from segdemo.ui.limits import QUEUED
from segdemo.ui.link import follow_links
from segdemo.ui.parts.assets import call, script
from segdemo.ui.parts.pickers import SILENT, Context, html
from segdemo.ui.parts.templating import render
from segdemo.ui.tabs.about import about_html
from segdemo.ui.tabs.batch import batch_tab
from segdemo.ui.tabs.compare import compare_tab
from segdemo.ui.tabs.explain import explain_tab
from segdemo.ui.tabs.learn import learn_tab
from segdemo.ui.tabs.segment import segment_tab
from segdemo.ui.tabs.teach import teach_tab
from segdemo.ui.text import LANGUAGES, say
from segdemo.ui.text.toasts import TOASTS
from segdemo.zoo import entries


def tell_copied(language: str | None) -> None:
    """Says that the address is copied, if it is: in a language, or None."""
    if language:
        gr.Info(say("link_copied", language), title=say("link", language))


def build_page() -> gr.Blocks:
    """The whole app. Its public endpoints are in `segdemo.ui.api`."""
    zoo = entries()
    if not zoo:
        raise RuntimeError("weights/manifest.json lists no trained model; get the repository again, or train one.")
    with Page(title=say("title", "en"), analytics_enabled=False, fill_width=True) as page:
        context = Context(zoo)
        with gr.Row(elem_id="masthead"):
            html(render("masthead"))
            context.language = context.add(
                gr.Radio, "language", choices=[(label, code) for code, label in LANGUAGES.items()], value="en", elem_id="language", scale=0, min_width=200
            )
            link = context.button("link", size="sm", scale=0, min_width=120)
        with gr.Tabs() as tabs:
            makers = (segment_tab, learn_tab, teach_tab, compare_tab, explain_tab, batch_tab)
            linked = [make(context) for make in makers]
            with context.add(gr.Tab, "tab_about", id="about") as about:
                html(about_html())
        context.follow_language()
        context.language.input(None, context.language, None, js=script("remember_language"), **SILENT)
        link.click(tell_copied, context.language, None, js=script("copy_link"), **SILENT)
        page.load(None, None, None, js=script("one_stop"), **SILENT)
        page.load(None, None, None, js=call("toasts", TOASTS), **SILENT)
        follow_links(page, tabs, linked, [about], context.language)
        public_api()
    return page.queue(max_size=QUEUED)
