"""The networks of the page without a server, asked from Python: a folder served to a real browser, and what its worker answers."""

from __future__ import annotations

import base64
import functools
import http.server
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segdemo.inference.segmentation import Segmentation
from segdemo.teaching.clicks import Click

# Bytes travel as letters: as lists of numbers they would take minutes.
HARNESS = """() => {
  const worker = new Worker('worker.js'), waiting = new Map();
  worker.onmessage = ({ data }) => waiting.get(data.id)(data);
  const letters = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const told = (value) => {
    if (ArrayBuffer.isView(value)) return letters(value);
    if (value === null || typeof value !== 'object' || value instanceof Blob) return value instanceof Blob ? null : value;
    return Array.isArray(value) ? value.map(told) : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, told(each)]));
  };
  window.ask = ({ pixels, height, width, ...request }) => new Promise((done, failed) => {
    const rgb = bytes(pixels), data = new Uint8ClampedArray(4 * height * width).fill(255), id = waiting.size;
    for (let i = 0, o = 0; i < rgb.length; i += 3, o += 4) data.set(rgb.subarray(i, i + 3), o);
    for (const page of request.pages ?? []) page.strokes = page.strokes && bytes(page.strokes);
    waiting.set(id, ({ error, result }) => {
      waiting.set(id, null);
      if (error) failed(new Error(error));
      else done(told(result));
    });
    worker.postMessage({ id, picture: { data, height, width }, ...request });
  });
}"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, served on this machine as any web server would."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Answer:
    """What the browser says of a picture: as `Segmentation`, and each class's regions."""

    mask: np.ndarray
    confidence: np.ndarray
    regions: list[int]
    unfamiliar: bool


class Engine:
    """The worker of a page in the folder that `served` gives; ``facts`` are those of `catalog.engine_facts`."""

    def __init__(self, page: Any, facts: dict[str, Any]):
        self.page, self.facts = page, facts
        page.evaluate(HARNESS)

    def segment(self, image: np.ndarray, task: str, model: str, precision: str) -> Answer:
        found = self._ask(image, work="segment", longest=0, asked=self._asked(task, model, precision))
        mask = np.frombuffer(base64.b64decode(found["mask"]), np.uint8).reshape(image.shape[:2])
        confidence = np.frombuffer(base64.b64decode(found["confidence"]), np.float32).reshape(image.shape[:2])
        return Answer(mask, confidence, [each["regions"] for each in found["statistics"]], found["unfamiliar"])

    def drawn(self, image: np.ndarray, task: str, model: str, precision: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """What a card draws: class ids of that size (H, W) uint8; confidence and entropy in fiftieths, at half of it, (2, h, w) int."""
        found = self._ask(image, work="segment", longest=0, asked={**self._asked(task, model, precision), "drawn": list(size)})
        half = [-(-side // 2) for side in size]
        differences = np.frombuffer(base64.b64decode(found["doubts"]), np.int8).reshape(2, *half)
        return np.frombuffer(base64.b64decode(found["ids"]), np.uint8).reshape(size), np.cumsum(differences, axis=2, dtype=int)

    def live(self, image: np.ndarray, task: str, model: str, precision: str) -> np.ndarray:
        """The mask (H, W) uint8 of a frame of the camera."""
        found = self._ask(image, work="segment", longest=0, asked={**self._asked(task, model, precision), "live": True})
        return np.frombuffer(base64.b64decode(found["mask"]), np.uint8).reshape(image.shape[:2])

    def _asked(self, task: str, model: str, precision: str) -> dict[str, Any]:
        told = self.facts["tasks"][task]
        row = next(each for each in self.facts["models"] if (each["task"], each["model"]) == (task, model))
        asked = {"task": {**told, "classes": len(told["classes"])}, "network": row["networks"][precision], "detector": self.facts["detector"]}
        return asked | {key: row[key] for key in ("temperature", "usual")}

    def suggest(self, image: np.ndarray) -> dict[str | None, float]:
        """The probability of each task."""
        found = self._ask(image, work="suggest", longest=0, asked=self.facts["suggester"])
        return dict(found)

    def teach(
        self,
        image: np.ndarray,
        classes: int,
        strokes: np.ndarray | None = None,
        clicks: Sequence[Click] = (),
        corrects: tuple[str, str, Sequence[int | None]] | None = None,
    ) -> np.ndarray:
        """The mask (H, W) uint8 that strokes and clicks find; ``corrects``: (task, model, ids) of what they correct, in int8."""
        on = corrects and {"asked": self._asked(*corrects[:2], "int8"), "ids": corrects[2]}
        self._ask(image, work="open", key="0", keys=["0"], longest=0)
        told = {"key": "0", "strokes": None if strokes is None else _letters(strokes), "clicks": [asdict(each) for each in clicks]}
        found = self._ask(image, work="learn", pages=[told], classes=classes, eye=self.facts["eye"], shown=[0], corrects=on)
        return np.frombuffer(base64.b64decode(found["results"][0]["mask"]), np.uint8).reshape(image.shape[:2])

    def _ask(self, image: np.ndarray, **request: object) -> Any:
        height, width = image.shape[:2]
        return self.page.evaluate("ask", {"pixels": _letters(image), "height": height, "width": width, **request})


def _letters(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


@dataclass(frozen=True)
class Difference:
    """How far the browser's answer is from Python's: the share of equal pixels, the largest difference of a confidence, and whether the counts are equal."""

    equal: float
    confidence: float
    counts: bool

    @classmethod
    def of(cls, ours: Segmentation, theirs: Answer) -> Difference:
        counts = [each.regions for each in ours.statistics()] == theirs.regions and ours.unfamiliar == theirs.unfamiliar
        return cls(float(np.mean(ours.mask == theirs.mask)), float(np.abs(ours.confidence - theirs.confidence).max()), counts)
