"""The Batch tab in a real browser."""

import re
import zipfile

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

import segdemo
from segdemo.data import scenes


def open_batch(page):
    page.get_by_role("tab", name="Batch").click()


def test_a_batch_is_a_table_with_a_mean_and_a_row_for_the_bad_file(open_page, photos, tmp_path):
    bad = tmp_path / "notes.jpg"
    bad.write_text("hello")
    page = open_page()
    open_batch(page)
    page.locator("#batch-pictures input[type=file]").first.set_input_files([str(photos[0]), str(bad), str(photos[1])])
    expect(page.locator("#batch-pictures")).to_contain_text("street-1")
    page.locator("#batch_run").click()
    rows = page.locator("#batch-results tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("notes.jpg is not a picture")
    expect(rows.nth(2)).to_contain_text(re.compile(r"street-1\.jpg\s+\d+\.\d%"))
    expect(page.locator("#batch-results tfoot")).to_contain_text("Mean of 2")
    expect(page.locator("#batch-results a[download='segdemo.csv']")).to_be_visible()
    expect(page.locator("#batch_cancel")).to_be_hidden()
    with page.expect_download() as download:
        page.locator("#batch-zip").click()
    with zipfile.ZipFile(download.value.path()) as zipped:
        assert zipped.namelist() == ["street-0.mask.png", "street-1.mask.png", "segdemo.csv", "statistics.csv", "statistics.json"]
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")  # the table scrolls in its own frame
    assert page.locator("#batch-results .table-frame").evaluate("(frame) => frame.scrollWidth > frame.clientWidth")


def test_cancel_keeps_the_pictures_that_are_done(open_page, photos):
    page = open_page()
    open_batch(page)
    page.locator("#batch-pictures input[type=file]").first.set_input_files([str(photos[i % 2]) for i in range(90)])
    expect(page.locator("#batch-pictures")).to_contain_text("street-1")
    page.locator("#batch_run").click()
    expect(page.locator("#batch-results tbody tr").first).to_be_visible()
    page.locator("#batch_cancel").click()
    expect(page.locator("#batch-results .notice")).to_contain_text(re.compile(r"Cancelled\. \d+ of 90 pictures are done"))
    done = page.locator("#batch-results tbody tr").count()
    assert 1 <= done < 90
    expect(page.locator("#batch-results tfoot")).to_contain_text(f"Mean of {done}")
    expect(page.locator("#batch_run")).to_be_enabled()


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    """Six frames along a drawn street."""
    path = tmp_path_factory.mktemp("clip") / "drive.webm"
    scene = scenes.street(1, 480, 360)[0]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP80"), 6, (320, 240))
    for i in range(6):
        writer.write(np.ascontiguousarray(scene[60:300, 20 * i : 320 + 20 * i, ::-1]))
    writer.release()
    return path


def card_of(page, clip):
    """The card of a clip of six frames that Batch has segmented."""
    page.locator("#batch-kind").get_by_label("Video").check()
    page.locator("#batch-clip input[type=file]").first.set_input_files(str(clip))
    expect(page.locator("#batch-clip video")).to_be_visible()
    page.locator("#batch_run").click()
    card = page.locator("#batch-results .clip[data-times]")
    expect(card.locator(".screen img")).to_have_count(6)
    return card


def test_a_clip_is_segmented_by_a_taught_classifier(open_page, drive, tmp_path):
    image, mask = scenes.street(2, 320, 240)
    strokes = np.where(mask == 0, 0, 1).astype(np.uint8)  # the sky and the rest
    taught = segdemo.teach([image], [strokes], ["sky", "no sky"]).save(tmp_path / "sky.segdemo")
    page = open_page()
    open_batch(page)
    page.locator("#batch-own input[type=file]").first.set_input_files(str(taught))
    for choice in ("task", "model"):
        expect(page.locator(f"#batch-{choice}")).to_be_hidden()  # they would say what is not used
    expect(page.locator("#batch-own")).to_contain_text("sky")
    expect(card_of(page, drive)).to_contain_text("no sky")


def test_a_clip_gives_frames_and_a_chart_whose_cursor_follows(open_page, drive):
    page = open_page()
    open_batch(page)
    card = card_of(page, drive)
    expect(card.locator(".plot img:visible")).to_have_count(1)
    with page.expect_download() as started:
        card.get_by_role("link", name="video of the overlay (MP4)").click()
    assert started.value.suggested_filename == "drive.overlay.mp4"
    video = cv2.VideoCapture(str(started.value.path()))
    assert sum(1 for _ in iter(lambda: video.read()[0], False)) == 6
    before = card.locator(".cursor").bounding_box()["x"]
    card.locator("input[name=frame]").evaluate("(element) => { element.value = '5'; element.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(card.locator(".screen img").nth(5)).to_be_visible()
    expect(card.locator(".screen img").first).to_be_hidden()
    assert card.locator(".cursor").bounding_box()["x"] > before + 50
    card.locator(".play").click()
    expect(card.locator(".screen img").nth(5)).to_be_hidden()  # it starts again
    expect(card.locator(".screen img").nth(5)).to_be_visible()
