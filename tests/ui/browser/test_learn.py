"""The lesson in a real browser: every step to its last answer."""

import re
import time
from importlib.resources import files

import pytest
from PIL import Image
from playwright.sync_api import expect

from segdemo.data.examples import picture_of
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui.learn import STEPS
from segdemo.ui.learn.step import figures

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

SHOWN = {  # what is there once a step is ready
    "paint": "canvas",
    "kernel": ".taps input",
    "train": ".trained canvas",
    "transfer": ".chart svg",
    "look": "canvas",
    "better": ".chart svg",
    **dict.fromkeys(("regions", "fcn", "skips", "deeplab", "cost", "harm", "who"), "img[src^=data]"),
}


def open_step(open_page, name, language="en", **options):
    page = open_page(query=f"?tab=learn&step={name}&lang={language}", **options)
    section = page.locator(f"section[data-step={name}]")
    expect(section.locator(SHOWN[name]).first).to_be_visible()
    return page, section


def slide(slider, value):
    slider.evaluate("(element, value) => { element.value = value; element.dispatchEvent(new Event('input', { bubbles: true })) }", value)


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh", 390)])
def test_the_lesson_is_walked_from_the_first_step_to_the_last_answer(open_page, language, width):
    page, section = open_step(open_page, next(iter(STEPS)), language, width=width)
    for name, step in STEPS.items():
        section = page.locator(f"section[data-step={name}]")
        expect(section.locator("h2")).to_contain_text(getattr(step.question, language))
        expect(section.locator(SHOWN[name]).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for i, each in sorted(enumerate(step.offered), key=lambda one: one[1].right):
            section.locator(".quiz button").nth(i).click()
            expect(section.locator(".replies p:visible")).to_have_text(getattr(each.reply, language), use_inner_text=True)
            done = page.locator(f".contents a.done[data-step={name}]")
            expect(done).to_have_count(int(each.right))
        assert f"step={name}" in page.url or name == next(iter(STEPS))
        if name != [*STEPS][-1]:
            section.locator(".turn .next").click()
    expect(page.locator(".contents a.done")).to_have_count(len(STEPS))


WATCH = """window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value))).observe({ type: 'layout-shift' })"""


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_when_the_answers_come(open_page, width):
    page = open_page(query="?tab=learn&step=glossary&lang=en", width=width, height=4000)
    page.route("**/lesson/**", lambda route: (time.sleep(0.3), route.continue_()))
    page.evaluate(WATCH)
    for name in STEPS:
        page.locator(f".contents li a[data-step={name}]").click()
        page.evaluate("() => new Promise(requestAnimationFrame)")  # the step itself has come
        page.evaluate("window.shifts = []")
        expect(page.locator(f"section[data-step={name}]").locator(SHOWN[name]).first).to_be_visible()
        expect(page.locator(".exhibit.fresh")).to_have_count(0)
        page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 100))")
        assert (name, page.evaluate("window.shifts")) == (name, [])


def test_the_place_and_the_answers_are_kept_while_the_tab_is_open(open_page):
    page, section = open_step(open_page, "train")
    section.locator(".quiz button[data-right]").click()
    page.locator(".contents a[data-step=transfer]").click()
    page.get_by_role("tab", name="Segment").click()
    page.wait_for_function("!location.search.includes('step')")
    page.get_by_role("tab", name="Learn").click()
    expect(page.locator("section[data-step=transfer] h2")).to_be_visible()
    page.wait_for_url(re.compile("step=transfer"))
    page.goto(re.sub(r"\?.*", "?tab=learn", page.url))
    expect(page.locator("section[data-step=transfer] h2")).to_be_visible()
    expect(page.locator(".contents a.done")).to_have_count(1)


def test_a_word_of_the_glossary_leads_to_the_step_that_defines_it(open_page):
    page, _ = open_step(open_page, "train")
    page.locator(".contents a[data-step=glossary]").click()
    page.locator(".glossary a[data-step=kernel]").first.click()
    expect(page.locator("section[data-step=kernel] h2")).to_be_focused()


def test_the_projector_view_is_turned_by_keyboard(open_page):
    page, _ = open_step(open_page, "train")
    page.get_by_role("button", name="Projector view").click()
    expect(page.locator("#masthead")).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(page.locator("section[data-step=transfer] h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#masthead")).to_be_visible()


