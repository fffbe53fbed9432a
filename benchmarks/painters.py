"""Twenty people who teach classes of their own at the same moment.

python -m benchmarks.painters        measures this part alone, and prints it
"""

from __future__ import annotations

import base64
import re
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import numpy as np

from benchmarks.apps import OURS, Visitor, running
from segdemo.data import scenes
from segdemo.output.visualization import jpeg
from segdemo.teaching.strokes import UNPAINTED
from segdemo.teaching.taught import COLORS
from segdemo.ui.parts.lesson import Lesson

PEOPLE, STROKES = 20, 6
SIDE = 554  # pixels: as many as 640x480 has
NAMES = ["cell", "the rest"]


def measure(quick: bool) -> dict:
    """Each paints dots on cells and between them, on a picture of `SIDE` by `SIDE` that nobody else has, and asks again as soon as there is an answer.

    Returns:
        ``people``; ``median`` and ``longest``, seconds from a stroke to its mask; ``megabytes``, the most that the app had;
        ``others``, how many masks were not those that the same strokes give without the page; ``errors``, texts.
    """
    people, strokes = (3, 2) if quick else (PEOPLE, STROKES)
    taken: list[float] = []
    answers: dict[int, np.ndarray] = {}
    errors: list[str] = []
    with TemporaryDirectory() as folder, running(*OURS) as app:
        pictures = [Path(folder) / f"cells-{number}.jpg" for number in range(people)]
        truths = []
        for number, path in enumerate(pictures):
            image, mask = scenes.cells(number, SIDE)
            path.write_bytes(jpeg(image))
            truths.append(mask > 0)
        start = Barrier(people)

        def paint(number: int) -> None:
            with Visitor(app.address, "answer_to") as visitor:
                gallery = [{"image": visitor.upload(pictures[number]), "caption": None}]
                start.wait()
                for count in range(1, strokes + 1):
                    wish = painted(pictures[number], truths[number], number, count)
                    begun = time.perf_counter()
                    try:
                        answer = visitor.ask([gallery], wish)["data"][0]
                    except Exception as error:
                        errors.append(repr(error))
                        continue
                    taken.append(time.perf_counter() - begun)
                    answers[number] = ids_of(answer)

        with ThreadPoolExecutor(people) as pool:
            megabytes = app.peak(lambda: list(pool.map(paint, range(people))))
        if not taken:
            raise RuntimeError(f"Nobody got a mask. The first was told: {errors[0]}")
        wishes = {number: painted(pictures[number], truths[number], number, strokes) for number in answers}
        others = sum(not np.array_equal(answers[number], alone(pictures[number], wish)) for number, wish in wishes.items())
    return {"people": people, "median": float(np.median(taken)), "longest": max(taken), "megabytes": megabytes, "others": others, "errors": errors}


def painted(picture: Path, truth: np.ndarray, seed: int, count: int) -> dict:
    """What `assets/teach/server.js` sends: so many dots on cells, and as many between them, where `truth` (h, w) says so."""
    rng, strokes = np.random.default_rng(seed), np.full(truth.shape, UNPAINTED, np.uint8)
    for id_, where in enumerate((truth, ~truth)):
        for y, x in rng.permutation(np.argwhere(where))[:count]:
            around = np.s_[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4]
            strokes[around] = np.where(where[around], id_, strokes[around])
    return {
        "serial": count,
        "page": 0,
        "names": NAMES,
        "colors": ["#{:02x}{:02x}{:02x}".format(*color) for color in COLORS[: len(NAMES)]],
        "strokes": [base64.b64encode(zlib.compress(strokes.tobytes())).decode()],
        "pictures": [picture.name],
    }


def ids_of(answer: str) -> np.ndarray:
    """(h * w,) uint8, from the answer as the page shows it."""
    return np.frombuffer(zlib.decompress(base64.b64decode(re.search(r'data-ids="([^"]+)"', answer)[1])), np.uint8)


def alone(picture: Path, wish: dict) -> np.ndarray:
    """(h * w,) uint8: what the same strokes give without the page."""
    lesson = Lesson.of([(str(picture), None)], wish)
    segmenter, (image, seen) = lesson.learned(), lesson.shown()
    mask = segmenter.decide(image, segmenter.network.of_seen(seen), {}).mask
    strokes = lesson.strokes_of(0)
    return np.where(strokes == UNPAINTED, mask, strokes).ravel()


if __name__ == "__main__":
    from benchmarks.results import table

    print(table({"painters": measure(quick=False)}))
