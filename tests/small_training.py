"""A small network and four drawn pictures, on which tests of training run in a moment."""

import resource
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from segdemo.data.augmentation import Augmentation
from segdemo.data.folder import open_split
from segdemo.tasks import get_task
from segdemo.training import loop
from segdemo.training.backup import read_log
from segdemo.training.loop import train
from segdemo.training.recipes import Recipe

FACES = get_task("faces")
THREE = replace(FACES, classes=FACES.classes[:3], pixels=48 * 48)
COUNTED = replace(get_task("nuclei"), pixels=48 * 48)
TWO = replace(COUNTED, countable=False)
WHOLE = Recipe(crop=(48, 56), batch=4, epochs=4, peak_rate=0.02, average=1.0, augmentation=Augmentation())


def draw(folder, task):
    """Four pictures to train on and two to validate on: rectangles in their class's colour on black."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("val", 2)):
        for kind in ("images", "masks"):
            (folder / split / kind).mkdir(parents=True)
        for i in range(count):
            mask = np.zeros((48, 56), np.uint8)
            for c in range(1, task.num_classes):
                y, x = rng.integers(0, 20, 2)
                mask[y : y + 24, x + 10 * c : x + 10 * c + 12] = c
            Image.fromarray(task.palette[mask]).save(folder / split / "images" / f"{i}.png")
            Image.fromarray(mask).save(folder / split / "masks" / f"{i}.png")
    return open_split(folder, "train", task), open_split(folder, "val", task)


def two_layers(num_outputs, filters):
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1, name="rescale")(image)
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name="first")(x)
    return keras.Model(image, keras.layers.Conv2D(num_outputs, 1, name="score")(x))


def train_small(folder, task, recipe, run="run", **options):
    splits = [open_split(folder / "data", split, task) for split in ("train", "val")] if (folder / "data").exists() else draw(folder / "data", task)
    train("small", task, *splits, recipe, folder / run, None, progress=False, **options)
    return read_log(folder / run / "log.csv")


class Killed(Exception):
    pass


def main(folder, most=None):
    """In a process of its own, to be killed: trains on what is drawn in the folder; ``most`` bytes a file may have."""
    if most:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    print("begins", flush=True)
    loop.build = lambda name, num_outputs, pretrained=None: two_layers(num_outputs, 8)
    loop.save_backbone = lambda model, path: path.write_text("a backbone")
    train_small(folder, THREE, replace(WHOLE, epochs=8))


def killed_in(epoch):
    def on_epoch_begin(self, current, logs=None):
        if current == epoch:
            raise Killed

    return on_epoch_begin


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
