"""What a result's card does in the browser, without asking the server."""

import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from steps import cards, difference, picture, upload

import segdemo
from segdemo.data.examples import picture_of
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import ASTRONAUT, COFFEE
from segdemo.ui.parts.files import TAKEN

STREET = TASKS["street"]

ROAD = STREET.classes[3].color


def view(card, kind):
    """Makes this view the large one; its picture."""
    card.locator(f"[data-view={kind}] .view").click()
    expect(card.locator(".chief")).to_have_attribute("data-view", kind)
    card.page.mouse.move(0, 0)
    card.page.wait_for_timeout(500)
    return card.locator(".chief .frame")


def without_writing(page):
    """Hides what lies on the pictures."""
    page.add_style_tag(content="#results :is(figcaption, .wipe, .readout) { opacity: 0 } #results .frame::before { display: none }")


def test_the_opacity_slider_changes_the_overlay_without_asking_the_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    card = cards(page).first
    view(card, "overlay")
    without_writing(page)
    stack = card.locator("[data-view=overlay] .frame")
    expect(page.locator("#zip")).to_be_visible()  # the last thing that the server does
    page.wait_for_timeout(300)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    slider = cards(page).first.locator("input[name=opacity]")
    views = {}
    for value in ("0", "100"):
        slider.evaluate("(element, value) => { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})) }", value)
        page.wait_for_timeout(300)
        views[value] = picture(stack)
    assert difference(views["0"], picture(view(card, "photo"))) < 5  # the picture alone
    assert difference(views["100"], picture(view(card, "mask"))) < 5  # the colours alone
    assert difference(views["0"], views["100"]) > 30
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))]


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
        expect(card.locator("[data-view=overlay] .over")).to_have_css("opacity", "0.2")


def test_one_class_alone_patterns_and_the_pixel_under_the_pointer_need_no_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    card = cards(page).first
    expect(page.locator("#zip")).to_be_visible()  # the last thing that the server does
    page.wait_for_timeout(300)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    without_writing(page)
    frame = view(card, "mask")
    colours = picture(frame)
    road = card.locator(".legend button").filter(has_text="road")
    road.click()
    expect(road).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(500)
    alone = picture(frame)
    painted = (np.abs(alone - ROAD).max(axis=2) < 40).mean()
    share = float(card.locator("tbody tr").filter(has_text="road").locator("td").nth(1).inner_text().rstrip("%")) / 100
    assert abs(painted - share) < 0.05
    road.click()
    expect(road).to_have_attribute("aria-pressed", "false")
    for style in ("patterns", "outlines", "confidence", "entropy"):
        card.locator(f"button[data-style={style}]").click()
        page.wait_for_timeout(500)
        assert difference(picture(frame), colours) > 5
    card.locator("button[data-style=fill]").click()
    box = frame.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.9)  # the road in front of the car
    expect(card.locator(".readout")).to_contain_text("road")
    expect(card.locator(".readout b")).to_have_text(re.compile(r"0\.\d\d|1\.00"))
    assert not [url for url in requests if not url.startswith(("data:", "blob:"))]


