"""The networks that only the lesson needs: what a published one becomes without its finer scores, or its skips, or narrower, when it is trained on.

    python -m benchmarks.lesson_networks DIR [NAME ...]

DIR holds camvid/ and vessels/, labelled folders. Each network takes over every layer of the published one that fits, with its weights,
and is trained on, the first layers as they were; a narrower one is pruned first. Goes on after an interruption. Writes weights/lesson*.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from segdemo.data.discs import DISCS, discs
from segdemo.data.folder import Split, open_split
from segdemo.models import ARCHITECTURES, build
from segdemo.output.markdown import wrapped
from segdemo.publishing.publish import calibration_pictures
from segdemo.runtime.conversion import convert
from segdemo.runtime.files import file_sha256
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.tasks import TASKS, Task
from segdemo.training.batches import RandomBatches
from segdemo.training.loop import read_log, train, trained_by
from segdemo.training.losses import binary_cross_entropy
from segdemo.training.pruning import prune
from segdemo.training.recipes import Recipe, recipe_of
from segdemo.ui.learn.networks import MANIFEST
from segdemo.zoo import WEIGHTS, entries, folder_of

ROOT = Path(__file__).resolve().parent.parent
CARD = MANIFEST.with_suffix(".md")


@dataclass(frozen=True)
class Plan:
    """What is trained: an architecture, the published one it starts from, on which folder, how long, and up to which layer it stays as it was.

    A ``pruned`` one has the same layers with fewer channels. It is for LiteRT, too, for it shows what time width takes.
    """

    model: str
    start: str
    task: str
    data: str
    epochs: int
    steps: int
    freeze_before: str
    pruned: bool = False


DRAWN = ("deeplabv3-small", "deeplabv3-small-without-rates")  # architectures, trained on drawn discs from a random start
EPOCHS, PICTURES, BATCH, RATE = 24, 600, 16, 5e-3  # of those
VIEWS = 5  # batches of training views that pruning looks at
PLANS = {
    "fcn32s": Plan("fcn32s", "fcn8s", "street", "camvid", 5, 24, "block_13_expand"),
    "fcn16s": Plan("fcn16s", "fcn8s", "street", "camvid", 5, 24, "block_13_expand"),
    "unet-without-skips": Plan("unet-without-skips", "unet", "vessels", "vessels", 10, 25, "block_4_expand"),
    "deeplabv3plus-half": Plan("deeplabv3plus-half", "deeplabv3plus", "street", "camvid", 8, 45, "block_1_expand", pruned=True),
    "deeplabv3plus-quarter": Plan("deeplabv3plus-quarter", "deeplabv3plus", "street", "camvid", 8, 45, "block_1_expand", pruned=True),
}


def start(plan: Plan, recipe: Recipe, pictures: Split, path: Path) -> Path:
    """Writes the weights to start from: of each layer that both have, of one shape, the published network's, if it is not pruned on the ``pictures``."""
    task = TASKS[plan.task]
    model, source = build(plan.model, task.num_outputs), build(plan.start, task.num_outputs)
    load_weights(source, folder_of(task) / entries()[plan.task, plan.start].file)
    if plan.pruned:
        views = RandomBatches(pictures, recipe.batch, recipe.crop, recipe.augmentation, seed=0)
        prune(source, model, np.concatenate([views[i][0] for i in range(VIEWS)]))
    else:
        theirs = {layer.name: layer.get_weights() for layer in source.layers}
        for layer in model.layers:
            numbers = theirs.get(layer.name, [])
            if [each.shape for each in numbers] == [tuple(each.shape) for each in layer.weights]:
                layer.set_weights(numbers)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_weights(model, path)
    return path


