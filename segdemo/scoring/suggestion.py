"""How good the network is that suggests a task: right on held-out pictures of every task, refusing what belongs to none, honest, and fast.

python -m segdemo.scoring.suggestion --data DIR --packages ROOT

Every picture is brought to at most 320 pixels and one JPEG quality before, so that a data set's camera gives nothing away, and
each task counts the same. The pictures of no task are photographs of other sources than those of the training, and drawings
of other seeds; see `segdemo.data.unknown`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from segdemo.data import unknown
from segdemo.data.folder import open_split
from segdemo.data.views import FOLDERS, right_for, small, stored
from segdemo.scoring.calibration import Reliability
from segdemo.scoring.speed import machine
from segdemo.suggestion import SIDE, Suggester
from segdemo.tasks import TASKS
from segdemo.zoo import load, suggester

DRAWN, SEED = 100, 99  # pictures of no task that are drawn
RUNS = 30
Asked = dict[str, tuple[np.ndarray, np.ndarray]]
"""Of each kind of pictures: the logits (N, tasks + 1), and which of them are right, bool."""


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1.

    Attributes:
        pictures: of each task, and "photographs" and "drawings" of none.
        right: of a task's pictures, those whose first suggestion is right.
        top1: the mean of ``right``, each task counting the same.
        refused: of the tasks' pictures, those whose first suggestion is None, each task counting the same.
        none: of the photographs and of the drawings of no task, those whose first suggestion is None.
        ece: expected calibration error of the first suggestion on the pictures of the tasks.
    """

    pictures: dict[str, int]
    right: dict[str, float]
    top1: float
    refused: float
    none: dict[str, float]
    ece: float


def ask(suggester: Suggester, data: Path, packages: Path, split: str = "val") -> Asked:
    """What the network says of the pictures of ``split``, and of those that belong to no task."""
    names = (*suggester.tasks, None)

    def answers(pairs: Iterator[tuple[np.ndarray, frozenset]]) -> tuple[np.ndarray, np.ndarray]:
        rows = [(suggester.logits(stored(image)), [name in right for name in names]) for image, right in pairs]
        return np.array([logits for logits, _ in rows], np.float64), np.array([right for _, right in rows])

    def labelled(task: str) -> Iterator[tuple[np.ndarray, frozenset]]:
        pictures = open_split(data / FOLDERS.get(task, task), split, TASKS[task])
        for i in range(len(pictures)):
            image, mask = small(pictures, i)
            yield image, right_for(task, mask, pictures)

    rng, none = np.random.default_rng(SEED), frozenset([None])
    asked = {task: answers(labelled(task)) for task in suggester.tasks}
    asked["photographs"] = answers((image, none) for _, image in unknown.held_out(packages))
    return {**asked, "drawings": answers((unknown.drawn(rng), none) for _ in range(DRAWN))}


def fit(asked: Asked) -> tuple[float, float]:
    """The temperature and what is added to "none" that make what is right likeliest, each kind of picture counting the same (Guo et al. 2017, section 4.2)."""

    def surprise(fitted: np.ndarray) -> float:
        kinds = ((calibrated(logits, np.exp(fitted[0]), fitted[1]), right) for logits, right in asked.values() if len(right))
        return float(np.mean([np.mean(logsumexp(x, axis=1) - logsumexp(np.where(right, x, -np.inf), axis=1)) for x, right in kinds]))

    log_temperature, none = minimize(surprise, np.zeros(2)).x
    return float(np.exp(log_temperature)), float(none)


def calibrated(logits: np.ndarray, temperature: float, none: float) -> np.ndarray:
    """(N, tasks + 1) as `Suggester` uses them."""
    return (logits + none * (np.arange(logits.shape[1]) == logits.shape[1] - 1)) / temperature


def scores(asked: Asked, temperature: float, none: float) -> Scores:
    """What the answers are worth."""
    asked = {kind: (calibrated(logits, temperature, none), right) for kind, (logits, right) in asked.items() if len(right)}
    tasks = [kind for kind in asked if kind in TASKS]
    first = {kind: logits.argmax(axis=1) for kind, (logits, _) in asked.items()}
    refused = {kind: float(np.mean(first[kind] == asked[kind][0].shape[1] - 1)) for kind in asked}
    right = {kind: float(np.mean(asked[kind][1][np.arange(len(first[kind])), first[kind]])) for kind in tasks}
    reliability = Reliability()
    for kind in tasks:
        logits, fits = asked[kind]
        hits = fits[np.arange(len(logits)), first[kind]].astype(int)
        reliability.add(np.ones(len(hits), int), hits, softmax(logits, axis=1).max(axis=1))
    return Scores(
        pictures={kind: len(first[kind]) for kind in asked},
        right=right,
        top1=float(np.mean([*right.values()])),
        refused=float(np.mean([refused[kind] for kind in tasks])),
        none={kind: refused[kind] for kind in asked if kind not in tasks},
        ece=reliability.expected_calibration_error,
    )


