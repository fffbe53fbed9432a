"""The Segment tab in a real browser."""

import re

import pytest
from PIL import Image
from playwright.sync_api import expect
from steps import cards, segment, upload

from segdemo.data import scenes
from segdemo.tasks import TASKS


def test_a_visitor_uploads_two_pictures_and_sees_three_views_of_each(open_page, photos):
    page = open_page()
    expect(page.locator("#results .opening")).to_be_visible()
    upload(page, *photos)
    expect(cards(page)).to_have_count(2)
    card = cards(page).first
    large, *small = (card.locator(".show figure").nth(i).bounding_box() for i in range(3))
    assert all(box["x"] > large["x"] + large["width"] for box in small) and large["y"] == small[0]["y"] < small[1]["y"]  # side by side
    assert abs(small[1]["y"] + small[1]["height"] - large["y"] - large["height"]) < 2
    expect(card.locator("tbody tr").filter(has_text="road")).to_be_visible()
    expect(card.locator(".legend")).to_contain_text("sky")
    expect(card.locator(".chart .bars > div")).to_have_count(card.locator("tbody tr").count())
    assert page.evaluate("[...document.querySelectorAll('#results img')].every(i => i.complete && i.naturalWidth > 0)")


def test_an_example_is_one_click(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)


def test_an_iphone_picture_is_taken(open_page, tmp_path):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    path = tmp_path / "IMG_0001.heic"
    Image.fromarray(scenes.street(0, 480, 360)[0]).save(path)
    page = open_page()
    page.locator("#pictures input[type=file]").first.set_input_files({"name": path.name, "mimeType": "", "buffer": path.read_bytes()})
    expect(cards(page).locator(".show")).to_have_count(1)
    page.wait_for_function("document.querySelector('#pictures img')?.naturalWidth")  # browsers cannot show HEIC: the server draws it


def test_a_wrong_file_gets_a_sentence_and_the_right_one_its_result(open_page, photos, tmp_path):
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(photos[0].read_bytes()[:2000])
    page = open_page()
    upload(page, photos[0], bad)
    expect(page.locator("#results .views")).to_have_count(1)
    expect(page.locator("#results .error")).to_contain_text(re.compile("holiday.jpg is damaged"))


def test_of_wrong_files_alone_there_is_nothing_to_take_home(open_page, tmp_path):
    paths = [tmp_path / "one.jpg", tmp_path / "two.png"]
    for path in paths:
        path.write_text("a letter")
    page = open_page()
    upload(page, *paths)
    expect(page.locator("#pictures .unshown")).to_have_count(2)  # not what a browser makes of them
    expect(page.locator("#results .error")).to_have_count(2)
    expect(page.locator("#zip")).to_be_attached()  # the last thing that the server does
    expect(page.locator("#zip")).to_be_hidden()


def test_switching_the_model_changes_the_note_and_the_result(open_page, photos):
    page = open_page()
    upload(page, photos[0])
    for title in ("FCN-8s", "U-Net", "DeepLabV3+"):
        page.locator("#model").get_by_label(title, exact=True).check()
        segment(page)
        expect(cards(page).first.locator(".facts")).to_contain_text(title)


def test_another_model_takes_the_result_over(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    expect(page.locator("#zip")).to_be_visible()
    for title in ("DeepLabV3+", "FCN-8s"):
        page.locator("#model").get_by_label(title).check()
        expect(cards(page).locator(".facts").first).to_contain_text(title)


def test_the_result_follows_the_task_and_clear_takes_it_away(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page).locator(".facts")).to_contain_text("Street")
    page.locator("#task input[value=faces]").check()
    expect(cards(page).locator(".facts")).to_contain_text("Faces")
    page.locator("#clear").click()
    expect(page.locator("#results .opening")).to_be_visible()
    expect(page.locator("#zip")).to_be_hidden()


