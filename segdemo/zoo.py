"""The trained weights: ``weights/manifest.json`` says what there is, how good it is, and what each file must contain."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, overload

import numpy as np
from PIL import Image

from segdemo.images import read_image
from segdemo.inference.heads import HeadFinder
from segdemo.inference.segmentation import Locator, Network, Segmenter
from segdemo.models import get_architecture
from segdemo.runtime import has_litert, resolve
from segdemo.suggestion import AutoSegmenter, Suggester, Suggestions
from segdemo.tasks import Task, get_task
from segdemo.teaching import taught
from segdemo.teaching.features import Backbone, Eye
from segdemo.teaching.taught import TaughtSegmenter

PACKAGE = Path(__file__).resolve().parent
WEIGHTS = (PACKAGE if (PACKAGE / "weights").is_dir() else PACKAGE.parent) / "weights"
"""Inside an installed package; beside it in a checkout."""

DEFAULT_MODEL = "deeplabv3plus"
FEATURES = "features.json"  # what the backbone is with which a taught classifier looks
SUGGESTER = "suggest.json"  # what the network that suggests a task is, and how good
FACE_DETECTOR = {"file": "face-detector.tflite", "sha256": "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3"}
"""BlazeFace, full range, by Google; ``weights/face-detector.md`` says where it is from."""

_cache: dict[tuple[str, str, str], Segmenter] = {}
_lock = threading.Lock()


class WeightsError(RuntimeError):
    """Weights that are missing or damaged."""


@dataclass(frozen=True)
class Entry:
    """One trained model in the manifest.

    Attributes:
        model, task: its names.
        file: the weights' file name in ``weights/``, a Keras ``.weights.h5``.
        sha256: of the file. bytes: its size. dtype: how the numbers are stored; the network computes in float32.
        parameters: how many numbers the model has.
        data, split, pictures, size: on what it was scored; the size with a ≤ where the pictures' sizes differ.
        pixels: the area at which the network saw them, `Task.pixels`.
        miou, pixel_accuracy, class_accuracy, boundary_f1: over that split. iou, dice: by class name; None for a class
            that does not occur.
        count_error: median relative error of the number of objects; None for a task that does not count.
        averaged: of which weights of the run they are the mean, chosen on that split: "07" is the seventh epoch's, "start" those that it
            started from. Empty where only the best epoch's were kept.
        unweighted: the share of the training's class weights that was taken off the logits, chosen on that split; None where there were none.
        temperature: see `Segmenter`; chosen on that split. ece_before, ece: expected calibration error there without
            and with it.
        usual_confidence: the `Segmentation.found_confidence` that `Task.usual_share` of the split's pictures reach; below it a picture is
            probably of another kind.
        runtimes: for "litert" and "litert-int8" a dict of the file's "file", "sha256" and "bytes", and the "miou" over that
            split. The former's large kernels are those of ``file``.
        epochs, seconds, machine: of the training that made it, validation included. command: that training.
        miou_float32: the mean IoU before the numbers were stored as ``dtype``, by Keras; None if it was not recorded.
        pruned: whether the weights that it started from were a wider network's; see `pruning.prune`.
        earlier: the trainings that it started from, oldest first, each a dict of "command", "epochs", "seconds" and maybe
            "averaged" and "pruned"; none if from ImageNet.
    """

    model: str
    task: str
    file: str
    sha256: str
    bytes: int
    dtype: str
    parameters: int
    data: str
    split: str
    pictures: int
    size: str
    pixels: int
    miou: float
    pixel_accuracy: float
    class_accuracy: float
    boundary_f1: float
    iou: dict[str, float | None]
    dice: dict[str, float | None]
    count_error: float | None
    unweighted: float | None
    temperature: float
    ece_before: float
    ece: float
    usual_confidence: float
    runtimes: dict[str, dict]
    epochs: int
    seconds: int
    machine: str
    command: str
    miou_float32: float | None = None
    averaged: list[str] = field(default_factory=list)
    pruned: bool = False
    earlier: list[dict] = field(default_factory=list)


def entries(weights: Path = WEIGHTS) -> dict[tuple[str, str], Entry]:
    """What is in the manifest, by (task, model)."""
    path = weights / "manifest.json"
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {(row["task"], row["model"]): Entry(**row) for row in rows}


def add_entry(entry: Entry, weights: Path = WEIGHTS) -> None:
    """Writes or replaces one row of the manifest."""
    rows = {**entries(weights), (entry.task, entry.model): entry}
    ordered = [asdict(rows[key]) for key in sorted(rows)]
    (weights / "manifest.json").write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def best_model(task: str) -> str:
    """The model with the best mean IoU on val; "deeplabv3plus" for a task without any, whose absence `load` tells."""
    trained = [entry for (name, _), entry in entries().items() if name == task]
    return max(trained, key=lambda entry: entry.miou).model if trained else DEFAULT_MODEL


@overload
def load(model: Path, task: str = ..., runtime: str = ...) -> TaughtSegmenter: ...
@overload
def load(model: str | None = ..., *, task: Literal["auto"], runtime: str = ...) -> AutoSegmenter: ...  # type: ignore[overload-overlap]
@overload
def load(model: str | None = ..., task: str = ..., runtime: str = ...) -> Segmenter: ...
def load(model: str | Path | None = None, task: str = "street", runtime: str = "auto") -> Segmenter | AutoSegmenter:
    """A trained model, ready to be called with pictures; loaded once and shared, safe to call from several threads.

    Args:
        model: "fcn8s", "unet" or "deeplabv3plus", see `MODELS`; or "auto", the task's best on val. By default "deeplabv3plus", of the task "auto" the best.
            Or the path of a classifier that `TaughtSegmenter.save` wrote, which ends in ``.segdemo`` if it is no `Path`; it has a task of its own.
        task: "street", "animals", "nuclei" ..., see `TASKS`; or "auto": each picture's most probable one, see `suggest`.
        runtime: "litert", "litert-int8" or "keras"; by default "litert" where it is installed. See `segdemo.runtime`.

    Raises:
        ValueError: if there is no such model, task or runtime, or none trained for this pair; the message lists what there is.
        WeightsError: if a file is missing or damaged.
        RuntimeError: if this machine lacks the runtime.

    Example:
        >>> result = segdemo.load("unet", task="street")("photo.jpg")
        >>> result.mask.shape, result.mask.dtype
        ((1080, 1920), dtype('uint8'))
    """
    if isinstance(model, Path) or (model or "").endswith(taught.ENDING):
        return taught.read_taught(Path(str(model)), eye())
    if model not in (None, "auto"):
        get_architecture(str(model))
    if task == "auto":
        runtime = resolve(runtime)
        return AutoSegmenter(suggest, lambda name: load(model or "auto", name, runtime))
    the_task = get_task(task)
    model = best_model(task) if model == "auto" else model or DEFAULT_MODEL
    runtime = resolve(runtime)
    known = entries()
    if (task, model) not in known:
        trained = ", ".join(m for t, m in sorted(known) if t == task) or "nothing yet"
        raise ValueError(f"There are no trained weights of {model!r} for the task {task!r}. Trained for it: {trained}.")
    key = task, model, runtime
    if key not in _cache:  # who finds it there need not wait while another is being loaded
        with _lock:
            if key not in _cache:
                entry = known[task, model]
                _cache[key] = Segmenter(
                    _network(entry, the_task, runtime), the_task, model, entry.temperature, runtime, entry.usual_confidence, locator(the_task)
                )
    return _cache[key]


def suggest(image: str | Path | bytes | Image.Image | np.ndarray) -> Suggestions:
    """Which task fits a picture, or none.

    Args:
        image: a path, an encoded file's bytes, a PIL image, or a uint8 array (H, W), (H, W, 3) RGB or (H, W, 4) RGBA.

    Returns:
        (a task's name, or None for "none of these"; its probability) of every task, the most probable first; they add up to 1.

    Raises:
        ImageError: (a ValueError) if the picture cannot be read; see `images.read_image`.
        WeightsError: if the network's file is missing or damaged.
        RuntimeError: if LiteRT, which runs it, has no build for this machine.

    Example:
        >>> segdemo.suggest("photo.jpg")[0]
        ('street', 0.98)
    """
    return suggester()(image)


@cache
def suggester() -> Suggester:
    """The network behind `suggest`, loaded once; it raises as `suggest` does."""
    if not has_litert():
        raise RuntimeError("The package ai-edge-litert, which suggests a task, cannot be imported here. Name the task.")
    from segdemo.runtime.litert import LiteRTNetwork

    path = WEIGHTS / SUGGESTER
    if not path.is_file():
        raise WeightsError(f"{path.name} is missing. Install segdemo again, or get weights/{path.name} from its repository.")
    facts = json.loads(path.read_text(encoding="utf-8"))
    return Suggester(LiteRTNetwork(_checked(facts, facts["command"])), facts["tasks"], facts["temperature"], facts["none"])


def teach(
    pictures: Sequence[str | Path | bytes | Image.Image | np.ndarray],
    strokes: Sequence[np.ndarray],
    names: Sequence[str],
    colors: Sequence[Sequence[int]] | None = None,
) -> TaughtSegmenter:
    """Learns classes of one's own from strokes; takes about a second a picture.

    Args:
        pictures: each as `Segmenter.__call__` takes it.
        strokes: of each picture a uint8 array (H, W) of class ids; 255 where nothing is painted.
        names: of the classes, in the order of their ids; at least two are painted.
        colors: of the classes, (R, G, B) in 0-255.

    Returns:
        A segmenter like those of `load`; its ``save(path)`` writes a file that `load(path)` reads.

    Raises:
        TeachError: (a ValueError) if nothing can be learned from them: the sentence says why.
        ImageError: (a ValueError) if a picture cannot be read.
        WeightsError: if a network's file is missing or damaged.
        RuntimeError: if LiteRT, which runs the networks, has no build for this machine.

    Example:
        >>> leaf = segdemo.teach(["leaf.jpg"], [strokes], ["leaf", "spot", "background"])
        >>> leaf("another.jpg").statistics()
        >>> leaf.save("leaf.segdemo")
    """
    looked = [taught.look(eye(), read_image(picture)) for picture in pictures]
    return taught.teach(eye(), looked, strokes, names, colors)


@cache
def eye() -> Eye:
    """The networks behind `teach`, loaded once: a backbone that ImageNet trained, and the published networks of some tasks; it raises as `teach` does."""
    facts, known = _features(), entries()
    asked = [known[task, DEFAULT_MODEL] for task in facts["tasks"]]
    files = [facts["sha256"], *(entry.runtimes["litert-int8"]["sha256"] for entry in asked)]
    scores = [load(DEFAULT_MODEL, entry.task, "litert-int8").logits for entry in asked]
    return Eye(_backbone(facts), scores, hashlib.sha256(" ".join(files).encode()).hexdigest())


@cache
def unseeing_eye() -> Eye:
    """The backbone alone, its numbers shuffled: what is learned with it shows what pretraining is worth."""
    facts = _features()
    return Eye(_backbone(facts, shuffled=facts["numbers"]), (), "shuffled " + facts["sha256"])


def _features() -> dict:
    """What the backbone is."""
    if not has_litert():
        raise RuntimeError("The package ai-edge-litert, with which classes are taught, cannot be imported here.")
    path = WEIGHTS / FEATURES
    if not path.is_file():
        raise WeightsError(f"{path.name} is missing. Install segdemo again, or get weights/{path.name} from its repository.")
    return json.loads(path.read_text(encoding="utf-8"))


def _backbone(facts: dict, shuffled: Sequence[tuple[int, int]] = ()) -> Backbone:
    from segdemo.runtime.backbone import LiteRTBackbone

    return LiteRTBackbone(_checked(facts, facts["command"]), shuffled)


def locator(task: Task) -> Locator | None:
    """What finds the faces of a task that wants them found first; None for others, and where there is no LiteRT to run it."""
    if not task.faces_first or not has_litert():
        return None
    from segdemo.runtime.blazeface import BlazeFace

    return HeadFinder(BlazeFace(_checked(FACE_DETECTOR)))


def _network(entry: Entry, task: Task, runtime: str) -> Network:
    """What is imported here takes long, or may not be there: only when it is wanted."""
    if runtime == "litert-int8":
        from segdemo.runtime.litert import LiteRTNetwork

        return LiteRTNetwork(_checked(entry.runtimes[runtime], entry.command))
    weights = _checked({"file": entry.file, "sha256": entry.sha256}, entry.command)
    if runtime == "litert":
        from segdemo.runtime.litert import LiteRTNetwork

        return LiteRTNetwork(_checked(entry.runtimes[runtime], entry.command), weights)
    from segdemo.runtime.with_keras import KerasNetwork

    return KerasNetwork(entry.model, task, weights)


def _checked(file: dict, command: str = "") -> Path:
    """The path of a file that is there and whole; ``command`` would make it again."""
    path = WEIGHTS / file["file"]
    if not path.is_file():
        raise WeightsError(
            f"{path.name} is missing. Install segdemo again, or get weights/{path.name} from its repository{f', or train: {command}' if command else '.'}"
        )
    if file_sha256(path) != file["sha256"]:
        raise WeightsError(f"{path.name} is damaged: its sha256 is not the manifest's. Install segdemo again, or get weights/{path.name} from its repository.")
    return path


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