def seconds(suggester: Suggester) -> tuple[float, float]:
    """Of one picture of 480x360: a suggestion, and one pass of DeepLabV3+ for the street; medians of runs that take turns."""
    image, segmenter = np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8), load("deeplabv3plus")
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS + 2):
        for run, taken in zip((suggester.logits, segmenter.logits), times, strict=True):
            start = time.perf_counter()
            run(image)
            taken.append(time.perf_counter() - start)
    return median(times[0][2:]), median(times[1][2:])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m segdemo.scoring.suggestion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/TASK/SPLIT/{images,masks}")
    parser.add_argument("--packages", type=Path, default=Path("/"), metavar="ROOT", help="where packages of Debian are installed (default: /)")
    parser.add_argument("--split", default="val")
    options = parser.parse_args()
    network = suggester()
    found = scores(ask(network, options.data, options.packages, options.split), network.temperature, network.none)
    for kind, count in found.pictures.items():
        share = f"right {found.right[kind]:.3f}" if kind in found.right else f"none  {found.none[kind]:.3f}"
        print(f"{kind:<12}{count:5d}  {share}")
    print(f"top-1 {found.top1:.4f}, refused {found.refused:.4f}, expected calibration error {found.ece:.4f}")
    suggestion, pass_ = seconds(network)
    print(f"a suggestion {1000 * suggestion:.1f} ms, a pass of DeepLabV3+ {1000 * pass_:.1f} ms, {machine()}")


CARD = """# The task by itself

A network of its own says which task fits a picture, or none: `segdemo.suggest`. MobileNetV2 from ImageNet weights, the
mean of its features over the picture, one dense layer; the picture is seen at {side}x{side}. Its end was trained on views
of the training pictures of all tasks and on pictures that belong to none. It runs in int8 by LiteRT: {megabytes:.1f} MB.

Scores on {split}, every picture brought to at most 320 pixels and one JPEG quality before; the temperature and what is
added to "none" were chosen on the same pictures:

| pictures of | how many | the first suggestion is right |
| --- | --- | --- |
{rows}

- Each task counting the same: {top1:.1%} right, {refused:.1%} refused (taken for none).
- A cow or a cat is right for animals and for scenes alike.
- Expected calibration error on the pictures of the tasks: {ece:.3f}.
- A suggestion takes {suggestion:.1f} ms, one pass of the street's DeepLabV3+ over a picture of 480x360 {pass_:.1f} ms ({machine}).

The photographs of no task are of scikit-image, Foolbox and the examples of OpenCV, none of them trained on; the drawings
are of other seeds than those of the training. What it was trained on for "none" is listed in `segdemo/data/unknown.py`.
What it gets wrong: a night sky and the moon look like nuclei to it, and a thing photographed outdoors like a scene.

Trained by `{command}`; scored again by `python -m segdemo.scoring.suggestion --data DIR`.
"""


def card(facts: dict) -> str:
    """weights/suggest.md, from what weights/suggest.json says."""
    found = facts["scores"]
    shares = {**found["right"], **{f"none, {kind}": share for kind, share in found["none"].items()}}
    rows = (f"| {kind} | {count} | {share:.1%} |" for (kind, share), count in zip(shares.items(), found["pictures"].values(), strict=True))
    times = {"suggestion": 1000 * facts["seconds"][0], "pass_": 1000 * facts["seconds"][1]}
    return CARD.format(**{**facts, **found, **times}, side=SIDE, split="val", megabytes=facts["bytes"] / 1e6, rows="\n".join(rows))


def as_facts(found: Scores) -> dict:
    """For weights/suggest.json."""
    return {key: _rounded(value) for key, value in asdict(found).items()}


def _rounded(value: Any) -> Any:
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else round(value, 4)


if __name__ == "__main__":
    main()
