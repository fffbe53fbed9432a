"""Trains the network that suggests a task, and publishes it: MobileNetV2's end, fitted to views of all tasks and of none.

python -m segdemo.training.suggestion --data DIR --packages ROOT --pretrained imagenet

``DIR`` holds a folder for each task's data set (``camvid`` for the street), ``ROOT`` the packages of Debian that `data.unknown`
names. The early layers stay as ImageNet left them, so that their features are computed once for each view. Where more than
one task is right for a picture, any of them will do: the loss is that of their sum (partial labels; Jin and Ghahramani 2002).
Writes weights/suggest.int8.npz, suggest.json and the card suggest.md; `python -m segdemo.scoring.suggestion` scores it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import keras
import numpy as np
from keras import layers, ops

from segdemo.data.views import Pool, pools
from segdemo.models.backbones import mobilenet_v2_of_picture
from segdemo.models.layers import CropLike
from segdemo.runtime.conversion import HEIGHT, WIDTH, convert
from segdemo.runtime.files import file_sha256
from segdemo.runtime.litert import LiteRTNetwork
from segdemo.scoring.suggestion import ask
from segdemo.scoring.suggestion import publish as score
from segdemo.suggestion import Suggester
from segdemo.tasks import TASKS
from segdemo.zoo import WEIGHTS, load, locator

FROZEN = "block_12_add"  # the last layer that is left as it was
VIEWS = 1500  # of a task
TIMES = {None: 4, "animals": 3, "scenes": 3}  # as many of what is harder to tell
SURE = 0.9  # a confidence
EPOCHS, BATCH, RATE, SMOOTHING = 4, 64, 4e-4, 0.03


def network(outputs: int, pretrained: str | Path | None) -> keras.Model:
    """MobileNetV2, the mean of its features over the picture, and one dense layer: RGB to logits (N, 1, 1, outputs)."""
    image, backbone = mobilenet_v2_of_picture(pretrained)
    x = layers.GlobalAveragePooling2D(keepdims=True, name="pool")(backbone.get_layer("out_relu").output)
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Conv2D(outputs, 1, name="score")(x)
    return keras.Model(image, CropLike(name="logits", dtype="float32")([x, image]), name="suggest")


def is_scene(image: np.ndarray) -> bool:
    """Whether the published network of the scenes is sure of most of a picture (H, W, 3) uint8."""
    one_size = cv2.resize(image, (256, 256), interpolation=cv2.INTER_AREA)  # each new one would cost LiteRT another interpreter
    return bool((load("deeplabv3plus", task="scenes")(one_size).confidence > SURE).mean() > 0.5)


def cached(body: keras.Model, found: list[Pool], names: tuple[str | None, ...], views: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The features of random views, float16, and which of ``names`` are right for each, (N, names) float32."""
    rng, features, targets = np.random.default_rng(seed), [], []
    for pool in found:
        batch = []
        for image, right in pool.views(views * TIMES.get(pool.name, 1), rng):
            batch.append(image)
            targets.append([name in right for name in names])
            if len(batch) == BATCH:
                features.append(_features(body, batch))
                batch = []
        if batch:
            features.append(_features(body, batch))
        print(f"{pool.name}: {len(pool.makers)} pictures", flush=True)
    return np.concatenate(features), np.array(targets, np.float32)


def _features(body: keras.Model, images: list[np.ndarray]) -> np.ndarray:
    return np.asarray(body(np.stack(images).astype(np.float32), training=False)).astype(np.float16)


def partial_loss(targets, logits):
    """-log of the sum of the probabilities of all that is right, a little smoothed; logits (N, 1, 1, C), targets (N, C)."""
    logits = ops.reshape(logits, (-1, logits.shape[-1]))
    total = ops.logsumexp(logits, axis=1)
    right = ops.logsumexp(ops.where(targets > 0, logits, -1e9), axis=1)
    return total - (1 - SMOOTHING) * right - SMOOTHING * ops.mean(logits, axis=1)


def fit(tail: keras.Model, features: np.ndarray, targets: np.ndarray, epochs: int) -> None:
    """Fits the end of the network; batch norm keeps its statistics."""
    for layer in tail.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    schedule = keras.optimizers.schedules.CosineDecay(RATE / 20, epochs * len(features) // BATCH, warmup_target=RATE, warmup_steps=30)
    tail.compile(keras.optimizers.AdamW(schedule, weight_decay=1e-3), partial_loss, jit_compile=False)  # XLA is 16 times slower on a CPU
    tail.fit(features, targets, batch_size=BATCH, epochs=epochs, verbose=2)


def publish(model: keras.Model, found: list[Pool], data: Path, packages: Path, command: str) -> dict:
    """Writes the network in int8 and what is said of it; the int8 one is what is scored. Returns what is said."""
    rng = np.random.default_rng(2)
    pictures = [cv2.resize(image, (WIDTH, HEIGHT)) for pool in found for image, _ in pool.views(24, rng)]
    path = WEIGHTS / "suggest.int8.npz"
    convert(model, None, path, pictures)
    network = Suggester(LiteRTNetwork(path), tuple(TASKS), faces=locator(TASKS["faces"]))
    facts = {"file": path.name, "sha256": file_sha256(path), "bytes": path.stat().st_size, "tasks": list(TASKS), "command": command}
    return score(network, ask(network, data, packages), facts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m segdemo.training.suggestion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/TASK/{train,val}/{images,masks}; of the street, DIR/camvid")
    parser.add_argument("--packages", type=Path, default=Path("/"), metavar="ROOT", help="where packages of Debian are installed (default: /)")
    parser.add_argument("--pretrained", default="imagenet", metavar="PATH|imagenet", help="where the network starts (default: imagenet, downloaded by Keras)")
    parser.add_argument("--views", type=int, default=VIEWS, help=f"of each task (default: {VIEWS})")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default: {EPOCHS}")
    options = parser.parse_args()
    keras.utils.set_random_seed(0)
    names = (*TASKS, None)
    model, found = network(len(names), options.pretrained), pools(options.data, options.packages, is_scene)
    frozen = model.get_layer(FROZEN).output
    features, targets = cached(keras.Model(model.input, frozen), found, names, options.views, seed=1)
    fit(keras.Model(frozen, model.get_layer("score").output), features, targets, options.epochs)
    command = f"python -m segdemo.training.suggestion --data {options.data.name} --views {options.views} --epochs {options.epochs}"
    print(json.dumps(publish(model, found, options.data, options.packages, command)["scores"], indent=1))


if __name__ == "__main__":
    main()
