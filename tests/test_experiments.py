"""The short trainings side by side; the trainings themselves are not run here."""

import json
from urllib.request import urlopen

import numpy as np
from PIL import Image

from benchmarks.experiments import EPOCHS, SHARES, SHOWN, cat, certainty, conclusion, means, report, row, runs
from segdemo.models import ARCHITECTURES, build
from segdemo.tasks import get_task
from segdemo.training.loop import freeze
from segdemo.zoo import load


def test_what_is_compared_has_the_same_budget_and_a_folder_of_its_own():
    assert len({run.name for run in runs()}) == len(runs()) == 3 * len(SHARES) + 3 * (3 + 2 + 2)
    for plot in ("transfer", "fcn", "unet", "deeplab"):
        assert len({(run.task, run.budget) for run in runs() if run.plot == plot}) == 1
    assert {run.model for run in runs()} <= set(ARCHITECTURES)


def test_the_three_starts_differ_in_what_they_train():
    transfer = {run.line: run for run in runs() if run.plot == "transfer"}
    assert {line: run.pretrained for line, run in transfer.items()} == {"from scratch": False, "frozen backbone": True, "fine-tuned": True}
    trained = {}
    for line, run in transfer.items():
        model = build(run.model, 7)
        freeze(model, run.recipe.freeze_before)
        trained[line] = {layer.name for layer in model.layers if layer.trainable and layer.weights}
    assert "Conv1" in trained["from scratch"] and "Conv1" not in trained["fine-tuned"]
    assert "block_16_project" in trained["fine-tuned"] and "block_16_project" not in trained["frozen backbone"]
    assert {"fc6_pointwise", "score_fr", "score_16", "score_8"} <= trained["frozen backbone"]


def test_the_report_holds_the_last_scores_and_a_plot_each(tmp_path):
    scores = [round(0.1 * i, 1) for i in range(1, EPOCHS + 1)]
    rows = [row(run, scores, "a machine") for run in runs()]
    report(rows, {"street": [367, 101], "animals": [2831, 300]}, "the command", tmp_path)
    assert len(json.loads((tmp_path / "experiments.json").read_text())["runs"]) == len(rows)
    text = " ".join((tmp_path / "experiments.md").read_text().split())  # whatever the width of its lines
    assert "Made by `the command`." in text and text.count("On a machine.") == 4
    assert "4 epochs of 60 steps of 8 crops of 288x224; 2831 training pictures, mIoU on 300 val pictures." in text
    for plot in ("transfer", "fcn", "unet", "deeplab"):
        assert f"({plot}.svg)" in text and "<svg" in (tmp_path / f"{plot}.svg").read_text()
    assert f"| fine-tuned | {scores[-1]:.3f} | {scores[-1]:.3f} | {scores[-1]:.3f} |" in text


def test_trainings_that_differ_by_their_seed_alone_are_one_line():
    rows = [{"line": line, "place": "100%", "seed": seed, "val_miou": [0.1, last]} for line, seed, last in (("a", 0, 0.5), ("a", 1, 0.75), ("b", 0, 0.25))]
    assert [(each["line"], each["val_miou"]) for each in means(rows)] == [("a", [0.1, 0.625]), ("b", [0.1, 0.25])]
    assert certainty(rows) == "Means of 1 or 2 trainings, which differ by up to 0.250 at the end."
    assert certainty(rows[1:]) == "One training each, so small differences say nothing."


def test_the_conclusion_tells_the_differences_at_the_end():
    def short(line, place, last):
        return {"line": line, "place": place, "val_miou": [0.9, last]}

    assert (
        conclusion("unet", [short("without skips", "100%", 0.5), short("with skips", "100%", 0.62)]) == "mIoU at the end: with skips +0.120 over without skips."
    )
    shares = zip(("5%", "25%", "100%"), (0.125, 0.1, 0.2), strict=True)
    said = conclusion("transfer", [short("from scratch", share, score) for share, score in shares])
    assert "from 5% to 25%, 25% to 100% of the pictures" in said and said.endswith(": from scratch -0.025, +0.100.")


def test_what_is_kept_of_the_cat_is_a_mask_of_class_ids():
    mask = Image.open(urlopen(cat(load("fcn8s", "animals"))))
    assert mask.size == SHOWN and mask.mode == "L" and (np.asarray(mask) == get_task("animals").class_names.index("cat")).mean() > 0.3