def test_a_picture_is_painted_by_keyboard_and_scored(open_page):
    page, section = open_step(open_page, "paint")
    nuclei = section.locator("tbody tr").nth(1).locator("td").first
    expect(nuclei).to_have_text("0.00")
    slide(section.locator("input[type=range]").first, 40)
    section.locator("canvas").first.focus()
    for key in ("Space", *("ArrowRight",) * 8, *("ArrowDown",) * 3):
        page.keyboard.press(key)
    expect(section.locator("[role=timer]")).to_contain_text("seconds left")
    expect(nuclei).not_to_have_text("0.00")
    section.get_by_role("button", name="I am done").click()
    expect(section.locator("tr.total td")).to_have_count(2)
    assert float(section.locator("tr.total td").nth(1).inner_text()) > 0.6
    expect(section.locator("figure canvas")).to_have_count(3)


def test_a_kernel_is_summed_as_by_hand(open_page):
    page, section = open_step(open_page, "kernel")
    boxes = section.locator(".taps input")
    for i in range(9):
        boxes.nth(i).fill("2" if i == 4 else "0")
    middle = int(section.locator(".taps td").nth(4).inner_text().split("×")[-1])
    expect(section.locator(".big")).to_have_text(re.compile(rf"Sum\s*= ({2 * middle - 1}|{2 * middle}|{2 * middle + 1})$"), use_inner_text=True)
    section.locator(".taps input").first.fill("1")
    section.locator("canvas").first.focus()
    page.keyboard.press("ArrowRight")
    section.get_by_role("button", name="Measure it here").click()
    expect(section.locator("output")).to_contain_text("43 × 43")


def trained(section, **settings):
    for group, value in settings.items():
        section.locator(f"input[name^='train-{group}'][value='{value}']").check()
    exhibit = section.locator(".exhibit")
    section.get_by_role("button", name="Train").click()
    expect(section.get_by_role("button", name="Train", exact=True)).to_be_visible()
    return {name: float(exhibit.get_attribute(f"data-{name}")) for name in ("step", "loss", "val", "iou")}


def test_the_network_in_the_browser_learns_overfits_and_climbs(open_page):
    _, section = open_step(open_page, "train")
    section.locator(".exhibit").evaluate("stage => { stage.dataset.steps = 120 }")
    one = trained(section, pictures=1)
    assert one["loss"] < 0.05 and one["val"] > 1
    pretrained = trained(section, start="pretrained")
    assert pretrained["val"] < 0.75 * one["val"] and pretrained["iou"] > one["iou"]
    augmented = trained(section, start="random", augment="on")
    assert augmented["val"] < one["val"]
    many = trained(section, pictures=20, augment="off")
    assert many["val"] < 0.2 and many["iou"] > one["iou"] + 0.2
    slow = trained(section, rate="small")
    assert slow["val"] > many["val"]
    wrong = trained(section, rate="right", sign="plus")
    assert wrong["loss"] > 10 and wrong["step"] < 120


def test_the_handle_is_pulled_on_the_picture_itself(open_page):
    page, section = open_step(open_page, "regions")
    expect(section.locator(".fresh")).to_have_count(0)
    box = section.locator(".layers").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60)
    page.mouse.up()
    assert abs(float(section.locator(".layers ~ label input").input_value()) - 25) <= 1


def test_a_picture_of_ones_own_is_made_cheaper_and_is_not_called_a_street(open_page, tmp_path):
    Image.fromarray(picture_of(CHELSEA)).save(tmp_path / "cat.jpg")
    _, section = open_step(open_page, "cost")
    big, channels = section.locator(".big"), section.locator("fieldset", has_text="Channels")
    expect(big).to_have_text(re.compile(r"0\.\d\d"))
    section.locator("input[type=file]").set_input_files(tmp_path / "cat.jpg")
    expect(big).to_have_text("100.0%", use_inner_text=True)
    expect(section).to_contain_text("The network for People and animals looks at it. Fewer channels were trained for street scenes only.", use_inner_text=True)
    expect(channels.locator("input").first).to_be_disabled()
    slide(section.locator("input[type=range]"), 0)
    expect(big).not_to_have_text("100.0%", use_inner_text=True)
    section.get_by_role("button", name="The drawn street again").click()
    expect(channels.locator("input").first).to_be_enabled()
    channels.locator("input[value='0.25']").check()
    expect(section).to_contain_text("The weights: 1.9 MB", use_inner_text=True)
    (tmp_path / "notes.jpg").write_text("no picture")
    section.locator("input[type=file]").set_input_files(tmp_path / "notes.jpg")
    expect(section).to_contain_text("This file is not a picture", use_inner_text=True)
    channels.locator("input[value='0.5']").check()
    expect(section).to_contain_text("The weights: 3.8 MB", use_inner_text=True)


