"""Starting from a trained model with other classes."""

import functools
import json
import shutil

import keras
import numpy as np
import pytest

from segdemo import TASKS, zoo
from segdemo.data.augmentation import Augmentation
from segdemo.data.folder import open_split
from segdemo.data.shapes import SHAPES, write_folder
from segdemo.models import build
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.training.backup import read_log
from segdemo.training.batches import RandomBatches
from segdemo.training.loop import train
from segdemo.training.losses import cross_entropy
from segdemo.training.recipes import Recipe, recipe_of
from segdemo.training.transfer import Body, above_backbone, activations, body_of_file, build_on, plan, published_body, train_head

RECIPE = Recipe(crop=(64, 64), batch=2, epochs=1, peak_rate=1e-3, average=1.0, steps=2, head_epochs=1, augmentation=Augmentation(flip=True))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes")
    write_folder(folder, train=4, val=2, size=(64, 64))
    return [open_split(folder, split, SHAPES) for split in ("train", "val")]


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """For so few steps, compiling the graph would take most of the time."""
    monkeypatch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))


def weights_of(model, names):
    return {name: model.get_layer(name).get_weights() for name in names}


def same(first, second):
    return all(np.array_equal(a, b) for name in first for a, b in zip(first[name], second[name], strict=True))


BEST = max(("fcn8s", "unet"), key=lambda model: zoo.entries()["animals", model].miou)  # of those on MobileNetV2


@pytest.mark.parametrize(
    ("name", "model", "found"),
    [
        ("animals", "unet", ("animals-unet", "unet", 7)),
        ("animals-fcn8s", "unet", ("animals-fcn8s", "fcn8s", 7)),
        ("nuclei", "fcn8s", ("nuclei-fcn8s", "fcn8s", 3)),
        ("animals", "unet-wide", (f"animals-{BEST}", BEST, 7)),
        ("animals", "deeplabv3plus", (f"animals-{BEST}", BEST, 7)),  # theirs stands on another backbone
        ("animals", "deeplabv3plus-lite1", ("animals-deeplabv3plus", "deeplabv3plus-lite1", 7)),
        ("imagenet", "unet", None),
        ("runs/a/backbone.weights.h5", "unet", None),
    ],
)
def test_a_published_model_goes_by_its_task_or_its_whole_name(name, model, found):
    body = published_body(name, model)
    assert (body and (body.name, body.model, body.num_outputs)) == found
    assert body is None or body.path.is_file()


def test_the_same_architecture_gives_all_but_the_head(capsys):
    body = published_body("animals", "fcn8s")
    source = build("fcn8s", 7)
    load_weights(source, body.path)
    model, new = build_on(body, "fcn8s", lambda pretrained: build("fcn8s", 4, pretrained))
    assert {layer.name.split("_")[0] for layer in new} == {"score", "up"}
    kept = [layer.name for layer in model.layers if layer.weights and layer not in new]
    assert same(weights_of(model, kept), weights_of(source, kept)) and model.output_shape[-1] == 4
    assert "starts from animals-fcn8s: all but the head is taken over, the rest is new (7 outputs there, 4 here)" in capsys.readouterr().out


def test_another_architecture_gives_its_backbone(capsys):
    body = published_body("animals-fcn8s", "unet")
    source = build("fcn8s", 7)
    load_weights(source, body.path)
    model, new = build_on(body, "unet", lambda pretrained: build("unet", 4, pretrained))
    names = ["Conv1", "block_3_expand", "block_12_project_BN"]
    assert same(weights_of(model, names), weights_of(source, names))
    assert {layer.name for layer in new} >= {"decoder_2_conv1", "score_16"} and not {layer.name for layer in new} & set(names)
    assert "the backbone is taken over" in capsys.readouterr().out


def test_a_body_on_another_backbone_gives_nothing():
    body = published_body("animals-deeplabv3plus", "unet")
    with pytest.raises(ValueError, match=r"animals-deeplabv3plus stands on EfficientNet-Lite1.*, unet on MobileNetV2.*Give another --pretrained"):
        build_on(body, "unet", lambda pretrained: build("unet", 4, pretrained))


