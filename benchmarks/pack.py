"""Makes a smaller copy of a labelled folder, to take to another machine: pictures no larger than the networks see them, as WebP.

python -m benchmarks.pack TASK DIR TO
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from segdemo.data.folder import open_split
from segdemo.images import read_image
from segdemo.inference.segmentation import as_seen
from segdemo.tasks import get_task

QUALITIES = {"train": 50, "val": 80}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("to", type=Path, metavar="TO")
    options = parser.parse_args()
    task = get_task(options.task)
    for name, quality in QUALITIES.items():
        split = open_split(options.data, name, task)
        with ProcessPoolExecutor() as pool:
            list(pool.map(partial(pack, options.to / name, task.pixels, quality), split.images, split.masks))
    size = sum(path.stat().st_size for path in options.to.rglob("*.*"))
    print(f"{options.to}: {size / 1e6:.1f} MB")


def pack(to: Path, pixels: int, quality: int, image: Path, mask: Path) -> None:
    """Writes one picture and its mask below ``to``; neither is ever enlarged."""
    picture, ids = read_image(image), np.asarray(Image.open(mask))
    if pixels < ids.size:
        picture = as_seen(picture, pixels)
        ids = cv2.resize(ids, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    for folder in ("images", mask.parent.name):
        (to / folder).mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(to / "images" / f"{image.stem}.webp", quality=quality, method=6)
    Image.fromarray(ids).save(to / mask.parent.name / f"{image.stem}.png", optimize=True)


if __name__ == "__main__":
    main()
