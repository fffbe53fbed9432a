"""Gives a copy of the project untrained weights of the made-up network, for a published task and for the made-up one. Run in the copy."""

from dataclasses import replace

import keras
import numpy as np

from segdemo.models import build
from segdemo.publishing.model_card import model_card
from segdemo.runtime.conversion import convert
from segdemo.runtime.files import file_sha256
from segdemo.runtime.manifest import MANIFEST, write_manifest
from segdemo.runtime.storage import save_weights
from segdemo.tasks import TASKS
from segdemo.zoo import WEIGHTS, entries

known = entries()["street", "unet"]
for task in (TASKS["street"], TASKS["pets"]):
    keras.utils.set_random_seed(1)
    model = build("tiny", task.num_outputs)
    stem = f"{task.name}-tiny"
    weights, litert, int8 = (WEIGHTS / f"{stem}.{kind}" for kind in ("weights.h5", "litert.npz", "int8.npz"))
    save_weights(model, weights, "float16")
    model.load_weights(weights)
    convert(model, weights, litert)
    convert(model, None, int8, [np.random.default_rng(0).integers(0, 256, (96, 96, 3)).astype(np.uint8)] * 4)
    runtimes = {
        name: {"file": path.name, "sha256": file_sha256(path), "bytes": path.stat().st_size, "miou": 0.1}
        for name, path in (("litert", litert), ("litert-int8", int8))
    }
    scores = {name: 0.1 for name in task.class_names}
    entry = replace(
        known, model="tiny", task=task.name, file=weights.name, sha256=file_sha256(weights), bytes=weights.stat().st_size, parameters=model.count_params(),
        pixels=task.pixels, miou=0.1, iou=scores, dice=scores, runtimes=runtimes, temperature=1.0, usual_confidence=0.0, averaged=[], earlier=[], pruned=False,
    )  # fmt: skip
    write_manifest(WEIGHTS / MANIFEST, entry)
    (WEIGHTS / f"{stem}.md").write_text(model_card(entry), encoding="utf-8")
