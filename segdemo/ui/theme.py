"""How the page looks. System fonts only: a web font would be a request that leaves the machine."""

from __future__ import annotations

import gradio as gr


def theme() -> gr.themes.Base:
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=fonts,
        font_mono=["ui-monospace", "monospace"],
    ).set(
        button_primary_background_fill="*primary_700", button_primary_background_fill_hover="*primary_800", button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_700", button_primary_background_fill_hover_dark="*primary_800",
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_400",
    )  # fmt: skip


# Shown in both languages' markup; the page's own `lang` picks one.
CSS = """
html:not([lang^="zh"]) [lang="zh"], html[lang^="zh"] [lang="en"] { display: none !important; }
.gradio-container { max-width: 1600px !important; width: 100% !important; margin: 0 auto !important; } footer { padding: 1rem 0; } footer .divider { display: none; }
:root { --accent: #0f766e; } .dark { --accent: #14b8a6; color-scheme: dark; }
.gradio-container button[role="tab"].selected { color: var(--accent); }
.gradio-container :is(button, a, input, summary, [tabindex]):focus-visible { outline: 3px solid var(--accent) !important; outline-offset: 2px; }
#masthead { align-items: end; flex-wrap: wrap; border-bottom: 1px solid var(--border-color-primary); padding-bottom: .75rem; }
#masthead h1 { font-size: 1.7rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .2rem; }
#language fieldset, #language .wrap { flex-wrap: nowrap; } #language { min-width: 210px !important; padding: .3rem .5rem; border: 0; } #language, #language :not(input), #masthead .form { background-color: transparent; } #masthead .form { border: 0; }
#language > span, #language [data-testid="block-info"] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
#masthead p { color: var(--body-text-color-subdued); margin: 0; font-size: 1rem; }
#masthead h1, .result h2, .empty h2, .about h2 { font-weight: 700 !important; } .examples.examples .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important; }
.examples.examples .grid-wrap { min-height: 0 !important; height: auto !important; }
.picker .grid-wrap { padding-top: 2rem !important; } .picker .grid-container { grid-template-columns: repeat(var(--grid-cols), minmax(0, 1fr)) !important; } .picker .thumbnail-item { max-height: 170px; background: none; border-color: transparent; } /* whole, below the label */
.examples-heading { margin: 0; font-size: .9rem; color: var(--body-text-color-subdued); }
.note p { margin: 0 0 .5rem; line-height: 1.45; font-size: .92rem; }
.facts { color: var(--body-text-color-subdued); font-size: .82rem !important; line-height: 1.5; margin: .15rem 0 0; font-variant-numeric: tabular-nums; }
.empty { border: 2px dashed var(--border-color-primary); border-radius: 14px; padding: clamp(2rem, 8vw, 6rem) 1.5rem; text-align: center; }
.empty h2 { margin: 0 0 .5rem; font-size: 1.25rem; } .empty p { color: var(--body-text-color-subdued); margin: 0 auto; max-width: 34rem; }
.result { border: 1px solid var(--border-color-primary); border-radius: 14px; padding: clamp(.75rem, 2vw, 1.25rem); margin: 0 0 1.25rem;
  background: var(--block-background-fill); }
.result h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
.views { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; margin: .9rem 0 .6rem; }
.views figure { margin: 0; } .views img:not([hidden]) { width: 100%; display: block; border-radius: 8px; margin: 0; }
.views img.mask { image-rendering: pixelated; }
.frame { position: relative; } .frame .drawn { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: 8px; image-rendering: pixelated; }
.frame:focus-visible::after { content: ""; position: absolute; left: var(--x, 50%); top: var(--y, 50%); width: 1rem; height: 1rem; transform: translate(-50%, -50%); border: 2px solid #fff; border-radius: 50%; box-shadow: 0 0 0 2px #000, inset 0 0 0 2px #000; }
.stack .over { position: absolute; inset: 0; opacity: var(--opacity, .55); clip-path: inset(0 0 0 var(--split, 0%)); } .stack .over img { height: 100%; }
figure:fullscreen { background: #000; display: flex; flex-direction: column; align-items: center; justify-content: center; } figure:fullscreen .frame { height: 92vh; aspect-ratio: auto; }
figure:fullscreen .frame > img, figure:fullscreen .over img { height: 100%; width: auto; } figure:fullscreen figcaption { color: #fff; }
.result .words { margin: .7rem 0 0; } .readout { min-height: 1.5em; margin: 0 0 .4rem; font-size: .88rem; font-variant-numeric: tabular-nums; } .readout.filled .hint { display: none; } .readout .hint { color: var(--body-text-color-subdued); }
.controls { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin: 0 0 .5rem; font-size: .85rem; } .controls label { display: inline-flex; align-items: center; gap: .5rem; }
.controls input { accent-color: var(--accent); width: 8rem; height: 1.5rem; } .controls output { font-variant-numeric: tabular-nums; }
.styles { display: flex; flex-wrap: wrap; gap: .3rem; margin: 0 0 .6rem; }
.result button { font: inherit; color: inherit; cursor: pointer; border: 1px solid var(--border-color-primary); border-radius: 999px; background: transparent; padding: .15rem .7rem; font-size: .85rem; min-height: 26px; }
.result button[aria-pressed="true"] { background: var(--primary-700); border-color: var(--primary-700); color: #fff; }
.result button.large { padding: .2rem .35rem; line-height: 0; border: 0; } .ramp { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; font-size: .82rem; margin: 0 0 .6rem; } .ramp[hidden], .ramp [hidden], .drawing [hidden], .readout [hidden] { display: none; }
.ramp i { width: 10rem; height: .8rem; border-radius: 4px; background: linear-gradient(90deg, #440154, #3b528b, #21918c, #5ec962, #fde725); }
.compare .frame { overflow: hidden; border-radius: 8px; } .compare .frame img { transform: scale(var(--zoom, 1)); transform-origin: var(--x, 50%) var(--y, 50%); } .result table.pairs { max-width: 26rem; }
/* Beside five views in three columns, what is said of them takes the sixth place. */
.compare .side { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); column-gap: .75rem; } .compare .side > .views { grid-area: 1 / 1 / 3 / 4; grid-template-columns: subgrid; grid-template-rows: subgrid; }
.compare .side > .verdict { grid-area: 2 / 3; margin-top: .9rem; align-self: start; } .compare .side:not(:has(figure:nth-child(5):last-child)) > .verdict { grid-area: 3 / 1 / 4 / 4; }
.pick img { cursor: crosshair; } .views.two { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.truth h3 { font-size: 1rem; font-weight: 700; margin: 1rem 0 .2rem; } .truth p { margin: 0; } .truth .views { align-items: start; } .truth .wide { grid-column: 1 / -1; max-width: 46rem; } .truth .confusion { background: #fff; }
.files { font-size: .85rem; margin: .8rem 0 0; } .files a { text-decoration: underline; }
.result figcaption { font-size: .82rem; color: var(--body-text-color-subdued); padding-top: .35rem; display: flex; justify-content: space-between; gap: 1rem;
  flex-wrap: wrap; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1rem; list-style: none; padding: 0 !important; margin: .2rem 0 .9rem !important; font-size: .9rem; }
.legend li { display: inline-flex; align-items: center; margin: 0; }
.swatch { display: inline-block; width: .95em; height: .95em; border-radius: 3px; margin-right: .45em; border: 1px solid #8886; vertical-align: -.1em; flex: none; }
.numbers { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.25rem; align-items: start; }
.table-frame { overflow-x: auto; } .result table { width: 100%; border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: 0; }
.result table, .result tr { border: 0 !important; } .result span { color: inherit; }
.examples.examples .caption-label { max-width: 100%; left: 0; right: 0; bottom: 0; border-radius: 0; white-space: normal; line-height: 1.2; font-size: .68rem; }
.result th, .result td { padding: .3rem .5rem; text-align: right; border: 0; border-bottom: 1px solid var(--border-color-primary); font-weight: 400; }
.result thead th { color: var(--body-text-color-subdued); white-space: nowrap; } .result tr > :first-child { text-align: left; white-space: nowrap; }
.chart { margin: 0; } .bars { font-size: .85rem; font-variant-numeric: tabular-nums; }
.bars div { display: grid; grid-template-columns: minmax(5.5rem, auto) 1fr 3.2rem; gap: .5rem; align-items: center; padding: .18rem 0; }
.bars div > :first-child, .bars div > :nth-child(2) { overflow-wrap: anywhere; } .bars i { display: block; height: 1rem; min-width: 2px; border-radius: 3px; border: 1px solid #8886; } .bars b { font-weight: 400; text-align: right; } .absent { color: var(--body-text-color-subdued); font-size: .85rem; margin: .75rem 0 0; }
.result .warning, .result.error, .notice { border-left: 4px solid #d97706; background: #d977061a; padding: .6rem .9rem; border-radius: 8px; margin: .7rem 0 0; }
.result.error { border-left: 4px solid #dc2626; background: #dc26261a; margin-bottom: 1.25rem; } .result.error p { margin: .25rem 0 0; overflow-wrap: anywhere; }
.notice { margin: 0 0 1rem; }
.result.batch table { font-size: .8rem; } .result.batch :is(th, td) { padding-inline: .28rem; } .batch .table-frame { container-type: inline-size; margin-top: .7rem;
  /* a shadow at the side where more is hidden: the first two layers scroll with the table and cover it at its ends */
  background: linear-gradient(90deg, var(--block-background-fill) 30%, transparent) left / 3rem 100% local, linear-gradient(270deg, var(--block-background-fill) 30%, transparent) right / 3rem 100% local,
    linear-gradient(90deg, #0003, transparent) left / 1rem 100% scroll, linear-gradient(270deg, #0003, transparent) right / 1rem 100% scroll; background-repeat: no-repeat; }
.batch .bad td > * { position: sticky; left: 9rem; display: block; width: fit-content; max-width: calc(100cqw - 10rem); } .batch thead th { white-space: normal; vertical-align: bottom; } .batch th:first-child { position: sticky; z-index: 1; left: 0; background: var(--block-background-fill); } .batch tbody th > img { display: block; max-height: 4.5rem; max-width: 7rem; border-radius: 6px; margin: 0 0 .15rem; }
.batch .name { display: block; max-width: 9rem; white-space: normal; overflow-wrap: anywhere; } .batch tfoot :is(th, td) { font-weight: 700; border-bottom: 0; } .batch .bad td { text-align: left; color: #b91c1c; } .batch td { white-space: nowrap; } .batch .bad td { white-space: normal; } .dark .batch .bad td { color: #fca5a5; }
.player { display: grid; grid-template-columns: minmax(0, 480px) minmax(0, 1fr); gap: 1.25rem; align-items: center; margin: .9rem 0 .6rem; }
.screen img { width: 100%; max-width: 480px; border-radius: 8px; margin: 0; display: block; } .screen img[hidden] { display: none; }
.plot { position: relative; } .plot .cursor { position: absolute; top: 4%; bottom: 17%; left: var(--at, 10%); width: 2px; margin-left: -1px; background: #000; box-shadow: 0 0 0 1px #fff; }
.clip .controls { align-items: center; } .clip .controls input { width: min(20rem, 40vw); } .play .on, .play.playing .off { display: none; } .play.playing .on { display: inline; }
.about { line-height: 1.6; } .about section { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 0 3rem; max-width: 84rem; padding-bottom: 1rem; border-bottom: 1px solid var(--border-color-primary); } .about section > div { max-width: 46rem; } .about section > div + div { padding-top: 1.6rem; }
.about .diagram { display: block; width: 100%; max-width: 26rem; margin: 0 0 1rem; } .diagram .box { fill: none; stroke: var(--body-text-color-subdued); stroke-opacity: .45; } .diagram .tap { fill: var(--accent); } .diagram text { fill: currentColor; font-size: 12px; text-anchor: middle; } .diagram .skip { fill: none; stroke: currentColor; stroke-dasharray: 4 3; }
.about h2 { margin: 1.6rem 0 .4rem; font-size: 1.2rem; } .about p { margin: 0 0 .7rem; } .about figure { margin: 0 0 1rem; } .dark .about figure img { filter: invert(.9) hue-rotate(180deg); } .about img { width: 100%; max-width: 42rem; background: #fff; border-radius: 8px; margin: 0; } .about .more { font-size: .9rem; } .about a, .files a { color: var(--accent); text-decoration: underline; } .about figcaption { font-size: .82rem; color: var(--body-text-color-subdued); }
.block:has([data-testid="status-tracker"]:not(.hide)) .empty > * { visibility: hidden; } /* where the progress is told */
/* Gradio's own words on an upload box stay in the browser's language: the page's stand in for them. */
[data-testid="upload-text"] { font-size: 0 !important; } [data-testid="upload-text"] .or { display: none; } [data-testid="upload-text"]::after { content: var(--upload); font-size: .88rem; text-align: center; white-space: pre-line; }
.label-wrap:not(.open) .icon { transform: rotate(-90deg) !important; } /* Gradio's points away from the words */
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 760px) {
  .gradio-container > .main { padding: 12px !important; }
  #masthead > * { min-width: 0 !important; flex: 1 1 100%; } #masthead > #language { flex: 0 0 auto; padding: 0; }
  .result table { font-size: .76rem; } .result th, .result td { padding: .28rem .1rem; } .result thead th { font-size: .66rem; } .result tr > :first-child { white-space: normal; }
  .compare .side { display: block; } .views, .views.two, .numbers, .player { grid-template-columns: minmax(0, 1fr); } #masthead h1 { font-size: 1.35rem; }
  .gradio-container .tab-container button { padding-inline: .4rem; font-size: .85rem; } #link { flex: 0 0 auto !important; }
  .strip { grid-template-columns: none; grid-auto-flow: column; grid-auto-columns: 88%; overflow-x: auto; scroll-snap-type: x mandatory; } .strip figure { scroll-snap-align: start; } .strip .chief { order: -1; }
}
"""
