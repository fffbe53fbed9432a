"""A run of a real model, killed in its second epoch and started again."""

import functools

import keras
import numpy as np
import pytest
from small_training import THREE, Killed, draw, killed_in

from segdemo.data.augmentation import Augmentation
from segdemo.inference.segmentation import Segmenter
from segdemo.models import build
from segdemo.runtime.storage import load_weights
from segdemo.scoring.evaluation import evaluate
from segdemo.training.backup import Backup, read_log
from segdemo.training.loop import train
from segdemo.training.recipes import Recipe
from segdemo.training.validation import best_score


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    splits = draw(folder / "data", THREE)
    recipe = Recipe(crop=(32, 32), batch=2, epochs=2, peak_rate=1e-3, average=1.0, augmentation=Augmentation(scale=(0.8, 1.2), flip=True))
    arguments = {"model_name": "fcn8s", "task": THREE, "train_split": splits[0], "val_split": splits[1]}
    arguments |= {"recipe": recipe, "pretrained": None, "progress": False}
    with pytest.MonkeyPatch.context() as patch:
        # For so few steps, compiling the graph would take most of the time.
        patch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))
        with patch.context() as killing, pytest.raises(Killed):
            killing.setattr(Backup, "on_epoch_begin", killed_in(1))
            train(run=folder / "run", **arguments)
        log_when_killed = read_log(folder / "run/log.csv")
        best = train(run=folder / "run", **arguments)
    return folder / "run", log_when_killed, best, splits[1]


def test_a_run_leaves_the_best_weights_the_log_and_the_curves(finished):
    run, _, best, _ = finished
    assert best == run / "best.weights.h5"
    assert {path.name for path in run.iterdir()} == {
        "best.weights.h5",
        "epochs",
        "backbone.weights.h5",
        "log.csv",
        "curves.svg",
        "machine.txt",
        "command.txt",
        "settings.json",
    }
    assert "<svg" in (run / "curves.svg").read_text()


def test_a_killed_run_goes_on_at_the_epoch_it_was_killed_in(finished):
    run, log_when_killed, _, _ = finished
    log = read_log(run / "log.csv")
    assert [row["epoch"] for row in log_when_killed] == [0]
    assert [row["epoch"] for row in log] == [0, 1]
    assert log[0] == log_when_killed[0]
    assert {path.name for path in (run / "epochs").iterdir()} == {"01.weights.h5", "02.weights.h5"}
    assert all(np.isfinite(row["loss"]) and 0 <= row["val_miou"] <= 1 and 0 <= row["val_pixel_accuracy"] <= 1 for row in log)


def test_the_best_weights_score_what_the_log_says(finished):
    run, _, best, val = finished
    model = build("fcn8s", THREE.num_outputs)
    model.load_weights(best)
    scores = evaluate(Segmenter(lambda images: np.asarray(model(images, training=False)), THREE), val).scores
    assert scores.mean_iou == pytest.approx(best_score(run / "log.csv"), abs=1e-3)


def test_the_trained_backbone_starts_another_training(finished):
    run, _, best, _ = finished
    trained = build("fcn8s", THREE.num_outputs)
    trained.load_weights(best)
    other = build("deeplabv3plus", 7, run / "backbone.weights.h5")
    for name in ("Conv1", "block_5_project_BN", "block_13_depthwise"):
        for expected, weights in zip(trained.get_layer(name).get_weights(), other.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(weights, expected)


def test_weights_of_a_whole_model_are_gone_on_from(finished):
    run, _, best, _ = finished
    trained, other = build("fcn8s", THREE.num_outputs), build("fcn8s", THREE.num_outputs)
    trained.load_weights(best)
    load_weights(other, best)
    for expected, weights in zip(trained.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_weights_that_do_not_fit_are_refused_with_the_reason(finished, tmp_path):
    _, _, best, _ = finished
    with pytest.raises(ValueError, match=r"do not fit fcn8s with 5 outputs"):
        load_weights(build("fcn8s", 5), best)
    with pytest.raises(ValueError, match=r"'.*none.weights.h5' are not a file"):
        load_weights(build("fcn8s", 3), tmp_path / "none.weights.h5")
    (tmp_path / "whole.keras").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"'.*whole.keras' are not a .weights.h5, which `train` writes"):
        load_weights(build("fcn8s", 3), tmp_path / "whole.keras")
