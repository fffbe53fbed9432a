"""What the switch, the browser and the address say the page should show."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gradio.utils import get_upload_folder
from playwright.sync_api import expect
from steps import cards, upload

from segdemo.ui.limits import UPLOAD_MEGABYTES
from segdemo.ui.refusals import DELETED


def test_the_language_switch_changes_the_pages_words(open_page):
    page = open_page()
    page.locator("#examples button").first.click()
    expect(cards(page)).to_have_attribute("data-name", "drawn-street-1.jpg")
    page.locator("#language").get_by_label("中文").check()
    expect(page.locator("#run")).to_have_text("开始分割")
    text = page.locator(".gradio-container").inner_text()
    assert "道路" in text and "不透明度" in text and "图解语义分割" in text
    for english in ("road", "Opacity", "Semantic segmentation", "Confidence", "Street scenes", "What is in the picture?"):
        assert english not in text
    page.locator("#language").get_by_label("English").check()
    expect(page.locator("#run")).to_have_text("Segment")


def test_a_chinese_browser_gets_chinese_and_the_address_can_ask_for_english(open_page):
    expect(open_page(locale="zh-CN").locator("#run")).to_have_text("开始分割")
    expect(open_page(locale="zh-CN", query="?lang=en").locator("#run")).to_have_text("Segment")


def test_an_address_without_a_tab_runs_its_example_on_the_first(open_page):
    expect(cards(open_page(query="?task=animals&example=chelsea"))).to_have_count(1)


def test_gradios_own_words_follow_the_switch_too(open_page):
    words = "(element) => getComputedStyle(element, '::after').content"
    for page in (open_page(locale="zh-CN", query="?lang=en"), open_page()):
        footer, box = page.locator("footer"), page.locator("#pictures [data-testid=upload-text]")
        expect(footer).to_contain_text("Use via API")
        assert box.evaluate(words).startswith('"Click here')
        page.locator("#language").get_by_label("中文").check()
        expect(footer).to_contain_text("通过 API 使用")
        assert "两小时内删除" in box.evaluate(words)


def test_the_address_reproduces_a_view_and_holds_nothing_uploaded(open_page, photos):
    page = open_page()
    page.locator("#examples button").nth(2).click()
    page.wait_for_url("**example=drawn-cells*")
    example = parse_qs(urlsplit(page.url).query)["example"][0]
    page.locator("#model input[value=unet]").check()
    page.wait_for_url("**tab=segment*&model=unet*")
    expect(cards(page)).to_have_attribute("data-model", "unet")
    cards(page).locator("button[data-style=entropy]").click()
    page.wait_for_url("**&style=entropy*")
    again = open_page(query="?" + page.url.split("?")[1])
    expect(cards(again).locator("h2")).to_have_text(f"{example}.jpg")
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


def test_back_goes_back_a_tab_and_a_step_of_the_lesson(open_page):
    page = open_page(query="?lang=en")
    page.wait_for_function("window.linkOpened")
    page.get_by_role("tab", name="Learn").click()
    page.wait_for_url("**tab=learn&step=*")
    first = parse_qs(urlsplit(page.url).query)["step"]
    page.locator(".contents li a").nth(2).click()
    page.wait_for_function("(step) => !location.search.includes(`step=${step}`)", arg=first[0])
    page.get_by_role("tab", name="About").click()
    page.wait_for_url("**tab=about*")
    page.go_back()
    expect(page.locator(".contents li a").nth(2)).to_have_attribute("aria-current", "step")
    expect(page.get_by_role("tab", name="Learn")).to_have_attribute("aria-selected", "true")
    page.go_back()
    page.wait_for_url(f"**step={first[0]}*")
    page.go_back()
    expect(page.get_by_role("tab", name="Segment")).to_have_attribute("aria-selected", "true")
    page.go_forward()
    expect(page.get_by_role("tab", name="Learn")).to_have_attribute("aria-selected", "true")


def test_a_picture_that_was_deleted_meanwhile_gets_a_sentence_in_the_pages_language(open_page, photos):
    page = open_page(query="?tab=compare&lang=en")
    page.locator("#language").get_by_label("中文").check()  # of an English browser
    page.locator("#compare-picture input[type=file]").first.set_input_files(str(photos[0]))
    expect(page.locator("#compare-picture img").first).to_be_visible()
    for path in Path(get_upload_folder()).rglob(photos[0].name):
        path.unlink()
    page.locator("#compare").click()
    expect(page.locator(".toast-body").first).to_contain_text(DELETED.zh)


def test_gradios_messages_are_in_the_pages_language(open_page, tmp_path):
    page = open_page(locale="zh-CN")
    expect(page.locator("#run")).to_have_text("开始分割")
    (tmp_path / "large.jpg").write_bytes(bytes(1_100_000 * UPLOAD_MEGABYTES))
    page.locator("#pictures input[type=file]").first.set_input_files(tmp_path / "large.jpg")
    expect(page.locator(".toast-body").first).to_contain_text("的上限")
    expect(page.locator(".toast-body").first).to_contain_text("错误")


def test_an_address_that_makes_no_sense_opens_the_page_as_it_is(open_page):
    page = open_page(query="?tab=moon&task=<u>etc&model=1&example=passwd&class=99&opacity=x&style=1")
    expect(page.locator("#results .opening")).to_be_visible()
    expect(page.locator(".toast-body")).to_contain_text("tab=moon, task=<u>etc, model=1, example=passwd")
    assert page.locator("#task input:checked").get_attribute("value") == "auto"


def test_the_address_is_said_to_be_copied_only_if_it_is(open_page):
    page = open_page()
    shown = []
    page.on("dialog", lambda dialog: (shown.append(dialog.default_value), dialog.dismiss()))
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")  # as over plain http
    page.get_by_role("button", name="Copy a link").click()
    page.wait_for_timeout(500)
    assert shown == [page.url]
    expect(page.locator(".toast-body")).to_have_count(0)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } })")
    page.get_by_role("button", name="Copy a link").click()
    expect(page.locator(".toast-body")).to_contain_text("is copied")
    assert page.evaluate("window.copied") == page.url
