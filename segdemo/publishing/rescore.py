"""The published boundary scores anew, as where their measure changed: ``python -m segdemo.publishing.rescore DATASETS``.

Writes the manifest's rows and the model cards; weights and other scores stay. The tables of the documents follow by
``python -m benchmarks.tables``.
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.publishing.model_card import model_card
from segdemo.runtime.litert import LiteRTNetwork
from segdemo.runtime.manifest import MANIFEST, Entry, write_manifest
from segdemo.scoring.evaluation import evaluate
from segdemo.tasks import TASKS
from segdemo.zoo import WEIGHTS, entries

MOST_APART = 0.0005  # of mIoU, between machines


def rescored(entry: Entry, datasets: Path, weights: Path = WEIGHTS) -> Entry:
    """The entry with its boundary score as it is measured now, by the published file on the published split.

    Raises:
        ValueError: if the mean IoU is not the published one: then the pictures or the file are others.
    """
    task = TASKS[entry.task]
    network = LiteRTNetwork(weights / entry.runtimes["litert"]["file"], weights / entry.file)
    split = open_split(datasets / entry.data, entry.split, task)
    report = evaluate(Segmenter(network, task), split).as_dict()
    if abs(report["mIoU"] - entry.miou) > MOST_APART:
        raise ValueError(f"{entry.task} {entry.model}: mIoU is {report['mIoU']:.4f} on {split.images[0].parent.parent}, published is {entry.miou:.4f}.")
    return replace(entry, boundary_f1=report["boundary_f1"])


def main() -> None:
    parser = ArgumentParser(prog="segdemo.publishing.rescore", description="Scores the boundaries of the published models anew.")
    parser.add_argument("datasets", type=Path, help="holds the labelled folders by the names in the manifest: camvid, animals ...")
    parser.add_argument("--task", choices=list(TASKS), help="only this task's models")
    options = parser.parse_args()
    for entry in entries().values():
        if options.task in (None, entry.task):
            new = rescored(entry, options.datasets)
            write_manifest(WEIGHTS / MANIFEST, new)
            (WEIGHTS / f"{entry.task}-{entry.model}.md").write_text(model_card(new), encoding="utf-8")
            print(f"{entry.task} {entry.model}: boundary F1 {entry.boundary_f1:.4f}, now {new.boundary_f1:.4f}", flush=True)


if __name__ == "__main__":
    main()
