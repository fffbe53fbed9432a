"""Compare and Explain in a real browser."""

from playwright.sync_api import expect
from steps import upload


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


def test_a_picture_of_compare_goes_along_to_explain(open_page):
    page = open_page(query="?tab=compare&task=animals&example=chelsea")
    expect(page.locator("#compare-picture img").first).to_be_visible()
    page.get_by_role("tab", name="Explain").click()
    expect(page.locator("#explain-picture img").first).to_be_visible()
    expect(page.locator("#explain-task input:checked")).to_have_value("animals")


def test_explain_shows_regions_and_then_what_speaks_for_a_class(open_page):
    page = open_page()
    page.get_by_role("tab", name="Explain").click()
    expect(page.locator("#method")).to_be_visible()
    expect(page.locator("#explain-class")).to_be_hidden()
    page.locator("#explain-examples button").first.click()
    expect(page.locator("#explanation figure")).to_have_count(4)
    page.locator("#question").get_by_label("Why this class?").check()
    expect(page.locator("#method")).to_be_hidden()
    page.locator("#explain-class input").click()
    page.get_by_role("option", name="building").click()
    page.locator("#explain-model").get_by_label("FCN-8s", exact=True).check()
    page.locator("#explain").click()
    expect(page.locator("#explanation")).to_contain_text("Seg-Grad-CAM")
    expect(page.locator("#explanation figure")).to_have_count(3)


def test_a_click_on_a_pixel_asks_what_speaks_for_its_class(open_page):
    page = open_page(query="?tab=explain&example=drawn-street-1")
    picture = page.locator("#explanation .pick img")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] / 2, "y": 0.95 * box["height"]})  # the road, in front of the camera
    expect(page.locator("#explanation .pick figcaption")).to_contain_text("the pixel to be explained")
    expect(page.locator("#explain-class input")).to_have_value("road")
    expect(page.locator("#question input:checked")).to_have_value("evidence")


def test_a_pixel_is_asked_about_by_keyboard(open_page):
    page = open_page(query="?tab=explain&example=drawn-street-1&lang=en")
    frame = page.locator("#explanation .pick .frame")
    expect(frame).to_have_accessible_name("The picture: arrow keys choose a pixel, Enter asks about it")
    frame.focus()
    for key in (*("ArrowDown",) * 22, "Enter"):  # from the middle to the road, in front of the camera
        page.keyboard.press(key)
    expect(page.locator("#explain-class input")).to_have_value("road")
    expect(page.locator("#question input:checked")).to_have_value("evidence")
