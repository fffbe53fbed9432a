"""How good the network is that suggests a task: right on held-out pictures of every task, refusing what belongs to none, honest, and fast.

python -m segdemo.scoring.suggestion --data DIR --packages ROOT

Every picture is brought to at most 320 pixels and one JPEG quality before, so that a data set's camera gives nothing away, and
each task counts the same. The pictures of no task are photographs of other sources than those of the training, and drawings
of other seeds; see `segdemo.data.unknown`. ``--publish`` fits the temperature and what is added to the logits anew, and writes
them and the scores into weights/.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from segdemo.data import unknown
from segdemo.data.folder import open_split
from segdemo.data.views import FOLDERS, right_for, small, stored
from segdemo.scoring.calibration import Reliability
from segdemo.scoring.speed import machine, time_suggester
from segdemo.suggestion import SIDE, Suggester
from segdemo.tasks import TASKS
from segdemo.zoo import SUGGESTER, WEIGHTS, load, suggester

DRAWN, SEED = 100, 99  # pictures of no task that are drawn
CUT = 0.1  # of each side, on every edge: a view


@dataclass(frozen=True)
class Answers:
    """What the network says of N pictures of a kind.

    Attributes:
        logits: of V views of each picture, the first of which is the picture itself: (N, V, tasks + 1) float64.
        right: which of them are right, (N, tasks + 1) bool.
        face: whether it shows a face, (N,) bool.
    """

    logits: np.ndarray
    right: np.ndarray
    face: np.ndarray


Asked = dict[str, Answers]


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
        faces: of the pictures of each kind, those in which a face is found.
    """

    pictures: dict[str, int]
    right: dict[str, float]
    top1: float
    refused: float
    none: dict[str, float]
    ece: float
    faces: dict[str, float]


def ask(suggester: Suggester, data: Path, packages: Path, split: str = "val") -> Asked:
    """What the network says of the pictures of ``split``, and of those that belong to no task."""
    names = (*suggester.tasks, None)

    def answers(pairs: Iterator[tuple[np.ndarray, frozenset]]) -> Answers:
        logits, right, face = [], [], []
        for image, names_right in pairs:
            image = stored(image)
            logits.append([suggester.logits(view) for view in views(image)])
            right.append([name in names_right for name in names])
            face.append(suggester.has_face(image))
        return Answers(np.array(logits, np.float64), np.array(right, bool), np.array(face, bool))

    def labelled(task: str) -> Iterator[tuple[np.ndarray, frozenset]]:
        pictures = open_split(data / FOLDERS.get(task, task), split, TASKS[task])
        for i in range(len(pictures)):
            image, mask = small(pictures, i)
            yield image, right_for(task, mask, pictures)

    rng, none = np.random.default_rng(SEED), frozenset([None])
    asked = {task: answers(labelled(task)) for task in suggester.tasks}
    asked["photographs"] = answers((image, none) for _, image in unknown.held_out(packages))
    asked["drawings"] = answers((unknown.drawn(rng), none) for _ in range(DRAWN))
    return {kind: found for kind, found in asked.items() if len(found.right)}


