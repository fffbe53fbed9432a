"""What decides whether somebody stays: the page opens on a result, and any picture, brought in any way, gets the right one."""

from base64 import b64encode

import pytest
from playwright.sync_api import expect
from steps import cards, upload

from segdemo.data.examples import picture_of
from segdemo.output.visualization import jpeg
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import COFFEE, HOPPER

DROP = """([name, letters]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(letters), (c) => c.charCodeAt(0))], name, { type: 'image/jpeg' }));
  for (const kind of ['dragover', 'drop'])
    document.querySelector('#masthead h1').dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
PASTE = """([kind, name, content]) => {
  const data = new DataTransfer();
  if (kind === 'file') data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type: 'image/jpeg' }));
  else data.setData('text/plain', content);
  document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def letters(picture) -> str:
    return b64encode(jpeg(picture_of(picture))).decode()


def test_the_page_opens_on_a_result_and_after_clear_on_the_same(open_page, photos):
    page = open_page()
    expect(cards(page)).to_have_attribute("data-name", "china-scene.jpg")
    expect(cards(page).locator(".chosen")).to_contain_text("Everyday scenes")
    upload(page, photos[0])
    expect(cards(page)).to_have_attribute("data-name", photos[0].name)
    page.locator("#clear").click()
    expect(cards(page)).to_have_attribute("data-name", "china-scene.jpg")


def test_at_most_six_stops_lead_to_the_first_picture(open_page):
    page = open_page()
    expect(page.locator("[role=tab][tabindex='0']")).to_have_count(1)
    stops = []
    while not page.evaluate("document.activeElement.matches('#results .frame')"):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('[role=radiogroup], fieldset')?.id || document.activeElement.outerHTML"))
    assert len(dict.fromkeys(stops)) <= 6, stops


# A photograph that the network knows; of clothes no package brings one: test_suggestion.py has what it says of the examples.
KNOWN = {task: TASKS[task].examples[0].picture for task in TASKS if task not in ("faces", "clothes")} | {"faces": HOPPER}


@pytest.mark.parametrize("task", KNOWN)
def test_a_picture_dropped_anywhere_is_segmented_with_its_own_task(open_page, task):
    page = open_page()
    page.evaluate(DROP, ["dropped.jpg", letters(KNOWN[task])])
    expect(cards(page)).to_have_attribute("data-name", "dropped.jpg")
    expect(cards(page)).to_have_attribute("data-task", task)
    expect(page.locator("#task input:checked")).to_have_value("auto")


def test_a_picture_dropped_before_the_boxes_are_built_is_not_lost(open_page):
    page = open_page()
    expect(cards(page)).to_have_attribute("data-name", "china-scene.jpg")
    away = "([is, shown]) => document.querySelectorAll('.bring input[type=' + is + ']').forEach((each) => { each.type = shown; })"
    page.evaluate(away, ["file", "button"])
    page.evaluate(DROP, ["early.jpg", letters(KNOWN["animals"])])
    page.wait_for_timeout(300)
    page.evaluate(away, ["button", "file"])
    expect(cards(page)).to_have_attribute("data-name", "early.jpg")


def test_a_picture_of_nothing_known_is_answered_with_what_is_known(open_page):
    page = open_page()
    page.evaluate(DROP, ["cup.jpg", letters(COFFEE)])
    expect(cards(page)).to_contain_text("None of the tasks fits this picture")
    expect(cards(page).locator("button[data-task]")).to_have_count(len(TASKS))


def test_a_wrong_task_is_corrected_with_one_tap_on_a_phone_and_the_result_is_in_view(open_page):
    page = open_page(390, 844)
    tapped = cards(page).locator(".chosen button[data-task]").first
    task = tapped.get_attribute("data-task")
    tapped.click()
    expect(cards(page)).to_have_attribute("data-task", task)
    expect(page.locator("#task input:checked")).to_have_value(task)
    expect(cards(page).locator(".chief img.photo")).to_be_in_viewport()


def test_a_picture_is_pasted_and_an_address_is_not_fetched(open_page):
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(PASTE, ["text", "", "https://pictures.example/cat.jpg"])
    expect(page.locator("#unfetched")).to_contain_text("Addresses are not fetched")
    page.evaluate(PASTE, ["file", "pasted.jpg", letters(TASKS["animals"].examples[0].picture)])
    expect(cards(page)).to_have_attribute("data-name", "pasted.jpg")
    expect(page.locator("#unfetched")).to_be_hidden()
    assert not [url for url in asked if "pictures.example" in url]


def test_file_camera_and_paste_are_seen_at_first_sight(open_page):
    page = open_page()
    box = page.locator("#pictures").bounding_box()
    buttons = page.locator("#pictures .source-selection button")
    expect(buttons).to_have_count(3)
    for i in range(3):
        inner = buttons.nth(i).bounding_box()
        assert box["y"] <= inner["y"] and inner["y"] + inner["height"] <= box["y"] + box["height"]


def test_the_door_to_compare_shows_a_comparison(open_page):
    page = open_page()
    page.locator("[data-door=compare]").click()
    expect(page.locator("#comparison article.compare")).to_be_visible()


def test_pictures_task_and_model_travel_to_every_tab(open_page, photos):
    page = open_page()
    page.locator("#task input[value=animals]").check()
    page.locator("#model input[value=unet]").check()
    upload(page, *photos)
    page.get_by_role("tab", name="Explain").click()
    expect(page.locator("#explain-task input:checked")).to_have_value("animals")
    expect(page.locator("#explain-model input:checked")).to_have_value("unet")
    page.get_by_role("tab", name="Batch").click()
    for photo in photos:
        expect(page.locator("#batch-pictures")).to_contain_text(photo.stem)
    expect(page.locator("#batch-model input:checked")).to_have_value("unet")
