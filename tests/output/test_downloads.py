import csv
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmentation
from segdemo.languages import Words
from segdemo.output.downloads import COLUMNS, Archive, safe_name, statistics_csv, statistics_json
from segdemo.output.visualization import overlay
from segdemo.tasks import TASKS, ClassInfo, Task

NUCLEI, STREET = TASKS["nuclei"], TASKS["street"]

# Sky in one region of 2, road (3) in two of 1 and 2 (diagonals connect, but a car is between), car (8) in one of 3.
MASK = np.array([[0, 0, 8, 3], [3, 8, 8, 3]], np.uint8)
CONFIDENCE = np.array([[0.5, 1, 1, 0.75], [0.75, 0.5, 0.75, 0.75]], np.float32)
SETTINGS = {"model": "U-Net", "task": "街景", "runtime": "LiteRT"}


def segmentation(mask=MASK, confidence=CONFIDENCE, task=STREET, instances=None):
    return Segmentation(
        image=np.full((*mask.shape, 3), 200, np.uint8),
        mask=mask,
        confidence=confidence,
        task=task,
        logits=np.zeros((1, 1, task.num_classes), np.float32),
        instances=instances,
        timings={"decode": 0.002, "network": 0.25, "labels": 0.03},
    )


def parse(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def archive(results, settings, report=None, **options):
    archive = Archive(settings, report, **options)
    for name, result in results:
        archive.add(name, result)
    return archive.finish()


def unzip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_the_csv_has_a_row_a_class():
    rows = parse(statistics_csv("photo.jpg", segmentation()))
    assert len(rows) == 11 and tuple(rows[0]) == COLUMNS
    numbers = {"pixels": "3", "share": "0.375", "regions": "2", "confidence": "0.75"}
    assert rows[3] == {"picture": "photo.jpg", "id": "3", "class": "road", "class_zh": "道路", **numbers}
    assert rows[8] == {**rows[3], "id": "8", "class": "car", "class_zh": "汽车", "regions": "1"}
    assert rows[1] == {**rows[3], "id": "1", "class": "building", "class_zh": "建筑", "pixels": "0", "share": "0.0", "regions": "0", "confidence": ""}
    assert sum(float(row["share"]) for row in rows) == 1 and sum(int(row["pixels"]) for row in rows) == 8


def test_the_csv_is_what_excel_and_the_rfc_want():
    text = statistics_csv('a, "b"\n.jpg', segmentation())
    assert text.encode().startswith(b"\xef\xbb\xbfpicture,id,")
    lines = text.split("\r\n")
    assert len(lines) == 13 and lines[-1] == ""  # a head, 11 classes, and CR LF after the last
    assert lines[1].startswith('"a, ""b""\n.jpg",0,sky,')
    assert {row["picture"] for row in parse(text)} == {'a, "b"\n.jpg'}


@pytest.mark.parametrize("name", ["=1+1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "\t=1.jpg", "\r=1.jpg", "＝1.jpg", '=HYPERLINK("http://x")'])
def test_no_cell_is_a_formula(name):
    assert parse(statistics_csv(name, segmentation()))[0]["picture"] == f"'{name}"


def test_only_text_gets_the_apostrophe_and_only_at_its_start():
    task = Task("own", Words("", ""), Words("", ""), Words("", ""), (ClassInfo("=cmd", "@猫", (0, 0, 0)), ClassInfo("a-b", "丙=丁", (9, 9, 9))), 1024)
    rows = parse(statistics_csv("x=1.jpg", segmentation(np.zeros((2, 2), np.uint8), np.full((2, 2), 1e-7, np.float32), task)))
    assert [(row["picture"], row["class"], row["class_zh"]) for row in rows] == [("x=1.jpg", "'=cmd", "'@猫"), ("x=1.jpg", "a-b", "丙=丁")]
    assert float(rows[0]["confidence"]) == pytest.approx(1e-7) and "'" not in rows[0]["confidence"]


def test_the_json_has_every_number_and_no_nan():
    text = statistics_json("photo.jpg", segmentation(), SETTINGS)
    content = json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    assert content["settings"] == SETTINGS and content["picture"] == "photo.jpg"
    assert (content["width"], content["height"], content["mean_confidence"]) == (4, 2, 0.75)
    assert content["seconds"] == {"decode": 0.002, "network": 0.25, "labels": 0.03}
    assert content["classes"][3] == {"id": 3, "name": "road", "name_zh": "道路", "pixels": 3, "share": 0.375, "regions": 2, "confidence": 0.75}
    assert content["classes"][1]["confidence"] is None and len(content["classes"]) == 11
    assert "街景" in text


def test_a_confidence_that_is_no_number_is_null_and_empty():
    result = segmentation(confidence=np.full(MASK.shape, np.nan, np.float32))
    assert json.loads(statistics_json("x", result, {}))["mean_confidence"] is None
    assert {row["confidence"] for row in parse(statistics_csv("x", result))} == {""}


def test_names_from_other_systems_can_be_written():
    name = b"caf\xe9.jpg".decode(errors="surrogateescape")
    assert parse(statistics_csv(name, segmentation()).encode().decode())[0]["picture"] == "caf?.jpg"
    assert json.loads(statistics_json(name, segmentation(), {"model": name}).encode())["settings"] == {"model": "caf?.jpg"}
    assert "caf_.mask.png" in unzip(archive([(name, segmentation())], {}))


def test_the_archive_has_every_file_and_they_read_back():
    other = segmentation(np.full((3, 5), 8, np.uint8), np.full((3, 5), 0.5, np.float32))
    files = unzip(archive(iter([("one.jpg", segmentation()), ("二.png", other)]), SETTINGS))
    assert sorted(files) == ["one.mask.png", "one.overlay.jpg", "statistics.csv", "statistics.json", "二.mask.png", "二.overlay.jpg"]
    mask = Image.open(io.BytesIO(files["one.mask.png"]))
    assert mask.mode == "P" and (np.array(mask) == MASK).all()
    assert (np.array(mask.convert("RGB"))[0, 2] == (3, 62, 253)).all()  # a car
    blend = np.array(Image.open(io.BytesIO(files["二.overlay.jpg"])))
    assert np.abs(blend.astype(int) - overlay(other.image, other.mask, STREET)).max() <= 4
    rows = parse(files["statistics.csv"].decode())
    assert [row["picture"] for row in rows] == ["one.jpg"] * 11 + ["二.png"] * 11
    assert (rows[11 + 8]["pixels"], rows[11 + 8]["share"], rows[11 + 8]["regions"], rows[11 + 8]["confidence"]) == ("15", "1.0", "1", "0.5")
    content = json.loads(files["statistics.json"])
    assert content["settings"] == SETTINGS
    assert [(p["picture"], p["mask"], p["overlay"]) for p in content["pictures"]] == [
        ("one.jpg", "one.mask.png", "one.overlay.jpg"),
        ("二.png", "二.mask.png", "二.overlay.jpg"),
    ]
    expected = json.loads(statistics_json("one.jpg", segmentation(), SETTINGS))
    assert {**content["pictures"][0], "settings": SETTINGS} == {**expected, "mask": "one.mask.png", "overlay": "one.overlay.jpg"}


def test_an_archive_of_nothing_is_one_all_the_same():
    files = unzip(archive([], {}))
    assert files["statistics.csv"].decode() == "\ufeff" + ",".join(COLUMNS) + "\r\n"
    assert json.loads(files["statistics.json"]) == {"settings": {}, "pictures": []}


def test_equal_names_are_numbered():
    names = ["a.jpg", "b.jpg", "a.jpg", "folder/A.png", "a-2.jpg", "a"]
    data = archive([(name, segmentation()) for name in names], {})
    stems = ["a", "b", "a-2", "A-3", "a-2-2", "a-4"]  # A.png too, where capitals count for nothing
    assert [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.endswith(".png")] == [f"{stem}.mask.png" for stem in stems]
    pictures = list(dict.fromkeys(row["picture"] for row in parse(unzip(data)["statistics.csv"].decode())))
    assert pictures == ["a.jpg", "b.jpg", "a-2.jpg", "A-3.png", "a-2-2.jpg", "a-4"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("street 1.jpg", "street 1.jpg"),
        ("街景（一）.jpg", "街景（一）.jpg"),
        ("cafe\u0301.jpg", "café.jpg"),
        ("/etc/passwd.png", "passwd.png"),
        ("..\\..\\windows\\a.png", "a.png"),
        ("C:a.jpg", "C_a.jpg"),
        ("../..", "picture"),
        ("photos/", "picture"),
        ("", "picture"),
        (" . ", "picture"),
        (".hidden.jpg", "hidden.jpg"),
        ("a..b...jpg", "a.b.jpg"),
        ("a\x00b\nc\x7f.jpg", "a_b_c_.jpg"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ('<b>"x"|*?.jpg', "_b__x____.jpg"),
        ("NUL.jpg", "_NUL.jpg"),
        ("com1.old.jpg", "_com1.old.jpg"),
        ("console.jpg", "console.jpg"),
        ("x" * 300 + ".jpg", "x" * 200 + ".jpg"),
        ("图" * 100 + ".jpg", "图" * 66 + ".jpg"),  # 3 bytes each
    ],
)
def test_names_are_safe(name, safe):
    assert safe_name(name) == safe


def test_no_name_in_the_archive_leaves_its_folder():
    names = ["../../up.jpg", "/abs.jpg", "..\\win.jpg", "..", "<b>x</b>.jpg", "=1.jpg"]
    files = unzip(archive([(name, segmentation()) for name in names], {}))
    assert len(files) == 2 * len(names) + 2
    assert not any(part in name for name in files for part in ("/", "\\", "..", "<", ">"))
    assert "'=1.jpg" in {row["picture"] for row in parse(files["statistics.csv"].decode())}


def test_counted_objects_are_apart_in_the_overlay_and_whole_in_the_mask():
    mask = np.zeros((40, 40), np.uint8)
    mask[8:32, 4:36] = 1
    instances = np.zeros((40, 40), np.int32)
    instances[8:32, 4:20], instances[8:32, 20:36] = 1, 2
    result = segmentation(mask, np.ones((40, 40), np.float32), NUCLEI, instances)
    files = unzip(archive([("cells.png", result)], {}))
    assert (np.array(Image.open(io.BytesIO(files["cells.mask.png"]))) == mask).all()
    assert parse(files["statistics.csv"].decode())[1]["regions"] == "2"
    assert json.loads(files["statistics.json"])["pictures"][0]["classes"][1]["regions"] == 2
    blend = np.array(Image.open(io.BytesIO(files["cells.overlay.jpg"]))).astype(int)
    assert blend[20, 20, 0] - blend[20, 12, 0] > 25  # the picture shows in the gap: it has 200 in red, a nucleus 143


def test_a_report_of_each_picture_lies_beside_its_mask():
    files = unzip(archive([("a.jpg", segmentation()), ("a.png", segmentation())], {}, lambda name, result: f"<p>{name} {result.mask.shape}"))
    assert files["a.report.html"].startswith(b"<p>a.jpg") and files["a-2.report.html"].startswith(b"<p>a-2.png")
