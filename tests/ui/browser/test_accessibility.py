"""Whether the page serves those who do not see it, or use no mouse: axe-core's rules, and a walk by keyboard."""

import re
from importlib.resources import files
from itertools import product

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import expect

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
THEMES = ("light", "dark")
WIDTHS = (1440, 390)
RESULTS = {
    "segment": "#results article[data-name='drawn-street-1.jpg'] .views",
    "compare": "#comparison .views",
    "explain": "#explanation .views",
    "teach": "#teach-canvas .easel",
    "batch": "#batch-results table",
    "learn": ".learn .layers > img:first-child",
    "about": ".about",
}


def violations(page) -> dict[tuple, str]:
    """What axe-core finds: (rule, tag, CSS classes) of each element to what is wrong with it."""
    page.wait_for_timeout(500)  # colours fade in
    page.wait_for_function("document.getAnimations().every(one => one.playState != 'running' || one.effect.getTiming().iterations == Infinity)")
    page.evaluate(AXE)
    found = {}
    for rule in page.evaluate("axe.run()")["violations"]:
        for node in rule["nodes"]:
            tag, classes = re.match(r'<([\w-]+)(?:[^>]*? class="([^"]*)")?', node["html"]).groups()
            found[rule["id"], tag, frozenset((classes or "").split())] = f"{rule['id']}: {node['target']}: {node['failureSummary']}"
    return found


@pytest.fixture(scope="module")
def of_gradio(browser):
    """What axe-core finds on a page of bare Gradio components; colours apart, for these are our theme's."""
    black = np.zeros((8, 8, 3), np.uint8)
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.HTML("<h1>Bare</h1>")
        with gr.Tab("One"):
            gr.Radio(["a", "b"], value="a", label="Radio")
            gr.Dropdown(["a", "b"], label="Dropdown")
            with gr.Accordion("Accordion"):
                gr.File(label="File", file_count="multiple")
            gr.Gallery([(black, "caption")], label="Pictures", sources=["upload", "clipboard", "webcam"], interactive=True)
            gr.Gallery([(black, "caption")], label="Examples", show_label=False, allow_preview=False, interactive=False)
            gr.Button("Button", variant="primary")
        gr.Tab("Two")
    _, address, _ = blocks.launch(prevent_thread_lock=True, quiet=True, footer_links=["api"])
    found = set()
    try:
        for theme, width in product(THEMES, WIDTHS):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto(f"{address}?__theme={theme}")
            expect(page.locator(".grid-container img").last).to_be_visible()
            found |= {key for key in violations(page) if key[0] != "color-contrast"}
            page.close()
    finally:
        blocks.close()
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tab", RESULTS)
def test_axe_finds_nothing_that_bare_gradio_does_not_have(open_page, of_gradio, photo, tab, theme):
    linked = tab not in ("batch", "learn", "about")
    example = "coins" if tab == "teach" else "drawn-street-1"
    page = open_page(query=f"?tab={tab if linked else 'segment'}&example={example}&lang=en&__theme={theme}")
    if not linked:
        expect(page.locator(RESULTS["segment"])).to_be_visible()
        page.get_by_role("tab", name=tab.title()).click()
    if tab == "batch":
        expect(page.locator("#batch-pictures")).to_contain_text("drawn-street")  # it came along; Gradio stumbles over two changes at once
        page.locator("#batch-pictures input[type=file]").first.set_input_files(photo)
        expect(page.locator("#batch-pictures a")).to_have_count(2)
        page.locator("#batch_run").click()
        expect(page.locator("#batch_cancel")).to_be_hidden()
    expect(page.locator(RESULTS[tab])).to_be_visible()
    if tab == "segment":
        for accordion in ("#speed", "#truth"):
            page.locator(f"{accordion} button").first.click()
    for language, width in zip(("en", "zh"), WIDTHS if theme == "light" else WIDTHS[::-1], strict=True):  # in dark the other way round
        page.locator(f"#language input[value={language}]").check()
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        page.set_viewport_size({"width": width, "height": 900})
        ours = [message for key, message in violations(page).items() if key not in of_gradio]
        assert not ours, "\n\n".join([f"{language}, {width} pixels wide:", *ours])


def test_axe_is_really_asked(open_page, of_gradio):
    page = open_page()
    expect(page.locator("#examples button").first).to_be_visible()  # what loads has other roles
    page.locator("#results .opening").evaluate('element => { element.innerHTML = \'<img src="data:,"><p style="color: #ccc; background: #fff">pale</p>\' }')
    assert {key[0] for key in violations(page).keys() - of_gradio} == {"image-alt", "color-contrast"}


def tab_to(page, selector: str, key: str = "Tab"):
    """Presses ``key`` until the focus is on ``selector``; wherever it rests on the way, it can be seen."""
    for _ in range(60):
        page.keyboard.press(key)
        outline, element = page.evaluate("[getComputedStyle(document.activeElement).outline, document.activeElement.outerHTML.slice(0, 200)]")
        assert "solid 3px" in outline, element
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return page.locator(":focus")
    raise AssertionError(f"{key} does not lead to {selector}")


@pytest.mark.parametrize("theme", THEMES)
def test_everything_is_reached_and_used_by_keyboard(open_page, theme):
    page = open_page(query=f"?model=deeplabv3plus&lang=en&__theme={theme}")
    card = page.locator("#results article.result")
    tab_to(page, "#examples button")
    page.keyboard.press("Enter")
    expect(card.locator(".facts")).to_contain_text("DeepLabV3+")
    tab_to(page, "#model input[value=unet]")
    page.keyboard.press("Space")
    tab_to(page, "#run", "Shift+Tab")
    page.keyboard.press("Space")
    expect(card.locator(".facts")).to_contain_text("U-Net")
    frame = tab_to(page, "#results .frame", "Shift+Tab")
    expect(frame).to_have_accessible_name("Overlay")
    for key in ("ArrowDown",) * 20:
        page.keyboard.press(key)
    expect(card.locator(".readout")).to_contain_text("road")  # before the car
    handle = tab_to(page, "#results .wipe")
    expect(handle).to_have_accessible_name("Wipe between the picture and the classes")
    page.keyboard.press("PageUp")
    expect(handle).to_have_attribute("aria-valuenow", "10")
    tab_to(page, "#results [data-view=mask] .view")
    page.keyboard.press("Enter")
    expect(card.locator(".chief")).to_have_attribute("data-view", "mask")
    road = tab_to(page, "#results .legend button")
    for pressed in ("true", "false"):
        page.keyboard.press("Enter")
        expect(road).to_have_attribute("aria-pressed", pressed)
    patterns = tab_to(page, "#results button[data-style=patterns]")
    page.keyboard.press("Space")
    expect(patterns).to_have_attribute("aria-pressed", "true")
    slider = tab_to(page, "#results input[name=opacity]")
    expect(slider).to_have_accessible_name("Opacity")
    page.keyboard.press("ArrowRight")
    expect(card.locator("[data-view=overlay] .over")).to_have_css("opacity", "0.56")
    tab_to(page, "#results [data-take=cutout]")


def test_the_comparison_is_zoomed_and_moved_by_keyboard(open_page):
    page = open_page(query="?tab=compare&example=drawn-street-1&lang=en")
    expect(page.locator("#comparison .views")).to_be_visible()
    tab_to(page, "#comparison .views")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#comparison .frame").first.evaluate("frame => getComputedStyle(frame).getPropertyValue('--x')") == "45%"
    tab_to(page, "#comparison input[name=zoom]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#comparison .frame img").first).to_have_css("transform", "matrix(1.5, 0, 0, 1.5, 0, 0)")
