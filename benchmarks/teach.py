"""How good classes are that strokes teach, and how fast: writes the tables of docs/teach-your-own.md.

python -m benchmarks teach --data DIR

A program draws three strokes of at most 30 pixels for every class of a picture of `val`; what is learned of them is scored on the rest of
the same picture, mean IoU over its classes. Beside it: the same with the backbone alone, with its numbers shuffled, and a random
forest on scikit-image's multiscale features, which is how ilastik and Weka do it.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import psutil
from skimage.feature import multiscale_basic_features
from sklearn.ensemble import RandomForestClassifier

from benchmarks.apps import most
from segdemo.data.folder import open_split
from segdemo.scoring.speed import machine
from segdemo.tasks import TASKS
from segdemo.teaching.features import Eye
from segdemo.teaching.strokes import UNPAINTED
from segdemo.teaching.taught import look, teach
from segdemo.zoo import eye, unseeing_eye

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "teach-your-own.md"
TARGETS = {"animals": 0.80, "scenes": 0.82, "nuclei": 0.82, "clothes": 0.58}
STROKES, LONGEST, TURN = 3, 30, 0.2  # of a class; pixels of each; radians by which it turns from pixel to pixel
SMALLEST = 100  # pixels of a class that is painted
AWAY = 3  # pixels from a border at which a stroke begins, where there is such a place
RUNS = 5

Method = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""A picture, strokes and the number of classes -> a mask."""


