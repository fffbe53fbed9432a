"""What the page says, in the words of textbooks."""

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import segdemo
from segdemo.analysis.explanation import CAUTION
from segdemo.analysis.regions import METHODS
from segdemo.languages import LANGUAGES, Words
from segdemo.models import ARCHITECTURES
from segdemo.output import report
from segdemo.tasks import TASKS
from segdemo.ui.learn import STEPS
from segdemo.ui.learn.glossary import TERMS
from segdemo.ui.tabs.about import LESSON
from segdemo.ui.text import TEXT

FORBIDDEN = {
    "en": ("in the browser", "brings?", "take home", "not sure below", "what runs it", "sign symbol", "faults? of ours", "clips?", "three models"),
    "zh": (
        "凭什么",
        "放入",
        "短片",
        "真值",
        "真实掩码",
        "减半",
        "意见",
        "运行方式",
        "数据太少",
        "算力太少",
        "三个模型",
        "验证图片",
        "浏览器里",
    ),
}
PLACE = re.compile(r"{\w[^}]*}")
HAN = re.compile("[\u4e00-\u9fff]")


def english() -> list[str]:
    return [*TEXT["en"].values(), *_flat(report.EN), *(words.en for words in _words_in([LESSON, STEPS, TERMS, TASKS, ARCHITECTURES, METHODS, CAUTION]))]


def chinese() -> list[str]:
    """Every string of the package that has a Chinese character: texts, and what is said of a file that cannot be used."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in Path(segdemo.__file__).parent.rglob("*.py"))
    strings = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [string for string in strings if HAN.search(string)]


def _flat(table: dict) -> list[str]:
    return [text for value in table.values() for text in (_flat(value) if isinstance(value, dict) else [value])]


def _words_in(thing) -> list[Words]:
    if isinstance(thing, Words):
        return [thing]
    if isinstance(thing, dict):
        thing = thing.values()
    elif is_dataclass(thing):
        thing = [getattr(thing, field.name) for field in fields(thing)]
    elif not isinstance(thing, (list, tuple)):
        return []
    return [words for part in thing for words in _words_in(part)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_word_that_readers_stumble_over(language):
    texts = {"en": english, "zh": chinese}[language]()
    assert len(texts) > 200
    for word in FORBIDDEN[language]:
        pattern = re.compile(rf"\b{word}\b" if language == "en" else word, re.IGNORECASE)
        assert [text for text in texts if pattern.search(PLACE.sub("", text))] == [], word


def test_every_chinese_text_is_chinese_and_no_english_one_is():
    assert [key for key, text in TEXT["zh"].items() if not HAN.search(text)] == []
    assert [key for key, text in TEXT["en"].items() if HAN.search(text)] == []


def test_the_tab_with_the_lesson_is_for_learning():
    assert (TEXT["en"]["tab_learn"], TEXT["zh"]["tab_learn"]) == ("Learn", "学习")


@pytest.mark.parametrize("key", ["upload", "empty"])
def test_where_a_picture_is_uploaded_it_says_where_it_goes_and_how_long_it_stays(key):
    assert "sent to this server" in TEXT["en"][key].lower() and "within two hours" in TEXT["en"][key]
    assert "上传到本服务器" in TEXT["zh"][key] and "两小时内删除" in TEXT["zh"][key]
