"""How many faces are found, and how many that are none: in the task faces' pictures and in three other data sets' masks.

python -m benchmarks.heads DIR        DIR: a folder of faces, scenes, clothes and animals, as `segdemo train` takes them
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from segdemo.data.folder import open_split
from segdemo.inference.heads import HeadFinder
from segdemo.tasks import TASKS
from segdemo.zoo import locator

SMALLEST = 150  # pixels of a face that is to be found
NEAR = np.ones((15, 15), np.uint8)  # so far beside a face's pixels a find may lie


def ids(task: str, *names: str) -> list[int]:
    return [TASKS[task].class_id(name) for name in names]


def head_of_a_portrait(mask: np.ndarray) -> list[np.ndarray]:
    return [np.isin(mask, ids("faces", "skin", "hair", "eyes", "nose", "mouth"))]


def faces_of_a_scene(mask: np.ndarray) -> list[np.ndarray] | None:
    """None of a scene without any."""
    count, areas, about, _ = cv2.connectedComponentsWithStats(np.isin(mask, ids("scenes", "face")).astype(np.uint8))
    return [areas == i for i in range(1, count) if about[i, cv2.CC_STAT_AREA] >= SMALLEST] if count > 1 else None


def head_of_the_dressed(mask: np.ndarray) -> list[np.ndarray]:
    """Skin and hair in the upper fifth of the person."""
    rows = np.flatnonzero((mask > 0).any(axis=1))
    head = np.isin(mask, ids("clothes", "skin", "hair"))
    head[int(rows[0] + 0.22 * (rows[-1] - rows[0])) :] = False
    return [head]


def without(task: str, *names: str) -> Callable[[np.ndarray], list[np.ndarray] | None]:
    """No face is to be found in pictures without these classes; None of others."""
    return lambda mask: None if np.isin(mask, ids(task, *names)).any() else []


KINDS = (
    ("faces", "val", "portraits", head_of_a_portrait),
    ("scenes", "train", "scenes with a face", faces_of_a_scene),
    ("clothes", "val", "people in clothes", head_of_the_dressed),
    ("animals", "val", "animals without a person", without("animals", "person")),
    ("scenes", "val", "scenes without a face", without("scenes", "face", "body")),
)


def middles(finder: HeadFinder, image: np.ndarray) -> Iterator[tuple[int, int]]:
    for left, top, right, bottom in finder.faces(image):
        yield tuple(int(np.clip((a + b) / 2, 0, n - 1)) for a, b, n in ((top, bottom, image.shape[0]), (left, right, image.shape[1])))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heads", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DIR")
    options = parser.parse_args()
    finder = locator(TASKS["faces"])
    assert isinstance(finder, HeadFinder), "LiteRT is needed"
    for task, split, title, heads_in in KINDS:
        found = there = false = pictures = 0
        seconds = []
        for image, mask in open_split(options.data / task, split, TASKS[task]):
            heads = heads_in(mask)
            if heads is None:
                continue
            start = time.perf_counter()
            places = list(middles(finder, image))
            seconds.append(time.perf_counter() - start)
            near = [cv2.dilate(head.astype(np.uint8), NEAR) for head in heads]
            pictures, there = pictures + 1, there + len(heads)
            found += sum(any(area[place] for place in places) for area in near)
            false += sum(not any(area[place] for area in near) for place in places)
        print(f"{title}: {found} of {there} found, {false} false in {pictures} pictures, {1000 * np.median(seconds):.0f} ms")


if __name__ == "__main__":
    main()
