import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmentation
from segdemo.output import report
from segdemo.output.report import EN, TEXT, ZH, report_html
from segdemo.tasks import TASKS, ClassInfo

STREET = TASKS["street"]
CSS = " ".join((Path(report.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8").split())

SETTINGS = {"task": "Street scenes", "model": "U-Net", "runtime": "LiteRT", "opset": "<7>"}
MADE = "2025-03-04 05:06"
VOID = {"meta", "link", "img", "br", "hr", "input"}
HAN = r"[\u4e00-\u9fff]"


class Page(HTMLParser):
    """Elements as (tag, attributes), text by the tag it is in, and tags that were never closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), f"<{tag}> has an attribute twice"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *tags):
        return [data for tag, data in self.texts if tag in tags]


def segmentation(height=40, width=60, task=STREET):
    """The upper quarter is sky, the rest road, but for one pixel of car and three of confidence 0.6."""
    mask = np.full((height, width), 3, np.uint8)
    mask[: height // 4] = 0
    mask[-1, -1] = 8
    confidence = np.full((height, width), 0.8, np.float32)
    confidence[-1, -1] = 0.6
    return Segmentation(
        image=np.full((height, width, 3), 200, np.uint8),
        mask=mask,
        confidence=confidence,
        task=task,
        logits=np.zeros((1, 1, task.num_classes), np.float32),
        timings={"decode": 0.002, "network": 0.25, "labels": 0.0316},
    )


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def html(language):
    return report_html("<b>x & 'y\".jpg", segmentation(), SETTINGS, language, MADE)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_it_is_balanced_and_says_its_language(html, page, language):
    assert html.startswith("<!DOCTYPE html>") and page.open == []
    assert page.all("html") == [{"lang": language}]
    assert {"charset": "utf-8"} in page.all("meta")
    assert [len(page.all(tag)) for tag in ("title", "h1", "main", "table")] == [1, 1, 1, 1]


def test_it_asks_nothing_of_any_network_and_runs_nothing(html, page):
    assert "<script" not in html and "@import" not in html and "url(" not in html and "://" not in html
    for tag, attributes in page.elements:
        for key, value in attributes.items():
            assert not key.startswith("on"), tag
            if key in ("src", "href", "srcset", "action", "data", "poster"):
                assert value.startswith("data:"), (tag, key)
    assert any("default-src 'none'" in meta.get("content", "") for meta in page.all("meta"))


def test_a_file_name_is_not_markup(html, page):
    assert "<b>" not in html and page.text("bdi") == ["<b>x & 'y\".jpg"]
    assert page.text("title")[0].count("<b>x & 'y\".jpg") == 1
    assert "<b>x & 'y\".jpg" in page.all("img")[0]["alt"]
    assert "<7>" in page.text("dd")


def test_names_and_settings_cannot_break_out_of_an_attribute_or_a_text():
    evil = '"><script>alert(1)</script><img onerror="x'
    task = replace(STREET, classes=tuple(ClassInfo(f"{evil}{i}", f"{evil}{i}", c.color) for i, c in enumerate(STREET.classes)))
    html = report_html(evil, segmentation(task=task), {evil: evil}, "en", evil)
    page = Page(html)
    assert page.open == [] and not page.all("script") and len(page.all("img")) == 3
    assert "<script" not in html and not any("onerror" in attributes for _, attributes in page.elements)
    assert page.text("dt").count(evil) == 1 and page.text("dd").count(evil) == 2


def test_the_three_pictures_are_there_and_said_in_words(page, language):
    pictures = page.all("img")
    kinds = [re.fullmatch("data:(image/[a-z]+);base64,(.+)", p["src"]).groups() for p in pictures]
    assert [kind for kind, _ in kinds] == ["image/jpeg", "image/png", "image/jpeg"]
    photo, mask, blend = (Image.open(io.BytesIO(base64.b64decode(data, validate=True))) for _, data in kinds)
    assert photo.size == mask.size == blend.size == (60, 40)
    assert (np.array(mask) == segmentation().mask).all()
    assert np.abs(np.array(photo).astype(int) - 200).max() <= 2
    assert np.abs(np.array(blend)[35, 10].astype(int) - (142, 114, 146)).max() <= 3  # half 200, half road's (84, 27, 93)
    road, sky = ("Road 75%", "sky 25%") if language == "en" else ("道路 75%", "天空 25%")
    assert all(p["alt"].strip() for p in pictures) and road in pictures[1]["alt"] and sky in pictures[1]["alt"]
    assert page.text("figcaption") == [TEXT[language][key] for key in ("picture", "mask", "overlay")]


def test_large_pictures_are_shrunk():
    page = Page(report_html("x", segmentation(1500, 2500), {}, "en", MADE))
    for attributes in page.all("img"):
        assert Image.open(io.BytesIO(base64.b64decode(attributes["src"].partition(",")[2]))).size == (1000, 600)
    assert "2500 × 1500 pixels" in page.text("dd")


def test_the_table_has_the_classes_that_are_there_largest_first(page, language):
    names = ["road", "sky", "car"] if language == "en" else ["道路", "天空", "汽车"]
    head = [TEXT[language][key] for key in ("class", "pixels", "share", "regions", "confidence")]
    assert page.text("th") == head + names
    # 60 x 40 pixels: 600 of sky, 1 of car, 1799 of road; 1799 / 2400 = 74.96%
    assert page.text("td") == ["1,799", "75.0%", "1", "0.80", "600", "25.0%", "1", "0.80", "1", "<0.1%", "1", "0.60"]
    swatches = [a["style"] for a in page.all("i") if a["class"] == "swatch"]
    assert swatches == ["background: rgb(84, 27, 93)", "background: rgb(141, 247, 255)", "background: rgb(3, 62, 253)"]


def test_a_bar_a_class_in_proportion(page, language):
    bars = [a["style"] for a in page.all("i") if a["class"] == "bar"]
    # the largest class is the whole width: 600 / 1799 = 33.35%, 1 / 1799 = 0.06%
    assert bars == [
        "width: 100.00%; background: rgb(84, 27, 93)",
        "width: 33.35%; background: rgb(141, 247, 255)",
        "width: 0.06%; background: rgb(3, 62, 253)",
    ]
    names = ["road", "sky", "car"] if language == "en" else ["道路", "天空", "汽车"]
    assert page.text("span") == [piece for pair in zip(names, ["75.0%", "25.0%", "<0.1%"], strict=True) for piece in pair]


def test_the_facts(page, language):
    unit = {"en": "ms", "zh": "毫秒"}[language]
    # mean confidence (2399 x 0.8 + 0.6) / 2400 = 0.7999; 2 + 250 + 31.6 ms
    times = [f"{value} {unit}" for value in (2, 250, 32, 284)]
    size = {"en": "60 × 40 pixels", "zh": "60 × 40 像素"}[language]
    assert page.text("dd") == ["0.80", size, "Street scenes", "U-Net", "LiteRT", "<7>", *times, MADE]
    steps = {
        "en": ["Time, decoding", "Time, network", "Time, mask", "Time, total", "Created"],
        "zh": ["用时（解码）", "用时（网络）", "用时（生成掩码）", "用时（合计）", "生成时间"],
    }
    about = {
        "en": ["Mean confidence", "Picture size", "Task", "Model", "Runtime"],
        "zh": ["平均置信度", "图片尺寸", "任务", "模型", "推理引擎"],
    }
    assert page.text("dt") == about[language] + ["opset"] + steps[language]


def test_without_timings_and_settings_there_are_none():
    page = Page(report_html("x", replace(segmentation(), timings={}), {}, "en", MADE))
    assert page.text("dt") == ["Mean confidence", "Picture size", "Created"]


def test_braces_and_half_characters_in_a_name_do_no_harm():
    name = "{language} {0}" + b"\xe9".decode(errors="surrogateescape")
    assert Page(report_html(name, segmentation(), {}, "zh", MADE).encode().decode()).text("bdi") == ["{language} {0}?"]


def leaves(table):
    return [text for value in table.values() for text in (leaves(value) if isinstance(value, dict) else [value])]


def test_both_languages_say_the_same_things():
    assert EN.keys() == ZH.keys() and all(EN[key].keys() == ZH[key].keys() for key in EN if isinstance(EN[key], dict))
    for english, chinese in zip(leaves(EN), leaves(ZH), strict=True):
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))
        assert re.search(HAN, chinese) and not re.search(HAN, english)


def test_chinese_has_its_own_punctuation():
    for text in leaves(ZH):
        assert not re.search(rf"{HAN}[,.:;!?()]|[,.:;!?()]{HAN}", text), text


def test_the_english_page_has_no_chinese_and_the_chinese_page_no_english():
    english, chinese = (Page(report_html("x.jpg", segmentation(), {}, language, MADE)) for language in ("en", "zh"))
    assert not [data for tag, data in english.texts if re.search(HAN, data)]
    words = [data for tag, data in chinese.texts if tag != "style" and re.search("[A-Za-z]", data.replace("x.jpg", ""))]
    assert words == []


def luminance(color):
    """Relative luminance of "#rrggbb" as WCAG 2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_can_be_read():
    assert luminance("#ffffff") == pytest.approx(1) and luminance("#000000") == 0
    backgrounds = re.findall(r"background: (#\w{6})", CSS)
    colors = re.findall(r"[^-]color: (#\w{6})", CSS)
    assert backgrounds == ["#ffffff"] and len(colors) >= 3  # one background, on which everything stands
    for color in colors:
        assert 1.05 / (luminance(color) + 0.05) >= 4.5, color


def test_it_is_made_for_paper():
    assert "@page { size: A4;" in CSS and "@media print {" in CSS and "print-color-adjust: exact" in CSS and "break-inside: avoid" in CSS
    assert CSS.count("{") == CSS.count("}")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "mean confidence in what it finds is 0.80"),
        ("zh", "模型对所找到内容的平均置信度为 0.80"),
    ],
)
def test_a_picture_unlike_the_training_s_is_marked(language, sentence):
    found = segmentation()
    assert sentence in report_html("a.jpg", replace(found, usual_confidence=0.9), SETTINGS, language, MADE)
    assert 'class="warning"' not in report_html("a.jpg", replace(found, usual_confidence=0.7), SETTINGS, language, MADE)
