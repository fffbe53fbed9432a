"""Teach in a real browser: painted by mouse, by touch and by keys."""

import base64
import zlib
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from segdemo.data import scenes
from segdemo.output.visualization import jpeg

LARGE, SMALL = (1440, 900), (390, 844)
SKY, ROAD = 0, 3


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A drawn street as a file, and its true ids."""
    image, mask = scenes.street(3, 480, 360)
    path = tmp_path_factory.mktemp("teach") / "street.jpg"
    path.write_bytes(jpeg(image))
    return path, mask


def opened(open_page, drawn, width=1440, height=900, language="en"):
    page = open_page(width, height, query=f"?tab=teach&lang={language}")
    page.locator("#teach-pictures input[type=file]").first.set_input_files(drawn[0])
    expect(page.locator("#teach-canvas .easel")).to_be_visible()
    page.locator("#teach-canvas .easel").scroll_into_view_if_needed()
    return page


def strokes_of(mask, ids, count=3):
    """Of each class (start, end) of horizontal strokes well inside of it, (x, y) in shares of the sides."""
    rng, found = np.random.default_rng(0), {}
    height, width = mask.shape
    for i in ids:
        inside = np.pad(mask == i, ((0, 0), (0, 30)))
        starts = np.argwhere(np.logical_and.reduce([inside[:, k : k + width] for k in range(0, 31, 5)]))
        chosen = starts[rng.permutation(len(starts))[:count]]
        found[i] = [((x / width, y / height), ((x + 28) / width, y / height)) for y, x in chosen]
    return found


def paint(page, start, end):
    box = page.locator("#teach-canvas .easel").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def touch(page, start, end):
    """As a finger: Chromium's own input, not events made by a script."""
    box = page.locator("#teach-canvas .easel").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    session = page.context.new_cdp_session(page)
    point = lambda place: [{"x": place[0], "y": place[1]}]  # noqa: E731
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point(places[0])})
    for share in (0.3, 0.6, 1):
        between = tuple(a + share * (b - a) for a, b in zip(*places, strict=True))
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": point(between)})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def answered(page, strokes: int):
    """The ids of the answer to the latest of so many strokes."""
    expect(page.locator("#teach-canvas .taught small").first).to_contain_text("%")
    page.wait_for_function("least => Number(document.querySelector('.teach').dataset.answered) >= least", arg=strokes)
    return np.frombuffer(zlib.decompress(base64.b64decode(page.locator("#teach-answer data").get_attribute("data-ids"))), np.uint8)


@pytest.mark.parametrize(("how", "size", "language"), [(paint, LARGE, "en"), (paint, SMALL, "zh"), (touch, LARGE, "zh"), (touch, SMALL, "en")])
def test_three_strokes_a_class_find_the_sky_of_a_drawn_street(open_page, drawn, how, size, language):
    page, truth = opened(open_page, drawn, *size, language), drawn[1]
    found = strokes_of(truth, [SKY, *(i for i in (ROAD, 1, 5) if (truth == i).mean() > 0.05)])
    for number, places in enumerate(found.values()):
        page.locator("#teach-canvas [data-pick]").nth(min(number, 1)).click()
        page.locator("#teach-canvas .easel").scroll_into_view_if_needed()
        for start, end in places:
            how(page, start, end)
    page.wait_for_timeout(1000)
    expect(page.locator("#teach-canvas .taught small").first).to_contain_text("3")
    page.wait_for_function("document.querySelector('#teach-answer data')?.dataset.serial === document.querySelector('.teach').dataset.answered")
    mask, sky = answered(page, 1).reshape(truth.shape), truth == SKY
    assert ((mask == 0) & sky).sum() / ((mask == 0) | sky).sum() > 0.9