def draw(mask: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Strokes on (H, W) true ids: which classes are painted, and (H, W) uint8, the place of each in that list, 255 where nothing is painted."""
    classes = [c for c in np.unique(mask[mask != UNPAINTED]) if (mask == c).sum() >= SMALLEST]
    strokes = np.full(mask.shape, UNPAINTED, np.uint8)
    for number, c in enumerate(classes):
        inside = mask == c
        depth = cv2.distanceTransform(np.pad(inside.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
        starts = np.argwhere(depth >= min(AWAY, depth.max()))
        for _ in range(STROKES):
            place, angle = starts[rng.integers(len(starts))].astype(float), rng.uniform(0, 2 * np.pi)
            for _ in range(LONGEST):
                y, x = np.rint(place).astype(int)
                if not (0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and inside[y, x]):
                    break
                strokes[y, x] = number
                angle += rng.normal(0, TURN)
                place += np.sin(angle), np.cos(angle)
    return np.array(classes), strokes


def mean_iou(found: np.ndarray, mask: np.ndarray, strokes: np.ndarray, classes: np.ndarray) -> float:
    """Over the painted classes, where nothing is painted and one of them is true."""
    rest = (strokes == UNPAINTED) & np.isin(mask, classes)
    pairs = [((found == i) & rest, (mask == c) & rest) for i, c in enumerate(classes)]
    return float(np.mean([(a & b).sum() / max((a | b).sum(), 1) for a, b in pairs]))


def by_eye(eye: Eye) -> Method:
    def method(image: np.ndarray, strokes: np.ndarray, classes: int) -> np.ndarray:
        return teach(eye, [look(eye, image)], [strokes], [f"class {i}" for i in range(classes)])(image).mask

    return method


def random_forest(image: np.ndarray, strokes: np.ndarray, classes: int) -> np.ndarray:
    features = multiscale_basic_features(image, channel_axis=-1)
    painted = strokes != UNPAINTED
    forest = RandomForestClassifier(100, n_jobs=-1, random_state=0).fit(features[painted], strokes[painted])
    return forest.predict(features.reshape(-1, features.shape[-1])).reshape(strokes.shape)


METHODS = {
    "`segdemo.teach`": lambda: by_eye(eye()),
    "the same, without the tasks' networks": lambda: by_eye(Eye(eye().backbone)),
    "the same, the backbone's numbers shuffled": lambda: by_eye(unseeing_eye()),
    "random forest on multiscale filters": lambda: random_forest,
}


def figures(data: Path, pictures: int) -> tuple[dict[str, dict[str, float]], dict[str, int]]:
    """The mean IoU of each method on each task, and how many pictures."""
    scores: dict[str, dict[str, float]] = {}
    counts = {}
    chosen = {name: make() for name, make in METHODS.items()}
    for task in TARGETS:
        split = open_split(data / task, "val", TASKS[task])
        found: dict[str, list[float]] = {name: [] for name in chosen}
        for i in np.linspace(0, len(split) - 1, min(pictures, len(split))).astype(int):
            image, mask = split[i]
            classes, strokes = draw(mask, np.random.default_rng(i))
            if len(classes) > 1:
                for name, method in chosen.items():
                    found[name].append(mean_iou(method(image, strokes, len(classes)), mask, strokes, classes))
        counts[task] = len(next(iter(found.values())))
        for name, values in found.items():
            scores.setdefault(name, {})[task] = float(np.mean(values))
            print(f"{task:<10}{name:<42}{scores[name][task]:.3f}", flush=True)
    return scores, counts


def costs() -> list[tuple[str, float, float, str]]:
    """(what, how much, limit, unit): times are medians, memory is the most at any moment."""
    rng = np.random.default_rng(0)

    def noise(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        strokes = np.full((height, width), UNPAINTED, np.uint8)
        strokes[: height // 9, : width // 3], strokes[-height // 9 :, : width // 3], strokes[:, -width // 9 :] = 0, 1, 2
        return cv2.resize(rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8), (width, height)), strokes

    names = ["a", "b", "c"]
    image, strokes = noise(480, 640)
    seen = look(eye(), image)

    def stroke() -> None:
        segmenter = teach(eye(), [seen], [strokes], names)
        segmenter.decide(image, segmenter.network.of_seen(seen), {})

    large, large_strokes = noise(3000, 4000)
    segmenter = teach(eye(), [seen], [strokes], names)

    def from_nothing() -> None:
        teach(eye(), [look(eye(), large)], [large_strokes], names)(large)

    rows = [
        ("what is seen of a picture of 640x480, once", _median(lambda: look(eye(), image)), 1, "s"),
        ("a stroke of three classes on it, to the new mask", _median(stroke), 0.5, "s"),
        ("a photograph of 12 megapixels, from nothing to the mask", _median(from_nothing), 4, "s"),
    ]
    before = _megabytes()
    rows.append(("memory for that, beside the loaded networks", most(_megabytes, from_nothing) - before, 500, "MB"))
    return [*rows, ("the next picture of 640x480 by a taught classifier", _median(lambda: segmenter(image)), 1.2, "s")]


def _megabytes() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _median(function: Callable[[], object]) -> float:
    function()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return median(taken)


def table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *lines))


def filled(document: str, part: str, text: str) -> str:
    """The document with another text between the marks of a part."""
    return re.sub(rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)", lambda found: f"{found[1]}\n{text}\n\n{found[2]}", document, flags=re.S)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks teach", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/TASK/val/{images,masks}")
    parser.add_argument("--pictures", type=int, default=40, help="of each task, evenly chosen (default: 40)")
    options = parser.parse_args(arguments)
    taken, megabytes = costs(), _megabytes()
    scores, counts = figures(options.data, options.pictures)
    lines = [(name, *(f"{row[task]:.3f}" for task in TARGETS)) for name, row in scores.items()]
    lines += [("wanted", *(f"{target:.2f}" for target in TARGETS.values())), ("pictures of val", *(str(counts[task]) for task in TARGETS))]
    text = DOCUMENT.read_text(encoding="utf-8")
    text = filled(text, "figures", table(("", *TARGETS), lines))
    rows = [(what, f"{cost:.3g} {unit}", f"≤ {limit:g} {unit}") for what, cost, limit, unit in taken]
    told = f"Times are medians of {RUNS}, on {machine()}; the whole process then had {megabytes:.0f} MB."
    DOCUMENT.write_text(filled(text, "times", f"{table(('what', 'measured', 'wanted'), rows)}\n\n{told}"), encoding="utf-8")


if __name__ == "__main__":
    main()
