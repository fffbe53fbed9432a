"""How well the models of people and animals find people in full-length photographs, where whoever wears clothes is a person.

python -m benchmarks.people DIR        DIR: the data of the task clothes
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from segdemo.data.folder import open_split
from segdemo.models import MODELS
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import IGNORE_ID, TASKS
from segdemo.zoo import load


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("--split", default="val")
    options = parser.parse_args()
    pairs = open_split(options.data, options.split, TASKS["clothes"])
    person = TASKS["animals"].class_names.index("person")
    for model in MODELS:
        segmenter, matrix = load(model, "animals"), np.zeros((2, 3), int)
        for image, mask in pairs:
            truth = np.where(mask == IGNORE_ID, IGNORE_ID, mask > 0).astype(np.uint8)
            matrix += confusion_matrix(truth, (segmenter(image).mask == person).astype(np.uint8), 2)
        print(f"{MODELS[model].title}: IoU of the person {Scores(matrix).iou[1]:.3f} on {len(pairs)} pictures of {options.split}")


if __name__ == "__main__":
    main()
