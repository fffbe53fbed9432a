"""How good the extent of a clicked object is, and a corrected result: writes two tables of docs/teach-your-own.md.

python -m benchmarks.clicks --data DIR

The object is the largest connected region of a class of a picture of `val`. A program clicks in its middle, then in the middle of the largest
region that is still wrong, missing or too much, and so on; the IoU is that of the object. Beside it: GrabCut (OpenCV) with the same clicks.
Corrected is the task's best model: a dot with the true class in the middle of the largest wrong region, then another; mean IoU over the
classes that are true in the picture.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.teach import DOCUMENT, filled, table
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.tasks import TASKS
from segdemo.teaching.clicks import Click, extents
from segdemo.teaching.correction import as_painted
from segdemo.teaching.strokes import UNPAINTED
from segdemo.teaching.taught import look, teach
from segdemo.zoo import eye, load, what_is_corrected

TASK_NAMES = ("animals", "scenes")
CLICKS, DOTS = (1, 3, 5), (0, 1, 3)
SMALLEST = 400  # pixels of an object
LARGEST_DOT = 8  # pixels of its radius
ROUNDS, DISC, AROUND = 3, 0.02, 0.2  # of GrabCut; its seeds around a click, in shares of the longer side

Answer = Callable[[Sequence[Click]], np.ndarray]
"""Clicks of class 1 on the object and of class 0 beside it -> (H, W) bool."""


def largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected region of (H, W) bool."""
    _, parts, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return parts == 1 + statistics[1:, cv2.CC_STAT_AREA].argmax() if len(statistics) > 1 else np.zeros_like(mask)


def middle(region: np.ndarray) -> tuple[int, int, float]:
    """The place (y, x) of a region that lies deepest in it, and how deep."""
    depth = cv2.distanceTransform(np.pad(region.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return int(y), int(x), float(depth.max())


def object_of(mask: np.ndarray) -> np.ndarray | None:
    """The largest region of any class but the first, which is the background of these tasks; None if all are small."""
    found = max((largest(mask == c) for c in np.unique(mask) if c not in (0, UNPAINTED)), key=np.sum, default=np.zeros_like(mask, bool))
    return found if found.sum() >= SMALLEST else None


def clicked(truth: np.ndarray, known: np.ndarray, answer: Answer) -> list[float]:
    """The IoU after each click, up to the most of `CLICKS`."""
    clicks: list[Click] = []
    found, scores = np.zeros_like(truth), []
    for _ in range(max(CLICKS)):
        wrong, class_id = max(((largest(region & known), i) for region, i in ((truth & ~found, 1), (found & ~truth, 0))), key=lambda each: each[0].sum())
        if wrong.any():
            y, x, _ = middle(wrong)
            clicks.append(Click((y + 0.5) / truth.shape[0], (x + 0.5) / truth.shape[1], class_id))
        found = answer(clicks)
        scores.append(float((found & truth).sum() / (((found & known) | truth).sum())))
    return scores


def grab_cut(image: np.ndarray, clicks: Sequence[Click]) -> np.ndarray:
    """What OpenCV's GrabCut makes of a disc around each click; around the clicks on the object a wide one is likely, too, until one beside it says more."""
    height, width = image.shape[:2]
    seeds, longer = np.full((height, width), cv2.GC_PR_BGD, np.uint8), max(height, width)
    inside = all(each.id for each in clicks)
    for sure in (False, True):
        for each in clicks:
            share = DISC if sure else AROUND if inside else 3 * DISC
            kind = (cv2.GC_FGD if each.id else cv2.GC_BGD) if sure else (cv2.GC_PR_FGD if each.id else cv2.GC_PR_BGD)
            cv2.circle(seeds, (int(each.x * width), int(each.y * height)), max(round(share * longer), 3), kind, -1)
    if not np.isin(seeds, (cv2.GC_BGD, cv2.GC_PR_BGD)).any():
        seeds[0] = cv2.GC_BGD
    cv2.grabCut(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), seeds, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(seeds, (cv2.GC_FGD, cv2.GC_PR_FGD))


def corrected(image: np.ndarray, mask: np.ndarray, model: Segmenter) -> list[float]:
    """The mean IoU after 0, 1, 2 ... dots, up to the most of `DOTS`."""
    ids = tuple(range(model.task.num_classes))
    on = what_is_corrected(model.task.name, model.model, ids)
    seen, strokes, found = look(eye(), image, on), np.full(mask.shape, UNPAINTED, np.uint8), model(image).mask
    there, scores = np.unique(mask[mask != UNPAINTED]), []
    for number in range(max(DOTS) + 1):
        known = mask != UNPAINTED
        scores.append(float(np.mean([((found == c) & (mask == c)).sum() / (((found == c) & known) | (mask == c)).sum() for c in there])))
        wrong = max((largest((mask == c) & (found != c)) for c in there), key=np.sum)
        if number == max(DOTS) or not wrong.any():
            continue
        y, x, depth = middle(wrong)
        cv2.circle(strokes, (x, y), int(np.clip(0.7 * depth, 1, LARGEST_DOT)), int(mask[y, x]), -1)
        segmenter = teach(eye(), [seen], [strokes], model.task.class_names, corrected=on)
        found = as_painted(segmenter.decide(image, segmenter.network.of_seen(seen), {}), strokes).mask
    return scores


def measure(data: Path, task: str, pictures: int) -> tuple[dict[str, np.ndarray], int]:
    """The means of each method after each click or dot, and how many objects."""
    split, model = open_split(data / task, "val", TASKS[task]), load("auto", task)
    scores: dict[str, list[list[float]]] = {"segdemo": [], "GrabCut": [], "corrected": []}
    for i in np.linspace(0, len(split) - 1, min(pictures, len(split))).astype(int):
        image, mask = split[i]
        scores["corrected"].append(corrected(image, mask, model))
        truth = object_of(mask)
        if truth is None:
            continue
        seen = look(eye(), image)
        scores["segdemo"].append(clicked(truth, mask != UNPAINTED, lambda clicks, seen=seen: extents(seen, clicks, seen.size) == 1))
        scores["GrabCut"].append(clicked(truth, mask != UNPAINTED, lambda clicks, image=image: grab_cut(image, clicks)))
    for name, values in scores.items():
        print(f"{task:<10}{name:<12}{np.mean(values, axis=0).round(3)}", flush=True)
    return {name: np.mean(values, axis=0) for name, values in scores.items()}, len(scores["segdemo"])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clicks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/TASK/val/{images,masks}")
    parser.add_argument("--pictures", type=int, default=40, help="of each task, evenly chosen (default: 40)")
    options = parser.parse_args(arguments)
    found = {task: measure(options.data, task, options.pictures) for task in TASK_NAMES}
    rows = [
        (f"{task}, {count} objects", name, *(f"{means[name][n - 1]:.3f}" for n in CLICKS))
        for task, (means, count) in found.items()
        for name in ("segdemo", "GrabCut")
    ]
    fixed = [(task, *(f"{means['corrected'][n]:.3f}" for n in DOTS)) for task, (means, _) in found.items()]
    text = filled(DOCUMENT.read_text(encoding="utf-8"), "clicks", table(("", "", *(f"{n} click{'s' * (n > 1)}" for n in CLICKS)), rows))
    text = filled(text, "corrections", table(("", "the model", *(f"{n} dot{'s' * (n > 1)}" for n in DOTS[1:])), fixed))
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
