"""The trained weights: a ``manifest.json`` says what there is, how good it is, and what each file must contain."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Literal, overload

import numpy as np
from PIL import Image

from segdemo.errors import WeightsError, log_fault
from segdemo.images import read_image
from segdemo.inference import own
from segdemo.inference.heads import HeadFinder
from segdemo.inference.segmentation import Locator, Network, Segmenter
from segdemo.models import get_architecture
from segdemo.runtime import has_litert, resolve
from segdemo.runtime.brought import ENDINGS
from segdemo.runtime.files import file_sha256
from segdemo.runtime.manifest import MANIFEST, Entry, read_manifest
from segdemo.suggestion import AutoSegmenter, Suggester, Suggestions
from segdemo.tasks import TASKS, Task, get_task
from segdemo.teaching import taught
from segdemo.teaching.correction import Corrected, matched
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


def entries() -> dict[tuple[str, str], Entry]:
    """What is trained, by (task, model): the published weights, and those of `add_tasks`."""
    added = (entry for each in own.OWN.values() for entry in each.entries)
    return {**read_manifest(WEIGHTS / MANIFEST), **{(entry.task, entry.model): entry for entry in added}}


def best_model(task: str) -> str:
    """The model with the best mean IoU on val; `DEFAULT_MODEL` for a task without any, whose absence `load` tells."""
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
        model: "fcn8s", "unet" or "deeplabv3plus", see `MODELS`; or "auto", the task's best on val. By default "deeplabv3plus"; of the task "auto",
            and of a task that has none, the best. Or the path of a classifier that `TaughtSegmenter.save` wrote, which ends in ``.segdemo`` if it is
            no `Path`; it has a task of its own.
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
        return read_taught(Path(str(model)))
    if model not in (None, "auto"):
        get_architecture(str(model))
    if task == "auto":
        runtime = resolve(runtime)
        return AutoSegmenter(suggest, lambda name: load(model or "auto", name, runtime))
    the_task = get_task(task)
    known = entries()
    if model in (None, "auto"):
        model = DEFAULT_MODEL if model is None and (task, DEFAULT_MODEL) in known else best_model(task)
    brought = own.OWN[task].brought if task in own.OWN else None
    runtime = ENDINGS[brought.path.suffix] if brought else resolve(runtime)
    if (task, model) not in known:
        trained = ", ".join(m for t, m in sorted(known) if t == task) or "nothing yet"
        raise ValueError(f"There are no trained weights of {model!r} for the task {task!r}. Trained for it: {trained}.")
    key = task, model, runtime
    if key not in _cache:  # who finds it there need not wait while another is being loaded
        with _lock:
            if key not in _cache:
                entry = known[task, model]
                network = brought or _network(entry, the_task, runtime)
                if task in own.OWN and not brought:
                    _try_out(network, the_task, entry)
                _cache[key] = Segmenter(network, the_task, model, entry.temperature, runtime, entry.usual_confidence, locator(the_task))
    return _cache[key]


def _try_out(network: Network, task: Task, entry: Entry) -> None:
    """WeightsError unless the network runs and gives what the task needs: who knows what somebody's own files are."""
    try:
        outputs = network(np.zeros((1, 64, 64, 3), np.uint8)).shape
    except Exception as error:
        sentence = f"The weights of {entry.model} in {folder_of(task).name} cannot be run ({type(error).__name__}). Export them again."
        raise WeightsError(sentence, entry.file) from error
    if outputs != (1, 64, 64, task.num_outputs):
        sentence = f"The weights of {entry.model} in {folder_of(task).name} give {outputs[-1]} outputs; {task.name} needs {task.num_outputs}."
        raise WeightsError(sentence, entry.file)


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
    path, facts = suggester_file()
    from segdemo.runtime.litert import LiteRTNetwork

    return Suggester(LiteRTNetwork(path), facts["tasks"], facts["temperature"], facts["added"], locator(TASKS["faces"]))