def test_a_file_tells_how_many_outputs_it_has(tmp_path):
    model = build("fcn8s", 4)
    save_weights(model, tmp_path / "same.weights.h5")
    assert body_of_file(tmp_path / "same.weights.h5", model, "fcn8s") is None
    path = zoo.WEIGHTS / "animals-fcn8s.weights.h5"
    assert body_of_file(path, model, "fcn8s") == Body("animals-fcn8s.weights.h5", path, "fcn8s", 7)
    (tmp_path / "junk.weights.h5").write_text("junk")
    assert body_of_file(tmp_path / "junk.weights.h5", model, "fcn8s") is None
    assert body_of_file(tmp_path / "gone.weights.h5", model, "fcn8s") is None


def test_at_first_only_what_is_new_is_trained(data):
    model, new = build_on(published_body("animals", "fcn8s"), "fcn8s", lambda pretrained: build("fcn8s", 4, pretrained))
    model.get_layer("Conv1").trainable = False
    held = [layer.name for layer in model.layers if layer.weights and layer not in new]
    before, head = weights_of(model, held), weights_of(model, [layer.name for layer in new])
    batches = RandomBatches(data[0], 2, (64, 64), RECIPE.augmentation, steps=2)
    train_head(model, new, batches, cross_entropy(None), RECIPE, progress=False)
    assert same(before, weights_of(model, held))  # the statistics of batch norm, too
    assert not any(np.array_equal(head[layer.name][0], layer.get_weights()[0]) for layer in new)
    assert not model.get_layer("Conv1").trainable and model.get_layer("block_5_project").trainable and batches.epoch == 0


@pytest.mark.parametrize("by", ["weights", "body"])
def test_a_training_starts_from_weights_of_other_classes(data, tmp_path, by, capsys):
    start = {"weights": zoo.WEIGHTS / "animals-fcn8s.weights.h5"} if by == "weights" else {"body": published_body("animals", "fcn8s")}
    train("fcn8s", SHAPES, *data, RECIPE, tmp_path / "run", None, progress=False, **start)
    told = capsys.readouterr().out
    assert "(7 outputs there, 4 here)" in told and "First the new layers alone, 1 x 2 steps; then all." in told
    assert "4 pictures, 2 x 2 steps of 2 views of 64x64, 2 pictures to validate on: about " in told and " GB of memory" in told
    assert len(read_log(tmp_path / "run/log.csv")) == 1
    settings = json.loads((tmp_path / "run/settings.json").read_text())
    assert settings["start_sha256"] == zoo.entries()["animals", "fcn8s"].sha256
    assert float(settings["peak_rate"]) == RECIPE.peak_rate  # not the gentler one of a model that is gone on from
    assert not (tmp_path / "run/start.weights.h5").exists()


def test_weights_of_another_architecture_are_refused(data, tmp_path):
    shutil.copy(zoo.WEIGHTS / "animals-unet.weights.h5", tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match="do not fit fcn8s"):
        train("fcn8s", SHAPES, *data, RECIPE, tmp_path / "run", None, weights=tmp_path / "a.weights.h5", progress=False)
    assert not (tmp_path / "run").exists()


def test_what_is_above_the_backbone_is_new_on_imagenets():
    names = {layer.name for layer in above_backbone(build("deeplabv3plus", 4))}
    assert {"decoder_conv1_depthwise", "low_level"} & names or any(name.startswith("aspp") for name in names)
    assert not any(name.startswith(("block_", "Conv1", "bn_Conv1", "expanded_conv")) for name in names)


def test_the_memory_of_a_small_network_is_what_its_layers_give():
    image = keras.Input((None, None, 3))
    model = keras.Model(image, keras.layers.Conv2D(5, 2, strides=2)(image))
    assert activations(model, (2, 8, 4, 3)) == 4 * (2 * 8 * 4 * 3 + 2 * 4 * 2 * 5)


def test_the_plan_counts_the_steps_ahead(data):
    batches = RandomBatches(data[0], 2, (64, 64), RECIPE.augmentation, steps=3)
    told = plan(build("fcn8s", 4), batches, RECIPE, 2, 41)
    assert told.startswith("4 pictures, 41 x 3 steps of 2 views of 64x64, 2 pictures to validate on: about ")


def test_a_task_of_ones_own_counts_steps_and_begins_with_the_head(tmp_path):
    from segdemo.tasks import task_from_folder

    write_folder(tmp_path, train=1, val=1, size=(64, 64))
    recipe = recipe_of(task_from_folder(tmp_path), "unet")
    assert recipe.epochs * recipe.steps == 1000 and recipe.head_epochs > 0
    assert all(recipe_of(task, "unet").head_epochs == 0 for task in TASKS.values())
