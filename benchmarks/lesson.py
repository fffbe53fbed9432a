"""The figures of the lesson: what cuts, harm, bits and sizes cost, on `val`.

python -m benchmarks.lesson DIR [PART ...]        DIR holds camvid/, vessels/ and animals/, labelled folders; writes docs/lesson.json

Of the 101 validation pictures of CamVid every fifth is taken, of the 300 of people and animals every tenth, of the vessels' all four.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from itertools import combinations, product
from pathlib import Path

import cv2
import numpy as np

from benchmarks.flops import flops
from segdemo.analysis.explanation import CELLS, GREY, seg_grad_cam
from segdemo.analysis.insides import coarsened, without
from segdemo.analysis.robustness import HARMS, LEVELS, harm, harm_mask, lifted
from segdemo.data.discs import discs
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter, resize, working_size
from segdemo.models import build
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.scoring.speed import machine
from segdemo.tasks import TASKS
from segdemo.ui.learn.cost import RUNTIMES, SIZES, WIDTHS, cheaper
from segdemo.ui.learn.deeplab import KEPT, RADII, network
from segdemo.ui.learn.networks import lesson_network
from segdemo.ui.learn.skips import BLOCK
from segdemo.zoo import load

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "lesson.json"
EVERY = {"street": ("camvid", 5), "vessels": ("vessels", 1), "animals": ("animals", 10)}
COMPARED = {"FCN-32s": "fcn32s", "FCN-16s": "fcn16s", "FCN-8s": "fcn8s", "without skips": "unet-wide-without-skips", "with skips": "unet-wide"}
SKIPS = {stride: f"decoder_{stride}_concat" for stride in (16, 8, 4, 2)}
FIRST, DRAWN, SIZED = 10_000, 100, 20  # seeds of drawings that no network has seen, how many of them, and of each radius
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


def apart(pairs: Pairs) -> dict:
    """FCN that was trained on without its finer scores, and as published."""
    networks = {"32s": lesson_network("fcn32s"), "16s": lesson_network("fcn16s"), "8s": load("fcn8s", "street", "keras")}
    return {name: shown(scores(segmenter, pairs), segmenter) for name, segmenter in networks.items()}


def skipless(pairs: Pairs) -> dict:
    """The U-Net of vessels that was trained on without skips, and as published."""
    networks = {"without": lesson_network("unet-without-skips"), "with": load("unet", "vessels", "keras")}
    return {name: shown(scores(segmenter, pairs), segmenter) for name, segmenter in networks.items()}


def eighth(pairs: Pairs) -> dict:
    """Masks without an error, but with one value for `BLOCK` x `BLOCK` pixels of the working size: a U-Net without upsampling gives no more."""
    task, matrix = TASKS["vessels"], 0
    for image, mask in pairs:
        height, width = working_size(*image.shape[:2], task.pixels)
        mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        large = coarsened(mask, BLOCK, task.num_classes).repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)[:height, :width]
        matrix = matrix + confusion_matrix(mask, large, task.num_classes)
    return {"miou": round(Scores(matrix).mean_iou, 4), "iou": {"vessel": round(float(Scores(matrix).iou[1]), 4)}}


def rates(_: Pairs) -> dict:
    """What is left of the small network's pyramid (`deeplab.KEPT`): the IoU of discs in new drawings, and of discs by their radius."""
    many = [discs(FIRST + i) for i in range(DRAWN)]
    by_radius = [[discs(FIRST + i, radius) for i in range(SIZED)] for radius in RADII]
    found = {}
    for kept in KEPT:
        segmenter = network(kept)
        iou, *others = (round(float(scores(segmenter, pairs).iou[1]), 4) for pairs in (many, *by_radius))
        found[kept] = {"iou": iou, "radii": others}
        print(kept, found[kept], flush=True)
    return {"pictures": DRAWN, "of_a_radius": SIZED, "kept": found}


def harms(pairs: Pairs) -> dict:
    segmenter, found = load("deeplabv3plus", "street"), {}
    whole = shown(scores(segmenter, pairs), segmenter)
    for kind in HARMS:
        found[kind] = [whole]
        for level in range(1, LEVELS + 1):
            harmed = ((harm(image, kind, level), harm_mask(mask, kind, level)) for image, mask in pairs)
            found[kind].append(shown(scores(segmenter, harmed), segmenter))
        print(kind, [each["miou"] for each in found[kind]], flush=True)
    found["place"] = [misplaced(segmenter, pairs, level) for level in range(LEVELS + 1)]
    return found


