"""The page without a server: what Segment and Compare show and give is what the other page shows and gives; choices and addresses."""

import io
import json
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from static_steps import MODEL, browser_pixels, choose, segment

from segdemo import load
from segdemo.data.examples import picture_of
from segdemo.models import MODELS
from segdemo.output.downloads import statistics_csv
from segdemo.output.matte import soft_mask
from segdemo.output.visualization import jpeg
from segdemo.tasks.pictures import CHELSEA, COFFEE
from segdemo.ui.parts.results import result_card
from segdemo.zoo import entries

TEXTS = "element => [...element.querySelectorAll('h2, .legend li, .words, table, .absent, .take button')].map((each) => each.textContent.trim())"


def plain(texts):
    return [re.sub(r"\s+", " ", text).strip() for text in texts]


def test_a_card_says_what_the_card_of_the_other_page_says(page, folder):
    choose(page, "model", "unet")
    ours = plain(segment(page, "tower").evaluate(TEXTS))
    result = load("unet", "scenes", "litert-int8")(browser_pixels(page, "tower"))
    html = result_card("tower.jpg", result, entries()[MODEL], MODELS["unet"].title, "litert-int8", without=("card",))
    theirs = plain(page.evaluate(f"html => ({TEXTS})(new DOMParser().parseFromString(html, 'text/html').body)", str(html)))
    assert ours == theirs and len(ours) > 10


def test_files_hold_what_pythons_files_hold(page):
    choose(page, "model", "unet")
    card = segment(page, "flower")
    result = load("unet", "scenes", "litert-int8")(browser_pixels(page, "flower"))

    def taken(kind):
        with page.expect_download() as download:
            card.locator(f"[data-take={kind}]").click()
        content = download.value.path().read_bytes()
        return download.value.suggested_filename, content

    name, content = taken("mask")
    mask = Image.open(io.BytesIO(content))
    assert (name, mask.mode) == ("flower.mask.png", "P") and np.array_equal(np.asarray(mask), result.mask)
    name, content = taken("csv")
    ours, theirs = (text.splitlines() for text in (content.decode(), statistics_csv("flower.jpg", result)))
    assert name == "flower.csv" and [line.split(",")[:6] for line in ours] == [line.split(",")[:6] for line in theirs]
    name, content = taken("json")
    told = json.loads(content)
    assert name == "flower.json" and [each["regions"] for each in told["classes"]] == [each.regions for each in result.statistics()]
    name, content = taken("cutout")
    cut = np.asarray(Image.open(io.BytesIO(content)))
    largest = int(np.bincount(result.mask.ravel()).argmax())
    soft = soft_mask(result, [largest])
    assert name == "flower.cutout.png" and cut.shape[2] == 4
    assert abs(int((cut[..., 3] > 127).sum()) - int((soft > 127).sum())) < 0.001 * soft.size
    name, content = taken("greyed")
    assert name == "flower.greyed.jpg" and Image.open(io.BytesIO(content)).size == result.mask.shape[::-1]


