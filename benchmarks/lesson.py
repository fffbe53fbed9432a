"""The figures of the lesson: what cuts, harm, bits and sizes cost, on `val`.

python -m benchmarks.lesson DIR        DIR holds camvid/ and vessels/, labelled folders; writes docs/lesson.json

Of the 101 validation pictures of CamVid every fifth is taken, of the vessels' all four.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np

from segdemo.analysis.insides import without
from segdemo.analysis.robustness import HARMS, LEVELS, harm, harm_mask
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.scoring.speed import machine
from segdemo.tasks import TASKS
from segdemo.zoo import load

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "lesson.json"
EVERY = 5
SKIPS = {stride: f"decoder_{stride}_concat" for stride in (16, 8, 4, 2)}
BRANCHES = {
    "1x1": "aspp_1x1_relu",
    **{f"{rate}": f"aspp_{i}_rate{rate}_pointwise_relu" for i, rate in enumerate((6, 12, 18))},
    "picture": "aspp_pool_up",
}
FINER = {"8s": (), "16s": ("score_8",), "32s": ("score_8", "score_16")}
SIZES = (0.25, 0.5, 1.0, 2.0)

Pairs = list[tuple[np.ndarray, np.ndarray]]


def scores(segmenter: Segmenter, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> Scores:
    classes = segmenter.task.num_classes
    return Scores(sum(confusion_matrix(mask, segmenter(image).mask, classes) for image, mask in pairs))


def shown(found: Scores, segmenter: Segmenter) -> dict:
    names = segmenter.task.class_names
    return {"miou": round(found.mean_iou, 4), "iou": {name: round(float(iou), 4) for name, iou in zip(names, found.iou, strict=True) if iou == iou}}


def skips(pairs: Pairs) -> dict:
    """The U-Net of vessels with every choice of its skips cut, by the strides of those that are left."""
    trained, found = load("unet", "vessels", "keras"), {}
    for left in (left for count in range(len(SKIPS) + 1) for left in combinations(SKIPS, count)):
        segmenter = without(trained, [layer for stride, layer in SKIPS.items() if stride not in left])
        found[",".join(map(str, left))] = shown(scores(segmenter, pairs), segmenter)
        print(left, list(found.values())[-1]["iou"]["vessel"], flush=True)
    return found


def finer(pairs: Pairs) -> dict:
    trained = load("fcn8s", "street", "keras")
    return {name: shown(scores(without(trained, cut), pairs), trained) for name, cut in FINER.items()}


def branches(pairs: Pairs) -> dict:
    """DeepLabV3+ without each branch of its pyramid, and with that branch alone."""
    trained: Segmenter = load("deeplabv3plus", "street", "keras")
    found = {}
    for name, cut in {
        "all": (),
        **{f"without {name}": (name,) for name in BRANCHES},
        **{f"only {name}": tuple(set(BRANCHES) - {name}) for name in BRANCHES},
    }.items():
        segmenter = without(trained, [BRANCHES[each] for each in cut])
        found[name] = shown(scores(segmenter, pairs), segmenter)
        print(name, found[name]["miou"], flush=True)
    return found


def harms(pairs: Pairs) -> dict:
    segmenter, found = load("deeplabv3plus", "street"), {}
    whole = shown(scores(segmenter, pairs), segmenter)
    for kind in HARMS:
        found[kind] = [whole]
        for level in range(1, LEVELS + 1):
            harmed = ((harm(image, kind, level), harm_mask(mask, kind, level)) for image, mask in pairs)
            found[kind].append(shown(scores(segmenter, harmed), segmenter))
        print(kind, [each["miou"] for each in found[kind]], flush=True)
    return found


def costs(pairs: Pairs) -> list[dict]:
    """Bits and working size."""
    found = []
    for runtime in ("litert", "litert-int8"):
        for size in SIZES:
            segmenter = at_size(load("deeplabv3plus", "street", runtime), size)
            found.append({"runtime": runtime, "size": size, **shown(scores(segmenter, pairs), segmenter)})
            print(runtime, size, found[-1]["miou"], flush=True)
    return found


def at_size(segmenter: Segmenter, size: float) -> Segmenter:
    """The segmenter at ``size`` times the pixels that its task is worked at."""
    task = dataclasses.replace(segmenter.task, pixels=int(segmenter.task.pixels * size))
    return Segmenter(segmenter.network, task, segmenter.model, segmenter.temperature, segmenter.runtime, segmenter.usual_confidence)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesson", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    options = parser.parse_args()
    street = list(open_split(options.data / "camvid", "val", TASKS["street"]))[::EVERY]
    vessels = list(open_split(options.data / "vessels", "val", TASKS["vessels"]))
    found = {"command": "python -m benchmarks.lesson DIR", "machine": machine(), "pictures": {"street": len(street), "vessels": len(vessels)}}
    for part, pairs in ((skips, vessels), (finer, street), (branches, street), (costs, street), (harms, street)):
        found[part.__name__] = part(pairs)
        print(part.__name__, "done", flush=True)
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
