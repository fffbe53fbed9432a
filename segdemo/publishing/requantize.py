"""The published int8 networks anew, as where the way to int8 changed: ``python -m segdemo.publishing.requantize DATASETS --task TASK --model MODEL``.

Writes the file, the manifest's row and the model card; the weights stay. The tables of the documents follow by ``python -m benchmarks.tables``.
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from segdemo.data.folder import open_split
from segdemo.models import MODELS, build
from segdemo.publishing.model_card import model_card
from segdemo.publishing.publish import quantize, runtime_facts
from segdemo.runtime.files import whole
from segdemo.runtime.manifest import MANIFEST, Entry, write_manifest
from segdemo.tasks import TASKS
from segdemo.zoo import WEIGHTS, entries


def requantized(entry: Entry, datasets: Path, weights: Path = WEIGHTS) -> Entry:
    """Writes the entry's int8 network, scored on the published split, and gives the entry with its new facts."""
    task = TASKS[entry.task]
    model = build(task.form(entry.model), task.num_outputs)
    model.load_weights(weights / entry.file)
    train, split = (open_split(datasets / entry.data, name, task) for name in ("train", entry.split))
    with TemporaryDirectory() as folder:
        made = Path(folder) / entry.runtimes["litert-int8"]["file"]
        facts = runtime_facts(made, quantize(model, made, task, train, split))
        with whole(weights / made.name) as half:
            shutil.copy(made, half)
    return replace(entry, runtimes=entry.runtimes | {"litert-int8": facts})


def main() -> None:
    parser = ArgumentParser(prog="segdemo.publishing.requantize", description="Makes published int8 networks anew.")
    parser.add_argument("datasets", type=Path, help="holds the labelled folders by the names in the manifest: camvid, animals ...")
    parser.add_argument("--task", required=True, choices=list(TASKS))
    parser.add_argument("--model", required=True, choices=list(MODELS))
    options = parser.parse_args()
    entry = entries()[options.task, options.model]
    new = requantized(entry, options.datasets)
    write_manifest(WEIGHTS / MANIFEST, new)
    (WEIGHTS / f"{entry.task}-{entry.model}.md").write_text(model_card(new), encoding="utf-8")
    before, after = (each.runtimes["litert-int8"]["miou"] for each in (entry, new))
    print(f"{entry.task} {entry.model}: mIoU {entry.miou:.4f} in float32, in int8 {before:.4f}, now {after:.4f}")


if __name__ == "__main__":
    main()
