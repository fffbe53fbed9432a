"""What a training does, shown on a network of two layers: the trainer knows nothing of the model."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest
from PIL import Image
from small_training import COUNTED, THREE, TWO, WHOLE, draw, train_small, two_layers

from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.models import ARCHITECTURES
from segdemo.models.architecture import Architecture
from segdemo.runtime.files import file_sha256
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.training import loop as training
from segdemo.training.backup import read_log
from segdemo.training.batches import RandomBatches
from segdemo.training.clock import Clock
from segdemo.training.loop import freeze, train
from segdemo.training.losses import median_frequency_weights
from segdemo.training.validation import KEPT, best_score, held, scored


@pytest.mark.parametrize("task", [TWO, THREE, COUNTED], ids=["binary", "three classes", "countable"])
def test_training_lowers_the_loss_and_keeps_the_best_epoch(tmp_path, small, task):
    log = train_small(tmp_path, task, replace(WHOLE, epochs=40))
    assert small[0].output.shape[-1] == task.num_outputs
    assert ("val_count_error" in log[-1]) == task.countable
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]
    assert log[-1]["val_miou"] > 0.6
    assert best_score(tmp_path / "run/log.csv") == max(row["val_miou"] for row in log)


def test_of_a_long_run_the_weights_of_the_best_epochs_are_kept(tmp_path, small):
    log = train_small(tmp_path, THREE, replace(WHOLE, epochs=KEPT + 3))
    best = sorted(log, key=lambda row: row["val_miou"])[-KEPT:]
    assert {path.name for path in (tmp_path / "run/epochs").iterdir()} == {f"{row['epoch'] + 1:02.0f}.weights.h5" for row in best}


class Watch:
    """Shows what it is set to."""

    time = 0.0

    def __call__(self):
        return self.time


def test_a_training_ends_in_time_and_its_rate_falls_to_zero_by_then():
    watch, model = Watch(), SimpleNamespace(optimizer=SimpleNamespace(learning_rate=None), stop_training=False)
    clock = Clock(1.0, 100, watch)
    clock.set_model(model)
    rates = [clock.rate(0)]
    for epoch in range(99):
        clock.on_epoch_begin(epoch)
        rates.append(model.optimizer.learning_rate)
        watch.time += 10 if epoch else 50  # the first compiles, too
        clock.on_epoch_end(epoch)
        if model.stop_training:
            break
    assert watch.time == 100
    assert rates[:2] == [0.1, None]
    assert rates[2] == 1  # how long an epoch takes is not known yet
    assert rates[3:] == pytest.approx([0.5 * (1 + np.cos(np.pi * share)) for share in (0.3, 0.5, 0.7, 0.9)])


def test_a_run_of_so_many_seconds_ends_and_is_not_gone_on_with(tmp_path, small, capsys):
    assert len(train_small(tmp_path, TWO, WHOLE, seconds=1)) >= 1
    told = capsys.readouterr().out
    assert re.search(r"^Epoch 1, [01] seconds left$", told, re.M) and "Epoch 1/" not in told and "val_miou" in told
    assert "1 seconds" in json.loads((tmp_path / "run/settings.json").read_text())["epochs"]
    with pytest.raises(ValueError, match="cannot be gone on with"):
        train_small(tmp_path, TWO, WHOLE, seconds=1)


def test_where_sizes_are_compiled_pictures_of_any_size_are_scored_as_usual(monkeypatch):
    rng = np.random.default_rng(0)
    pairs = [(rng.integers(0, 256, (*size, 3), np.uint8), rng.integers(0, 3, size, np.uint8)) for size in ((48, 48), (40, 56), (56, 42)) * 4]
    model = two_layers(3, 4)
    usual = scored(model, THREE, pairs, None).scores.matrix
    shapes = set()
    predict = model.predict_on_batch
    monkeypatch.setattr(model, "predict_on_batch", lambda images: shapes.add(images.shape) or predict(images))
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    assert np.abs(scored(model, THREE, pairs, None).scores.matrix - usual).sum() < 0.02 * usual.sum()  # their last rows and columns see the grey
    assert shapes == {(8, 64, 64, 3)}


def test_a_published_model_is_gone_on_from_gently_and_with_all_of_the_class_weights(tmp_path, small, monkeypatch):
    train_small(tmp_path, THREE, WHOLE, "first")
    weights = tmp_path / "first/best.weights.h5"
    published = SimpleNamespace(sha256=file_sha256(weights), unweighted=0.5, shift=0.0)
    monkeypatch.setattr(training, "entries", lambda: {("three", "small"): published})
    train_small(tmp_path, THREE, replace(WHOLE, epochs=1), "second", weights=weights)
    assert float(json.loads((tmp_path / "second/settings.json").read_text())["peak_rate"]) == pytest.approx(0.4 * WHOLE.peak_rate)
    batches = RandomBatches(open_split(tmp_path / "data", "train", THREE), WHOLE.batch, WHOLE.crop, WHOLE.augmentation, 0)
    more = score_bias(small[-1], tmp_path / "second/start.weights.h5") - score_bias(small[-1], weights)
    np.testing.assert_allclose(more, 0.5 * np.log(median_frequency_weights(batches.class_counts())), atol=1e-6)


def score_bias(model, path):
    """What the file adds to the logits; the model is filled with it."""
    load_weights(keras.Model(model.inputs, model.outputs), path)  # without its optimizer
    return np.array(model.get_layer("score").bias)


def test_a_published_model_of_a_binary_task_is_gone_on_from_without_what_was_added_to_its_logit(tmp_path, small, monkeypatch):
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1), "first")
    weights = tmp_path / "first/best.weights.h5"
    monkeypatch.setattr(training, "entries", lambda: {("two", "small"): SimpleNamespace(sha256=file_sha256(weights), unweighted=None, shift=0.4)})
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1), "second", weights=weights)
    np.testing.assert_allclose(score_bias(small[-1], tmp_path / "second/start.weights.h5") - score_bias(small[-1], weights), -0.4, atol=1e-6)


def test_the_averaged_weights_are_scored_and_kept(tmp_path, small):
    # A mean over endless epochs stays where the first step left it, wherever training goes.
    log = train_small(tmp_path, THREE, replace(WHOLE, average=1e12))
    assert len({row["val_pixel_accuracy"] for row in log}) == 1
    assert len({row["loss"] for row in log}) == 4


def test_a_wider_network_s_weights_are_pruned_and_the_run_says_so(tmp_path, small, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, "small-wide", Architecture("small-wide", lambda num_outputs, pretrained: two_layers(num_outputs, 12)))
    wide = two_layers(TWO.num_outputs, 12)
    save_weights(wide, tmp_path / "wide.weights.h5")
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1), weights=tmp_path / "wide.weights.h5", rate=0.25)
    assert float(json.loads((tmp_path / "run/settings.json").read_text())["peak_rate"]) == pytest.approx(0.25 * WHOLE.peak_rate)
    assert json.loads((tmp_path / "run/settings.json").read_text())["pruned_from"] == "small-wide"
    small[0].load_weights(tmp_path / "run/start.weights.h5")
    filters = {column.tobytes() for column in np.asarray(wide.get_layer("first").kernel).reshape(27, 12).T.copy()}
    assert {column.tobytes() for column in np.asarray(small[0].get_layer("first").kernel).reshape(27, 8).T.copy()} < filters


def test_layers_frozen_by_the_recipe_keep_their_weights(tmp_path, small, monkeypatch):
    start = {}
    monkeypatch.setattr(training.Validation, "on_train_begin", lambda self, logs=None: start.update({w.path: w.numpy() for w in self.model.weights}))
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1, freeze_before="score"))
    unchanged = {w.path for w in small[0].weights if np.array_equal(start[w.path], w.numpy())}
    assert unchanged == {"first/kernel", "first/bias"}


@pytest.mark.parametrize("weighted", [True, False])
def test_the_recipe_says_whether_rare_classes_weigh_more(tmp_path, small, monkeypatch, weighted):
    given = []
    original = training.cross_entropy
    monkeypatch.setattr(training, "cross_entropy", lambda weights: given.append(weights) or original(weights))
    train_small(tmp_path, THREE, replace(WHOLE, epochs=1, class_weights=weighted))
    if weighted:
        counts = sum(np.bincount(mask.ravel(), minlength=3) for _, mask in open_split(tmp_path / "data", "train", THREE))
        np.testing.assert_array_equal(given, [median_frequency_weights(counts)])
    else:
        assert given == [None]


def test_a_teacher_that_is_all_of_the_loss_is_believed_not_the_mask(tmp_path, small, monkeypatch):
    contrary = Segmenter(lambda images: np.broadcast_to(np.float32([0, 0, 20]), (*images.shape[:3], 3)), THREE)
    monkeypatch.setattr(training, "teachers", lambda task_name: [contrary])
    splits = draw(tmp_path / "data", THREE)
    train("small", THREE, *splits, replace(WHOLE, epochs=40), tmp_path / "run", None, progress=False, distill=1.0)
    last = read_log(tmp_path / "run" / "log.csv")[-1]
    assert last["loss"] < 0.1
    assert last["val_pixel_accuracy"] == pytest.approx(np.mean([mask == 2 for _, mask in splits[1]]), abs=0.02)  # it says 2 everywhere


def test_one_logit_cannot_be_distilled(tmp_path, small):
    with pytest.raises(ValueError, match="--distill 0.5 needs a task of several outputs"):
        train("small", TWO, *draw(tmp_path / "data", TWO), WHOLE, tmp_path / "run", None, distill=0.5)


def test_a_layer_that_is_not_there_cannot_be_frozen(small):
    with pytest.raises(ValueError, match="no layer 'block_99'"):
        freeze(training.build("small", 1, None), "block_99")


def test_saved_weights_leave_the_optimizer_out(tmp_path, small):
    model = training.build("small", 1, None)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    save_weights(model, tmp_path / "model.weights.h5")
    with h5py.File(tmp_path / "model.weights.h5") as file:
        assert "optimizer" not in file


def test_the_best_score_of_a_run_not_begun_is_below_any_score(tmp_path):
    assert best_score(tmp_path / "log.csv") < 0
    (tmp_path / "log.csv").write_text("epoch,loss,val_miou\n0,1.0,0.25\n1,0.5,0.75\n2,0.4,0.5\n")
    assert best_score(tmp_path / "log.csv") == 0.75


def test_val_is_held_in_memory_only_where_it_is_small(tmp_path):
    split = draw(tmp_path, TWO)[1]
    assert isinstance(held(split, 2 * 48 * 56), list) and held(split, 2 * 48 * 56 - 1) is split


def test_val_without_a_label_is_found_before_the_first_epoch(tmp_path, small):
    splits = draw(tmp_path / "data", TWO)
    for mask in splits[1].masks:
        Image.fromarray(np.full((48, 56), 255, np.uint8)).save(mask)
    with pytest.raises(ValueError, match="nothing to score: every pixel of the val masks is 255"):
        train("small", TWO, *splits, WHOLE, tmp_path / "run", None, progress=False)
    assert not (tmp_path / "run").exists()
