"""A segmenter that was taught by strokes, and its file."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segdemo.inference.areas import Area
from segdemo.inference.segmentation import Segmenter, as_seen
from segdemo.languages import Words
from segdemo.runtime.files import write_whole
from segdemo.tasks import ClassInfo, Task
from segdemo.teaching.classifier import Classifier, Lesson, learn
from segdemo.teaching.correction import Corrected
from segdemo.teaching.edges import along_edges, guided
from segdemo.teaching.features import Eye, Map
from segdemo.teaching.strokes import MOST_CLASSES, MOST_PICTURES, TeachError, check_names, check_painted, check_strokes, count_painted, painted_pixels

Find = Callable[[str, str, tuple[int | None, ...]], Corrected]

PIXELS = 640 * 480  # the area at which pictures are seen
ENDING = ".segdemo"
LARGEST_FILE = 2_000_000  # bytes
MOST_FEATURES = 5000
FORMAT = 1
# Okabe and Ito's colours, which all eyes tell apart, a quiet one among them for the rest; then lighter and darker ones.
COLORS = (
    (0, 158, 115), (82, 94, 120), (213, 94, 0), (0, 114, 178), (204, 121, 167), (240, 228, 66), (86, 180, 233), (230, 159, 0), (94, 60, 153), (166, 219, 160),
    (128, 0, 38), (37, 52, 148), (253, 174, 107), (1, 70, 54), (250, 159, 181), (127, 127, 127), (166, 86, 40), (188, 189, 220), (229, 245, 249), (35, 35, 35),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A picture as it is learned from: its size (H, W), the size (h, w) at which it was looked at, what was seen, and the scores that are corrected."""

    size: tuple[int, int]
    seen_size: tuple[int, int]
    maps: tuple[Map, ...]
    scores: Map | None = None


class Taught:
    """The network of a taught segmenter (`segmentation.Network`): what is seen of a picture, classified; of a correction, added to the scores."""

    def __init__(self, eye: Eye, classifier: Classifier, corrected: Corrected | None = None):
        self.eye, self.classifier, self.corrected = eye, classifier, corrected

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return np.stack([self.of_seen(look(self.eye, image, self.corrected)) for image in images])

    def of_seen(self, seen: Seen) -> np.ndarray:
        """What it says of a picture that was looked at, (height, width, outputs) float32: of two classes one logit, see `Task.num_outputs`."""
        logits, lightness = self.classifier.logits(seen.maps, seen.seen_size), seen.maps[0].values[..., 0] / 255
        if self.corrected:
            assert seen.scores is not None
            logits = self.corrected.start(seen.scores).over_all(seen.seen_size) + guided(logits, lightness)
        else:
            logits = along_edges(logits, lightness)
        return logits[..., 1:] - logits[..., :1] if logits.shape[2] == 2 else logits


class TaughtSegmenter(Segmenter):
    """A `Segmenter` for classes that were painted.

    Attributes:
        painted: how many pixels of each class it learned from.
    """

    network: Taught

    def __init__(self, eye: Eye, classifier: Classifier, task: Task, painted: Sequence[int], corrected: Corrected | None = None):
        super().__init__(Taught(eye, classifier, corrected), task, "taught", runtime="litert")
        self.painted = tuple(int(count) for count in painted)

    def __repr__(self) -> str:
        told = (f"{name} ({count} pixels)" for name, count in zip(self.task.class_names, self.painted, strict=True))
        return f"<TaughtSegmenter: {', '.join(told)}>"

    def logits(self, image: np.ndarray, located: tuple[Area, ...] | None = None) -> np.ndarray:
        """As `Segmenter.logits`; what is corrected sees the picture at its own working size."""
        return self.network.of_seen(look(self.network.eye, image, self.network.corrected))

    def save(self, path: str | Path) -> Path:
        """Writes the classifier, numbers and names only, as ``path``, which by custom ends in .segdemo; returns the path."""
        path = Path(path)
        write_whole(path, self.to_bytes())
        return path

    def to_bytes(self) -> bytes:
        """What `save` writes."""
        c = self.network.classifier
        told: dict[str, object] = {"names": self.task.class_names, "eye": self.network.eye.made_of, "painted": self.painted}
        if on := self.network.corrected:
            told["corrects"] = {"task": on.segmenter.task.name, "model": on.segmenter.model, "ids": on.ids, "made_of": on.made_of}
        stream = io.BytesIO()
        np.savez(
            stream,
            format=np.uint8(FORMAT),
            told=np.frombuffer(json.dumps(told).encode(), np.uint8),
            colors=self.task.palette,
            mean=c.mean,
            deviation=c.deviation,
            weights=c.weights,
            bias=c.bias,
        )
        return stream.getvalue()


def taught_task(names: Sequence[str], colors: Sequence[Sequence[int]] | None = None) -> Task:
    """The task of painted classes."""
    infos = tuple(ClassInfo(name, name, (red, green, blue)) for name, (red, green, blue) in zip(names, colors or COLORS, strict=False))
    listed = ", ".join(names)
    sentence = Words(f"Taught by strokes: {listed}.", f"用笔画教的：{listed}。")
    return Task("taught", Words("Taught", "自己教的"), sentence, Words("strokes", "笔画"), infos, PIXELS)


def look(eye: Eye, image: np.ndarray, corrected: Corrected | None = None) -> Seen:
    """(H, W, 3) uint8 as it is learned from; this is what takes long."""
    small = as_seen(image, PIXELS)
    return Seen(image.shape[:2], small.shape[:2], eye(small), corrected.scores(image) if corrected else None)


