"""A folder of pictures, against the network alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import write_street
from benchmarks.timing import in_turns
from segdemo.images import read_image
from segdemo.inference.batch import segment_many
from segdemo.inference.segmentation import resize, working_size
from segdemo.output.visualization import palette_png
from segdemo.zoo import load

PICTURES = 32


def measure(quick: bool) -> dict:
    """Median seconds for `PICTURES` JPEG files of 480x360: "batch", from files to encoded masks, and "network", that many runs of it."""
    count, rounds = (2, 1) if quick else (PICTURES, 7)
    segmenter = load("deeplabv3plus", "street")
    with TemporaryDirectory() as folder:
        files = [write_street(Path(folder), 480, 360, seed) for seed in range(count)]
        images = [read_image(file) for file in files]
        images = [resize(image, working_size(*image.shape[:2], segmenter.task.pixels))[None] for image in images]

        def batch() -> None:
            for _, result in segment_many(segmenter, files):
                palette_png(result.mask, result.task)

        calls = {"batch": batch, "network": lambda: [segmenter.network(image) for image in images]}
        return {"pictures": count, "seconds": in_turns(calls, rounds, before=0)}