def test_pixels_below_the_threshold_are_not_sure(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    without_writing(page)
    frame = view(cards(page).first, "mask")
    before = picture(frame)
    slider = cards(page).first.locator("input[name=threshold]")
    slider.evaluate("(element) => { element.value = 100; element.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(cards(page).first.locator("output.threshold")).to_have_text("1.00")
    expect(cards(page).first.locator("output.unsure")).to_have_text(re.compile(r"\d+\.\d%"))
    page.wait_for_timeout(500)
    assert difference(picture(frame), before) > 30


@pytest.fixture
def card_of(open_page, photos):
    """Opens the page and segments a picture; gives page and card."""

    def of(*view, path=None, **query):
        page = open_page(*view, query="?" + "&".join(f"{name}={value}" for name, value in {"lang": "en", **query}.items()))
        expect(page.locator(f"#task input[value={query.get('task', 'auto')}]")).to_be_checked()
        upload(page, path or photos[0])
        expect(cards(page)).to_have_attribute("data-name", (path or photos[0]).name)
        expect(page.locator("#zip")).to_be_visible()  # the last thing that the server does
        page.wait_for_timeout(1500)  # it scrolls there
        return page, cards(page).first

    return of


def test_the_handle_wipes_by_mouse_and_by_keys(card_of):
    page, card = card_of()
    without_writing(page)
    handle, frame = card.locator(".chief .wipe"), card.locator(".chief .frame")
    covered = picture(frame)
    photo = picture(card.locator("[data-view=photo] .frame"))
    frame.scroll_into_view_if_needed()
    box, knob = frame.bounding_box(), handle.bounding_box()
    page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # dropped is dropped
    expect(handle).to_have_attribute("aria-valuenow", "50")
    page.wait_for_url("**split=50**")
    page.mouse.move(0, 0)
    half, middle = picture(frame), covered.shape[1] // 2
    assert difference(half[:, middle + 40 :], covered[:, middle + 40 :]) < 1
    assert difference(half[:, : middle - 40], covered[:, : middle - 40]) > 10
    handle.focus()
    for key, value in (("ArrowRight", "51"), ("PageDown", "41"), ("Home", "0"), ("ArrowLeft", "0"), ("End", "100")):
        page.keyboard.press(key)
        expect(handle).to_have_attribute("aria-valuenow", value)
    card.locator(".view").nth(1).click()  # the photograph, large
    page.wait_for_timeout(300)
    bare = picture(card.locator("[data-view=photo] .frame"))
    card.locator(".view").first.click()
    page.wait_for_timeout(300)
    wiped = picture(frame)
    assert bare.shape != photo.shape and difference(wiped[:, :-60], bare[:, :-60]) < 3


def test_a_tap_on_a_thumbnail_makes_it_the_large_picture(card_of):
    page, card = card_of(390, 844)
    boxes = {kind: card.locator(f"[data-view={kind}]").bounding_box() for kind in ("overlay", "photo", "mask")}
    assert boxes["overlay"]["width"] > 2.5 * boxes["photo"]["width"] and boxes["photo"]["y"] == boxes["mask"]["y"]
    assert boxes["photo"]["y"] > boxes["overlay"]["y"]
    mask = card.locator("[data-view=mask]")
    mask.scroll_into_view_if_needed()
    small = mask.bounding_box()
    page.mouse.click(small["x"] + small["width"] - 8, small["y"] + 8)  # not on its name
    expect(mask.locator(".view")).to_have_attribute("aria-pressed", "true")
    expect(card.locator("[data-view=overlay] .view")).to_have_attribute("aria-pressed", "false")
    assert mask.bounding_box()["width"] == boxes["overlay"]["width"]
    card.locator("[data-view=photo] .view").focus()
    page.keyboard.press("Enter")
    expect(card.locator(".chief")).to_have_attribute("data-view", "photo")


@pytest.mark.parametrize("has_full_screen", [True, False])
def test_full_screen_keeps_the_shape_on_an_upright_phone(card_of, has_full_screen):
    page, card = card_of(390, 844)
    if not has_full_screen:
        page.evaluate("delete Element.prototype.requestFullscreen")
    card.locator(".chief .large").click()
    page.wait_for_timeout(500)
    frame = card.locator(".chief .frame").bounding_box()
    assert abs(frame["width"] - 390) < 1 and abs(frame["width"] / frame["height"] - 480 / 360) < 0.01
    assert card.locator(".show").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert page.evaluate("document.fullscreenElement !== null") == has_full_screen
    card.locator(".chief .wipe").press("PageUp")
    expect(card.locator(".chief .wipe")).to_have_attribute("aria-valuenow", "10")
    card.locator(".legend button").first.click()
    expect(card.locator(".legend button").first).to_have_attribute("aria-pressed", "true")
    if has_full_screen:
        card.locator(".chief .large").click()
    else:
        page.keyboard.press("Escape")
    expect(card.locator(".full")).to_have_count(0)
    page.wait_for_timeout(300)
    assert card.locator(".chief .frame").bounding_box()["width"] < 390


def test_the_background_is_transparent_and_borders_have_no_steps(card_of, tmp_path):
    path = tmp_path / "astronaut.jpg"
    path.write_bytes(jpeg(picture_of(ASTRONAUT)))
    _, card = card_of(task="animals", path=path)
    alpha = np.array(
        card.evaluate(
            """card => {
              const canvas = card.querySelector('[data-view=overlay] canvas');
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return data.filter((_, i) => i % 4 === 3).reduce((counts, alpha) => (counts[alpha] = (counts[alpha] || 0) + 1, counts), new Array(256).fill(0));
            }"""
        )
    )
    shares = alpha / alpha.sum()
    background = float(card.locator("tbody tr").filter(has_text="background").locator("td").nth(1).inner_text().rstrip("%")) / 100
    assert abs(shares[0] - background) < 0.02 and shares[255] > 0.2
    assert 0 < shares[1:255].sum() < 0.05  # the borders


def test_nothing_found_is_said_with_a_way_out(card_of, tmp_path):
    path = tmp_path / "coffee.jpg"
    path.write_bytes(jpeg(picture_of(COFFEE)))
    page, card = card_of(task="animals", model="unet", path=path)
    expect(card.locator(".warning")).to_contain_text("None of the classes of “People and animals” was found")
    assert "100%" not in card.locator(".words").all_inner_texts()
    assert card.locator(".ways button").evaluate_all("all => all.map(button => button.dataset.task)") == [
        name for name, _ in segdemo.suggest(path) if name not in (None, "animals")
    ]
    card.locator(".ways button[data-task=clothes]").click()
    expect(page.locator("#task input[value=clothes]")).to_be_checked()
    expect(page.locator("article[data-task=clothes]")).to_be_in_viewport()


def test_each_file_is_taken_away_with_one_tap(card_of, tmp_path):
    page, card = card_of()
    card.locator(".legend button").filter(has_text="road").click()
    files = {}
    for kind in TAKEN:
        with page.expect_download() as download:
            card.locator(f"[data-take={kind}]").click()
        files[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[kind])
        expect(card.locator("[aria-busy=true]")).to_have_count(0)
    assert {path.stem.partition(".")[0] for path in files.values()} == {"street-0"}
    pictures = {kind: Image.open(path) for kind, path in files.items() if kind not in ("csv", "json")}
    assert all(not image.getexif() for image in pictures.values())
    assert {kind: image.size for kind, image in pictures.items() if kind != "cutout"} == {
        **dict.fromkeys(("blurred", "greyed", "colored", "overlay", "mask"), (480, 360)),
        "card": (1200, 630),
    }
    ids = np.asarray(pictures["mask"])
    alpha = np.asarray(pictures["cutout"])[..., 3]
    assert alpha.min() == 0 and alpha.max() == 255 and abs((alpha > 127).sum() / (ids == 3).sum() - 1) < 0.1  # the road, which is shown alone
    assert np.asarray(pictures["colored"])[ids == 0].min(axis=1).mean() > 240  # the sky is white
    assert json.loads(files["json"].read_text())["classes"][3]["pixels"] == (ids == 3).sum()
    assert files["csv"].read_text("utf-8-sig").splitlines()[4].startswith("street-0.jpg,3,road")


def test_everything_can_be_taken_home_at_once(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    with page.expect_download() as download:
        page.locator("#zip").click()
    with zipfile.ZipFile(download.value.path()) as zipped:
        assert "street-0.report.html" in zipped.namelist()