def views(image: np.ndarray) -> list[np.ndarray]:
    """A picture (H, W, 3) as others might have taken it: itself, mirrored, its middle as a square, on a grey square, without its edges."""
    height, width = image.shape[:2]
    short, long = min(height, width), max(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    y, x = int(CUT * height), int(CUT * width)
    above, before = (long - height) // 2, (long - width) // 2
    on_grey = np.pad(image, ((above, long - height - above), (before, long - width - before), (0, 0)), constant_values=127)
    return [image, image[:, ::-1], image[top : top + short, left : left + short], on_grey, image[y : height - y, x : width - x]]


def fit(asked: Asked) -> tuple[float, np.ndarray]:
    """The temperature, and what is added to the logits before, that make what is right likeliest in every view, each kind of picture counting the same.

    Vector scaling (Guo et al. 2017, section 4.2), but with one temperature.
    """
    kinds = [(found.logits.transpose(1, 0, 2), found.right) for found in asked.values()]

    def surprise(fitted: np.ndarray) -> float:
        scaled = (((logits + fitted[1:]) / np.exp(fitted[0]), right) for logits, right in kinds)
        return float(np.mean([np.mean(logsumexp(x, axis=-1) - logsumexp(np.where(right, x, -np.inf), axis=-1)) for x, right in scaled]))

    log_temperature, *added = minimize(surprise, np.zeros(1 + kinds[0][1].shape[1])).x
    return float(np.exp(log_temperature)), np.array(added) - np.mean(added)


def calibrated(found: Answers, temperature: float, added: np.ndarray | float) -> np.ndarray:
    """The logits (N, tasks + 1) of the pictures themselves as `Suggester` uses them."""
    logits = (found.logits[:, 0] + added) / temperature
    none = logits.shape[1] - 1
    logits[found.face & (logits.argmax(axis=1) == none), none] = -np.inf
    return logits


def scores(asked: Asked, temperature: float, added: np.ndarray | float) -> Scores:
    """What the answers are worth."""
    logits = {kind: calibrated(found, temperature, added) for kind, found in asked.items()}
    tasks = [kind for kind in asked if kind in TASKS]
    first = {kind: logits[kind].argmax(axis=1) for kind in asked}
    hits = {kind: asked[kind].right[np.arange(len(first[kind])), first[kind]] for kind in asked}
    refused = {kind: float(np.mean(first[kind] == logits[kind].shape[1] - 1)) for kind in asked}
    right = {kind: float(np.mean(hits[kind])) for kind in tasks}
    reliability = Reliability()
    for kind in tasks:
        reliability.add(np.ones(len(hits[kind]), int), hits[kind].astype(int), softmax(logits[kind], axis=1).max(axis=1))
    return Scores(
        pictures={kind: len(first[kind]) for kind in asked},
        right=right,
        top1=float(np.mean([*right.values()])),
        refused=float(np.mean([refused[kind] for kind in tasks])),
        none={kind: refused[kind] for kind in asked if kind not in tasks},
        ece=reliability.expected_calibration_error,
        faces={kind: float(np.mean(asked[kind].face)) for kind in asked},
    )


def publish(network: Suggester, asked: Asked, facts: dict) -> dict:
    """Fits what the network says, scores it, and writes both, with the rest of ``facts``, into weights/; returns all of them."""
    temperature, added = fit(asked)
    temperature, added = round(temperature, 4), added.round(4)
    facts = {
        **facts,
        "temperature": temperature,
        "added": added.tolist(),
        "scores": _rounded(asdict(scores(asked, temperature, added))),
        "seconds": [round(value, 5) for value in time_suggester(network, load("deeplabv3plus"))],
        "machine": machine(),
    }
    (WEIGHTS / SUGGESTER).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    (WEIGHTS / SUGGESTER).with_suffix(".md").write_text(card(facts), encoding="utf-8")
    return facts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m segdemo.scoring.suggestion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/TASK/SPLIT/{images,masks}")
    parser.add_argument("--packages", type=Path, default=Path("/"), metavar="ROOT", help="where packages of Debian are installed (default: /)")
    parser.add_argument("--split", default="val", help="default: val; --publish fits and scores on val alone")
    parser.add_argument("--publish", action="store_true", help="fit the temperature and what is added, and write them and the scores into weights/")
    options = parser.parse_args()
    network = suggester()
    asked = ask(network, options.data, options.packages, "val" if options.publish else options.split)
    if options.publish:
        facts = publish(network, asked, json.loads((WEIGHTS / SUGGESTER).read_text(encoding="utf-8")))
        print(json.dumps(facts["scores"], indent=1))
        return
    found = scores(asked, network.temperature, network.added)
    for kind, count in found.pictures.items():
        share = f"right {found.right[kind]:.3f}" if kind in found.right else f"none  {found.none[kind]:.3f}"
        print(f"{kind:<12}{count:5d}  {share}  face {found.faces[kind]:.3f}")
    print(f"top-1 {found.top1:.4f}, refused {found.refused:.4f}, expected calibration error {found.ece:.4f}")
    suggestion, look, one_pass = (1000 * value for value in time_suggester(network, load("deeplabv3plus")))
    print(f"a suggestion {suggestion:.1f} ms, a look for faces {look:.1f} ms, a pass of DeepLabV3+ {one_pass:.1f} ms, {machine()}")


CARD = """# The task by itself

A network of its own says which task fits a picture, or none: `segdemo.suggest`. MobileNetV2 from ImageNet weights, the
mean of its features over the picture, one dense layer; the picture is seen at {side}x{side}. Its end was trained on views
of the training pictures of all tasks and on pictures that belong to none. It runs in int8 by LiteRT: {megabytes:.1f} MB.

Scores on {split}, every picture brought to at most 320 pixels and one JPEG quality before; the temperature and what is
added to the logits were chosen on the same pictures, mirrored, cut and framed, too:

| pictures of | how many | the first suggestion is right |
| --- | --- | --- |
{rows}

- Each task counting the same: {top1:.1%} right, {refused:.1%} refused (taken for none).
- A cow or a cat is right for animals and for scenes alike.
- Expected calibration error on the pictures of the tasks: {ece:.3f}.
- Where "none" would be first, a face is looked for, and a picture with one is not refused. One is found in {faces_none:.0%} of
  the pictures of no task, in {faces_clothes:.0%} of those of clothes and {faces_faces:.0%} of those of faces.
- A suggestion takes {suggestion:.1f} ms, the look for faces {look:.1f} ms, one pass of the street's DeepLabV3+ over a picture
  of 480x360 {pass_:.1f} ms ({machine}).

The photographs of no task are of scikit-image, Foolbox and the examples of OpenCV, none of them trained on; the drawings
are of other seeds than those of the training. What it was trained on for "none" is listed in `segdemo/data/unknown.py`.
What it gets wrong: coins and craters look like nuclei to it, and a thing photographed outdoors like a scene.

Trained by `{command}`; scored again by `python -m segdemo.scoring.suggestion --data DIR`.
"""


def card(facts: dict) -> str:
    """weights/suggest.md, from what weights/suggest.json says."""
    found = facts["scores"]
    shares = {**found["right"], **{f"none, {kind}": share for kind, share in found["none"].items()}}
    rows = (f"| {kind} | {count} | {share:.1%} |" for (kind, share), count in zip(shares.items(), found["pictures"].values(), strict=True))
    times = dict(zip(("suggestion", "look", "pass_"), (1000 * value for value in facts["seconds"]), strict=True))
    count, faces = found["pictures"], found["faces"]
    none = sum(faces[kind] * count[kind] for kind in found["none"]) / sum(count[kind] for kind in found["none"])
    shown = {"faces_none": none, "faces_clothes": faces["clothes"], "faces_faces": faces["faces"]}
    return CARD.format(**{**facts, **found, **times, **shown}, side=SIDE, split="val", megabytes=facts["bytes"] / 1e6, rows="\n".join(rows))


def _rounded(value: Any) -> Any:
    return {k: _rounded(v) for k, v in value.items()} if isinstance(value, dict) else round(value, 4)


if __name__ == "__main__":
    main()
