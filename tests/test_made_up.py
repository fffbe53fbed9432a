"""A task and an architecture are one file each: a copy of the project gets both from `tests/made_up/`, with weights, and nothing else is touched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from apps import served
from chromium import one_page
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from segdemo.data import scenes
from segdemo.output.visualization import jpeg, palette_png
from segdemo.tasks import TASKS

ROOT = Path(__file__).parent.parent
MADE_UP = Path(__file__).parent / "made_up"
ENVIRONMENT = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "TF_CPP_MIN_LOG_LEVEL": "3"}


def run(copy, *command):
    return subprocess.run([sys.executable, *command], cwd=copy, env={**ENVIRONMENT, "PYTHONPATH": str(copy)}, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("segdemo", "benchmarks", "docs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "weights").mkdir()
    for path in (ROOT / "weights").iterdir():
        if path.name == "manifest.json":
            shutil.copy(path, copy / "weights")
        else:
            (copy / "weights" / path.name).symlink_to(path)
    shutil.copy(MADE_UP / "pets.py", copy / "segdemo" / "tasks")
    shutil.copy(MADE_UP / "tiny.py", copy / "segdemo" / "models")
    for file in (*ROOT.glob("*.md"), ROOT / "app.py"):
        shutil.copy(file, copy)
    made = run(copy, MADE_UP / "publish.py")
    assert made.returncode == 0, made.stderr[-3000:]
    return copy


@pytest.fixture(scope="module")
def address(copy):
    with served(copy, {**ENVIRONMENT, "PYTHONPATH": str(copy)}, "app.py") as address:
        yield address


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("made-up") / "photo.jpg"
    path.write_bytes(jpeg(scenes.street(0, 160, 120)[0]))
    return path


# --- the API


@pytest.mark.parametrize(("task", "classes"), [("pets", ["background", "whiskers", "paw"]), ("street", None)])
@pytest.mark.parametrize("runtime", ["litert", "litert-int8", "keras"])
def test_segment_takes_both(client, picture, task, classes, runtime):
    mask, _, report = client.predict(handle_file(picture), task, "tiny", runtime, api_name="/segment")
    assert np.array(Image.open(mask)).shape == (120, 160)
    assert classes is None or [c["name"] for c in report["classes"]] == classes


def test_compare_has_the_fourth_model_and_says_where_there_is_but_one(client, picture):
    masks, _, agreement = client.predict(handle_file(picture), "street", api_name="/compare")
    assert [m["model"] for m in agreement["models"]] == ["fcn8s", "unet", "deeplabv3plus", "tiny"] and len(masks) == 4 and len(agreement["pairs"]) == 6
    with pytest.raises(AppError, match="has only one model, tiny"):
        client.predict(handle_file(picture), "pets", api_name="/compare")


def test_score_regions_and_explain_take_both(client, picture, tmp_path):
    truth = tmp_path / "truth.png"
    client_mask, _, _ = client.predict(handle_file(picture), "pets", "tiny", api_name="/segment")
    truth.write_bytes(Path(client_mask).read_bytes())
    _, scores = client.predict(handle_file(picture), handle_file(truth), "pets", "tiny", api_name="/score")
    assert scores["mean_iou"] == 1 and [c["name"] for c in scores["classes"]] == ["background", "whiskers", "paw"]
    _, regions = client.predict(handle_file(picture), "pets", "tiny", "slic", api_name="/regions")
    assert regions["regions"] > 1
    ids = np.array(Image.open(client_mask))
    name = ["background", "whiskers", "paw"][np.bincount(ids.ravel()).argmax()]
    _, _, about = client.predict(handle_file(picture), name, "pets", "tiny", None, api_name="/explain")
    assert about["class"]["name"] == name
    with pytest.raises(AppError, match="Choose one of: features"):
        client.predict(handle_file(picture), name, "pets", "tiny", "no such layer", api_name="/explain")


# --- the command line


def test_the_command_line_takes_both(copy, picture):
    found = run(copy, "-m", "segdemo", "predict", str(picture), "--task", "pets", "--model", "tiny", "--json", "--out", str(picture.parent))
    assert found.returncode == 0, found.stderr
    assert {s["name"] for s in json.loads(found.stdout)["statistics"]} <= {"background", "whiskers", "paw"}
    usage = run(copy, "-m", "segdemo", "predict", "--help").stdout
    assert "pets" in usage and "tiny" in usage


def test_both_are_scored_on_a_folder(copy, picture, tmp_path):
    for kind in ("images", "masks"):
        (tmp_path / "data/val" / kind).mkdir(parents=True)
    shutil.copy(picture, tmp_path / "data/val/images/a.jpg")
    (tmp_path / "data/val/masks/a.png").write_bytes(palette_png(np.zeros((120, 160), np.uint8), TASKS["street"]))
    scored = run(copy, "-m", "segdemo", "evaluate", "--task", "pets", "--model", "tiny", "--data", str(tmp_path / "data"), "--json")
    assert scored.returncode == 0, scored.stderr
    assert set(json.loads(scored.stdout)["iou"]) == {"background", "whiskers", "paw"}


def test_the_recipe_is_the_usual_one_but_for_what_the_task_says(copy):
    code = "from segdemo.training.recipes import *; from segdemo.tasks import TASKS; r = recipe_of(TASKS['pets'], 'tiny')"
    assert run(copy, "-c", f"{code}; print(r.epochs, r.augmentation.hue, r.batch == DEFAULT.batch)").stdout.split() == ["7", "0.3", "True"]


# --- cards and tables


def test_cards_and_tables_have_both(copy):
    card = (copy / "weights" / "pets-tiny.md").read_text(encoding="utf-8")
    told = ("TinyNet for pets", "Two convolutions.", "Nobody 2026", "Backbone: none", "photographs. Ask the neighbours.", "It knows three pets.", "whiskers")
    for words in told:
        assert words in card
    tables = run(copy, "-c", "from benchmarks import tables; print(tables.targets()); print(*(tables.filled(file) for file in tables.HEADS))").stdout
    assert "| Pets | TinyNet |" in tables and "| 宠物 | TinyNet |" in tables and "| Street scenes | TinyNet |" in tables


def test_the_pictures_of_failures_are_drawn(copy, tmp_path):
    code = f"from segdemo.publishing.failures import plot_failures; import segdemo; plot_failures(segdemo.load('tiny', 'pets'), {str(tmp_path / 'a.jpg')!r})"
    assert run(copy, "-c", code).returncode == 0
    assert Image.open(tmp_path / "a.jpg").width > 500


# --- the page, tab by tab


def test_every_tab_offers_both(address, picture):
    with one_page() as page:
        page.goto(f"{address}?tab=segment&task=pets&example=purr")
        page.wait_for_selector("#results article.result:has-text('TinyNet')")
        assert "whiskers" in page.inner_text("#results").lower()
        page.goto(f"{address}?tab=compare&task=street&example=drawn-street-1")
        page.wait_for_selector("#comparison article.compare")
        assert page.locator("#comparison figure").count() == 6 and "TinyNet" in page.inner_text("#comparison")
        page.goto(f"{address}?tab=compare&task=pets&example=scratch")
        page.wait_for_selector("#comparison article.compare")
        assert page.locator("#comparison figure").count() == 2
        page.goto(f"{address}?tab=explain&question=regions&task=pets&example=purr")
        page.wait_for_selector("#explanation article.result:not(.error)")
        page.goto(f"{address}?tab=explain&question=evidence&task=street&model=tiny&layer=features&class=3&example=drawn-street-1")
        page.wait_for_selector("#explanation article.result:not(.error), #explanation .notice")
        page.goto(f"{address}?tab=batch&task=pets")
        page.wait_for_selector("#batch-task")
        assert "Pets" in page.inner_text("#batch-task")
        page.goto(f"{address}?tab=about")
        page.wait_for_selector(".about h2")
