"""Damaged files at every door: each must end in a result or a sentence. Seeded, so that what fails can be repeated.

python -m tests.fuzz --minutes 10 --seed 0

A door is a function in `DOORS` that takes a folder and a damaged file's bytes; what it may raise is `SENTENCES`.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pillow_heif
from PIL import Image

from segdemo import TASKS
from segdemo.data.masks import read_mask
from segdemo.errors import FileError
from segdemo.images import read_image, read_to_show
from segdemo.inference.clips import read_frames
from segdemo.output.movie import mp4
from segdemo.runtime.manifest import MANIFEST, read_manifest
from segdemo.runtime.storage import load_weights, save_weights
from segdemo.tasks.folder import task_from_folder
from segdemo.teaching.classifier import Classifier
from segdemo.teaching.features import Eye
from segdemo.teaching.strokes import check_strokes, read_strokes
from segdemo.teaching.taught import TaughtSegmenter, read_taught, taught_task
from segdemo.zoo import WEIGHTS

SLOW = 5.0  # seconds: what takes longer has failed, too
SENTENCES = {"classes": ValueError, "manifest": ValueError, "weights": ValueError}
Door = Callable[[Path, bytes], object]


def _picture(folder: Path, data: bytes) -> None:
    assert read_image(data).ndim == 3


def _shown(folder: Path, data: bytes) -> None:
    (folder / "shown.jpg").write_bytes(data)
    read_to_show(folder / "shown.jpg", 100)


def _mask(folder: Path, data: bytes) -> None:
    (folder / "mask.png").write_bytes(data)
    read_mask(folder / "mask.png", TASKS["nuclei"], (24, 32))


def _classes(folder: Path, data: bytes) -> None:
    (folder / "classes.json").write_bytes(data)
    task_from_folder(folder)


def _strokes(folder: Path, data: bytes) -> None:
    check_strokes(read_strokes(data), (24, 32), ("one", "other"))


def _taught(folder: Path, data: bytes) -> None:
    """A ZIP of arrays."""
    read_taught(data, EYE)


def _clip(folder: Path, data: bytes) -> None:
    (folder / "clip.mp4").write_bytes(data)
    assert all(frame.ndim == 3 for _, frame in read_frames(folder / "clip.mp4"))


def _manifest(folder: Path, data: bytes) -> None:
    (folder / "manifest.json").write_bytes(data)
    read_manifest(folder / "manifest.json")


def _weights(folder: Path, data: bytes) -> None:
    (folder / "a.weights.h5").write_bytes(data)
    load_weights(_network(), folder / "a.weights.h5")


@cache
def _network() -> object:
    import keras  # some seconds

    return keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(2, 3)])


EYE = Eye(None, (), "of nothing")
DOORS: dict[str, Door] = {
    "picture": _picture,
    "shown": _shown,
    "mask": _mask,
    "classes": _classes,
    "strokes": _strokes,
    "taught": _taught,
    "clip": _clip,
    "manifest": _manifest,
    "weights": _weights,
}


def seeds() -> dict[str, list[bytes]]:
    """Whole files for each door."""
    pillow_heif.register_heif_opener()
    rng = np.random.default_rng(0)
    rgb = Image.fromarray(rng.integers(0, 256, (24, 32, 3), np.uint8))
    mask = Image.fromarray(rng.integers(0, 2, (24, 32), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds = [(kind, {}) for kind in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")]
    kinds += [("JPEG", {"progressive": True, "exif": exif}), ("PNG", {"save_all": True, "append_images": [rgb.rotate(90)]})]
    kinds += [("TIFF", {"compression": c}) for c in ("tiff_lzw", "tiff_adobe_deflate", "packbits")]
    pictures = [_encoded(rgb, kind, **options) for kind, options in kinds]
    pictures += [cv2.imencode(ending, rng.integers(0, 4000, (24, 32, 3)).astype(np.uint16))[1].tobytes() for ending in (".png", ".tif")]
    pictures += [cv2.imencode(".tif", rng.normal(0, 1e200, (24, 32)))[1].tobytes()]
    pictures += [_encoded(Image.fromarray(rng.normal(0, 1e38, (24, 32)).astype(np.float32)), "TIFF")]
    pictures += [_encoded(Image.fromarray(rng.integers(0, 65536, (24, 32)).astype(np.uint16)), kind) for kind in ("PNG", "TIFF")]
    masks = [_encoded(mask, kind) for kind in ("PNG", "TIFF", "BMP", "GIF")]
    classes = b'{"name": "pets", "classes": [{"name": "background", "color": [0, 0, 0]}, {"name": "cat", "color": [255, 0, 0]}]}'
    doors = {"picture": pictures, "shown": pictures, "mask": masks, "classes": [classes], "strokes": masks[:1]}
    return {**doors, "taught": [_whole_taught()], "clip": _whole_clips(), "manifest": [_whole_manifest()], "weights": [_whole_weights()]}


def _whole_taught() -> bytes:
    classifier = Classifier(*(np.ones(shape, np.float32) for shape in ((4,), (4,), (2, 4), (2,))))
    return TaughtSegmenter(EYE, classifier, taught_task(("one", "other")), [3, 4]).to_bytes()


def _whole_clips() -> list[bytes]:
    frames = [np.full((24, 32, 3), 50 * i, np.uint8) for i in range(4)]
    with TemporaryDirectory() as folder:
        film = Path(folder) / "film.avi"
        writer = cv2.VideoWriter(str(film), cv2.VideoWriter_fourcc(*"MJPG"), 6, (32, 24))
        for frame in frames:
            writer.write(frame)
        writer.release()
        return [mp4([i / 6 for i in range(4)], frames), film.read_bytes()]


def _whole_manifest() -> bytes:
    return json.dumps(json.loads((WEIGHTS / MANIFEST).read_bytes())[:1]).encode()


def _whole_weights() -> bytes:
    with TemporaryDirectory() as folder:
        save_weights(_network(), Path(folder) / "a.weights.h5")
        return (Path(folder) / "a.weights.h5").read_bytes()


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def damaged(whole: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed (half of the time near the start, where sizes are), a piece doubled or left out, the end cut off."""
    data = bytearray(whole)
    for place in rng.integers(0, max(min(len(data), 150 if rng.random() < 0.5 else len(data)), 1), rng.integers(1, 9)):
        data[place] = rng.choice([0, 1, 127, 255, int(rng.integers(256))])
    start, end = sorted(rng.integers(0, len(data) + 1, 2))
    way = rng.integers(6)
    if way == 0:
        data[start:start] = data[start:end]
    elif way == 1:
        del data[start:end]
    elif way == 2:
        del data[end:]
    return bytes(data)


