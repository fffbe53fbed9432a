"""What the browser sends of a lesson: anybody can send anything."""

import base64
import io
import json
import re
import zipfile
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from segdemo.output.visualization import jpeg
from segdemo.teaching.correction import as_painted
from segdemo.teaching.strokes import TeachError
from segdemo.ui.parts import lesson
from segdemo.ui.parts.lesson import Lesson, least_sure
from segdemo.ui.parts.lesson_files import made
from segdemo.ui.tabs.teach import answer_to, show_pictures


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Two pictures, red at the left and blue at the right."""
    folder, image = tmp_path_factory.mktemp("halves"), np.zeros((120, 160, 3), np.uint8)
    image[:, :80, 0], image[:, 80:, 2] = 220, 220
    files = [folder / f"{name}.jpg" for name in ("one", "two")]
    for file in files:
        file.write_bytes(jpeg(image))
    return [(str(file), None) for file in files]


def letters(ids: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(ids.tobytes())).decode()


def strokes() -> np.ndarray:
    ids = np.full((120, 160), 255, np.uint8)
    ids[60, 20:50], ids[60, 110:140] = 0, 1
    return ids


def asked(**changes) -> dict:
    usual = {"serial": 1, "page": 1, "names": ["red", "blue"], "colors": ["#ff0000", "#0000ff"], "unseeing": False, "pictures": ["one.jpg", "two.jpg"]}
    return {**usual, "strokes": [letters(strokes()), None], **changes}


def test_one_picture_teaches_the_other(paths):
    found = Lesson.of(paths, asked())
    assert found.colors == ((255, 0, 0), (0, 0, 255)) and found.strokes[1] is None
    mask = found.learned()(found.shown()[0]).mask
    assert (mask[:, :76] == 0).mean() > 0.95 and (mask[:, 84:] == 1).mean() > 0.95


def test_the_table_has_every_picture_and_all_together(paths):
    def cells(**changes):
        shown = str(answer_to(paths, SimpleNamespace(_data=asked(names=["<b>red</b>", "blue"], **changes))))
        return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", shown)

    assert cells() == []
    head, names, numbers = (found := cells(all=True))[1:3], found[3::3], [*found[4::3], *found[5::3]]
    assert head == ["&lt;b&gt;red&lt;/b&gt;", "blue"] and names[:2] == ["one.jpg", "two.jpg"] and len(names) == 3
    assert all(re.fullmatch(r"(49|50|51)\.\d% \([12]\)", number) for number in numbers) and numbers[2].endswith("(2)") and len(numbers) == 6


def test_a_network_that_has_seen_nothing_learns_too(paths):
    found = Lesson.of(paths, asked(unseeing=True))
    mask = found.learned()(found.shown()[0]).mask
    assert (mask[:, :76] == 0).mean() > 0.95  # red and blue need no pretraining


@pytest.mark.parametrize(
    "changes",
    [
        {"page": 2},
        {"page": "1"},
        {"serial": None},
        {"strokes": [letters(strokes()[:50]), None]},
        {"strokes": [base64.b64encode(zlib.compress(bytes(50_000_000))).decode(), None]},
        {"strokes": ["?", None]},
        {"strokes": [letters(strokes())] * 3},
        {"strokes": 7},
        {"colors": ["red", "blue"]},
        {"pictures": ["one.jpg"]},
        {"pictures": ["../../etc/passwd", "two.jpg"]},
    ],
)
def test_what_makes_no_sense_is_refused(paths, changes):
    with pytest.raises(TeachError, match="These strokes are not of these pictures"):
        Lesson.of(paths, asked(**changes))


def test_one_click_is_an_object_and_the_rest(paths):
    found = Lesson.of(paths, asked(strokes=[None, None], clicks=[[], [[0.5, 0.2, 0]]]))
    mask = as_painted(found.learned()(found.shown()[0]), found.strokes_of(1)).mask
    assert (mask[:, :70] == 0).mean() > 0.9 and (mask[:, 90:] == 1).mean() > 0.9


def test_what_is_painted_stays_beside_what_is_clicked(paths):
    found = Lesson.of(paths, asked(clicks=[[[0.2, 0.2, 1]], []]))
    painted = found.strokes_of(0)
    assert (painted[60, 20:50] == 0).all() and painted[24, 32] == 1


@pytest.mark.parametrize("wrong", [7, [7], [[[0.5, 0.5]]], [[[0.5, 0.5, 9]]], [[[1, 0.5, 0]]], [[["x", 0.5, 0]]], [[[0.5, 0.5, 0]] * 101], [[], [], []]])
def test_clicks_that_make_no_sense_are_refused(paths, wrong):
    with pytest.raises(TeachError, match="Load the page again"):
        Lesson.of(paths, asked(clicks=wrong))


def corrects(**changes) -> dict:
    return {"task": "scenes", "model": "unet", "ids": [0, None], **changes}


def test_a_result_is_corrected_from_the_first_moment(paths):
    found = Lesson.of(paths, asked(strokes=[None, None], corrects=corrects()))
    segmenter = found.learned()
    assert segmenter.painted == (0, 0) and (segmenter(found.shown()[0]).mask == 0).all()  # nothing of the new class


@pytest.mark.parametrize("wrong", [7, [], corrects(ids=[0]), corrects(ids=[0, 99]), corrects(ids=[0, "1"]), corrects(task="x"), corrects(model="a.segdemo")])
def test_a_correction_of_nothing_is_refused(paths, wrong):
    with pytest.raises(TeachError, match="Load the page again"):
        Lesson.of(paths, asked(corrects=wrong))


@pytest.mark.parametrize("sent", [None, "x", [], {}])
def test_what_is_no_lesson_is_refused(paths, sent):
    with pytest.raises(TeachError):
        Lesson.of(paths, sent)


def test_an_id_without_a_name_gets_a_sentence(paths):
    ids = strokes()
    ids[0, 0] = 77
    with pytest.raises(TeachError, match="have the id 77, but there are only 2 names"):
        Lesson.of(paths, asked(strokes=[letters(ids), None])).learned()


def test_only_so_many_pictures_are_remembered(paths, monkeypatch):
    monkeypatch.setattr(lesson, "KEPT", 1)
    lesson._kept.clear()
    Lesson.of(paths, asked(strokes=[letters(strokes())] * 2)).learned()
    assert len(lesson._kept) == 1


def test_the_ring_is_where_it_is_least_sure_and_nothing_is_painted():
    confidence = np.ones((64, 64), np.float32)
    confidence[10:20, 30:40] = 0.5
    assert least_sure(confidence, None) == pytest.approx((15 / 64, 35 / 64), abs=0.03)
    painted = np.full((64, 64), 255, np.uint8)
    painted[8:22, 28:42] = 0
    assert least_sure(confidence, painted) is None
    assert least_sure(np.ones((64, 64), np.float32), None) is None


def test_a_picture_that_cannot_be_read_is_said_and_the_others_are_shown(paths, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    shown = show_pictures([(str(tmp_path / "bad.jpg"), None), *paths])
    assert shown.count("<data ") == 2 and "bad.jpg is not a picture" in shown
    assert Lesson.of([(str(tmp_path / "bad.jpg"), None), *paths], asked()).paths[0].name == "one.jpg"


def test_the_labelled_folder_is_one_that_training_reads(paths, tmp_path):
    from segdemo.data.folder import open_split
    from segdemo.tasks import task_from_folder

    ids = strokes()
    ids[5:9, 5:9] = 1  # painted against all evidence: it is the truth
    name, content = made(Lesson.of(paths, asked(strokes=[letters(ids), None])), "folder", 0, "en")
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    task = task_from_folder(tmp_path)
    assert name == "taught.zip" and task.class_names == ("red", "blue") and task.classes[0].color == (255, 0, 0)
    (image, mask), (_, validation) = open_split(tmp_path, "train", task)[0], open_split(tmp_path, "val", task)[0]
    told = json.loads((tmp_path / "coco.json").read_text())
    assert all((tmp_path / each["file_name"]).is_file() for each in told["images"]) and len(told["annotations"]) == 4
    shapes = json.loads((tmp_path / "labelme" / "01-one.json").read_text())
    assert (tmp_path / "labelme" / shapes["imagePath"]).is_file() and {each["label"] for each in shapes["shapes"]} == {"red", "blue"}
    assert np.array_equal(np.asarray(Image.open(tmp_path / "ilastik" / "01-one.png")), ids + np.uint8(1)) and not (tmp_path / "ilastik" / "02-two.png").exists()
    assert image.shape == (120, 160, 3) and (mask[5:9, 5:9] == 1).all() and mask[20, 20] == 0 and validation[20, 150] == 1


@pytest.mark.parametrize("kind", ["overlay", "mask", "cutout"])
def test_a_picture_is_taken_at_its_own_size(paths, kind):
    name, content = made(Lesson.of(paths, asked()), kind, 0, "en")
    assert name.startswith("two.") and Image.open(io.BytesIO(content)).height == 120


def test_the_table_has_every_picture_and_the_classifier_loads(paths, tmp_path):
    import segdemo

    rows = made(Lesson.of(paths, asked()), "csv", 0, "en")[1].decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["picture", "one.jpg", "one.jpg", "two.jpg", "two.jpg"]
    name, content = made(Lesson.of(paths, asked()), "classifier", 0, "en")
    (tmp_path / name).write_bytes(content)
    assert segdemo.load(tmp_path / name).task.class_names == ("red", "blue")


def test_another_kind_is_refused(paths):
    with pytest.raises(TeachError, match="no 'passwd' to take away"):
        made(Lesson.of(paths, asked()), "passwd", 0, "en")


def test_the_page_knows_as_many_colours_as_classes():
    from segdemo.teaching.strokes import MOST_CLASSES
    from segdemo.teaching.taught import COLORS

    assert len(set(COLORS)) == MOST_CLASSES and json.dumps(COLORS)
