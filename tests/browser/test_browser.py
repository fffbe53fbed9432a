"""The page as a visitor sees it, in a real browser that may reach this machine only."""

import re
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from segdemo import scenes
from segdemo.tasks import STREET
from segdemo.visualization import jpeg

ROAD = STREET.classes[3].color


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for seed in range(2):
        paths.append(folder / f"street-{seed}.jpg")
        paths[-1].write_bytes(jpeg(scenes.street(seed, 480, 360)[0]))
    return paths


def upload(page, *paths: Path):
    page.locator("#pictures input[type=file]").first.set_input_files([str(p) for p in paths])
    expect(page.locator("#pictures img").first).to_be_visible()


def segment(page):
    page.locator("#run").click()


def cards(page):
    return page.locator("#results article.result")


def picture(locator) -> np.ndarray:
    """What the browser paints there, (H, W, 3)."""
    from io import BytesIO

    return np.array(Image.open(BytesIO(locator.screenshot())).convert("RGB")).astype(int)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean over the part both have: a column may round to 317 or 318 pixels."""
    height, width = np.minimum(a.shape[:2], b.shape[:2])
    return np.abs(a[:height, :width] - b[:height, :width]).mean()


def test_a_visitor_uploads_two_pictures_and_sees_three_views_of_each(open_page, photos):
    page = open_page()
    expect(page.locator("#results .empty")).to_be_visible()
    upload(page, *photos)
    segment(page)
    expect(cards(page)).to_have_count(2)
    card = cards(page).first
    assert [card.locator("figure").nth(i).bounding_box()["y"] for i in range(3)].count(card.locator("figure").first.bounding_box()["y"]) == 3  # side by side
    expect(card.locator("tbody tr").filter(has_text="road")).to_be_visible()
    expect(card.locator(".legend")).to_contain_text("sky")
    expect(card.locator(".chart .bars > div")).to_have_count(card.locator("tbody tr").count())
    assert page.evaluate("[...document.querySelectorAll('#results img')].every(i => i.complete && i.naturalWidth > 0)")


def test_the_opacity_slider_changes_the_overlay_without_asking_the_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    segment(page)
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
    segment(page)
    expect(cards(page)).to_have_count(2)
    move = "(element) => { element.value = '20'; element.dispatchEvent(new Event('input', {bubbles: true})) }"
    cards(page).first.locator("input[name=opacity]").evaluate(move)
    page.locator("#model").get_by_label("FCN-8s", exact=True).check()
    segment(page)
    expect(cards(page).nth(1).locator(".facts")).to_contain_text("FCN-8s")
    for card in (cards(page).first, cards(page).nth(1)):
        expect(card.locator("input[name=opacity]")).to_have_value("20")
        expect(card.locator(".over")).to_have_css("opacity", "0.2")


def test_one_class_alone_patterns_and_the_pixel_under_the_pointer_need_no_server(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    segment(page)
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
    segment(page)
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
    segment(page)
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


def test_the_models_are_compared_and_zoom_together(open_page):
    page = open_page()
    page.get_by_role("tab", name="Compare").click()
    page.locator("#compare-examples button").first.click()
    expect(page.locator("#comparison figure")).to_have_count(5)
    expect(page.locator("#comparison .words")).to_contain_text("agree on")
    page.locator("input[name=zoom]").evaluate("(element) => { element.value = 4; element.dispatchEvent(new Event('input', {bubbles: true})) }")
    for i in range(5):
        expect(page.locator("#comparison img").nth(i)).to_have_css("transform", "matrix(4, 0, 0, 4, 0, 0)")


def test_a_picture_goes_along_to_the_other_tabs(open_page, photos):
    page = open_page()
    page.locator("#task input[value=animals]").check()
    upload(page, photos[0])
    for tab, name in (("Compare", "compare"), ("Explain", "explain")):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(f"#{name}-picture img").first).to_be_visible()
        expect(page.locator(f"#{name}-task input:checked")).to_have_value("animals")


def test_explain_shows_regions_and_then_what_speaks_for_a_class(open_page):
    page = open_page()
    page.get_by_role("tab", name="Explain").click()
    expect(page.locator("#method")).to_be_visible()
    expect(page.locator("#explain-class")).to_be_hidden()
    page.locator("#explain-examples button").first.click()
    expect(page.locator("#explanation figure")).to_have_count(4)
    page.locator("#question").get_by_label("What speaks for a class?").check()
    expect(page.locator("#method")).to_be_hidden()
    page.locator("#explain-class input").click()
    page.get_by_role("option", name="building").click()
    page.locator("#explain-model").get_by_label("FCN-8s", exact=True).check()
    page.locator("#explain").click()
    expect(page.locator("#explanation")).to_contain_text("Seg-Grad-CAM")
    expect(page.locator("#explanation figure")).to_have_count(3)


def test_another_runtime_shows_its_name_and_a_like_result(open_page, photos):
    page = open_page(query="?tab=segment&model=deeplabv3plus")
    expect(page.locator("#model input:checked")).to_have_value("deeplabv3plus")
    upload(page, photos[0])
    shares = {}
    page.locator("#speed button").first.click()
    for title in ("LiteRT", "LiteRT int8"):
        page.locator("#runtime").get_by_label(title, exact=True).check()
        segment(page)
        expect(cards(page).first.locator(".facts")).to_contain_text(f"DeepLabV3+, {title} ·")
        shares[title] = cards(page).first.locator("tbody tr").filter(has_text="road").locator("td").nth(1).inner_text()
    assert abs(float(shares["LiteRT"].rstrip("%")) - float(shares["LiteRT int8"].rstrip("%"))) < 3


def test_an_iphone_picture_is_taken(open_page, tmp_path):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    path = tmp_path / "IMG_0001.heic"
    Image.fromarray(scenes.street(0, 480, 360)[0]).save(path)
    page = open_page()
    page.locator("#pictures input[type=file]").first.set_input_files({"name": path.name, "mimeType": "", "buffer": path.read_bytes()})
    page.wait_for_timeout(2000)
    segment(page)
    expect(cards(page).locator(".views")).to_have_count(1)


def test_switching_the_model_changes_the_note_and_the_result(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    for title in ("FCN-8s", "U-Net", "DeepLabV3+"):
        page.locator("#model").get_by_label(title, exact=True).check()
        segment(page)
        expect(cards(page).first.locator(".facts")).to_contain_text(title)


def test_an_example_is_one_click(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)


def test_a_wrong_file_gets_a_sentence_and_the_right_one_its_result(open_page, photos, tmp_path):
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(photos[0].read_bytes()[:2000])
    page = open_page()
    upload(page, photos[0], bad)
    segment(page)
    expect(page.locator("#results .views")).to_have_count(1)
    expect(page.locator("#results .error")).to_contain_text(re.compile("holiday.jpg is damaged"))


def test_another_model_takes_the_result_over(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    expect(page.locator("#zip")).to_be_visible()
    for title in ("DeepLabV3+", "FCN-8s"):
        page.locator("#model").get_by_label(title).check()
        expect(cards(page).locator(".facts").first).to_contain_text(title)


def test_another_task_clears_the_result_of_the_one_before(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    page.locator("#task input[value=faces]").check()
    expect(page.locator("#results .empty")).to_be_visible()
    expect(page.locator("#zip")).to_be_hidden()


def test_the_language_switch_changes_the_pages_words(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    page.locator("#language").get_by_label("中文").check()
    expect(page.locator("#run")).to_have_text("开始分割")
    text = page.locator(".gradio-container").inner_text()
    assert "道路" in text and "不透明度" in text and "浏览器里的语义分割" in text
    for english in ("road", "Opacity", "Semantic segmentation", "Confidence", "Street scenes", "What is in the picture?"):
        assert english not in text
    page.locator("#language").get_by_label("English").check()
    expect(page.locator("#run")).to_have_text("Segment")


def test_a_chinese_browser_gets_chinese_and_the_address_can_ask_for_english(open_page):
    expect(open_page(locale="zh-CN").locator("#run")).to_have_text("开始分割")
    expect(open_page(locale="zh-CN", query="?lang=en").locator("#run")).to_have_text("Segment")


def test_a_phone_shows_one_column_and_nothing_sticks_out(open_page):
    page = open_page(390, 844)
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    overlay = cards(page).first.locator(".views figure.chief").bounding_box()
    assert overlay["x"] < 60 and overlay["width"] > 250  # first of the strip
    expect(page.get_by_role("tab")).to_have_count(5)  # none hides behind "..."
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_lesson_is_on_its_tab(open_page):
    page = open_page()
    page.get_by_role("tab", name="About").click()
    expect(page.locator(".about")).to_contain_text("what atrous convolution buys")


def test_the_address_reproduces_a_view_and_holds_nothing_uploaded(open_page, photos):
    page = open_page()
    page.locator("#examples button").nth(1).click()
    page.wait_for_url("**example=drawn-street-2*")
    page.locator("#model input").nth(1).check()
    page.wait_for_url("**tab=segment*&model=unet*")
    cards(page).locator("button[data-style=entropy]").click()
    page.wait_for_url("**&style=entropy*")
    again = open_page(query="?" + page.url.split("?")[1])
    expect(cards(again)).to_have_count(1)
    expect(cards(again).locator("h2")).to_have_text("drawn-street-2.jpg")
    expect(cards(again).locator(".facts").first).to_contain_text("U-Net")
    expect(cards(again).locator("button[data-style=entropy]")).to_have_attribute("aria-pressed", "true")
    page.locator("#clear").click()
    expect(page.locator("#pictures img")).to_have_count(0)
    upload(page, photos[0])
    page.wait_for_function("!location.search.includes('example')")
    assert "street-0" not in page.url


def test_an_address_opens_the_other_tabs(open_page):
    page = open_page(query="?tab=compare&example=drawn-street-1&lang=zh")
    expect(page.locator("#comparison article.compare")).to_be_visible()
    expect(page.get_by_role("tab", name="比较")).to_have_attribute("aria-selected", "true")
    page = open_page(query="?tab=explain&question=regions&method=kmeans&example=drawn-street-1")
    expect(page.locator("#explanation article")).to_contain_text("k-means")
    page = open_page(query="?tab=batch&kind=clip&task=nuclei&model=unet")
    expect(page.locator("#batch-clip")).to_be_visible()
    expect(page.locator("#batch-task input:checked")).to_have_value("nuclei")
    expect(page.locator("#batch-model input:checked")).to_have_value("unet")
    page.locator("#batch-task input[value=faces]").check()
    page.wait_for_url("**?tab=batch&kind=clip&task=faces&model=unet")
    page.get_by_role("tab", name="About").click()
    page.wait_for_url("**?tab=about")


def test_an_address_that_makes_no_sense_opens_the_page_as_it_is(open_page):
    page = open_page(query="?tab=moon&task=../etc&model=1&example=passwd&class=99&opacity=x&style=1")
    expect(page.locator("#results .empty")).to_be_visible()
    expect(page.locator(".toast-body")).to_contain_text("tab=moon, task=../etc, model=1, example=passwd")
    assert page.locator("#task input:checked").get_attribute("value") == "street"


def test_a_click_on_a_pixel_asks_what_speaks_for_its_class(open_page):
    page = open_page(query="?tab=explain&example=drawn-street-1")
    picture = page.locator("#explanation .pick img")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] / 2, "y": 0.95 * box["height"]})  # the road, in front of the camera
    expect(page.locator("#explanation .pick figcaption")).to_contain_text("the pixel to be explained")
    expect(page.locator("#explain-class input")).to_have_value("road")
    expect(page.locator("#question input:checked")).to_have_value("evidence")


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
    expect(rows.nth(2)).to_contain_text(re.compile(r"street-1\.jpg.*\d\.\d%"))
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


def test_a_clip_gives_frames_and_a_chart_whose_cursor_follows(open_page, tmp_path):
    scene = scenes.street(1, 480, 360)[0]
    writer = cv2.VideoWriter(str(tmp_path / "drive.webm"), cv2.VideoWriter_fourcc(*"VP80"), 6, (320, 240))
    for i in range(6):
        writer.write(np.ascontiguousarray(scene[60:300, 20 * i : 320 + 20 * i, ::-1]))
    writer.release()
    page = open_page()
    open_batch(page)
    page.locator("#batch-kind").get_by_label("Clip").check()
    page.locator("#batch-clip input[type=file]").first.set_input_files(str(tmp_path / "drive.webm"))
    expect(page.locator("#batch-clip video")).to_be_visible()
    page.locator("#batch_run").click()
    card = page.locator("#batch-results .clip[data-times]")
    expect(card.locator(".screen img")).to_have_count(6)
    expect(card.locator(".plot img:visible")).to_have_count(1)
    before = card.locator(".cursor").bounding_box()["x"]
    card.locator("input[name=frame]").evaluate("(element) => { element.value = '5'; element.dispatchEvent(new Event('input', {bubbles: true})) }")
    expect(card.locator(".screen img").nth(5)).to_be_visible()
    expect(card.locator(".screen img").first).to_be_hidden()
    assert card.locator(".cursor").bounding_box()["x"] > before + 50
    card.locator(".play").click()
    expect(card.locator(".screen img").nth(5)).to_be_hidden()  # it starts again
    expect(card.locator(".screen img").nth(5)).to_be_visible()
