"""The page for teachers, on paper and on the screen."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("sheet", ["worksheet", "key"])
def test_a_sheet_is_two_pages_of_a4_with_nothing_else_on_them(open_page, sheet, language):
    page = open_page(query=f"?tab=learn&step=teachers&lang={language}")
    page.evaluate("window.print = () => {}")
    page.locator(f"[data-print={sheet}]").click()
    page.emulate_media(media="print")
    expect(page.locator("body > .sheet")).to_be_visible()
    expect(page.locator("#masthead")).to_be_hidden()
    assert page.locator("body > .sheet li").count() == 8
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert [tuple(round(float(side)) for side in box) for box in boxes] == [(595, 842)] * 2
    expect(page.locator("body > .sheet")).to_have_count(0)  # once it is printed


def test_the_pictures_are_downloaded_as_a_zip(open_page):
    page = open_page(query="?tab=learn&step=teachers")
    with page.expect_download() as download:
        page.locator("[data-zip]").click()
    assert download.value.suggested_filename == "segdemo-pictures.zip" and download.value.path().read_bytes()[:2] == b"PK"


def query_of(page):
    return {name: value[0] for name, value in parse_qs(urlsplit(page.url).query).items()}


def test_a_link_holds_a_step_and_its_settings(open_page):
    page = open_page(query="?tab=learn&step=train&lang=zh")
    page.locator("input[name^=train-pictures][value='1']").check(force=True)
    page.wait_for_url("**set=pictures*")
    shown = query_of(page)
    assert (shown["tab"], shown["step"], shown["set"]) == ("learn", "train", "pictures:1")
    again = open_page(query="?" + page.url.split("?")[1])
    expect(again.locator("input[name^=train-pictures]:checked")).to_have_value("1")
    again.locator("section[data-step=train] .turn a").first.click()
    again.wait_for_url(lambda url: "set=" not in url)


def test_a_setting_that_there_is_not_is_left_alone(open_page):
    page = open_page(query="?tab=learn&step=train&set=pictures:7,moon:1,:,<b>:2")
    expect(page.locator("input[name^=train-pictures]:checked")).to_have_value("100")


def test_a_change_of_language_leaves_the_address_at_the_tab_that_is_shown(open_page):
    page = open_page(query="?tab=learn&step=teachers&lang=zh")
    expect(page.locator("#learn-teachers")).to_be_visible()
    expect(page.locator("#run")).to_have_text("开始分割")
    page.wait_for_function("window.linkOpened")
    page.wait_for_timeout(1000)
    assert (query_of(page)["tab"], query_of(page)["step"]) == ("learn", "teachers")
