"""What is told of trained weights, and the file that tells it, ``manifest.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from segdemo.runtime.files import write_whole

MANIFEST = "manifest.json"
MOST_BYTES = 4_000_000
KINDS: dict[str, type | tuple[type, ...]] = {"str": str, "int": int, "float": (int, float), "bool": bool, "dict": dict, "list": list}
RUNTIME_FIELDS: dict[str, type | tuple[type, ...]] = {"file": str, "sha256": str, "bytes": int, "miou": (int, float)}


@dataclass(frozen=True)
class Entry:
    """One trained model in the manifest.

    Attributes:
        model, task: its names.
        file: the name of the weights' file beside the manifest, a Keras ``.weights.h5``.
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
        shift: what was added to the one logit of a binary task, chosen on that split; see `calibration.fit_shift`.
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
    shift: float = 0.0
    earlier: list[dict] = field(default_factory=list)


def brought_entry(task: str, path: Path, sha256: str, pixels: int, temperature: float) -> Entry:
    """Of a network that somebody brought as a file, and that nobody scored here: its scores are 0, of no pictures."""
    nothing: dict = {"dtype": "", "parameters": 0, "data": "", "split": "", "pictures": 0, "size": "", "count_error": None, "unweighted": None}
    scores: dict = dict.fromkeys(("miou", "pixel_accuracy", "class_accuracy", "boundary_f1", "ece_before", "ece", "usual_confidence"), 0.0)
    of_training: dict = {"iou": {}, "dice": {}, "runtimes": {}, "epochs": 0, "seconds": 0, "machine": "", "command": ""}
    known: dict = {"model": path.stem, "task": task, "file": path.name, "sha256": sha256, "bytes": path.stat().st_size, "pixels": pixels}
    return Entry(**known, **nothing, **scores, **of_training, temperature=float(temperature))


def read_manifest(path: Path) -> dict[tuple[str, str], Entry]:
    """The entries by (task, model); none if there is no file.

    Raises:
        ValueError: if the file is not a manifest, saying what is wrong.
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} has {path.stat().st_size / 1e6:.0f} MB; a manifest has less than {MOST_BYTES / 1e6:.0f}.")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        found = [Entry(**row) for row in rows]
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON: {error}.") from error
    except TypeError as error:
        raise ValueError(f"{path} is not a manifest as `export` writes it: {error}.") from error
    for entry in found:
        _check(entry, path)
    return {(entry.task, entry.model): entry for entry in found}


def write_manifest(path: Path, entry: Entry) -> None:
    """Writes or replaces one row."""
    rows = {**read_manifest(path), (entry.task, entry.model): entry}
    ordered = [asdict(rows[key]) for key in sorted(rows)]
    write_whole(path, (json.dumps(ordered, indent=1, ensure_ascii=False) + "\n").encode())


def _check(entry: Entry, path: Path) -> None:
    """ValueError if a value is of another kind than it must be, or a file lies elsewhere."""
    for each in fields(Entry):
        if not _fits(value := getattr(entry, each.name), str(each.type)):
            raise ValueError(f"{path}: {each.name!r} is {str(value)[:80]!r}; it must be {each.type}.")
    for runtime in ("litert", "litert-int8"):
        told = entry.runtimes.get(runtime)
        if not isinstance(told, dict) or not all(isinstance(told.get(name), kind) for name, kind in RUNTIME_FIELDS.items()):
            raise ValueError(f"{path}: 'runtimes' must tell {', '.join(RUNTIME_FIELDS)} of {runtime!r}. Export the training again.")
    for file in (entry.file, *(str(told["file"]) for told in entry.runtimes.values())):
        if Path(file).name != file or "\\" in file:
            raise ValueError(f"{path} names the file {file!r}; the files of a manifest lie beside it.")


def _fits(value: object, annotation: str) -> bool:
    if annotation.endswith(" | None"):
        return value is None or _fits(value, annotation.removesuffix(" | None"))
    return isinstance(value, KINDS[annotation.partition("[")[0]])
