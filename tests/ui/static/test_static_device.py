"""The page without a server on a device: camera, no network, small screens, keys, screen readers."""

import re
from contextlib import contextmanager
from importlib.resources import files

import pytest
from playwright.sync_api import expect
from static_steps import choose, in_teach, segment

from segdemo.data.examples import picture_of
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import COFFEE


def test_the_camera_runs_pauses_and_records(page):
    page.click("#tab-camera")
    page.click("[data-camera=start]")
    camera = page.locator("#camera")
    expect(camera).to_have_attribute("data-rate", re.compile(r"[1-9]"))
    expect(camera.locator("select[name=camera] option")).not_to_have_count(0)
    expect(camera.locator(".rate")).to_contain_text("256×192")
    expect(camera.locator(".named")).to_contain_text("Everyday scenes", use_inner_text=True)
    expect(camera.locator(".named .legend li")).to_have_count(len(TASKS["scenes"].classes))
    page.click("[data-camera=record]")
    page.select_option("select[name=size]", "192")
    expect(camera.locator(".rate")).to_contain_text("192×144")
    page.wait_for_timeout(1000)  # what encodes has not a frame at once
    with page.expect_download() as download:
        page.click("[data-camera=record]")
    assert download.value.path().stat().st_size > 1000
    page.click("[data-camera=pause]")
    expect(camera).to_have_class(re.compile("paused"))
    page.click("[data-camera=stop]")
    expect(camera).not_to_have_class(re.compile("running"))


def test_the_camera_looks_for_the_task_by_itself_and_says_where_none_fits(page):
    page.goto(page.url.split("?")[0] + "?tab=camera")
    page.click("[data-camera=start]")
    expect(page.locator("#camera .named")).to_contain_text("Everyday scenes", use_inner_text=True)  # of the test pattern, none
    expect(page.locator("#camera .told")).to_contain_text("None of the tasks fits what the camera sees. It is treated as: Everyday scenes.")
    choose(page, "task", "animals")
    expect(page.locator("#camera .named")).to_contain_text("People and animals", use_inner_text=True)
    expect(page.locator("#camera .told")).to_be_empty()


@contextmanager
def interrupted(page):
    """A new page beside it whose requests a test can answer itself: no service worker asks in its place."""
    with page.context.browser.new_context(service_workers="block", locale="en-US") as context:
        yield context.new_page()


def test_where_the_server_is_gone_each_tab_says_so_in_both_languages(page):
    with interrupted(page) as lonely:
        lonely.goto(page.url)
        lonely.wait_for_selector("html[data-ready]")
        lonely.route(re.compile("/networks/"), lambda route: route.abort())
        lonely.click("#tab-camera")
        choose(lonely, "task", "animals")
        lonely.click("[data-camera=start]")
        expect(lonely.locator("#camera .told")).to_contain_text("There is no connection", use_inner_text=True)
        lonely.click("[data-language=zh]")
        expect(lonely.locator("#camera .told")).to_contain_text("没有网络连接", use_inner_text=True)
        lonely.click("#tab-segment")
        lonely.set_input_files("#file", {"name": "coffee.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(COFFEE))})
        expect(lonely.locator("#results > article.error")).to_contain_text("没有网络连接", use_inner_text=True)


def test_after_the_first_visit_no_network_is_needed(page):
    segment(page, "tower")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.reload()  # what came before the keeper was there is kept now
    page.wait_for_selector("html[data-ready]")
    segment(page, "tower")
    in_teach(page)
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.click("#tab-segment")
    segment(page, "tower")
    expect(page.locator("#offline")).to_be_hidden()
    page.click("#examples button[data-example=flower]")
    expect(page.locator("#offline")).to_contain_text("this was not loaded before")
    in_teach(page)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen_in_either_language(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    in_teach(page)  # once: the same picture brought again would take a stroke away that comes before it
    for language in ("en", "zh"):
        page.click(f"[data-language={language}]")
        for tab in ("segment", "compare", "teach", "camera", "full"):
            page.click(f"#tab-{tab}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, tab)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(page, theme):
    if page.evaluate("document.documentElement.classList.contains('dark')") != (theme == "dark"):
        page.click("#theme")
    in_teach(page)
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    for tab in ("segment", "compare", "teach", "camera", "full"):
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(300)  # colours fade in
        found = page.evaluate("axe.run()")["violations"]
        assert not found, [(tab, rule["id"], node["html"][:120], node["failureSummary"][:200]) for rule in found for node in rule["nodes"]]


def test_the_arrow_keys_go_from_tab_to_tab(page):
    page.focus("#tab-segment")
    for key, tab in (("ArrowRight", "compare"), ("ArrowLeft", "segment"), ("ArrowLeft", "full"), ("ArrowRight", "segment")):
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
    stops = page.evaluate("[...document.querySelectorAll('header button, nav button')].filter((each) => each.tabIndex >= 0).length")
    assert stops <= 6  # before the first picture


def test_a_picture_of_nothing_known_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(page.url.split("?")[0])
    page.set_input_files("#file", {"name": "coffee.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(COFFEE))})
    expect(page.locator("#results > article.unknown img")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_task_of_ones_own_is_among_what_the_networks_know(page):
    def with_toys(route):
        answer = route.fetch()
        catalog = answer.json()
        catalog["tasks"]["toys"] = catalog["tasks"]["scenes"] | {"name": "toys", "title": {"en": "Toys", "zh": "玩具"}}
        catalog["models"].append(catalog["models"][0] | {"task": "toys"})
        route.fulfill(response=answer, json=catalog)

    with interrupted(page) as other:
        other.route("**/catalog.json", with_toys)
        other.goto(page.url.split("?")[0])
        other.wait_for_selector("html[data-ready]")
        other.set_input_files("#file", {"name": "coffee.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(COFFEE))})
        expect(other.locator("#results > article.unknown [data-task=toys]")).to_have_text("Toys", use_inner_text=True)
