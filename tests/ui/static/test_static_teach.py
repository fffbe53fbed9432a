"""Teach on the page without a server."""

from zipfile import ZipFile

import numpy as np
from PIL import Image
from playwright.sync_api import expect
from static_steps import answered, browser_pixels, choose, in_teach, paint, segment, taken

from segdemo import load
from segdemo.data.folder import open_split
from segdemo.tasks.folder import task_from_folder


def test_the_picture_does_not_move_under_the_brush_when_the_networks_have_come(page):
    page.click("#tab-teach")
    page.click("#examples button[data-example=china-scene]")
    expect(page.locator("#teach-waits")).to_be_visible()
    place = page.locator("#teach-canvas canvas").last.bounding_box()
    expect(page.locator("#teach-waits")).to_be_hidden()
    assert page.locator("#teach-canvas canvas").last.bounding_box() == place


def test_strokes_teach_classes_whose_classifier_python_reads(page, tmp_path):
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/")[-1]))
    segment(page, "tower")
    assert "features.bin" not in asked and "teach.js" not in asked  # whoever does not teach does not load it
    teach = in_teach(page)
    assert "features.bin" in asked
    teach.locator("[data-do=add]").click()
    teach.locator("[data-id='2'] [name=name]").fill("water")
    answered(page, lambda: paint(page, (0.8, 0.6), (0.9, 0.6)))
    expect(teach.locator("[data-id='2'] small")).to_contain_text("strokes: 1")
    name, path = taken(page, ".teach [data-take=mask]")
    mask = np.asarray(Image.open(path))
    assert name == "china-scene.mask.png" and set(np.unique(mask)) == {0, 1, 2}
    name, path = taken(page, ".teach [data-take=classifier]")
    assert name == "taught.segdemo"
    theirs = load(path.rename(tmp_path / name))(browser_pixels(page, "china-scene"))
    assert theirs.task.class_names == ("this", "the rest", "water")
    assert np.mean(theirs.mask == mask) > 0.99  # where somebody painted, the page's mask is what was painted
    name, path = taken(page, ".teach [data-take=csv]")
    assert name == "taught.csv" and len(path.read_text(encoding="utf-8-sig").splitlines()) == 4
    name, path = taken(page, ".teach [data-take=folder]")
    ZipFile(path).extractall(tmp_path / "labelled")
    task = task_from_folder(tmp_path / "labelled")
    (image, labels), *others = open_split(tmp_path / "labelled", "val", task)
    assert name == "taught.zip" and task.class_names == theirs.task.class_names and not others
    assert np.array_equal(labels, mask) and np.abs(image.astype(int) - browser_pixels(page, "china-scene")).mean() < 3
    assert Image.open(taken(page, ".teach [data-take=overlay]")[1]).size == mask.shape[::-1]
    assert Image.open(taken(page, ".teach [data-take=cutout]")[1]).mode == "RGBA"
    answered(page, lambda: teach.locator("[data-do=undo]").click())
    expect(teach.locator("[data-id='2'] small")).to_contain_text("strokes: 0")


def test_another_picture_comes_beside_those_that_were_painted_on(page):
    page.click("#tab-teach")
    page.click("#examples button[data-example=coins]")
    expect(page.locator(".teach [data-take=mask]")).to_be_disabled()  # nothing is learned yet
    in_teach(page)  # took the place of the coins
    expect(page.locator("#teach-shown data")).to_have_count(1)
    answered(page, lambda: page.click("#examples button[data-example=chelsea]"))
    expect(page.locator(".teach .pages button[aria-pressed=true] img")).to_have_attribute("alt", "chelsea.jpg")
    strokes = page.locator(".teach .taught small")
    expect(strokes.nth(0)).to_contain_text("strokes: 1")
    page.set_input_files("#file", {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(page.locator("#teach-shown .notice")).to_contain_text("notes.jpg cannot be read by this browser")
    page.click("#examples button[data-example=chelsea]")
    expect(page.locator("#teach-shown .notice")).to_have_count(0)
    expect(page.locator(".teach .pages button")).to_have_count(2)
    page.click(".teach [data-do=undo]")
    expect(strokes.nth(1)).to_contain_text("strokes: 0")


def test_an_object_is_clicked_and_strokes_outlast_a_reload(page):
    in_teach(page, "chelsea")
    page.click(".teach [data-tool=click]")
    page.wait_for_selector("#teach-looks data", state="attached")
    answered(page, lambda: paint(page, (0.6, 0.6)))
    page.reload()
    expect(page.locator(".teach [data-id='0'] small")).to_contain_text("strokes: 1")
    expect(page.locator(".teach [data-id='1'] small")).to_contain_text("strokes: 2")
    page.wait_for_selector(".teach[data-answered]")


def test_what_a_card_shows_can_be_corrected(page):
    start = page.url
    in_teach(page)  # a lesson that a reload would bring back
    page.goto(start)
    choose(page, "model", "unet")
    card = segment(page, "tower")
    classes = card.locator(".legend [data-id]").count()
    card.locator("[data-correct]").click()
    expect(page.locator(".teach .corrects")).to_contain_text("U-Net, Everyday scenes")
    page.wait_for_selector(".teach[data-answered]")
    assert page.locator(".teach .taught").count() == max(classes, 2)
    answered(page, lambda: paint(page, (0.5, 0.9), (0.6, 0.9)))
    name, path = taken(page, ".teach [data-take=classifier]")
    assert b'"corrects"' in path.read_bytes() and name == "taught.segdemo"


def test_several_pictures_are_taught_together(page, folder):
    page.click("#tab-teach")
    page.set_input_files("#file", [folder / "examples" / "coins.jpg", folder / "examples" / "tissue.jpg"])
    expect(page.locator(".teach .pages button")).to_have_count(2)
    paint(page, (0.3, 0.4), (0.5, 0.4))
    page.click(".teach [data-pick='1']")
    answered(page, lambda: paint(page, (0.1, 0.1), (0.8, 0.1)))
    answered(page, lambda: page.check(".teach [name=all]"))
    table = page.locator(".teach .together table")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table).to_contain_text("tissue.jpg")


def test_a_wrong_file_is_named_in_teach_too(page):
    page.click("#tab-teach")
    page.set_input_files("#file", {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(page.locator("#teach-shown .notice")).to_contain_text("notes.jpg cannot be read by this browser")
