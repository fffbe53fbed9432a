"""What a result's card does in the browser, without asking the server."""

import re
import zipfile

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from steps import cards, difference, picture, upload

from segdemo.tasks import TASKS

STREET = TASKS["street"]

ROAD = STREET.classes[3].color


def test_the_opacity_slider_changes_the_overlay_without_asking_the_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    stack = cards(page).first.locator(".stack")
    expect(stack).to_be_visible()
    expect(page.locator("#zip")).to_be_visible()  # the last thing that the server does
    page.wait_for_timeout(300)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    slider = cards(page).first.locator("input[name=opacity]")
    views = {}
    for value in ("0", "100"):
        slider.evaluate("(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})) }", value)
        views[value] = picture(stack)
    figures = cards(page).first.locator("figure img")
    assert difference(views["0"], picture(figures.nth(0))) < 5  # the picture alone
    assert difference(views["100"], picture(figures.nth(1))) < 5  # the colours alone
    assert difference(views["0"], views["100"]) > 30
    assert not [url for url in requests if "queue" in url or "run" in url]


def test_the_opacity_stays_when_another_result_comes(open_page, photos):
    page = open_page()
    upload(page, *photos)
    expect(cards(page)).to_have_count(2)
    move = "(element) => { element.value = '20'; element.dispatchEvent(new Event('input', {bubbles: true})) }"
    cards(page).first.locator("input[name=opacity]").evaluate(move)
    page.locator("#model").get_by_label("FCN-8s", exact=True).check()
    expect(cards(page).nth(1).locator(".facts")).to_contain_text("FCN-8s")
    for card in (cards(page).first, cards(page).nth(1)):
        expect(card.locator("input[name=opacity]")).to_have_value("20")
        expect(card.locator(".over")).to_have_css("opacity", "0.2")


def test_one_class_alone_patterns_and_the_pixel_under_the_pointer_need_no_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    card = cards(page).first
    expect(page.locator("#zip")).to_be_visible()  # the last thing that the server does
    page.wait_for_timeout(300)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    colours = picture(card.locator(".frame").nth(1))
    road = card.locator(".legend button").filter(has_text="road")
    road.click()
    expect(road).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".drawn").first).to_be_visible()
    alone = picture(card.locator(".frame").nth(1))
    painted = (np.abs(alone - ROAD).max(axis=2) < 40).mean()
    share = float(card.locator("tbody tr").filter(has_text="road").locator("td").nth(1).inner_text().rstrip("%")) / 100
    assert abs(painted - share) < 0.05
    road.click()
    expect(card.locator(".drawn").first).to_be_hidden()
    for style in ("patterns", "outlines", "confidence", "entropy"):
        card.locator(f"button[data-style={style}]").click()
        expect(card.locator(".drawn").first).to_be_visible()
        page.wait_for_timeout(500)
        assert difference(picture(card.locator(".frame").nth(1)), colours) > 5
    card.locator("button[data-style=fill]").click()
    box = card.locator(".frame").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.95)  # the road in front of the car
    expect(card.locator(".readout")).to_contain_text("road")
    expect(card.locator(".readout b")).to_have_text(re.compile(r"0\.\d\d|1\.00"))
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))]


def test_pixels_below_the_threshold_are_not_sure(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    frame = cards(page).first.locator(".frame").nth(1)
    before = picture(frame)
    slider = cards(page).first.locator("input[name=threshold]")
    slider.evaluate("(element) => { element.value = 100; element.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(cards(page).first.locator("output.threshold")).to_have_text("1.00")
    expect(cards(page).first.locator("output.unsure")).to_have_text(re.compile(r"\d+\.\d%"))
    page.wait_for_timeout(500)
    assert difference(picture(frame), before) > 30


def test_the_result_can_be_taken_home(open_page, photos, tmp_path):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    with page.expect_download() as download:
        cards(page).first.get_by_role("link", name="mask").click()
    download.value.save_as(tmp_path / "mask.png")
    assert download.value.suggested_filename == "street-0.mask.png"
    ids = np.asarray(Image.open(tmp_path / "mask.png"))
    assert ids.shape == (360, 480) and ids.max() < 11
    with page.expect_download() as download:
        page.locator("#zip").click()
    with zipfile.ZipFile(download.value.path()) as zipped:
        assert "street-0.report.html" in zipped.namelist()