def teach(
    eye: Eye,
    seen: Sequence[Seen],
    strokes: Sequence[np.ndarray],
    names: Sequence[str],
    colors: Sequence[Sequence[int]] | None = None,
    corrected: Corrected | None = None,
) -> TaughtSegmenter:
    """See `segdemo.teach`; the pictures are already looked at."""
    names = check_names(names, MOST_CLASSES + (corrected.segmenter.task.num_classes if corrected else 0))
    if len(seen) != len(strokes):
        raise TeachError(
            f"There are {len(seen)} pictures and strokes for {len(strokes)}; each picture needs its own.",
            f"有 {len(seen)} 张图片，却有 {len(strokes)} 份笔画；每张图片各需一份。",
        )
    if not 1 <= len(seen) <= MOST_PICTURES:
        many = len(seen)
        raise TeachError(f"There are {many} pictures; 1 to {MOST_PICTURES} can be learned from.", f"有 {many} 张图片；应为 1 到 {MOST_PICTURES} 张。")
    checked = [check_strokes(each, picture.size, names, number) for number, (each, picture) in enumerate(zip(strokes, seen, strict=True), 1)]
    counts = count_painted(checked, names)
    if not corrected:
        check_painted(counts, names)
    lessons = [
        Lesson(picture.maps, painted_pixels(each, counts), corrected.start(picture.scores) if corrected and picture.scores else None)
        for picture, each in zip(seen, checked, strict=True)
    ]
    return TaughtSegmenter(eye, learn(lessons, len(names)), taught_task(names, colors or _own_colors(corrected)), counts.tolist(), corrected)


def _own_colors(corrected: Corrected | None) -> list[tuple[int, int, int]] | None:
    """Of classes that are corrected their own; of the others those of `COLORS`."""
    known = corrected.segmenter.task.classes if corrected else ()
    return [known[i].color if i is not None else COLORS[n % len(COLORS)] for n, i in enumerate(corrected.ids)] if corrected else None


def read_taught(source: Path | bytes, eye: Eye, find: Find | None = None, name: str = "") -> TaughtSegmenter:
    """A segmenter from what `TaughtSegmenter.save` wrote. Nothing in the file is run.

    Args:
        source: the file, or what is in it.
        eye: what looked when it was taught.
        find: from task, model and ids to what is corrected; ValueError if there is no such.
        name: of the file, for what is said of it.

    Raises:
        TeachError: if it is no such file, is damaged, too large, or made with other networks than ``eye``.
    """
    name = name or (source.name if isinstance(source, Path) else "The file")
    if isinstance(source, Path) and not source.is_file():
        raise TeachError(f"{name}: there is no such file.", f"{name}：没有这个文件。")
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > LARGEST_FILE:
        raise _no_classifier(name)
    try:
        arrays = _arrays(source.read_bytes() if isinstance(source, Path) else source)
        told = json.loads(arrays["told"].tobytes())
        classes, features = arrays["weights"].shape
        corrected = _corrected(told.get("corrects"), find)
        names = check_names(told["names"], MOST_CLASSES + (corrected.segmenter.task.num_classes if corrected else 0))
        task = taught_task(names, arrays["colors"].tolist())
        classifier = Classifier(arrays["mean"], arrays["deviation"], arrays["weights"], arrays["bias"])
        shapes = {"mean": (features,), "deviation": (features,), "bias": (classes,), "colors": (classes, 3)}
        fits = classes == len(names) == len(told["painted"]) and features <= MOST_FEATURES and all(arrays[k].shape == v for k, v in shapes.items())
        sound = all(np.isfinite(arrays[key]).all() for key in ("mean", "deviation", "weights", "bias")) and (classifier.deviation > 0).all()
        fits = fits and (corrected is None or len(corrected.ids) == classes)
        painted = [int(count) for count in told["painted"]]
        same = told["eye"] == eye.made_of and (corrected is None or told["corrects"]["made_of"] == corrected.made_of)
    except Exception as error:  # of a hostile file, zipfile, NumPy and json raise nearly anything
        raise _no_classifier(name) from error
    if not (fits and sound):
        raise _no_classifier(name)
    if not same:
        raise TeachError(
            f"{name} was taught with other networks than this version of segdemo has. Teach it again from its strokes.",
            f"{name} 是用另一版本的网络教出来的。请用原来的笔画重新教一次。",
        )
    return TaughtSegmenter(eye, classifier, task, painted, corrected)


def _corrected(told: Any, find: Find | None) -> Corrected | None:
    if told is None:
        return None
    if find is None or not all(i is None or type(i) is int for i in told["ids"]):
        raise ValueError("corrects nothing that there is")
    return find(str(told["task"]), str(told["model"]), tuple(told["ids"]))


_KINDS = {"format": np.uint8, "told": np.uint8, "colors": np.uint8, "mean": np.float32, "deviation": np.float32, "weights": np.float32, "bias": np.float32}


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of the file; ValueError if there are others, or they are larger unpacked than the file may be."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(each.file_size for each in archive.infolist()) > LARGEST_FILE or {each.filename for each in archive.infolist()} != {f"{k}.npy" for k in _KINDS}:
            raise ValueError("other parts")
        headers = {key: _header(archive, key) for key in _KINDS}
    if any(kind != _KINDS[key] or math.prod(shape) > LARGEST_FILE for key, (shape, kind) in headers.items()):
        raise ValueError("other kinds")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {key: file[key] for key in _KINDS}


def _header(archive: zipfile.ZipFile, key: str) -> tuple[tuple[int, ...], np.dtype]:
    with archive.open(f"{key}.npy") as file:
        np.lib.format.read_magic(file)
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
    return shape, kind


def _no_classifier(name: str) -> TeachError:
    return TeachError(
        f"{name} is not a classifier that segdemo saved, or it is damaged. Such a file ends in {ENDING}.",
        f"{name} 不是 segdemo 保存的分类器，或者已损坏。这种文件以 {ENDING} 结尾。",
    )
