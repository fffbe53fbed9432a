"""The zoo: what the manifest promises, and what happens when a file is not what it says."""

import dataclasses
import hashlib
import json
import shutil

import numpy as np
import pytest
from flat import flat

import segdemo
from segdemo import zoo
from segdemo.data import scenes
from segdemo.publishing.publish import earlier_trainings
from segdemo.runtime.backbone import LiteRTBackbone

ENTRIES = zoo.entries()
EACH = pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda e: f"{e.task}-{e.model}")


def test_every_architecture_is_trained_for_street():
    assert {model for task, model in ENTRIES if task == "street"} == set(segdemo.MODELS)


@EACH
def test_the_manifest_describes_the_file(entry):
    path = zoo.WEIGHTS / entry.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert path.stat().st_size == entry.bytes < 10_000_000
    assert set(entry.iou) == set(segdemo.TASKS[entry.task].class_names)
    # mIoU is the mean of the classes' IoU, each rounded to four places
    assert np.mean([v for v in entry.iou.values() if v is not None]) == pytest.approx(entry.miou, abs=1e-4)


@EACH
def test_each_model_was_scored_and_calibrated_as_it_is_served(entry):
    assert entry.pixels == segdemo.TASKS[entry.task].pixels


@EACH
def test_each_file_has_a_model_card_with_its_score(entry):
    card = flat((zoo.WEIGHTS / f"{entry.task}-{entry.model}.md").read_text(encoding="utf-8"))
    assert f"{entry.miou:.4f}" in card
    assert f"``` {entry.command} ```" in card
    assert all(f"`{training['command']}`" in card for training in entry.earlier)


@EACH
def test_every_training_begins_with_weights_that_are_told(entry):
    first = (*entry.earlier, {"command": entry.command})[0]["command"]
    lite = segdemo.TASKS[entry.task].form(entry.model) == "deeplabv3plus-lite1"
    imagenet = "efficientnet-lite1-77cc7160.pth" if lite else "mobilenet_v2_1.0_224_imagenet_no_top.weights.h5"
    assert f"--pretrained {imagenet}" in first and "--weights" not in first
    assert ".." not in " ".join([entry.command, *(training["command"] for training in entry.earlier)])  # nobody else has our folders


def test_a_training_names_those_that_its_start_came_from():
    entry = ENTRIES["street", "unet"]
    last = {"command": entry.command, "epochs": entry.epochs, "seconds": entry.seconds, "averaged": entry.averaged, "pruned": entry.pruned}
    train = "python -m segdemo train --task street --model fcn8s"
    assert earlier_trainings(f"{train} --weights anything.h5", entry.sha256, ENTRIES) == [*entry.earlier, last]
    for start in ("--pretrained runs/street-unet/backbone.weights.h5", "--pretrained=street-unet/backbone.weights.h5 --quiet"):
        assert earlier_trainings(f"{train} {start}", None, ENTRIES) == [*entry.earlier, last]
    for start in ("--pretrained mobilenet_v2.h5", "--pretrained runs/street-unet-failed/backbone.weights.h5"):
        assert earlier_trainings(f"{train} {start}", None, ENTRIES) == []


def test_a_training_exported_twice_is_not_its_own_start():
    entry = ENTRIES["street", "unet"]
    assert "--weights weights/street-unet.weights.h5" in entry.command
    assert earlier_trainings(entry.command, "of a file that was since replaced", ENTRIES) == entry.earlier


def test_another_round_by_the_same_command_is_another_training():
    entry = ENTRIES["animals", "unet"]
    assert len(earlier_trainings(entry.command, entry.sha256, ENTRIES)) == len(entry.earlier) + 1


@EACH
@pytest.mark.parametrize("shape", [(1, 1), (40, 33, 3), (75, 210, 4)])
def test_a_trained_model_segments_any_picture_at_its_own_size(entry, shape):
    result = segdemo.load(entry.model, entry.task)(np.full(shape, 90, np.uint8))
    assert result.mask.shape == result.confidence.shape == shape[:2]
    assert result.mask.dtype == np.uint8 and result.mask.max() < segdemo.TASKS[entry.task].num_classes
    assert result.confidence.dtype == np.float32 and 0 <= result.confidence.min() <= result.confidence.max() <= 1
    assert sum(s.pixels for s in result.statistics()) == shape[0] * shape[1]