def test_a_point_of_the_curve_is_touched_and_shows_its_mask(open_page):
    _, section = open_step(open_page, "transfer")
    before = section.locator("img").get_attribute("src")
    section.locator("circle.touch").last.click()
    expect(section.locator("input:checked")).to_have_count(2)
    assert [box.input_value() for box in section.locator("input:checked").all()] == ["fine-tuned", "100%"]
    expect(section.locator("img")).not_to_have_attribute("src", before)


def test_what_is_touched_is_answered(open_page):
    page, section = open_step(open_page, "harm")
    before = section.locator("tbody td").first.inner_text()
    slide(section.locator("input[type=range]"), 3)
    expect(section.locator("tbody td").first).not_to_have_text(before)
    page.locator(".contents a[data-step=skips]").click()
    section = page.locator("section[data-step=skips]")
    left, never = figures()["skips"], figures()["skipless"]["without"]
    expect(section.locator("p[role=status]").last).to_contain_text(f"{left['16,8,4,2']['iou']['vessel']:.3f}")
    section.get_by_role("button", name="None").click()
    expect(section.locator("p[role=status]").last).to_contain_text(f"{left['']['iou']['vessel']:.3f}")
    section.get_by_role("button", name="Trained without").click()
    expect(section.locator("p[role=status]").last).to_contain_text(f"{never['iou']['vessel']:.3f}")
    expect(section.locator("button[aria-pressed=true]", has_text="stride")).to_have_count(0)
    section.get_by_role("button", name="course notes").click()
    expect(section.locator("p[role=status]").last).to_contain_text("the loss cannot compare them")
    section.locator(".tiles button").nth(5).click()
    expect(section.locator("figcaption").last).to_contain_text("Channel 6")


def test_where_the_network_looks_is_guessed_by_keyboard_and_then_covered(open_page):
    page, section = open_step(open_page, "look")
    section.locator("input[value=car]").check()
    expect(section.locator("canvas")).to_have_attribute("height", "360")  # the street's: the cat is gone
    section.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(section.locator("[role=status]").filter(has_text="hotter than")).to_be_visible()
    expect(section.locator("img[src^=data]")).to_have_count(2)
    expect(section.get_by_role("button", name="Guess again")).to_be_visible(timeout=60_000)
    section.locator("canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(section.locator(".big")).to_have_text(re.compile(r"0\.\d\d"))
    section.get_by_role("button", name="Guess again").click()
    expect(section.locator("figure")).to_have_count(1)


def test_what_helps_most_is_guessed_and_every_slider_says_what_it_costs(open_page):
    _, section = open_step(open_page, "better")
    section.get_by_role("button", name="More pictures").click()
    expect(section.locator("[role=status]").filter(has_text="From the worst to the best")).to_contain_text("No.")
    for slider, cost in zip(section.locator("input[type=range]").all(), ("GFLOP", "hours of labelling", "times the usual computing"), strict=True):
        card = slider.locator("xpath=ancestor::div[1]")
        before = card.locator(".big").inner_text()
        slide(slider, slider.get_attribute("max"))
        expect(card.locator(".big")).not_to_have_text(before)
        expect(card).to_contain_text(cost)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_step(open_page, theme):
    page = open_page(query=f"?tab=learn&step={next(iter(STEPS))}&lang=en&__theme={theme}")
    page.evaluate(AXE)
    rules = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}[theme]
    for name in STEPS:
        page.locator(f".contents li a[data-step={name}]").click()
        expect(page.locator(f"section[data-step={name}]").locator(SHOWN[name]).first).to_be_visible()
        page.wait_for_timeout(500)  # colours fade in
        found = page.evaluate("rules => axe.run('.learn', rules)", rules)["violations"]
        assert [f"{name}: {rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]] == []
