"""What teachers are given is right."""

import base64
import io
import re
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from segdemo.data.scenes import SCENES
from segdemo.languages import LANGUAGES
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import TASKS
from segdemo.ui.learn import STEPS, teachers
from segdemo.ui.learn.step import figures
from segdemo.ui.learn.worksheet import EXERCISES
from segdemo.zoo import entries


def test_the_plans_last_a_lesson_and_two():
    assert [sum(part.minutes for part in plan) for plan in teachers.PLANS] == [45, 90]


def test_whatever_names_a_step_names_one_that_there_is():
    named = [part.step for plan in teachers.PLANS for part in plan] + [one.step for one in (*teachers.MISTAKES, *EXERCISES)]
    assert set(named) - set(STEPS) == {teachers.WORKSHEET}


def two_classes(found_right, found_wrong):
    """Scores of 100 squares of which 20 are car (1), the others road (0)."""
    target, mask = np.repeat([1, 0], [20, 80]), np.zeros(100, int)
    mask[:found_right] = mask[20 : 20 + found_wrong] = 1
    scores = Scores(confusion_matrix(target, mask, 2))
    return [scores.iou[1], scores.iou[0], scores.mean_iou, scores.pixel_accuracy]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("exercise", "squares"), [(0, (15, 5)), (1, (0, 0))])
def test_the_key_has_the_scores_that_the_package_computes(exercise, squares, language):
    answers = re.split("[;；]|。|[.] ", getattr(EXERCISES[exercise].key(), language))[:4]
    assert [float(answer.split("=")[-1]) for answer in answers] == pytest.approx(two_classes(*squares), abs=0.005)


def test_the_key_has_the_sum_of_the_kernel_and_how_far_each_rate_reaches():
    row, kernel = np.array([10, 10, 90]), np.array([-1, 0, 1])
    assert f"= {3 * (row * kernel).sum()}." in EXERCISES[2].key().en
    assert ", ".join(str(1 + 2 * rate) for rate in (1, 6)) + f" and {1 + 2 * 12} pixels" in EXERCISES[3].key().en
    assert ", ".join(f"{320 // stride} × {256 // stride}" for stride in (32, 16, 8)) in EXERCISES[4].key().en


def test_the_skip_that_the_key_names_is_that_without_which_vessels_are_found_worst():
    vessel = {left: found["iou"]["vessel"] for left, found in figures()["skips"].items()}
    stride, whole, left = re.search(r"stride (\d+): .* from ([\d.]+) to ([\d.]+)", EXERCISES[5].key().en).groups()
    assert float(whole) == round(vessel["16,8,4,2"], 2) and float(left) < float(whole)
    assert float(left) == round(min(vessel[one] for one in ("8,4,2", "16,4,2", "16,8,2", "16,8,4")), 2)
    assert stride == "16"


def test_the_lesson_measured_the_network_that_is_published():
    published, measured = entries()["vessels", "unet"], figures()["skips"]["16,8,4,2"]
    assert measured["iou"] == pytest.approx(published.iou, abs=1e-3)  # otherwise: python -m benchmarks.lesson DIR


def quick_street(seed, width, height):
    """As large as a drawn one, in no time: the picture and the truth say which it is."""
    return np.full((height, width, 3), 20 * seed, np.uint8), np.full((height, width), seed, np.uint8)


def test_the_zip_has_ten_pictures_with_their_truths(monkeypatch):
    monkeypatch.setitem(SCENES, "street", quick_street)
    address = teachers.make({})["zip"]
    with ZipFile(io.BytesIO(base64.b64decode(address.split(",")[1]))) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".jpg")]
        assert len(pictures) == 10 and "1\tnucleus\t细胞核" in archive.read("classes.txt").decode()
        for name in pictures:
            truth = Image.open(io.BytesIO(archive.read(name.replace(".jpg", "-truth.png"))))
            assert truth.size == Image.open(io.BytesIO(archive.read(name))).size and truth.mode == "P"
        streets = [[np.array(Image.open(io.BytesIO(archive.read(f"street-{i + 1}{end}")))) for end in (".jpg", "-truth.png")] for i in range(5)]
        cells = np.array(Image.open(io.BytesIO(archive.read("cells-3-truth.png"))))
    assert all(image.shape == (360, 480, 3) and abs(image - 20.0 * i).max() < 3 and (truth == i).all() for i, (image, truth) in enumerate(streets))
    touching = TASKS["nuclei"].num_classes - 1
    assert ((cells == touching) == (SCENES["cells"](2, 384)[1] >= touching)).all() and set(np.unique(cells)) == {*range(touching + 1)}
