import functools
import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from segdemo.data.augmentation import Augmentation
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.models import ARCHITECTURES, build
from segdemo.models.architecture import Architecture
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.scoring.evaluation import evaluate
from segdemo.tasks import get_task
from segdemo.training import loop as training
from segdemo.training.batches import RandomBatches
from segdemo.training.loop import KEPT, Clock, best_score, freeze, read_log, scored, train
from segdemo.training.losses import median_frequency_weights
from segdemo.training.recipes import Recipe
from segdemo.zoo import file_sha256

FACES = get_task("faces")
THREE = replace(FACES, classes=FACES.classes[:3], pixels=48 * 48)
COUNTED = replace(get_task("nuclei"), pixels=48 * 48)
TWO = replace(COUNTED, countable=False)


def draw(folder, task):
    """Four pictures to train on and two to validate on: rectangles in their class's colour on black."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("val", 2)):
        for kind in ("images", "masks"):
            (folder / split / kind).mkdir(parents=True)
        for i in range(count):
            mask = np.zeros((48, 56), np.uint8)
            for c in range(1, task.num_classes):
                y, x = rng.integers(0, 20, 2)
                mask[y : y + 24, x + 10 * c : x + 10 * c + 12] = c
            Image.fromarray(task.palette[mask]).save(folder / split / "images" / f"{i}.png")
            Image.fromarray(mask).save(folder / split / "masks" / f"{i}.png")
    return open_split(folder, "train", task), open_split(folder, "val", task)


class Killed(Exception):
    pass


def killed_in(epoch):
    def on_epoch_begin(self, current, logs=None):
        if current == epoch:
            raise Killed

    return on_epoch_begin


# --- A run of a real model, killed in its second epoch and started again


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
            killing.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", killed_in(1))
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


# --- The trainer knows nothing of the model: the rest is shown on a network of two layers

WHOLE = Recipe(crop=(48, 56), batch=4, epochs=4, peak_rate=0.02, average=1.0, augmentation=Augmentation())


def two_layers(num_outputs, filters):
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1, name="rescale")(image)
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name="first")(x)
    return keras.Model(image, keras.layers.Conv2D(num_outputs, 1, name="score")(x))


@pytest.fixture
def small(monkeypatch):
    """`train` builds this instead; the models built so far."""
    models = []

    def build_small(name, num_outputs, pretrained=None):
        models.append(two_layers(num_outputs, 8))
        return models[-1]

    monkeypatch.setattr(training, "build", build_small)
    monkeypatch.setattr(training, "save_backbone", lambda model, path: path.write_text("a backbone"))
    return models


def train_small(folder, task, recipe, run="run", **options):
    splits = [open_split(folder / "data", split, task) for split in ("train", "val")] if (folder / "data").exists() else draw(folder / "data", task)
    train("small", task, *splits, recipe, folder / run, None, progress=False, **options)
    return read_log(folder / run / "log.csv")


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


def test_a_run_of_so_many_seconds_ends_and_is_not_gone_on_with(tmp_path, small):
    assert len(train_small(tmp_path, TWO, WHOLE, seconds=1)) >= 1
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
    published = SimpleNamespace(sha256=file_sha256(weights), unweighted=0.5)
    monkeypatch.setattr(training, "entries", lambda: {("three", "small"): published})
    train_small(tmp_path, THREE, replace(WHOLE, epochs=1), "second", weights=weights)
    assert float(json.loads((tmp_path / "second/settings.json").read_text())["peak_rate"]) == pytest.approx(0.4 * WHOLE.peak_rate)
    biases = []
    for path in (weights, tmp_path / "second/start.weights.h5"):
        load_weights(keras.Model(small[-1].inputs, small[-1].outputs), path)  # without its optimizer
        biases.append(np.array(small[-1].get_layer("score").bias))
    batches = RandomBatches(open_split(tmp_path / "data", "train", THREE), WHOLE.batch, WHOLE.crop, WHOLE.augmentation, 0)
    np.testing.assert_allclose(biases[1] - biases[0], 0.5 * np.log(median_frequency_weights(batches.class_counts())), atol=1e-6)


def test_the_averaged_weights_are_scored_and_kept(tmp_path, small):
    # A mean over endless epochs stays where the first step left it, wherever training goes.
    log = train_small(tmp_path, THREE, replace(WHOLE, average=1e12))
    assert len({row["val_pixel_accuracy"] for row in log}) == 1
    assert len({row["loss"] for row in log}) == 4


def killed_in_validation(epoch):
    """Killed when the epoch is trained, but neither scored nor logged."""

    def on_epoch_end(self, current, logs=None, on_epoch_end=training.Validation.on_epoch_end):
        if current == epoch:
            raise Killed
        on_epoch_end(self, current, logs)

    return on_epoch_end


@pytest.mark.parametrize(
    ("callback", "method", "kill"),
    [(keras.callbacks.CSVLogger, "on_epoch_begin", killed_in(2)), (training.Validation, "on_epoch_end", killed_in_validation(3))],
    ids=["between epochs", "in the last validation"],
)
def test_a_killed_run_ends_as_an_uninterrupted_one(tmp_path, small, monkeypatch, callback, method, kill):
    # Every batch is the whole split without change, so the two runs see the same data whatever their order.
    whole = train_small(tmp_path, THREE, WHOLE, "whole")
    with monkeypatch.context() as patch:
        patch.setattr(callback, method, kill)
        with pytest.raises(Killed):
            train_small(tmp_path, THREE, WHOLE, "killed")
    resumed = train_small(tmp_path, THREE, WHOLE, "killed")
    assert [row["epoch"] for row in resumed] == [0, 1, 2, 3]
    for row, expected in zip(resumed, whole, strict=True):
        assert {**row, "seconds": 0} == pytest.approx({**expected, "seconds": 0}, abs=1e-3)
    for weight, expected in zip(small[2].get_weights(), small[0].get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-4)


def test_a_finished_run_is_left_alone_and_cannot_be_made_longer(tmp_path, small, capsys):
    log = train_small(tmp_path, TWO, replace(WHOLE, epochs=1))
    assert train_small(tmp_path, TWO, replace(WHOLE, epochs=1)) == log
    assert "already has its 1 epochs" in capsys.readouterr().out
    with pytest.raises(ValueError, match="finished run of 1 epochs"):
        train_small(tmp_path, TWO, replace(WHOLE, epochs=2))


def test_what_a_finished_run_was_stays_known(tmp_path, small):
    splits = draw(tmp_path / "data", TWO)
    for command, epochs in (("the first", 2), ("too late", 1)):
        train("small", TWO, *splits, replace(WHOLE, epochs=epochs), tmp_path / "run", None, progress=False, command=command)
    assert (tmp_path / "run/command.txt").read_text() == "the first\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"batch": 2}, "whose batch is 4, not 2"), ({"epochs": 9}, "in the middle of a run of 4 epochs, not 9"), ({"crop": (32, 32)}, "whose crop is")],
)
def test_a_run_goes_on_only_as_it_was_begun(tmp_path, small, monkeypatch, changed, message):
    with monkeypatch.context() as patch:
        patch.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", killed_in(2))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    with pytest.raises(ValueError, match=message):
        train_small(tmp_path, TWO, replace(WHOLE, **changed))
    assert len(train_small(tmp_path, TWO, WHOLE)) == WHOLE.epochs


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


def test_a_finished_run_of_another_model_is_not_taken_for_this_one(tmp_path, small):
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1))
    splits = [open_split(tmp_path / "data", split, TWO) for split in ("train", "val")]
    with pytest.raises(ValueError, match="whose model is small, not large"):
        train("large", TWO, *splits, replace(WHOLE, epochs=1), tmp_path / "run", None, progress=False)


def test_what_cannot_begin_leaves_nothing(tmp_path, small):
    (tmp_path / "wrong.weights.h5").write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"wrong.weights.h5' do not fit .* with 1 outputs: they are another model's, or damaged"):
        train("small", TWO, *draw(tmp_path / "data", TWO), WHOLE, tmp_path / "run", None, weights=tmp_path / "wrong.weights.h5")
    assert not (tmp_path / "run").exists()


def test_a_run_killed_after_its_last_epoch_is_finished_without_another(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(training, "plot_curves", lambda log, picture: killed_in(0)(None, 0))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    log = read_log(tmp_path / "run/log.csv")
    assert train_small(tmp_path, TWO, WHOLE) == log
    assert (tmp_path / "run/curves.svg").is_file() and (tmp_path / "run/backbone.weights.h5").is_file()
    assert not (tmp_path / "run/backup").exists()


def test_a_run_killed_before_its_first_backup_starts_over(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(keras.callbacks.BackupAndRestore, "on_epoch_end", lambda self, epoch, logs=None: killed_in(0)(self, epoch))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    shutil.rmtree(tmp_path / "run/backup", ignore_errors=True)
    assert len(read_log(tmp_path / "run/log.csv")) == 1
    assert len(train_small(tmp_path, TWO, WHOLE)) == WHOLE.epochs


def test_a_worse_epoch_after_a_kill_does_not_replace_the_best_weights(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(keras.callbacks.CSVLogger, "on_epoch_begin", killed_in(3))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    log = tmp_path / "run/log.csv"
    header, *rows = log.read_text().splitlines()
    place = header.split(",").index("val_miou")
    cells = rows[0].split(",")
    cells[place] = "1.0"  # as if the first epoch could not be beaten
    log.write_text("\n".join([header, ",".join(cells), *rows[1:]]) + "\n")
    best = (tmp_path / "run/best.weights.h5").read_bytes()
    train_small(tmp_path, TWO, WHOLE)
    assert (tmp_path / "run/best.weights.h5").read_bytes() == best


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
