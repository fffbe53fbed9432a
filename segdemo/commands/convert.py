"""``convert``: a trained model for other programs, compared before it is kept."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from segdemo.inference.segmentation import as_seen
from segdemo.runtime.files import write_whole
from segdemo.tasks import TASKS

SUMMARY = "Write a trained model for other programs, with its classes beside it; what is written is run and compared with the original."
FORMATS = ("tflite", "onnx", "saved_model", "keras")
LEAST_EQUAL = 0.9999  # of the pixels, that have the same class


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="TASK-MODEL", help="a trained model, such as animals-unet")
    parser.add_argument("--to", required=True, choices=FORMATS, help="tflite: phones; onnx: ONNX Runtime; saved_model: TensorFlow; keras: Keras")
    parser.add_argument("--size", type=_size, default=(360, 480), metavar="WIDTHxHEIGHT", help="of the pictures, for tflite and onnx (default: 480x360)")
    parser.add_argument("--out", "--output", type=Path, default=Path("."), help="folder for the results (default: here)")
    parser.add_argument("--tasks", action="append", metavar="DIR", help="a folder of tasks of your own (or SEGDEMO_TASKS=DIR)")


def run(options: Namespace) -> None:
    from segdemo.runtime.exports import KINDS
    from segdemo.zoo import load

    task, model = _named(options.model)
    segmenter: Any = load(model, task, "keras")
    ending, write = KINDS[options.to]
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / f"{options.model}{ending}"
    told = facts(options.model, segmenter, options.size)
    with TemporaryDirectory(dir=options.out) as folder:  # only what is equal takes the old one's place
        made = Path(folder) / kept.name
        run_other = write(segmenter.network.model, made, options.size, told)
        images = _pictures(task, options.size)
        pairs = [(segmenter.network(image[None])[0], np.asarray(run_other(image[None].astype(np.float32)))[0]) for image in images]
        equal = float(np.mean([_decided(ours) == _decided(theirs) for ours, theirs in pairs]))
        difference = float(np.max([np.abs(ours - theirs).max() for ours, theirs in pairs]))
        if not equal >= LEAST_EQUAL or not np.isfinite(difference):
            raise RuntimeError(f"{kept.name} is not equal to the original: {equal:.2%} of the pixels have the same class. Nothing was kept.")
        if kept.exists():
            print(f"{kept} was there before; it is replaced.")
        if kept.is_dir():
            shutil.rmtree(kept)
        made.replace(kept)
    about = kept.with_name(f"{kept.name}.json")
    text = json.dumps({**told, "equal_pixels": equal, "largest_difference": difference}, indent=1, ensure_ascii=False)
    write_whole(about, f"{text}\n".encode())
    print(f"{kept}: {equal:.2%} of the pixels have the same class, the logits differ by at most {difference:.1g}. {about} tells the rest.")


def facts(name: str, segmenter: Any, size: tuple[int, int]) -> dict[str, object]:
    """What a program needs to know to use the file."""
    task = segmenter.task
    return {
        "name": name,
        "title": task.title.en,
        "title_zh": task.title.zh,
        "input": {"layout": "NHWC", "channels": "RGB", "divide": 1, "counted": task.countable},
        "takes": f"(1, {size[0]}, {size[1]}, 3) float32: RGB, 0 to 255, as it is in the picture; about {task.pixels} pixels see it best",
        "pixels": task.pixels,
        "output": f"(1, {size[0]}, {size[1]}, {task.num_outputs}) float32: logits",
        "temperature": segmenter.temperature,
        "decision": _DECISIONS[min(task.num_outputs, 2) if not task.countable else 3],
        "classes": [{"id": i, "name": c.name, "name_zh": c.name_zh, "color": list(c.color)} for i, c in enumerate(task.classes)],
    }


_DECISIONS = {
    1: "class 1 where the logit is above 0; its probability is the sigmoid of the logit over the temperature",
    2: "the class with the largest logit; its probability is the softmax of the logits over the temperature",
    3: "background, rim and core of an object; class 1 is rim and core together",
}


def _decided(logits: np.ndarray) -> np.ndarray:
    return logits[..., 0] > 0 if logits.shape[-1] == 1 else logits.argmax(axis=-1)


def _named(name: str) -> tuple[str, str]:
    from segdemo.zoo import entries

    known = {f"{task}-{model}": (task, model) for task, model in entries()}
    if name not in known:
        raise ValueError(f"There is no trained model {name!r}. Choose one of: {', '.join(known)}; one of your own needs --tasks DIR.")
    return known[name]


def _pictures(task: str, size: tuple[int, int]) -> list[np.ndarray]:
    """(h, w, 3) uint8 of the wanted size: the task's examples that need no other package than those at hand, and noise."""
    from segdemo.data.examples import picture_of
    from segdemo.inference.segmentation import resize
    from segdemo.tasks.pictures import Photograph

    found = [resize(as_seen(picture_of(each.picture), TASKS[task].pixels), size) for each in TASKS[task].examples[:2] if isinstance(each.picture, Photograph)]
    return [*found, np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)]


def _size(text: str) -> tuple[int, int]:
    from argparse import ArgumentTypeError

    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 32 <= int(width) <= 4096 and 32 <= int(height) <= 4096):
        raise ArgumentTypeError(f"{text!r} is not a size such as 480x360, each side from 32 to 4096")
    return int(height), int(width)