def make(name: str, data: Path, runs: Path) -> dict:
    """Trains one, writes its file, and gives its line of the manifest."""
    plan, run = PLANS[name], runs / name
    task, folder = TASKS[plan.task], data / plan.data
    first, path = runs / f"{name}.weights.h5", WEIGHTS / f"lesson-{name}.weights.h5"
    keras.utils.set_random_seed(0)
    changes = {"epochs": plan.epochs, "steps": plan.steps, "freeze_before": plan.freeze_before, "class_weights": False}
    recipe = replace(recipe_of(task, plan.model), **changes)
    pictures, val = (open_split(folder, split, task) for split in ("train", "val"))
    if not first.is_file():
        start(plan, recipe, pictures, first)
    best = train(plan.model, task, pictures, val, recipe, run, None, weights=first, rate=1.0, progress=False)
    model = build(plan.model, task.num_outputs)
    load_weights(model, best)
    save_weights(model, path, "float16")
    scores = [round(row["val_miou"], 4) for row in read_log(run / "log.csv")]
    return {
        "file": path.name,
        "sha256": file_sha256(path),
        "task": plan.task,
        "model": plan.model,
        "start": f"{plan.task}-{plan.start}",
        "steps": plan.epochs * plan.steps,
        "views": recipe.batch,
        "val_miou": scores,
        "machine": trained_by(),
        "command": f"python -m benchmarks.lesson_networks DIR {name}",
        **({"parameters": model.count_params(), "runtimes": converted(model, path, pictures, task)} if plan.pruned else {}),
    }


def make_drawn(name: str) -> dict:
    """As `make`, of one of `DRAWN`."""
    keras.utils.set_random_seed(0)
    images, masks = (np.stack(each) for each in zip(*map(discs, range(PICTURES)), strict=True))
    model, steps = build(name, DISCS.num_outputs), EPOCHS * PICTURES // BATCH
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps)), binary_cross_entropy())
    model.fit(images.astype("float32"), masks, BATCH, EPOCHS, verbose=2)
    save_weights(model, path := WEIGHTS / f"lesson-{name}.weights.h5", "float16")
    return {
        "file": path.name,
        "sha256": file_sha256(path),
        "task": DISCS.name,
        "model": name,
        "parameters": model.count_params(),
        "steps": steps,
        "views": BATCH,
        "machine": trained_by(),
        "command": f"python -m benchmarks.lesson_networks DIR {name}",
    }


def converted(model: keras.Model, weights: Path, pictures: Split, task: Task) -> dict[str, dict]:
    """Writes the network for LiteRT, with 32 and with 8 bits, beside its weights."""
    load_weights(model, weights)
    name = weights.name.removesuffix(".weights.h5")
    litert, int8 = (weights.with_name(f"{name}.{kind}.npz") for kind in ("litert", "int8"))
    convert(model, weights, litert)
    convert(model, None, int8, calibration_pictures(pictures, task))
    return {runtime: {"file": file.name, "sha256": file_sha256(file)} for runtime, file in (("litert", litert), ("litert-int8", int8))}


def card(known: dict[str, dict]) -> str:
    """What is to be known of all of them, as Markdown."""
    head = ["network", "trained on from", "steps", "pictures a step", "mIoU on val, first epoch and best", "machine"]
    rows = [head, ["---"] * len(head)]
    for facts in (known[name] for name in (*PLANS, *DRAWN) if name in known):
        start = f"[{facts['start']}]({facts['start']}.md)" if "start" in facts else "nothing, drawn discs"
        scores = ", ".join(f"{v:.3f}" for v in (facts["val_miou"][0], max(facts["val_miou"]))) if "val_miou" in facts else ""
        rows.append([ARCHITECTURES[facts["model"]].title, start, str(facts["steps"]), str(facts["views"]), scores, facts["machine"]])
    texts = (
        "# The networks of the lesson",
        "They show what a part is worth, and serve nobody: the published networks are better. Each but the small ones, which learned drawn discs "
        "(`segdemo/data/discs.py`), takes over all layers of the published one that fit "
        "it, and is trained on without what it lacks; the narrower ones have a part of the channels everywhere (`segdemo/training/pruning.py`). Their "
        "numbers are stored as float16 where there are many, and they compute in float32. Data, "
        "licence and limits are those of the network that they start from: see its card.",
        "\n".join(f"| {' | '.join(row)} |" for row in rows),
        "Made by `python -m benchmarks.lesson_networks DIR`. What the lesson says of them is measured by `python -m benchmarks.lesson DIR`.",
    )
    return wrapped("\n\n".join(texts)) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesson_networks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*PLANS, *DRAWN)))
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "lesson")
    options = parser.parse_args()
    for name in options.names or (*PLANS, *DRAWN):
        made = make_drawn(name) if name in DRAWN else make(name, options.data, options.runs)
        known = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.is_file() else {}
        known[name] = made
        CARD.write_text(card(known), encoding="utf-8")
        MANIFEST.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
