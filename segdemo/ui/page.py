"""The page: its head and its tabs, one file each."""

from __future__ import annotations

import gradio as gr

from segdemo.ui.api import KEPT_SECONDS, public_api
from segdemo.ui.link import follow_links
from segdemo.ui.parts.pickers import SILENT, Context, html
from segdemo.ui.tabs.about import about_html
from segdemo.ui.tabs.batch import batch_tab
from segdemo.ui.tabs.compare import compare_tab
from segdemo.ui.tabs.explain import explain_tab
from segdemo.ui.tabs.segment import segment_tab
from segdemo.ui.text import LANGUAGES, both, say
from segdemo.zoo import entries

# The page's `lang` decides which language the HTML shows. Gradio's own words (footer, queue) follow the locale, the one store of its
# translations' module that can be set; it has no function for that.
SHOW_LANGUAGE = """(language) => {
  const locale = language === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.lang = locale;
  const file = performance.getEntriesByType('resource').map((entry) => entry.name).find((name) => /\\/runtime-[^/]*\\.js$/.test(name));
  if (file) import(file).then((module) => Object.values(module).find((value) => value && value.set && value.subscribe)?.set(locale));
  return language;
}"""
# At first, a `?lang=` in the address or the browser's own language decides.
CHOOSE_LANGUAGE = f"""() => {{
  const wanted = new URLSearchParams(location.search).get('lang') || navigator.language || 'en';
  return ({SHOW_LANGUAGE})(wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en');
}}"""
REMEMBER_LANGUAGE = """(language) => {
  const query = new URLSearchParams(location.search);
  query.set('lang', language);
  history.replaceState(history.state, '', '?' + query + location.hash);
}"""
# Where a browser has no clipboard for pages (over plain http, but for localhost), the address is shown to be copied, and nothing is said to be.
COPY_LINK = """async (language) => {
  try { await navigator.clipboard.writeText(location.href); return language; }
  catch { prompt('', location.href); return null; }
}"""


def tell_copied(language: str | None) -> None:
    """Says that the address is copied, if it is: in a language, or None."""
    if language:
        gr.Info(say("link_copied", language), title=say("link", language))


def build_page() -> gr.Blocks:
    """The whole app. Its public endpoints are in `segdemo.ui.api`."""
    zoo = entries()
    if not zoo:
        raise RuntimeError("weights/manifest.json lists no trained model; get the repository again, or train one.")
    with gr.Blocks(title="segdemo", delete_cache=(KEPT_SECONDS, KEPT_SECONDS), analytics_enabled=False, fill_width=True) as page:
        context = Context(zoo)
        with gr.Row(elem_id="masthead"):
            html(f"<h1>{both('title')}</h1><p>{both('promise')}</p>")
            context.language = context.add(
                gr.Radio, "language", choices=[(label, code) for code, label in LANGUAGES.items()], value="en", elem_id="language", scale=0, min_width=200
            )
            link = context.button("link", size="sm", scale=0, min_width=120)
        with gr.Tabs() as tabs:
            linked = [segment_tab(context), compare_tab(context), explain_tab(context), batch_tab(context)]
            with context.add(gr.Tab, "tab_about", id="about") as about:
                html(about_html())
        context.follow_language(SHOW_LANGUAGE)
        context.language.input(None, context.language, None, js=REMEMBER_LANGUAGE, **SILENT)
        link.click(tell_copied, context.language, None, js=COPY_LINK, **SILENT)
        follow_links(page, tabs, linked, [about], context.language, CHOOSE_LANGUAGE)
        public_api()
    return page.queue(max_size=64)
