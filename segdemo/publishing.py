"""From a training run to what the project ships: small weights, the manifest's row, the model card."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from segdemo.calibration import fit_temperature
from segdemo.data.folder import Split
from segdemo.evaluation import evaluate
from segdemo.model_card import model_card
from segdemo.models import build
from segdemo.plots import plot_failures
from segdemo.runtime import KerasNetwork
from segdemo.segmentation import Segmenter
from segdemo.storage import save_weights
from segdemo.tasks import Task
from segdemo.training import plot_curves, read_log
from segdemo.zoo import WEIGHTS, Entry, add_entry, file_sha256

DOCS = WEIGHTS.parent / "docs"


def publish(model_name: str, task: Task, run: Path, split: Split, data: str, split_name: str, dtype: str) -> Entry:
    """Stores a run's best weights, scores the stored file (not the run's) and writes manifest row and model card.

    Args:
        model_name, task: what was trained.
        run: the folder that `training.train` left.
        split: the labelled pictures for the score, called ``data`` and ``split_name`` in the manifest.
        dtype: "float16" halves the file.
    """
    best = run / "best.weights.h5"
    if not best.is_file():
        raise ValueError(f"{best} does not exist. Train first: python -m segdemo train --task {task.name} --model {model_name} --data DIR")
    path = WEIGHTS / f"{task.name}-{model_name}.weights.h5"
    new = run / path.name  # takes the old file's place only when it has been scored
    model = build(model_name, task.num_outputs)
    model.load_weights(best)
    save_weights(model, new, dtype)
    segmenter = Segmenter(KerasNetwork(model_name, task, new), task)
    counts = split.counts()
    before = evaluate(segmenter, split, boundaries=False)
    segmenter.temperature = round(fit_temperature(segmenter, split), 4)
    result = evaluate(segmenter, split, counts)
    report = result.as_dict()
    log = read_log(run / "log.csv")
    sides = np.array([image.shape[1::-1] for image, _ in split])
    width, height = sides.max(axis=0)
    shutil.move(new, path)
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
        miou=report["mIoU"],
        pixel_accuracy=report["pixel_accuracy"],
        class_accuracy=report["class_accuracy"],
        boundary_f1=report["boundary_f1"],
        iou=report["iou"],
        dice=report["dice"],
        count_error=report["count_error"],
        temperature=segmenter.temperature,
        ece_before=before.as_dict()["expected_calibration_error"],
        ece=report["expected_calibration_error"],
        usual_confidence=round(float(np.quantile(result.confidences, 0.02)), 4),
        epochs=len(log),
        seconds=round(sum(row["seconds"] for row in log)),
        machine=(run / "machine.txt").read_text().strip(),
        command=(run / "command.txt").read_text().strip(),
    )
    add_entry(entry)
    _illustrate(segmenter, run, f"{task.name}-{model_name}")
    (WEIGHTS / f"{task.name}-{model_name}.md").write_text(model_card(entry), encoding="utf-8")
    return entry


def _illustrate(segmenter: Segmenter, run: Path, name: str) -> None:
    """Draws what the model card shows."""
    for folder in ("failures", "training"):
        (DOCS / folder).mkdir(parents=True, exist_ok=True)
    plot_failures(segmenter, DOCS / "failures" / f"{name}.jpg")
    plot_curves(run / "log.csv", DOCS / "training" / f"{name}.svg")