def test_what_is_drawn_is_of_the_task_that_was_chosen_last(open_page):
    """Gradio keeps the element of a card and fills it anew; a warning moves nothing but the drawing down."""
    page = open_page(query="?tab=segment")
    theirs = """colors => {
      const canvas = document.querySelector('#results figure[data-view=mask] canvas'),
        { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height),
        near = (i) => colors.some((color) => color.every((value, c) => Math.abs(data[i + c] - value) < 4));
      let right = 0;
      for (let i = 0; i < data.length; i += 4) right += near(i);
      return right > 0.7 * (data.length / 4); // borders are smooth
    }"""
    for task in ("nuclei", "scenes", "vessels"):
        page.locator(f"#task input[value={task}]").click()
        expect(page.locator(f"#results article[data-task={task}]")).to_be_visible()
        page.wait_for_function(theirs, arg=[each.color for each in TASKS[task].classes])


def test_the_last_of_several_quick_choices_counts(open_page, photos):
    page = open_page()
    upload(page, *photos)
    for picker, value in (("model", "fcn8s"), ("model", "deeplabv3plus"), ("task", "faces"), ("model", "unet"), ("task", "animals"), ("model", "fcn8s")):
        page.locator(f"#{picker} input[value={value}]").check()
        page.wait_for_timeout(150)
    for wait in (0, 4000):
        page.wait_for_timeout(wait)
        expect(cards(page).nth(1).locator(".facts")).to_contain_text(re.compile("People and animals.*FCN-8s"))
        expect(cards(page).nth(0).locator(".facts")).to_contain_text(re.compile("People and animals.*FCN-8s"))
        expect(cards(page)).to_have_count(2)
    expect(page.locator("#model input:checked")).to_have_value("fcn8s")


@pytest.mark.parametrize("heard", [True, False])
def test_clear_in_the_middle_is_not_the_end(open_page, photos, heard):
    page = open_page()
    if not heard:  # the server goes on, as it may for a moment in any case
        page.route("**/gradio_api/cancel", lambda route: route.abort())
    upload(page, *photos)
    page.locator("#model input[value=fcn8s]").check()
    page.locator("#clear").click()
    expect(page.locator("#results .opening")).to_be_visible()
    page.wait_for_timeout(3000)
    expect(page.locator("#results .opening")).to_be_visible()
    upload(page, photos[0])
    expect(cards(page)).to_have_count(1)
    page.locator("#model input[value=unet]").check()
    expect(cards(page).locator(".facts")).to_contain_text("U-Net")


@pytest.mark.parametrize("how", ["#clear", "#pictures button[aria-label=Clear]"])
def test_what_is_cleared_is_gone_and_others_can_be_brought(open_page, photos, how):
    page = open_page(query="?tab=segment&task=street&example=drawn-street-1")
    expect(cards(page)).to_have_count(1)
    expect(page.locator("#zip")).to_be_visible()
    page.locator(how).click()
    expect(page.locator("#results .opening")).to_be_visible()
    expect(page.locator("#zip")).to_be_hidden()
    page.wait_for_url(lambda url: "example=" not in url)
    with page.expect_file_chooser() as chooser:  # by a click where a visitor would
        page.locator("#pictures").get_by_test_id("upload-text").click()
    chooser.value.set_files(str(photos[0]))
    expect(cards(page)).to_have_count(1)


def test_another_runtime_shows_its_name_and_a_like_result(open_page, photos):
    page = open_page(query="?tab=segment&model=deeplabv3plus")
    expect(page.locator("#model input:checked")).to_have_value("deeplabv3plus")
    upload(page, photos[0])
    shares = {}
    page.locator("#speed button").first.click()
    for title in ("LiteRT", "LiteRT int8"):
        page.locator("#runtime").get_by_label(title, exact=True).check()
        expect(cards(page).first.locator(".facts")).to_contain_text(f"DeepLabV3+, {title} ·")
        shares[title] = cards(page).first.locator("tbody tr").filter(has_text="road").locator("td").nth(1).inner_text()
    assert abs(float(shares["LiteRT"].rstrip("%")) - float(shares["LiteRT int8"].rstrip("%"))) < 3


def test_a_phone_shows_one_column_and_nothing_sticks_out(open_page):
    page = open_page(390, 844)
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_count(1)
    overlay = cards(page).first.locator(".views figure.chief").bounding_box()
    assert overlay["x"] < 60 and overlay["width"] > 250
    expect(page.get_by_role("tab")).to_have_count(7)  # none hides behind "..."
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
