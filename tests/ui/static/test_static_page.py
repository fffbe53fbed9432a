"""The page without a server, in a real browser: what it shows and gives is what the other page shows and gives."""

import base64
import io
import json
import re
from importlib.resources import files
from zipfile import ZipFile

import numpy as np
import pytest
from chromium import PATIENCE, launched
from PIL import Image
from playwright.sync_api import expect

from benchmarks.page_engine import served
from segdemo import load
from segdemo.commands import main
from segdemo.data.examples import picture_of
from segdemo.data.folder import open_split
from segdemo.images import read_image
from segdemo.models import MODELS
from segdemo.output.downloads import statistics_csv
from segdemo.output.matte import soft_mask
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.folder import task_from_folder
from segdemo.tasks.pictures import CHELSEA, COFFEE
from segdemo.ui.parts.results import result_card
from segdemo.ui.static import space
from segdemo.ui.static.folder import write_folder
from segdemo.zoo import entries

expect.set_options(timeout=PATIENCE)
MODEL, OTHER = ("scenes", "unet"), ("scenes", "fcn8s")
FAKE_CAMERA = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
TEXTS = "element => [...element.querySelectorAll('h2, .legend li, .words, table, .absent, .take button')].map((each) => each.textContent.trim())"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_folder(folder, [entries()[key] for key in (MODEL, OTHER, ("animals", "unet"))], ["int8"])
    return folder


@pytest.fixture(scope="module")
def browser():
    yield from launched(*FAKE_CAMERA)


@pytest.fixture
def page(browser, folder):
    """Afterwards, asserts that nothing left the machine and nothing failed in the browser."""
    faults, outside = [], []
    with served(folder) as address, browser.new_context(locale="en-US", accept_downloads=True) as context:
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: request.url.startswith((address, "data:", "blob:")) or outside.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address + "?task=scenes")
        page.wait_for_selector("html[data-ready]")
        yield page
    assert not outside and not faults, (outside, faults)


def segment(page, name):
    page.click(f"#examples button[data-example={name}]")
    page.wait_for_selector(f"#results > article[data-name='{name}.jpg']")
    return page.locator("#results > article")


def choose(page, name, value):
    page.click(f"#{name} label:has(input[value={value}])")


def plain(texts):
    return [re.sub(r"\s+", " ", text).strip() for text in texts]


def test_a_card_says_what_the_card_of_the_other_page_says(page, folder):
    choose(page, "model", "unet")
    ours = plain(segment(page, "tower").evaluate(TEXTS))
    result = load("unet", "scenes", "litert-int8")(browser_pixels(page, "tower"))
    html = result_card("tower.jpg", result, entries()[MODEL], MODELS["unet"].title, "litert-int8", without=("card",))
    theirs = plain(page.evaluate(f"html => ({TEXTS})(new DOMParser().parseFromString(html, 'text/html').body)", str(html)))
    assert ours == theirs and len(ours) > 10


def browser_pixels(page, name):
    """An example as the browser decodes it: another decoder than Pillow's may round a JPEG otherwise."""
    letters = page.evaluate(
        """async (name) => {
          const image = await createImageBitmap(await (await fetch(`examples/${name}.jpg`)).blob());
          const canvas = new OffscreenCanvas(image.width, image.height);
          canvas.getContext('2d').drawImage(image, 0, 0);
          const file = new FileReader();
          file.readAsDataURL(await canvas.convertToBlob({ type: 'image/png' }));
          await new Promise((done) => (file.onload = done));
          return file.result;
        }""",
        name,
    )
    return read_image(base64.b64decode(letters.split(",")[1]))


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


def test_where_the_picture_chooses_the_task_compare_follows(page):
    page.goto(page.url.split("?")[0])
    page.set_input_files("#file", {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(CHELSEA))})
    page.wait_for_selector("#results > article .chosen")
    page.click("#tab-compare")
    expect(page.locator("#comparison article.compare")).to_contain_text("People and animals", use_inner_text=True)
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


def test_the_arrow_keys_go_from_tab_to_tab(page):
    page.focus("#tab-segment")
    for key, tab in (("ArrowRight", "compare"), ("ArrowLeft", "segment"), ("ArrowLeft", "full"), ("ArrowRight", "segment")):
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
    stops = page.evaluate("[...document.querySelectorAll('header button, nav button')].filter((each) => each.tabIndex >= 0).length")
    assert stops <= 6  # before the first picture


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


def test_a_picture_of_nothing_known_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(page.url.split("?")[0])
    page.set_input_files("#file", {"name": "coffee.jpg", "mimeType": "image/jpeg", "buffer": jpeg(picture_of(COFFEE))})
    expect(page.locator("#results > article.unknown img")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def paint(page, *points):
    """A stroke through points in shares of the picture's sides."""
    easel = page.locator(".easel")
    easel.scroll_into_view_if_needed()
    box = easel.bounding_box()
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not number:
            page.mouse.down()
    page.mouse.up()


def answered(page, act):
    """The answer to what `act` does."""
    before = page.get_attribute(".teach", "data-answered")
    act()
    page.wait_for_function("before => ![before, undefined].includes(document.querySelector('.teach').dataset.answered)", arg=before)


def in_teach(page, name="china-scene"):
    """Two strokes on a picture, and what they find."""
    page.click("#tab-teach")
    page.click(f"#examples button[data-example={name}]")
    page.wait_for_selector(f"#teach-shown data[value='{name}.jpg']", state="attached")
    paint(page, (0.3, 0.4), (0.55, 0.4))
    page.click(".teach [data-pick='1']")
    answered(page, lambda: paint(page, (0.1, 0.1), (0.8, 0.1)))
    return page.locator(".teach")


def test_the_picture_does_not_move_under_the_brush_when_the_networks_have_come(page):
    page.click("#tab-teach")
    page.click("#examples button[data-example=china-scene]")
    expect(page.locator("#teach-waits")).to_be_visible()
    place = page.locator("#teach-canvas canvas").last.bounding_box()
    expect(page.locator("#teach-waits")).to_be_hidden()
    assert page.locator("#teach-canvas canvas").last.bounding_box() == place


def taken(page, button):
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, download.value.path()


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


def test_the_command_replaces_nothing_of_somebody_elses(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("all of it")
    assert main(["static", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err and [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert main(["static", str(tmp_path / "thesis.txt")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_space_of_it_has_the_page_and_says_that_it_is_static(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "entries", lambda: {MODEL: entries()[MODEL]})
    made = space.static_space(tmp_path)
    head = made.files["README.md"].read_text(encoding="utf-8").split("---\n")[1]
    assert made.sdk == "static" and "sdk: static" in head and "title: segdemo" in head and "app_file" not in head
    assert {"index.html", "worker.js", "networks/scenes-unet.int8.bin", "LICENSES.txt"} <= set(made.files)