def misplaced(segmenter: Segmenter, pairs: Pairs, level: int) -> dict:
    """With a copy of each picture's largest car lifted: the scores, and which share of the copy's pixels is found, the mean of the pictures with a car."""
    car, found, matrix = segmenter.task.class_names.index("car"), [], 0
    for image, mask in pairs:
        image, mask, place = lifted(image, mask, car, level)
        seen = segmenter(image).mask
        matrix = matrix + confusion_matrix(mask, seen, segmenter.task.num_classes)
        if place.any():
            found.append((seen[place] == car).mean())
    return {**shown(Scores(matrix), segmenter), "found": round(float(np.mean(found)), 4)}


def looks(pairs: Pairs) -> dict:
    """How far a grey square lowers the mean probability of the largest thing: where Grad-CAM is hottest, and where it is coldest.

    As `explanation.occlusion` computes it, on the mask of the whole picture.
    """
    segmenter, keras_one = load("deeplabv3plus", "animals"), load("deeplabv3plus", "animals", "keras")
    falls = []
    for image, _ in pairs:
        mask = segmenter(image).mask
        sizes = np.bincount(mask.ravel(), minlength=segmenter.task.num_classes)[1:]
        if sizes.max() == 0:
            continue
        image = resize(image, working_size(*image.shape[:2], segmenter.task.pixels))
        mask, class_id = segmenter(image).mask, 1 + int(sizes.argmax())
        if not (mask == class_id).any():
            continue
        heat = seg_grad_cam(keras_one, image, class_id)
        squares = [(y, x) for y in np.array_split(np.arange(heat.shape[0]), CELLS) for x in np.array_split(np.arange(heat.shape[1]), CELLS)]
        squares.sort(key=lambda square: heat[np.ix_(*square)].mean())
        before, *after = (probability(segmenter, image, mask == class_id, class_id, square) for square in (None, squares[-1], squares[0]))
        falls.append([before - each for each in after])
    hot, cold = np.mean(falls, axis=0)
    return {"hot": round(float(hot), 4), "cold": round(float(cold), 4), "pictures": len(falls)}


def probability(segmenter: Segmenter, image: np.ndarray, inside: np.ndarray, class_id: int, square: tuple[np.ndarray, np.ndarray] | None) -> float:
    """The mean probability of a class over some pixels, (H, W) bool, under a grey square, if there is one."""
    covered = image.copy()
    if square is not None:
        covered[np.ix_(*square)] = GREY
    logits = segmenter.network(covered[None])[0][inside] / segmenter.temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return float((powers[:, class_id] / powers.sum(axis=1)).mean())


def work(pairs: Pairs) -> dict:
    """GFLOP of one picture, of the architectures that docs/experiments.md compares."""
    height, width = working_size(*pairs[0][0].shape[:2], TASKS["street"].pixels)
    return {line: round(flops(build(model, TASKS["street"].num_outputs), height, width) / 1e9, 2) for line, model in COMPARED.items()}


def costs(pairs: Pairs) -> list[dict]:
    """Width, bits and working size."""
    found = []
    for width, runtime, size in product(WIDTHS, RUNTIMES, SIZES):
        segmenter = cheaper("street", width, runtime, size)
        found.append({"width": width, "runtime": runtime, "size": size, **shown(scores(segmenter, pairs), segmenter)})
        print(width, runtime, size, found[-1]["miou"], flush=True)
    return found


PARTS = {
    "skips": ("vessels", skips),
    "skipless": ("vessels", skipless),
    "eighth": ("vessels", eighth),
    "apart": ("street", apart),
    "rates": ("street", rates),
    "costs": ("street", costs),
    "harms": ("street", harms),
    "looks": ("animals", looks),
    "work": ("street", work),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lesson", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    options = parser.parse_args()
    found = json.loads(FILE.read_text(encoding="utf-8")) if options.parts else {}
    splits = {task: open_split(options.data / folder, "val", TASKS[task]) for task, (folder, _) in EVERY.items()}
    places = {task: range(0, len(splits[task]), step) for task, (_, step) in EVERY.items()}
    found |= {"command": "python -m benchmarks.lesson DIR", "machine": machine(), "pictures": {task: len(each) for task, each in places.items()}}
    for name in options.parts or PARTS:
        task, measure = PARTS[name]
        found[name] = measure([splits[task][i] for i in places[task]])
        print(name, "done", flush=True)
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
