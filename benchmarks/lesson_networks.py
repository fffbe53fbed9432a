"""The networks that only the lesson needs: what a published one becomes without its finer scores, or its skips, when it is trained on.

    python -m benchmarks.lesson_networks DIR [NAME ...]

DIR holds camvid/ and vessels/, labelled folders. Each network takes over every layer of the published one that fits, with its weights,
and is trained on, the first layers as they were. Goes on after an interruption. Writes weights/lesson*.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from segdemo.data.folder import open_split
from segdemo.models import ARCHITECTURES, build
from segdemo.output.markdown import wrapped
from segdemo.runtime.files import file_sha256
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.tasks import TASKS
from segdemo.training.loop import read_log, train, trained_by
from segdemo.training.recipes import recipe_of
from segdemo.ui.learn.networks import MANIFEST
from segdemo.zoo import WEIGHTS, entries, folder_of

ROOT = Path(__file__).resolve().parent.parent
CARD = MANIFEST.with_suffix(".md")


@dataclass(frozen=True)
class Plan:
    """What is trained: an architecture, the published one it starts from, on which folder, how long, and up to which layer it stays as it was."""

    model: str
    start: str
    task: str
    data: str
    epochs: int
    steps: int
    freeze_before: str


PLANS = {
    "fcn32s": Plan("fcn32s", "fcn8s", "street", "camvid", 5, 24, "block_13_expand"),
    "fcn16s": Plan("fcn16s", "fcn8s", "street", "camvid", 5, 24, "block_13_expand"),
    "unet-without-skips": Plan("unet-without-skips", "unet", "vessels", "vessels", 10, 25, "block_4_expand"),
}


def start(plan: Plan, path: Path) -> Path:
    """Writes the weights to start from: of each layer that both have, of one shape, the published network's."""
    task = TASKS[plan.task]
    model, source = build(plan.model, task.num_outputs), build(plan.start, task.num_outputs)
    load_weights(source, folder_of(task) / entries()[plan.task, plan.start].file)
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
    first = runs / f"{name}.weights.h5"
    keras.utils.set_random_seed(0)
    changes = {"epochs": plan.epochs, "steps": plan.steps, "freeze_before": plan.freeze_before, "class_weights": False}
    recipe = replace(recipe_of(task, plan.model), **changes)
    splits = (open_split(folder, split, task) for split in ("train", "val"))
    best = train(plan.model, task, *splits, recipe, run, None, weights=first if first.is_file() else start(plan, first), rate=1.0, progress=False)
    model = build(plan.model, task.num_outputs)
    load_weights(model, best)
    save_weights(model, path := WEIGHTS / f"lesson-{name}.weights.h5", "float16")
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
    }


def card(known: dict[str, dict]) -> str:
    """What is to be known of all of them, as Markdown."""
    head = ["network", "trained on from", "steps", "pictures a step", "mIoU on val by epoch"]
    rows = [head, ["---"] * len(head)]
    for facts in (known[name] for name in PLANS if name in known):
        start = f"[{facts['start']}]({facts['start']}.md)"
        rows.append([ARCHITECTURES[facts["model"]].title, start, str(facts["steps"]), str(facts["views"]), ", ".join(f"{v:.3f}" for v in facts["val_miou"])])
    texts = (
        "# The networks of the lesson",
        "They show what a part is worth, and serve nobody: the published networks are better. Each takes over all layers of the published one that fit "
        "it, and is trained on without what it lacks. Their numbers are stored as float16 where there are many, and they compute in float32. Data, "
        "licence and limits are those of the network that they start from: see its card.",
        "\n".join(f"| {' | '.join(row)} |" for row in rows),
        f"Made by `python -m benchmarks.lesson_networks DIR` on {next(iter(known.values()))['machine']}. What the lesson says of them is measured by "
        "`python -m benchmarks.lesson DIR`.",
    )
    return wrapped("\n\n".join(texts)) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesson_networks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PLANS))
    parser.add_argument("--runs", type=Path, default=ROOT / "runs" / "lesson")
    options = parser.parse_args()
    for name in options.names or PLANS:
        made = make(name, options.data, options.runs)
        known = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.is_file() else {}
        known[name] = made
        CARD.write_text(card(known), encoding="utf-8")
        MANIFEST.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