@pytest.mark.parametrize("model", segdemo.MODELS)
def test_a_trained_street_model_sees_the_drawn_street(model):
    image, target = scenes.street(0)
    mask = segdemo.load(model, "street")(image).mask
    road, sky = (segdemo.TASKS["street"].class_names.index(name) for name in ("road", "sky"))
    assert (mask == target).mean() > 0.6
    assert (mask == road)[target == road].mean() > 0.8
    assert (mask == sky)[target == sky].mean() > 0.8


@pytest.mark.parametrize("shape", [(512, 512, 3), (40, 70, 3)], ids=["its own size", "any"])
def test_the_backbone_looks_first_at_a_picture_of_its_own_size_or_any(shape):
    """LiteRT has allocated nothing yet, and where the size stays as it is, nothing else would ask for it."""
    padded = np.array(shape[:2]) + -np.array(shape[:2]) % 16
    maps = LiteRTBackbone(zoo.WEIGHTS / "features.tflite")(np.zeros(shape, np.uint8))
    assert [each.shape[:2] for each in maps] == [tuple(padded // stride) for stride in (2, 4, 8, 16)]


def test_a_model_is_loaded_once():
    assert segdemo.load("unet", "street") is segdemo.load("unet", task="street")


def test_without_a_name_it_is_deeplab_or_where_there_is_none_the_best(monkeypatch):
    monkeypatch.setattr(zoo, "entries", lambda: {key: dataclasses.replace(entry, miou=float(key[1] == "unet")) for key, entry in ENTRIES.items()})
    assert (segdemo.load(task="nuclei").model, segdemo.load("auto", "nuclei").model) == ("deeplabv3plus", "unet")
    monkeypatch.setattr(zoo, "entries", lambda: {key: entry for key, entry in ENTRIES.items() if key[1] == "fcn8s"})
    assert segdemo.load(task="nuclei").model == "fcn8s"


@pytest.mark.parametrize(("model", "task", "message"), [("vgg", "street", "fcn8s, unet"), ("unet", "clouds", "street, animals")])
def test_an_unknown_name_is_answered_with_the_known_ones(model, task, message):
    with pytest.raises(ValueError, match=message):
        segdemo.load(model, task)


@pytest.fixture
def own_weights(tmp_path, monkeypatch):
    """A weights folder of one entry that a test may spoil."""
    entry = ENTRIES["street", "fcn8s"]
    for file in (entry.file, *(runtime["file"] for runtime in entry.runtimes.values())):
        shutil.copy(zoo.WEIGHTS / file, tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps([dataclasses.asdict(entry)]))
    monkeypatch.setattr(zoo, "WEIGHTS", tmp_path)
    monkeypatch.setattr(zoo, "_cache", {})
    return tmp_path


OWN_FILES = [
    ("keras", "street-fcn8s.weights.h5"),
    ("litert", "street-fcn8s.weights.h5"),
    ("litert", "street-fcn8s.litert.npz"),
    ("litert-int8", "street-fcn8s.int8.npz"),
]


@pytest.mark.parametrize(("runtime", "file"), OWN_FILES)
def test_a_damaged_file_is_named(own_weights, runtime, file):
    spoiled = bytearray((own_weights / file).read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    (own_weights / file).write_bytes(spoiled)
    with pytest.raises(segdemo.WeightsError, match=f"^{file} is damaged.*get weights/{file} from its repository") as error:
        segdemo.load("fcn8s", "street", runtime)
    assert str(own_weights) not in str(error.value)


@pytest.mark.parametrize(("runtime", "file"), OWN_FILES)
def test_a_missing_file_is_named(own_weights, runtime, file):
    (own_weights / file).unlink()
    with pytest.raises(segdemo.WeightsError, match=f"^{file} is missing.*get weights/{file} from its repository") as error:
        segdemo.load("fcn8s", "street", runtime)
    assert str(own_weights) not in str(error.value)


def test_a_pair_without_weights_is_answered_with_what_is_trained(own_weights):
    with pytest.raises(ValueError, match="no trained weights of 'unet'.*Trained for it: fcn8s."):
        segdemo.load("unet", "street")
