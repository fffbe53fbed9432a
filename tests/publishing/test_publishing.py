"""A run of two epochs, exported into a folder of its own."""

import functools
import json
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
from flat import flat

from segdemo import zoo
from segdemo.data.augmentation import Augmentation
from segdemo.data.folder import open_split
from segdemo.data.shapes import write_folder
from segdemo.models import build
from segdemo.publishing import publish as publishing
from segdemo.publishing.model_card import model_card
from segdemo.publishing.publish import publish
from segdemo.scoring.evaluation import evaluate
from segdemo.tasks import get_task
from segdemo.training.backup import read_log
from segdemo.training.loop import train
from segdemo.training.recipes import Recipe

FACES = get_task("faces")
RECIPE = Recipe(crop=(64, 64), batch=2, epochs=2, peak_rate=1e-3, average=1.0, augmentation=Augmentation(flip=True))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publishing")
    write_folder(folder / "data", train=4, val=2, size=(64, 64))
    splits = [open_split(folder / "data", split, FACES) for split in ("train", "val")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))
        train("fcn8s", FACES, *splits, RECIPE, folder / "run", None, progress=False, command="the command")
    return folder / "run", splits


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """What is published goes there, and nothing is known of what the repository holds."""
    monkeypatch.setattr(publishing, "recipe_of", lambda *_: RECIPE)
    monkeypatch.setattr(publishing, "RECALIBRATION_BATCHES", 2)
    weights = tmp_path / "weights"
    weights.mkdir()
    monkeypatch.setattr(publishing.publish, "__defaults__", (weights,))
    monkeypatch.setattr(zoo, "WEIGHTS", weights)
    monkeypatch.setattr(zoo, "_cache", {})
    monkeypatch.setattr(zoo, "locator", lambda task: None)  # its network lies with the published weights
    return weights


def test_what_is_published_is_what_was_scored(run, elsewhere):
    folder, splits = run
    entry = publish("fcn8s", FACES, folder, *splits, "drawn", "val", "float16")
    assert zoo.entries() == {("faces", "fcn8s"): entry}
    assert set(entry.averaged) <= {"01", "02"} and entry.epochs == 2 and entry.command == "the command" and entry.earlier == []
    assert {path.name for path in elsewhere.iterdir()} == {
        "manifest.json",
        "faces-fcn8s.weights.h5",
        "faces-fcn8s.litert.npz",
        "faces-fcn8s.int8.npz",
        "faces-fcn8s.md",
    }
    assert entry.bytes == (elsewhere / "faces-fcn8s.weights.h5").stat().st_size < 10e6
    for runtime, miou in (("litert", entry.miou), ("litert-int8", entry.runtimes["litert-int8"]["miou"])):
        assert evaluate(zoo.load("fcn8s", "faces", runtime), splits[1]).as_dict()["mIoU"] == miou
    assert (elsewhere / "faces-fcn8s.md").read_text() == model_card(entry)
    assert (elsewhere / "../docs/failures/faces-fcn8s.jpg").is_file() and (elsewhere / "../docs/training/faces-fcn8s.svg").is_file()


def test_what_the_score_asks_for_is_added_to_the_logit_of_a_binary_task(monkeypatch):
    model, picture = build("fcn8s", 1), np.zeros((1, 64, 64, 3), np.float32)
    before = np.asarray(model(picture))
    monkeypatch.setattr(publishing, "fit_shift", lambda segmenter, split: 0.4)
    assert publishing._shift(model, get_task("vessels"), []) == 0.4
    np.testing.assert_allclose(np.asarray(model(picture)) - before, 0.4, atol=1e-5)


def test_a_training_that_was_no_gain_is_not_published(run, elsewhere, monkeypatch):
    folder, splits = run
    monkeypatch.setattr(publishing, "greedy_soup", lambda *arguments: ("start",))
    with pytest.raises(ValueError, match="is better than what it started from: nothing is published"):
        publish("fcn8s", FACES, folder, *splits, "drawn", "val", "float16")
    assert list(elsewhere.iterdir()) == []


def test_a_pruned_start_is_a_gain_by_itself(run, elsewhere, monkeypatch):
    folder, splits = shutil.copytree(run[0], elsewhere.parent / "pruned"), run[1]
    settings = json.loads((folder / "settings.json").read_text())
    (folder / "settings.json").write_text(json.dumps({**settings, "pruned_from": "fcn8s-wide"}))
    monkeypatch.setattr(publishing, "greedy_soup", lambda *arguments: ("start",))
    card = flat(model_card(publish("fcn8s", FACES, folder, *splits, "drawn", "val", "float16")))
    assert "started as a part of a wider network" in card and "today's `fcn8s-wide`" in card
    assert "The weights are those that it started from: no epoch scored better" in card


def test_a_card_names_what_the_training_started_from_and_its_conditions():
    entry = zoo.entries()["faces", "fcn8s"]
    animals = get_task("animals")
    conditions = f"It started from weights of the task `animals`, whose conditions hold for this one, too. {animals.data} {animals.licence} ## Limits"
    told = {key: getattr(zoo.entries()["animals", "unet"], key) for key in ("command", "epochs", "seconds")}
    for start in ("animals", "animals-unet"):  # whatever is known of the file
        assert conditions in flat(model_card(replace(entry, command=f"{entry.command} --pretrained {start}")))
    assert conditions in flat(model_card(replace(entry, earlier=[*entry.earlier, told])))
    assert "It started from weights" not in flat(model_card(entry)) + flat(model_card(replace(entry, command=f"{entry.command} --pretrained animals-x.h5")))


def test_of_a_training_on_another_machine_the_epochs_that_came_back_are_enough(run, tmp_path):
    folder = shutil.copytree(run[0], tmp_path / "came")
    (folder / "epochs" / "01.weights.h5").unlink()
    publishing.check_run("fcn8s", FACES, folder)
    assert publishing._kept(build("fcn8s", FACES.num_outputs), folder, read_log(folder / "log.csv")).keys() == {"02"}


@pytest.mark.parametrize("missing", ["backbone.weights.h5", "epochs"])
def test_an_unfinished_training_is_not_published(run, elsewhere, monkeypatch, missing):
    folder, splits = run
    aside = (folder / missing).rename(folder / "aside")
    with pytest.raises(ValueError, match=r"not a finished training .* Train first: python -m segdemo train --task faces --model fcn8s"):
        publish("fcn8s", FACES, folder, *splits, "drawn", "val", "float16")
    aside.rename(folder / missing)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(("model", "task"), [("unet", "faces"), ("fcn8s", "animals")])
def test_a_training_of_something_else_is_not_published(run, elsewhere, model, task):
    folder, splits = run
    with pytest.raises(ValueError, match=rf"holds a training of fcn8s for \('background', 'skin'.*, not of {model} for"):
        publish(model, get_task(task), folder, *splits, "drawn", "val", "float16")
    assert list(elsewhere.iterdir()) == []
