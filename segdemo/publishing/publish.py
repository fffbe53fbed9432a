"""From a training run to what the project ships: small weights, the manifest's row, the model card."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np

from segdemo.data.folder import Split
from segdemo.inference.own import add_tasks
from segdemo.inference.segmentation import Segmenter, as_seen
from segdemo.models import build
from segdemo.models.layers import add_to_logits
from segdemo.models.lazy import keras
from segdemo.publishing.failures import plot_failures
from segdemo.publishing.model_card import model_card
from segdemo.runtime.conversion import convert
from segdemo.runtime.files import file_sha256, whole, write_whole
from segdemo.runtime.litert import LiteRTNetwork
from segdemo.runtime.manifest import MANIFEST, Entry, write_manifest
from segdemo.runtime.storage import save_weights
from segdemo.scoring.calibration import fit_shift, fit_temperature, fit_unweighting, usual_confidence
from segdemo.scoring.evaluation import Evaluation, evaluate
from segdemo.tasks import PUBLISHED, Task
from segdemo.training.backup import read_log
from segdemo.training.batches import RandomBatches
from segdemo.training.loop import freeze, leave_convolutions_alone, plot_curves
from segdemo.training.losses import median_frequency_weights
from segdemo.training.normalization import recalibrate
from segdemo.training.recipes import recipe_of
from segdemo.training.soup import greedy_soup
from segdemo.training.validation import KEPT, epoch_file
from segdemo.zoo import WEIGHTS, entries, load

RECALIBRATION_BATCHES = 40


def publish(model_name: str, task: Task, run: Path, train: Split, split: Split, data: str, split_name: str, dtype: str, folder: Path = WEIGHTS) -> Entry:
    """Stores the mean of a run's weights that scores best, scores the stored files (not the run's) and writes manifest row and model card.

    Args:
        model_name, task: what was trained.
        run: the folder that `training.loop.train` left.
        train: the pictures that int8 is fitted to.
        split: the labelled pictures for the score, called ``data`` and ``split_name`` in the manifest.
        dtype: "float16" halves the file.
        folder: where the files go; of a task of one's own one that has its ``classes.json``.
    """
    check_run(model_name, task, run)
    log = read_log(run / "log.csv")
    leave_convolutions_alone()
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    machine, command = ((run / file).read_text().strip() for file in ("machine.txt", "command.txt"))
    name = f"{task.name}-{model_name}"
    # In the run's folder: they take the old files' place only when they have been scored.
    path, litert, int8 = (run / f"{name}.{kind}" for kind in ("weights.h5", "litert.npz", "int8.npz"))
    model = build(task.form(model_name), task.num_outputs)
    recipe = recipe_of(task, task.form(model_name))
    views = RandomBatches(train, recipe.batch, recipe.crop, recipe.augmentation, seed=1, steps=RECALIBRATION_BATCHES)
    freeze(model, recipe.freeze_before)
    weights = median_frequency_weights(views.class_counts()) if recipe.class_weights and task.num_outputs > 1 else None
    averaged = greedy_soup(model, _kept(model, run, log), lambda: evaluate(_segmenter(model, task), split, boundaries=False).scores.mean_iou)
    if averaged == ("start",) and "pruned_from" not in settings:  # a pruned start is at least smaller
        raise ValueError(f"No epoch of {run}, alone or in a mean, is better than what it started from: nothing is published.")
    _recalibrate(model, task, views, split)
    unweighted = None if weights is None else _unweigh(model, task, weights, split)
    shift = _shift(model, task, split) if task.num_outputs == 1 else 0.0
    unrounded = evaluate(_segmenter(model, task), split, boundaries=False)
    save_weights(model, path, dtype)
    model.load_weights(path)
    convert(model, path, litert)
    segmenter = Segmenter(LiteRTNetwork(litert, path), task)
    before = evaluate(segmenter, split, boundaries=False)
    segmenter.temperature = round(fit_temperature(segmenter, split), 4)
    result = evaluate(segmenter, split, split.counts())
    quantized = quantize(model, int8, task, train, split)
    report = result.as_dict()
    sides = np.array([image.shape[1::-1] for image, _ in split])
    width, height = sides.max(axis=0)
    runtimes = {"litert": runtime_facts(litert, result), "litert-int8": runtime_facts(int8, quantized)}
    entry = Entry(
        model=model_name,
        task=task.name,
        file=path.name,
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        dtype=dtype,
        parameters=model.count_params(),
        data=data,
        split=split_name,
        pictures=len(split),
        size=f"{'' if (sides == sides[0]).all() else '≤'}{width}x{height}",
        pixels=task.pixels,
        miou=report["mIoU"],
        miou_float32=unrounded.as_dict()["mIoU"],
        pixel_accuracy=report["pixel_accuracy"],
        class_accuracy=report["class_accuracy"],
        boundary_f1=report["boundary_f1"],
        iou=report["iou"],
        dice=report["dice"],
        count_error=report["count_error"],
        averaged=list(averaged),
        unweighted=unweighted,
        shift=shift,
        temperature=segmenter.temperature,
        ece_before=before.as_dict()["expected_calibration_error"],
        ece=report["expected_calibration_error"],
        usual_confidence=round(usual_confidence(result.confidences, task.usual_share), 4),
        runtimes=runtimes,
        epochs=len(log),
        seconds=round(sum(row["seconds"] for row in log)),
        machine=machine,
        command=command,
        pruned="pruned_from" in settings,
        earlier=earlier_trainings(command, settings.get("start_sha256"), entries()),
    )
    for file in (path, litert, int8):
        with whole(folder / file.name) as half:
            shutil.copy(file, half)
    write_manifest(folder / MANIFEST, entry)
    for file in (path, litert, int8):
        file.unlink()
    if own := task.name not in PUBLISHED:
        add_tasks(folder)
    _illustrate(load(model_name, task.name), run, name, (folder if own else folder.parent) / "docs")
    write_whole(folder / f"{name}.md", model_card(entry).encode())
    return entry


def check_run(model_name: str, task: Task, run: Path) -> None:
    """ValueError if the folder holds no finished training of this model for this task; from another machine, not all of its epochs may have come."""
    if not (run / "backbone.weights.h5").is_file() or not any(epoch_file(run, row["epoch"]).is_file() for row in read_log(run / "log.csv")):
        train_first = f"Train first: python -m segdemo train --task {task.name} --model {model_name} --data DIR"
        raise ValueError(f"{run} is not a finished training with the weights of its best epochs. {train_first}, with another --run if this one is older.")
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    form = task.form(model_name)
    if (settings["model"], settings["classes"]) != (form, str(task.class_names)):
        raise ValueError(f"{run} holds a training of {settings['model']} for {settings['classes']}, not of {form} for {task.class_names}.")


def earlier_trainings(command: str, start_sha256: str | None, known: dict[tuple[str, str], Entry]) -> list[dict]:
    """Those that a training's ``--weights`` or ``--pretrained`` came from, oldest first; see `Entry`.

    Args:
        command: the training's.
        start_sha256: of the file that ``--weights`` named.
        known: what is published.
    """
    for entry in known.values():
        if entry.sha256 == start_sha256 or re.search(rf"--pretrained[ =](\S*/)?{entry.task}-{entry.model}/", command):
            told = {key: getattr(entry, key) for key in ("command", "epochs", "seconds", "averaged", "pruned")}
            return [*entry.earlier, told]
    return next((entry.earlier for entry in known.values() if entry.command == command), [])  # this training was exported before


def _kept(model: keras.Model, run: Path, log: list[dict[str, float]]) -> dict[str, list[np.ndarray]]:
    """The weights of a run's best epochs, as far as they are there, and those that it started from."""
    best = [path for row in sorted(log, key=lambda row: row["val_miou"]) if (path := epoch_file(run, row["epoch"])).is_file()][-KEPT:]
    kept = {}
    for path in (*sorted(best), *run.glob("start.weights.h5")):
        model.load_weights(path)
        kept[path.name.removesuffix(".weights.h5")] = model.get_weights()
    return kept