def teach(
    pictures: Sequence[str | Path | bytes | Image.Image | np.ndarray],
    strokes: Sequence[np.ndarray],
    names: Sequence[str] | None = None,
    colors: Sequence[Sequence[int]] | None = None,
    correct: Segmenter | None = None,
) -> TaughtSegmenter:
    """Learns classes of one's own from strokes; takes about a second a picture.

    Args:
        pictures: each as `Segmenter.__call__` takes it.
        strokes: of each picture a uint8 array (H, W) of class ids; 255 where nothing is painted.
        names: of the classes, in the order of their ids; at least two are painted, unless something is corrected.
        colors: of the classes, (R, G, B) in 0-255.
        correct: what `load` gave: its results are the start, and the strokes say where it is wrong. A name that its task has is that class,
            another a new one; by default the names are all of its task.

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
    if correct is None:
        corrected, told = None, names or ()
    else:
        if (correct.task.name, correct.model) not in entries():
            raise taught.TeachError(
                "What is corrected must be a model of one task, as `load(model, task)` gives it.",
                "要纠正的应是某一个任务的模型，即 load(model, task) 的结果。",
            )
        told = names or correct.task.class_names
        corrected = what_is_corrected(correct.task.name, correct.model, matched(told, correct))
    looked = [taught.look(eye(), read_image(picture), corrected) for picture in pictures]
    return taught.teach(eye(), looked, strokes, told, colors, corrected)


def read_taught(source: Path | bytes, name: str = "") -> TaughtSegmenter:
    """A segmenter from what `TaughtSegmenter.save` wrote; see `taught.read_taught`."""
    return taught.read_taught(source, eye(), what_is_corrected, name)


def what_is_corrected(task: str, model: str, ids: tuple[int | None, ...]) -> Corrected:
    """ValueError if there are no such task, model or ids."""
    entry, known = entries().get((task, model)), [i for i in ids if i is not None]
    if entry is None or len(set(known)) != len(known) or not all(i in range(get_task(task).num_classes) for i in known):
        raise ValueError(f"There are no classes {ids} of the model {model!r} for the task {task!r} that can be corrected.")
    return Corrected(load(model, task), ids, entry.sha256)


@cache
def eye() -> Eye:
    """The networks behind `teach`, loaded once: a backbone that ImageNet trained, and published networks; it raises as `teach` does."""
    facts, asked = _features(), scoring()
    scores = [load(entry.model, entry.task, "litert-int8").logits for entry in asked]
    files = [facts["sha256"], *(entry.runtimes["litert-int8"]["sha256"] for entry in asked)]
    return Eye(_backbone(), scores, hashlib.sha256(" ".join(files).encode()).hexdigest())


def scoring() -> list[Entry]:
    """The models in int8 whose answers are features of `eye`, in its order."""
    return [entries()[task, model] for task, model in _features()["networks"]]


def backbone_file() -> Path:
    """The backbone of `eye`, checked; it raises as `teach` does."""
    facts = _features()
    return checked_file(WEIGHTS, facts, facts["command"])


@cache
def unseeing_eye() -> Eye:
    """The backbone alone, its numbers shuffled: what is learned with it shows what pretraining is worth."""
    facts = _features()
    return Eye(_backbone(facts["numbers"]), (), "shuffled " + facts["sha256"])


def _features() -> dict:
    return _facts(FEATURES, "The package ai-edge-litert, with which classes are taught, cannot be imported here.")


def _facts(name: str, without: str) -> dict:
    """What is said of a network that LiteRT alone runs; ``without`` is the sentence where there is no LiteRT."""
    if not has_litert():
        raise RuntimeError(without)
    path = WEIGHTS / name
    if not path.is_file():
        raise WeightsError(f"{path.name} is missing. Install segdemo again, or get weights/{path.name} from its repository.", path.name)
    return json.loads(path.read_text(encoding="utf-8"))


def _backbone(shuffled: Sequence[tuple[int, int]] = ()) -> Backbone:
    from segdemo.runtime.backbone import LiteRTBackbone

    return LiteRTBackbone(backbone_file(), shuffled)


def locator(task: Task) -> Locator | None:
    """What finds the faces of a task that wants them found first; None for others, and where there is no LiteRT to run it or its file is damaged."""
    return _face_finder() if task.faces_first and has_litert() else None


@cache
def _face_finder() -> Locator | None:
    """None, and a line in the log, without its file: every picture has an answer without it, too."""
    from segdemo.runtime.blazeface import BlazeFace

    try:
        return HeadFinder(BlazeFace(face_detector_file()))
    except WeightsError as error:
        log_fault("Faces are not found first", error)
        return None


def faults() -> Iterator[WeightsError]:
    """What is wrong with the files of all networks but the detector of faces: each that is missing or damaged, once."""
    files = [
        (folder_of(get_task(entry.task)), file, entry.command)
        for (task, _), entry in entries().items()
        if not (task in own.OWN and own.OWN[task].brought)
        for file in ({"file": entry.file, "sha256": entry.sha256}, *entry.runtimes.values())
    ]
    checks = [partial(checked_file, *each) for each in files]
    others = (suggester_file, lambda: checked_file(WEIGHTS, _features())) if has_litert() else ()
    for check in (*checks, *others):
        try:
            check()
        except WeightsError as error:
            yield error


def _network(entry: Entry, task: Task, runtime: str) -> Network:
    """What is imported here takes long, or may not be there: only when it is wanted."""
    if runtime != "keras":
        from segdemo.runtime.litert import LiteRTNetwork

        return LiteRTNetwork(*litert_files(entry, runtime))
    from segdemo.runtime.with_keras import KerasNetwork

    return KerasNetwork(entry.model, task, _weights(entry))


def litert_files(entry: Entry, runtime: str) -> tuple[Path, Path | None]:
    """The network's file, and the one with its large kernels if they are not inside; checked.

    Args:
        runtime: "litert" or "litert-int8".

    Raises:
        WeightsError: if one is missing or damaged.
    """
    weights = None if runtime == "litert-int8" else _weights(entry)
    return checked_file(folder_of(get_task(entry.task)), entry.runtimes[runtime], entry.command), weights


def _weights(entry: Entry) -> Path:
    return checked_file(folder_of(get_task(entry.task)), {"file": entry.file, "sha256": entry.sha256}, entry.command)


def suggester_file() -> tuple[Path, dict]:
    """The file of the network behind `suggest`, checked, and its facts: "tasks", "temperature" and "added", see `Suggester`; it raises as `suggest` does."""
    facts = _facts(SUGGESTER, "The package ai-edge-litert, which suggests a task, cannot be imported here. Name the task.")
    return checked_file(WEIGHTS, facts, facts["command"]), facts


def face_detector_file() -> Path:
    """The detector of `locator`, checked."""
    return checked_file(WEIGHTS, FACE_DETECTOR)


def folder_of(task: Task) -> Path:
    """Where the task's weights lie."""
    return own.OWN[task.name].folder if task.name in own.OWN else WEIGHTS


def checked_file(folder: Path, file: dict, command: str = "") -> Path:
    """The path of a file that is there and whole; ``command`` would make it again."""
    path = folder / file["file"]
    if not path.is_file():
        otherwise = f", or train: {command}" if command else "."
        raise WeightsError(f"{path.name} is missing. Install segdemo again, or get weights/{path.name} from its repository{otherwise}", path.name)
    if file_sha256(path) != file["sha256"]:
        sentence = f"{path.name} is damaged: its sha256 is not the manifest's. Install segdemo again, or get weights/{path.name} from its repository."
        raise WeightsError(sentence, path.name)
    return path