@dataclass
class Report:
    """How many files were tried and gave a result, and what failed: door, number of the file, what happened."""

    tried: int = 0
    results: int = 0
    failures: list[tuple[str, int, str]] = field(default_factory=list)


def files(seed: int) -> Iterator[tuple[str, bytes]]:
    """Without end: the door, and the file that is brought to it; the same for the same seed."""
    rng = np.random.default_rng(seed)
    whole = seeds()
    names = list(DOORS)
    while True:
        door = names[rng.integers(len(names))]
        yield door, damaged(whole[door][rng.integers(len(whole[door]))], rng)


def fuzz(seconds: float, seed: int, most: int | None = None) -> Report:
    """Tries files for so long, or so many."""
    report = Report()
    end = time.monotonic() + seconds
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, (door, data) in enumerate(files(seed)):
            if time.monotonic() > end or number == most:
                return report
            report.tried += 1
            started = time.monotonic()
            try:
                DOORS[door](Path(folder), data)
                report.results += 1
            except SENTENCES.get(door, FileError):
                pass
            except Exception:
                report.failures.append((door, number, traceback.format_exc(limit=-3)))
            if time.monotonic() - started > SLOW:
                report.failures.append((door, number, f"took {time.monotonic() - started:.1f} s"))
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = fuzz(60 * options.minutes, options.seed)
    for door, number, what in found.failures:
        print(f"{door}, file {number} of seed {options.seed}: {what}")
    print(f"{found.tried} files, {found.results} results, {found.tried - found.results - len(found.failures)} sentences, {len(found.failures)} failures")
    sys.exit(bool(found.failures))
