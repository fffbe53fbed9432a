"""What the page's handlers make, without a browser."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import parse_qsl

import gradio as gr
import numpy as np
import pytest

from segdemo import zoo
from segdemo.analysis.regions import METHODS
from segdemo.data import scenes
from segdemo.data.examples import examples, picture_of
from segdemo.errors import WeightsError
from segdemo.models import MODELS
from segdemo.output.downloads import Archive
from segdemo.output.visualization import jpeg, palette_png
from segdemo.runtime import RUNTIMES
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA, CHINA, COFFEE, COINS, FLOWER, TISSUE
from segdemo.ui import text
from segdemo.ui.link import Query
from segdemo.ui.page import build_page
from segdemo.ui.parts import results
from segdemo.ui.parts.files import Gone, Wish
from segdemo.ui.parts.pickers import shown_examples
from segdemo.ui.parts.truth import pair
from segdemo.ui.tabs import about, batch, compare, explain, segment
from segdemo.ui.tabs.about import about_html
from segdemo.ui.tabs.teach import show_pictures
from segdemo.zoo import load


def last(generator):
    *_, result = generator
    return result


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photos") / "my <b>street.jpg"
    path.write_bytes(jpeg(scenes.street(1)[0]))
    return path


def run(paths, model="fcn8s"):
    return last(segment.segment_pictures([(str(p), None) for p in paths], "street", model, "en", progress=lambda *a, **k: None))


def test_a_result_shows_everything_in_both_languages(photo):
    html = run([photo])
    assert html.count("data:image/jpeg") == 1 and html.count("<b>") == html.count("<tr>")  # the picture is there once: card.js copies it
    assert re.findall(r'data-take="(\w+)"', html) == ["cutout", "blurred", "greyed", "colored", "overlay", "mask", "card", "csv", "json"]
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
    assert "3 of 3 processed; 2 could not be segmented." in html
    assert html.count('class="result error"') == 2 and html.count('class="show"') == 1
    for sentence in ("notes.jpg is not a picture", "notes.jpg 不是可以读取的图片", "empty.png is empty", "empty.png 是空文件"):
        assert sentence in html


def test_an_error_in_the_program_costs_only_its_picture(photo, monkeypatch):
    monkeypatch.setattr(segment, "load", lambda *a: 1 / 0)
    html = run([photo])
    assert "ZeroDivisionError" in html and "because of an error in the program" in html


def test_each_picture_is_shown_when_it_is_done(photo):
    steps = list(segment.segment_pictures([(str(photo), None)] * 2, "street", "fcn8s", "zh", progress=lambda *a, **k: None))
    assert [step.count('class="show"') for step in steps] == [1, 2]


def test_without_a_picture_stands_the_one_that_the_page_opens_on():
    html = last(segment.segment_pictures(None, "street", "unet"))
    assert "china-scene.jpg" in html and "U-Net" in html and "Street scenes" in html


def test_too_many_pictures_are_cut_with_a_word(photo, monkeypatch):
    monkeypatch.setattr(segment, "SEGMENT_PICTURES", 1)
    html = run([photo, photo])
    assert "2 pictures at once are too many" in html and html.count('class="show"') == 1


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("picture", [CHELSEA, FLOWER, COFFEE], ids=lambda picture: Path(picture.file).stem)
def test_a_photograph_unlike_the_task_is_marked(tmp_path, picture, model):
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(picture_of(picture)))
    html = run([path], model)
    assert "does not look like the training pictures" in html and "Cambridge" in html and "剑桥" in html


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


def test_every_text_that_the_code_names_is_in_the_table():
    code = "".join(path.read_text(encoding="utf-8") for path in Path(text.__file__).parent.parent.rglob("*") if path.suffix in (".py", ".html"))
    named = set(re.findall(r"""\b(?:say|both|words_of|button)\(["'](\w+)["'][),]""", code))
    assert len(named) > 50 and named <= text.EN.keys()


def test_about_is_in_both_languages():
    html = about_html()
    assert html.count('lang="en"') == html.count('lang="zh"') > 10
    for word in ("deleted within two hours", "两小时内删除", "CamVid"):
        assert word in html


def test_damaged_weights_are_named_on_the_card_and_in_the_log(caplog):
    def fails(_):
        raise WeightsError("a.npz is damaged.", "a.npz")

    card = results.guarded(Path("cat.jpg"), fails)
    assert "cat.jpg could not be segmented: on the server, the file a.npz is missing" in card and "文件 a.npz 缺失" in card
    assert len(caplog.messages) == 1 and caplog.messages[0].startswith("segmenting cat.jpg: WeightsError: a.npz is damaged.")


def segment_with_masks(photo, masks):
    return last(segment.segment_pictures([(str(photo), None)], "street", "fcn8s", "en", "auto", [str(m) for m in masks], progress=lambda *a, **k: None))


def test_a_true_mask_scores_the_result(photo, tmp_path):
    (tmp_path / "truth.png").write_bytes(palette_png(scenes.street(1)[1], TASKS["street"]))
    html = segment_with_masks(photo, [tmp_path / "truth.png"])
    found = re.search(r"\(mIoU\) ([\d.]+), pixel accuracy ([\d.]+) on this picture", html)
    target, mask = scenes.street(1)[1], load("fcn8s", "street")(photo).mask
    assert float(found[2]) == pytest.approx((target == mask).mean(), abs=1e-3)
    assert "green: right" in html and "混淆矩阵" in html


def test_a_mask_that_does_not_fit_costs_only_itself(photo, tmp_path):
    (tmp_path / "truth.png").write_bytes(palette_png(np.zeros((3, 4), np.uint8), TASKS["street"]))
    html = segment_with_masks(photo, [tmp_path / "truth.png"])
    assert "truth.png is 4×3 pixels, the picture 960×720" in html and html.count('class="show"') == 1


@pytest.mark.parametrize(
    ("pictures", "masks", "found"),
    [
        (["b.jpg", "c.jpg"], ["a.png", "b.png"], ["b.png", None]), (["c.jpg", "b.jpg"], ["b.mask.png"], [None, "b.mask.png"]),
        (["b.jpg"], ["x.png"], ["x.png"]), (["b.jpg", "c.jpg"], ["x.png"], [None, None]), (["b.jpg"], [], [None]),
        (["1/b.jpg", "2/b.jpg"], ["3/b.png", "4/b.png"], ["3/b.png", "4/b.png"]), (["b.jpg", "c.jpg"], ["c.png", "b.jpg.png"], ["b.jpg.png", "c.png"]),
    ],
)  # fmt: skip
def test_masks_find_their_pictures_by_name(pictures, masks, found):
    paired, left = pair([Path(picture) for picture in pictures], masks)
    assert paired == [name and Path(name) for name in found]
    assert sorted(left) == sorted({Path(mask) for mask in masks} - {*paired})


def test_two_pictures_of_one_name_stay_apart(photo, tmp_path, monkeypatch):
    """Phones call every picture image.jpg."""
    paths = []
    for i in range(2):
        paths.append((str(tmp_path / f"{i}" / "image.jpg"), None))
        (tmp_path / f"{i}").mkdir()
        Path(paths[-1][0]).write_bytes(jpeg(np.full((40, 60, 3), 200 * i, np.uint8)))
    names = ["image.jpg", "image-2.jpg"]
    assert re.findall(r'class="result"[^>]* data-name="([^"]*)"', run([path for path, _ in paths])) == names
    asked = {"number": 1, "name": names[1], "kind": "mask", "task": "street", "model": "fcn8s", "runtime": "litert", "class": None, "color": "#ffffff"}
    wish = Wish.of(paths, asked)
    assert str(wish.path) == paths[1][0] and wish.make("en").name == "image-2.mask.png"
    archive = Archive({}, overlays=False)
    *_, table = batch.batch_pictures([path for path, _ in paths], lambda: load("fcn8s", "street"), "en", lambda: False, lambda *a, **k: None, archive)
    assert [record["picture"] for record in archive.records] == names and all(table.count(f">{name}<") == 1 for name in names)
    assert re.findall(r'<data[^>]* value="([^"]*)"', show_pictures(paths)) == names  # the strokes of each are kept by its name


def test_a_mask_of_no_picture_is_named(photo, tmp_path):
    masks = [tmp_path / "other.png", tmp_path / f"{photo.stem}.png"]
    for mask in masks:
        mask.write_bytes(palette_png(np.zeros((720, 960), np.uint8), TASKS["street"]))
    html = segment_with_masks(photo, masks)
    assert "other.png: no picture has this name" in html and "other.png：没有同名的图片" in html
    assert f"{photo.stem}.png: no picture" not in html and "green: right" in html


def test_every_model_is_compared_on_the_same_picture(photo):
    html = compare.compare_picture([(str(photo), None)], "street")
    assert html.count("<figure") == 5  # the picture, three models, where they disagree
    for piece in ("FCN-8s", "U-Net", "DeepLabV3+", "FCN-8s · U-Net", "预测不一致的区域", "my &lt;b&gt;street.jpg"):
        assert piece in html


def test_the_comparison_asks_for_a_picture_and_names_a_bad_one(tmp_path):
    assert "3 models, one picture" in compare.compare_picture(None, "street")
    (tmp_path / "notes.jpg").write_text("hello")
    assert "notes.jpg is not a picture" in compare.compare_picture([(str(tmp_path / "notes.jpg"), None)], "street")


@pytest.mark.parametrize("method", METHODS)
def test_regions_stand_beside_classes(photo, method):
    html = explain.show_regions([(str(photo), None)], "street", "fcn8s", method)
    assert html.count("<figure") == 4
    assert re.search(r"\d+ regions without names", html) and "投票确定类别的区域" in html


def test_two_heat_maps_say_what_speaks_for_a_class(photo):
    steps = []
    road = TASKS["street"].class_names.index("road")
    html = explain.show_evidence([(str(photo), None)], "street", "fcn8s", road, None, lambda done, of: steps.append((done, of)))
    assert html.count("<figure") == 3 and "Seg-Grad-CAM" in html and "热力图" in html
    assert steps[-1][0] == steps[-1][1]


def test_a_class_that_is_not_there_cannot_be_explained(tmp_path):
    (tmp_path / "grey.png").write_bytes(jpeg(np.full((64, 64, 3), 128, np.uint8)))
    bicyclist = TASKS["street"].class_names.index("bicyclist")
    assert "finds no bicyclist" in explain.show_evidence([(str(tmp_path / "grey.png"), None)], "street", "fcn8s", bicyclist, None)


def test_explain_asks_for_a_picture_and_names_a_bad_one(tmp_path):
    assert "Look inside" in explain.show_regions(None, "street", "fcn8s", "slic")
    (tmp_path / "notes.jpg").write_text("hello")
    assert "notes.jpg is not a picture" in explain.show_regions([(str(tmp_path / "notes.jpg"), None)], "street", "fcn8s", "slic")


@pytest.mark.parametrize("model", MODELS)
def test_every_layer_offered_is_in_the_model(model):
    layers = {layer.name for layer in load(model, "street", "keras").network.model.layers}
    assert {name for _, name in explain.layer_choices(model, "zh")} <= layers


def test_everything_is_taken_home_in_one_file_and_a_bad_picture_left_out(photo, tmp_path):
    (tmp_path / "bad.jpg").write_text("hello")
    file = segment.take_home([(str(photo), None), (str(tmp_path / "bad.jpg"), None)], "street", "fcn8s", "zh", "auto")
    with zipfile.ZipFile(file) as zipped:
        names = zipped.namelist()
        report = next(name for name in names if name.endswith(".report.html"))
        assert "街景" in zipped.read(report).decode()
    assert len(names) == 5 and "statistics.csv" in names and not [name for name in names if "bad" in name]


def test_explain_asks_first_about_the_class_that_the_task_names():
    assert {task: TASKS[task].class_names[explain.asked_first(task)] for task in TASKS} == {task: TASKS[task].asked_first for task in TASKS}


def test_every_plot_of_about_is_there_and_in_the_page():
    plots = [lesson for lesson in about.LESSON if lesson.plot]
    assert len(plots) == 2 and all(lesson.caption for lesson in plots)
    assert about_html().count("<img") == 2 * len(plots)  # one a language


@pytest.mark.parametrize("lesson", [lesson for lesson in about.LESSON if lesson.view], ids=lambda lesson: lesson.view)
def test_a_lesson_leads_to_a_view_that_there_is(lesson):
    view = dict(parse_qsl(lesson.view, strict_parsing=True))
    task = view.pop("task")
    assert view.pop("example") in [example.name for example in examples(task)]
    known = {"tab": {"segment", "compare", "explain"}, "question": {"regions", "evidence"}, "model": MODELS, "runtime": RUNTIMES}
    assert int(view.pop("class", 0)) < TASKS[task].num_classes and all(value in known[name] for name, value in view.items())


def test_what_an_address_says_wrongly_is_left_out_and_told():
    query = Query({"task": "animals", "model": "resnet", "example": "chelsea"})
    assert query.known("task", TASKS, "street") == "animals" and query.known("model", MODELS, "unet") == "unet" and query.known("layer", ["a"], "a") == "a"
    assert Path(query.example()[0]).stem == "chelsea"
    assert Query({"example": "nobody"}).example() == gr.skip()
    assert query.unknown == ["model=resnet"]


def test_what_an_address_says_is_not_markup():
    query = Query({"task": "<a href=//elsewhere>here</a>"})
    query.known("task", TASKS, "street")
    assert query.unknown == ["task=&lt;a href=//elsewhere&gt;here&lt;/a&gt;"]


def test_photographs_are_those_of_the_packages():
    from skimage import data
    from sklearn.datasets import load_sample_image

    np.testing.assert_array_equal(picture_of(CHELSEA), data.chelsea())
    np.testing.assert_array_equal(picture_of(TISSUE), data.immunohistochemistry())
    np.testing.assert_array_equal(picture_of(COINS)[..., 1], data.coins())
    np.testing.assert_array_equal(picture_of(CHINA), load_sample_image("china.jpg"))


def test_the_page_starts_without_tensorflow_and_its_like():
    code = "import sys; from segdemo.ui.page import build_page; build_page(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=zoo.WEIGHTS.parent).stdout.split()
    assert "gradio" in modules
    assert not {"tensorflow", "keras", "sklearn", "matplotlib.pyplot", "skimage.segmentation"} & set(modules)


def test_the_tabs_hold_nothing_but_tabs():
    """Gradio counts the children: another one among them shows a tab twice."""
    page = build_page()
    tabs = [block for block in page.blocks.values() if isinstance(block, gr.Tabs)]
    assert [type(child) for block in tabs for child in block.children] == [gr.Tab] * 7


def test_a_large_photograph_is_drawn_small_and_counted_at_its_size(tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(jpeg(scenes.street(1, 2560, 1440)[0]))
    html = run([path])
    assert 'data-drawn="[720, 1280]"' in html and "2560×1440" in html and "1280×720 pixels that are shown" in html
    pixels = [int(text.replace(",", "")) for text in re.findall(r"<td>([\d,]+)</td><td>[\d.]+%", html)]
    assert abs(sum(pixels) - 2560 * 1440) < len(pixels)


def test_a_wish_for_a_file_is_checked(photo):
    asked = {"number": 0, "name": photo.name, "kind": "mask", "task": "street", "model": "fcn8s", "runtime": "litert", "class": None, "color": "#ffffff"}
    paths = [(str(photo), None)]
    assert Wish.of(paths, asked).make("en").name == "my _b_street.mask.png"
    wrong = [
        {"number": 1}, {"number": -1}, {"number": "0"}, {"name": "other.jpg"}, {"kind": "exe"}, {"task": "cats"}, {"runtime": "auto"},
        {"class": 11}, {"class": "road"}, {"color": "url(x)"},
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(Gone):
            Wish.of(paths, asked | change)
    for nothing in (None, [], asked):
        with pytest.raises(Gone):
            Wish.of(None if nothing is asked else paths, nothing)


def test_where_the_picture_decides_one_example_of_each_task_is_offered_and_none_twice():
    shown = [each.picture for each in shown_examples("auto")]
    assert len(set(shown)) == len(shown) == len(TASKS)
