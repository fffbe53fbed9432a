"""What the page's handlers make, without a browser."""

import re

import numpy as np
import pytest

from segdemo import scenes, zoo
from segdemo.examples import examples
from segdemo.tasks import TASKS
from segdemo.ui import page, text
from segdemo.ui.about import about_html
from segdemo.visualization import jpeg


def last(generator):
    *_, result = generator
    return result


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "my <b>street.jpg"
    path.write_bytes(jpeg(scenes.street(1)[0]))
    return path


def run(paths, model="fcn8s"):
    return last(page.segment_pictures([(str(p), None) for p in paths], "street", model, "en", progress=lambda *a, **k: None))


def test_a_result_shows_everything_in_both_languages(photo):
    html = run([photo])
    assert html.count("data:image/jpeg") == 2 and html.count("data:image/png") == 2 and html.count("data:image/svg+xml") == 2
    entry = zoo.entries()["street", "fcn8s"]
    for piece in ("道路", "road", "不透明度", "Opacity", f"{entry.miou:.3f}", f"{entry.parameters / 1e6:.2f}", "960×720"):
        assert piece in html
    assert len(re.findall(r'<span lang="en">', html)) == len(re.findall(r'<span lang="zh">', html))


def test_a_file_name_is_not_markup(photo):
    html = run([photo])
    assert "<b>street" not in html and "my &lt;b&gt;street.jpg" in html


def test_a_bad_picture_is_named_and_the_others_come_through(photo, tmp_path):
    bad, empty = tmp_path / "notes.jpg", tmp_path / "empty.png"
    bad.write_text("hello")
    empty.write_bytes(b"")
    html = run([bad, photo, empty])
    assert html.count('class="result error"') == 2 and html.count('class="views"') == 1
    for sentence in ("notes.jpg is not a picture", "notes.jpg 不是可以读取的图片", "empty.png is empty", "empty.png 是空文件"):
        assert sentence in html


def test_a_fault_of_ours_costs_only_its_picture(photo, monkeypatch):
    monkeypatch.setattr(page, "load", lambda *a: 1 / 0)
    html = run([photo])
    assert "ZeroDivisionError" in html and "through a fault of ours" in html


def test_each_picture_is_shown_when_it_is_done(photo):
    steps = list(page.segment_pictures([(str(photo), None)] * 2, "street", "fcn8s", "zh", progress=lambda *a, **k: None))
    assert [step.count('class="views"') for step in steps] == [1, 2]


def test_no_picture_is_answered_with_a_hint():
    assert "There is no picture yet" in last(page.segment_pictures(None, "street", "unet"))


def test_too_many_pictures_are_cut_with_a_word(photo, monkeypatch):
    monkeypatch.setattr(page, "MOST_PICTURES", 1)
    html = run([photo, photo])
    assert "2 pictures at once are too many" in html and html.count('class="views"') == 1


def test_a_picture_unlike_the_task_is_marked(tmp_path):
    path = tmp_path / "noise.jpg"
    path.write_bytes(jpeg(np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8)))
    html = run([path], "deeplabv3plus")
    assert "does not look like what the model knows" in html and "Cambridge" in html and "剑桥" in html


@pytest.mark.parametrize("task", TASKS)
def test_examples_are_pictures_with_captions(task):
    for example in examples(task):
        assert example.image.dtype == np.uint8 and example.image.ndim == 3 and example.image.shape[2] == 3
        assert example.caption.en and example.caption.zh
    assert examples(task)


def test_both_languages_have_the_same_texts_with_the_same_places():
    assert text.EN.keys() == text.ZH.keys()
    for key in text.EN:
        assert set(re.findall(r"{(\w+)}", text.EN[key])) == set(re.findall(r"{(\w+)}", text.ZH[key])), key


def test_the_lesson_is_in_both_languages():
    html = about_html()
    assert html.count('lang="en"') == html.count('lang="zh"') > 10
    for word in ("atrous", "空洞卷积", "transfer", "迁移学习"):
        assert word.lower() in html.lower()