def _recalibrate(model: keras.Model, task: Task, views: RandomBatches, split: Split) -> None:
    """`normalization.recalibrate` on views of the training pictures, undone if the split's score does not rise by it."""
    segmenter = _segmenter(model, task)
    usual = model.get_weights(), evaluate(segmenter, split, boundaries=False).scores.mean_iou
    recalibrate(model, (views[i][0] for i in range(len(views))))
    if evaluate(segmenter, split, boundaries=False).scores.mean_iou <= usual[1]:
        model.set_weights(usual[0])


def _unweigh(model: keras.Model, task: Task, weights: np.ndarray, split: Split) -> float:
    """Takes the share of the class weights off the logits that `calibration.fit_unweighting` finds, and returns it."""
    share = fit_unweighting(_segmenter(model, task), split, weights)
    add_to_logits(model, -share * np.log(weights))
    return share


def _shift(model: keras.Model, task: Task, split: Split) -> float:
    """Adds to the logit what `calibration.fit_shift` finds, and returns it."""
    shift = fit_shift(_segmenter(model, task), split)
    add_to_logits(model, np.array([shift]))
    return shift


def _segmenter(model: keras.Model, task: Task) -> Segmenter:
    return Segmenter(lambda images: np.asarray(model.predict_on_batch(images)), task)


def quantize(model: keras.Model, path: Path, task: Task, train: Split, split: Split) -> Evaluation:
    """Writes the int8 file and scores it."""
    convert(model, None, path, calibration_pictures(train, task))
    return evaluate(Segmenter(LiteRTNetwork(path), task), split, boundaries=False)


def runtime_facts(file: Path, found: Evaluation) -> dict:
    """What the manifest tells of a file that a runtime takes."""
    return {"file": file.name, "sha256": file_sha256(file), "bytes": file.stat().st_size, "miou": found.as_dict()["mIoU"]}


def calibration_pictures(train: Split, task: Task) -> list[np.ndarray]:
    """A hundred pictures as the network sees them."""
    part = train.part(min(100 / len(train), 1))
    return [as_seen(image, task.pixels) for image, _ in part]


def _illustrate(segmenter: Segmenter, run: Path, name: str, docs: Path) -> None:
    """Draws what the model card shows."""
    (docs / "training").mkdir(parents=True, exist_ok=True)
    plot_curves(run / "log.csv", docs / "training" / f"{name}.svg")
    if segmenter.task.failures:
        (docs / "failures").mkdir(exist_ok=True)
        plot_failures(segmenter, docs / "failures" / f"{name}.jpg")