def test_two_fingers_zoom_and_paint_nothing(open_page, drawn):
    page = opened(open_page, drawn, 390, 844)
    box = page.locator("#teach-canvas .easel").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 30), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        fingers = [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    page.wait_for_function("parseFloat(document.querySelector('.teach .sheet').style.transform.split('scale(')[1]) > 2")
    assert all(text.startswith("strokes: 0") for text in page.locator("#teach-canvas .taught small").all_inner_texts())


def test_undo_redo_erase_clear_and_the_keys(open_page, drawn):
    page = opened(open_page, drawn)

    def counts():
        told = page.locator("#teach-canvas .taught small").all_inner_texts()
        return [int("".join(filter(str.isdigit, text.split("·")[0]))) for text in told]

    paint(page, (0.2, 0.1), (0.4, 0.1))
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    assert counts() == [1, 1]
    page.keyboard.press("z")
    assert counts() == [1, 0]
    page.keyboard.press("Shift+Z")
    assert counts() == [1, 1]
    page.keyboard.press("e")
    paint(page, (0.1, 0.1), (0.5, 0.1))
    upper = "getContext('2d').getImageData(0, 0, c.width, c.height / 2).data"
    inked = f"(() => {{ const c = document.querySelector('.teach .ink'); return c.{upper}.some((v) => v) }})()"
    assert not page.evaluate(inked)
    page.keyboard.press("b")
    page.get_by_role("button", name="Clear this class").click()
    assert counts() == [1, 0]
    page.keyboard.press("z")
    assert counts() == [1, 1]
    page.keyboard.press("Shift+Z")
    assert counts() == [1, 0]
    page.locator("#teach-canvas .easel").focus()
    for key in ("ArrowUp", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    assert counts() == [1, 1]


def test_classes_are_added_renamed_and_removed(open_page, drawn):
    page = opened(open_page, drawn)
    page.locator("#teach-canvas [data-do=add]").click()
    page.keyboard.type("tree")
    expect(page.locator("#teach-canvas .taught")).to_have_count(3)
    expect(page.locator("#teach-canvas .taught [name=name]").last).to_have_value("tree")
    names = lambda: [each.input_value() for each in page.locator("#teach-canvas [name=name]").all()]  # noqa: E731
    page.locator("#teach-canvas [data-remove='0']").click()
    assert names() == ["the rest", "tree"]
    page.get_by_role("button", name="Undo").click()
    assert names() == ["this", "the rest", "tree"]
    for wrong in ("", " the rest "):
        page.locator("#teach-canvas [name=name]").first.fill(wrong)
        page.keyboard.press("Tab")
        expect(page.locator("#teach-canvas p[role=status]")).to_have_text("Each class needs a name of its own.")
        assert names() == ["this", "the rest", "tree"]


def test_the_strokes_survive_a_reload(open_page, drawn):
    page = opened(open_page, drawn)
    paint(page, (0.2, 0.1), (0.4, 0.1))
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    answered(page, 1)
    page.reload()
    expect(page.locator("#teach-canvas .taught small").first).to_contain_text("1")
    answered(page, 1)


def test_the_table_of_all_pictures_follows_the_strokes(open_page, drawn, tmp_path):
    other = tmp_path / "other.jpg"
    other.write_bytes(jpeg(scenes.street(4, 480, 360)[0]))
    page = opened(open_page, drawn)
    paint(page, (0.2, 0.1), (0.4, 0.1))
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    answered(page, 1)
    page.locator("#teach-pictures input[type=file]").first.set_input_files(other)
    expect(page.locator("#teach-canvas .pages button")).to_have_count(2)
    expect(page.locator("#teach-canvas .pages button").nth(1)).to_have_attribute("aria-pressed", "true")
    page.locator("#teach-canvas .pages button").first.click()
    assert "%" in page.locator("#teach-canvas .taught small").first.inner_text()  # what was found stays
    table = page.locator("#teach-canvas .together table")
    expect(table).to_have_count(0)
    page.get_by_label("A table of all pictures").first.check()
    expect(table.locator("tbody tr")).to_have_count(2)
    before = table.locator("tfoot td").first.inner_text()
    assert before.endswith(")") and "%" in before
    page.locator("#teach-canvas .easel").scroll_into_view_if_needed()
    paint(page, (0.2, 0.5), (0.4, 0.5))
    expect(table.locator("tfoot td").first).not_to_have_text(before)
    page.screenshot(path=tmp_path / "table.png")


def test_an_example_comes_beside_what_was_painted_on(open_page, drawn):
    page = opened(open_page, drawn)
    examples, data = page.locator("#teach-examples button.thumbnail-item"), page.locator("#teach-shown data")
    examples.nth(1).click()
    expect(data).not_to_have_attribute("value", "street.jpg")  # nothing was painted: it took the place
    expect(data).to_have_count(1)
    paint(page, (0.2, 0.1), (0.4, 0.1))
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    answered(page, 1)
    for _ in range(2):
        examples.nth(0).click()
        expect(data).to_have_count(2)
    expect(page.locator("#teach-canvas .taught small").first).to_contain_text("strokes: 1")
    expect(page.locator("#teach-canvas .pages button").nth(1)).to_have_attribute("aria-pressed", "true")
    page.locator(".bring:visible input[type=file], [role=tabpanel]:visible .bring input[type=file]").first.set_input_files(drawn[0])
    expect(data).to_have_count(3)


def test_the_classifier_is_taken_away_and_answers(open_page, drawn, tmp_path):
    import segdemo

    page = opened(open_page, drawn)
    paint(page, (0.2, 0.1), (0.4, 0.1))
    expect(page.locator("#teach-canvas [data-take=classifier]")).to_be_disabled()  # nothing is learned yet
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    answered(page, 1)
    with page.expect_download() as download:
        working = page.locator("#teach-canvas [data-take=classifier]").evaluate("button => (button.click(), button.ariaBusy)")
    assert working == "true"  # until the file is there
    expect(page.locator("#teach-canvas [aria-busy=true]")).to_have_count(0)
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert segdemo.load(Path(path)).task.class_names == ("this", "the rest")


def test_a_click_takes_an_object_that_was_lit_under_the_pointer(open_page, tmp_path):
    image = np.zeros((300, 400, 3), np.uint8)
    image[..., 0] = 200
    image[80:220, 60:200] = (0, 0, 220)
    (tmp_path / "square.jpg").write_bytes(jpeg(image))
    page = opened(open_page, (tmp_path / "square.jpg", None))
    page.get_by_role("button", name="Object").click()
    expect(page.locator("#teach-looks data")).to_have_count(1)
    box = page.locator("#teach-canvas .easel").bounding_box()
    page.wait_for_function("document.querySelector('#teach-looks data')")
    lit = "(() => { const c = document.querySelector('.teach .light'); return c.getContext('2d').getImageData(0, 0, 64, 64).data })()"
    for share in (0.3, 0.33, 0.36):  # the numbers may still be unpacked
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])
        page.wait_for_timeout(300)
    shown = np.array(page.evaluate(f"[...{lit}]")).reshape(64, 64, 4)[..., 3] > 0
    assert shown[20:44, 12:30].mean() > 0.9 and shown[:, 40:].mean() < 0.05
    page.mouse.down()
    page.mouse.up()
    mask = answered(page, 1).reshape(300, 400)
    truth = np.zeros((300, 400), bool)
    truth[80:220, 60:200] = True
    assert ((mask == 0) & truth).sum() / ((mask == 0) | truth).sum() > 0.85


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_a_result_is_corrected_by_a_stroke(open_page, width, language):
    page = open_page(width, 900, query=f"?tab=segment&task=animals&example=chelsea&lang={language}")
    page.locator("#results [data-name='chelsea.jpg'] [data-correct]").click()
    expect(page.locator("#teach-canvas .easel")).to_be_visible()
    expect(page.locator("#teach-canvas .corrects")).to_contain_text("DeepLabV3+")
    names = [each.input_value() for each in page.locator("#teach-canvas [name=name]").all()]
    assert ("cat" if language == "en" else "猫") in names
    before = answered(page, 1)
    assert set(before) == set(range(len(names)))  # the model's classes, without a stroke
    page.locator("#teach-canvas .easel").scroll_into_view_if_needed()
    paint(page, (0.4, 0.5), (0.6, 0.5))
    told = page.locator("#teach-answer data")
    expect(told).not_to_have_attribute("data-serial", told.get_attribute("data-serial"), timeout=20_000)
    shape = [int(page.locator("#teach-shown data").get_attribute(f"data-{side}")) for side in ("height", "width")]
    after = answered(page, 1).reshape(shape)
    assert (after[shape[0] // 2, round(0.42 * shape[1]) : round(0.58 * shape[1])] == 0).all()
    page.locator("#teach-canvas [data-do=afresh]").click()
    expect(page.locator("#teach-canvas .corrects")).to_be_hidden()
    expect(page.locator("#teach-canvas .taught")).to_have_count(2)


def test_what_was_taught_goes_to_batch_with_its_pictures(open_page, drawn):
    page = opened(open_page, drawn)
    page.locator("#teach-canvas [name=name]").first.fill("=sky")
    paint(page, (0.2, 0.1), (0.4, 0.1))
    page.keyboard.press("2")
    paint(page, (0.2, 0.9), (0.4, 0.9))
    answered(page, 1)
    page.locator("#teach-canvas [data-do=batch]").click()
    expect(page.locator("#batch-own")).to_contain_text("taught")
    expect(page.locator("#batch-pictures")).to_contain_text("street")
    page.locator("#batch_run").click()
    expect(page.locator("#batch-results tbody tr")).to_have_count(1)
    expect(page.locator("#batch-results thead")).to_contain_text("=sky")
    with page.expect_download() as download:
        page.locator("#batch-results a[download='segdemo.csv']").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith("picture,'=sky,the rest,")


def test_a_file_that_is_no_classifier_gets_a_sentence_in_batch(open_page, photos, tmp_path):
    (tmp_path / "x.segdemo").write_text("hello")
    page = open_page()
    page.get_by_role("tab", name="Batch").click()
    page.locator("#batch-pictures input[type=file]").first.set_input_files(photos[0])
    page.locator("#batch-own input[type=file]").first.set_input_files(tmp_path / "x.segdemo")
    expect(page.locator("#batch-own")).to_contain_text("x")
    expect(page.locator("#batch-pictures")).to_contain_text("street-0")
    page.locator("#batch_run").click()
    expect(page.locator("#batch-results")).to_contain_text("x.segdemo is not a classifier")


def test_a_picture_of_none_of_the_tasks_leads_here(open_page, tmp_path):
    path = tmp_path / "noise.jpg"
    path.write_bytes(jpeg(np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)))
    page = open_page(query="?lang=en")
    page.locator("#pictures input[type=file]").first.set_input_files(path)
    page.locator("#results [data-open=teach]").click()
    expect(page.locator("#teach-canvas .easel")).to_be_visible()