def test_a_wrong_file_is_named_in_both_languages_and_costs_no_other(page, folder):
    good = (folder / "examples" / "tower.jpg").read_bytes()
    page.set_input_files(
        "#file",
        [{"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}, {"name": "<b>.jpg", "mimeType": "image/jpeg", "buffer": good}],
    )
    page.wait_for_selector("#results > article:nth-of-type(2)")
    bad, fine = page.locator("#results > article").all()
    expect(bad).to_contain_text("notes.jpg cannot be read by this browser")
    assert fine.get_attribute("data-name") == "<b>.jpg"
    page.click("[data-language=zh]")
    expect(bad).to_contain_text("这个浏览器无法读取 notes.jpg")
    expect(page.locator("#tab-segment")).to_have_text("分割", use_inner_text=True)


def test_the_task_is_chosen_by_the_picture_itself(page):
    page.goto(page.url.split("?")[0])
    expect(page.locator("#task input:checked")).to_have_value("auto")
    expect(segment(page, "chelsea").locator(".chosen")).to_contain_text("Automatic: People and animals")


def test_all_models_are_compared(page):
    page.click("#tab-compare")
    page.click("#examples button[data-example=tower]")
    card = page.locator("#comparison article.compare")
    expect(card.locator(".pairs tbody tr")).to_have_count(1)
    expect(card.locator("figure")).to_have_count(4)
    expect(card).to_contain_text("All 2 models agree on")


def test_compare_says_how_the_task_was_chosen_whose_doubt_it_is_and_what_fits_none(page):
    page.goto(page.url.split("?")[0] + "?tab=compare")
    page.wait_for_selector("html[data-ready]")
    page.set_input_files("#file", {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(CHELSEA))})
    card = page.locator("#comparison article")
    expect(card.locator(".chosen")).to_contain_text("Automatic: People and animals")
    expect(card.locator(".verdict")).to_contain_text("only one model")  # of those in this folder
    page.set_input_files("#file", {"name": "coffee.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(COFFEE))})
    expect(card).to_have_class(re.compile("unknown"))
    card.locator("[data-task=scenes]").click()
    expect(page.locator("#task input:checked")).to_have_value("scenes")
    expect(card).to_have_class(re.compile("compare"))
    expect(card.locator(".warning strong")).to_have_text(re.compile("FCN-8s|U-Net"))


def test_where_the_picture_chooses_the_task_compare_follows(page):
    page.goto(page.url.split("?")[0])
    page.set_input_files("#file", {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(CHELSEA))})
    page.wait_for_selector("#results > article .chosen")
    page.click("#tab-compare")
    expect(page.locator("#comparison article.compare")).to_contain_text("People and animals", use_inner_text=True)
    page.click("#tab-segment")
    choose(page, "task", "scenes")
    page.click("#tab-compare")
    expect(page.locator("#comparison article.compare")).to_contain_text("Everyday scenes", use_inner_text=True)  # chosen meanwhile
    choose(page, "task", "auto")
    captions = page.locator("#examples button").all_inner_texts()
    assert len(set(captions)) == len(captions)


def test_the_address_holds_the_example(page):
    segment(page, "tower")
    assert "example=tower" in page.url
    page.reload()
    page.wait_for_selector("#results > article[data-name='tower.jpg']")
    page.goto(f"{page.url.split('?')[0]}?tab=compare&task=scenes&example=flower")
    expect(page.locator("#comparison article.compare h2")).to_contain_text("flower.jpg")
    page.set_input_files("#file", {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(CHELSEA))})
    expect(page.locator("#comparison article.compare h2")).to_contain_text("cat.jpg")
    assert "example" not in page.url


def test_a_choice_is_followed_by_what_the_page_opens_on(page):
    page.goto(page.url.split("?")[0])
    summary = page.locator("#results article .facts summary")
    expect(summary).to_contain_text("U-Net")
    expect(summary).not_to_contain_text("ms")  # it came with the page
    choose(page, "model", "fcn8s")
    expect(summary).to_contain_text("FCN-8s")
    expect(summary).to_contain_text("ms")
    page.goto(page.url.split("?")[0] + "?model=fcn8s&example=../catalog")
    expect(summary).to_contain_text("FCN-8s")


def test_a_model_that_a_task_lacks_gives_way_to_the_best(page):
    choose(page, "model", "fcn8s")
    choose(page, "task", "animals")
    expect(page.locator("#model input:checked")).to_have_value("auto")
    expect(page.locator("#results article .facts summary")).to_contain_text("People and animals")
    assert "model=" not in page.url


def test_of_several_files_the_first_that_can_be_read_is_compared(page, folder):
    page.click("#tab-compare")
    expect(page.locator("#model")).to_be_hidden()
    good = [{"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": (folder / "examples" / f"{name}.jpg").read_bytes()} for name in ("tower", "flower")]
    page.set_input_files("#file", [{"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}, *good])
    expect(page.locator("#comparison")).to_contain_text("notes.jpg cannot be read by this browser")
    expect(page.locator("#comparison")).to_contain_text("one picture at a time: tower.jpg")
    expect(page.locator("#comparison article.compare h2")).to_contain_text("tower.jpg")
