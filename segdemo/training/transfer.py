"""What a training starts from besides ImageNet: the body of a trained model, under a new head; and the head alone trained first.

A new head's first gradients are those of guesses. They would shake what the body knows, so the body is held still until the head has found its
place; then all is trained (Howard and Ruder 2018, https://arxiv.org/abs/1801.06146, section 3.3, where it goes layer by layer).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import keras
import numpy as np

from segdemo.models import ARCHITECTURES, build
from segdemo.models.backbones import save_backbone
from segdemo.runtime.storage import load_weights
from segdemo.tasks import TASKS
from segdemo.training.batches import RandomBatches
from segdemo.training.recipes import Recipe
from segdemo.zoo import entries, folder_of

BACKBONES = ("Conv1", "bn_Conv1", "expanded_conv", "block_", "_")  # how the names of a backbone's layers begin
# Measured with each architecture on two processor cores; they differ by a fifth.
FRAMEWORK_BYTES = 0.7e9  # TensorFlow and what it keeps for itself
KEPT = 1.3  # bytes in use for a byte of a layer's output
PASSES = 4  # a training step takes so many times what the forward pass alone does


@dataclass(frozen=True)
class Body:
    """A trained model from which another starts, without its head.

    Attributes:
        name: what it is called in messages.
        path: its ``.weights.h5``.
        model, num_outputs: what `models.build` needs to make it.
    """

    name: str
    path: Path
    model: str
    num_outputs: int


def published_body(name: str, model_name: str) -> Body | None:
    """The trained model of a task ("animals": the same architecture's, or else the best on the same backbone), or "animals-unet".

    None if there is none called so.
    """
    bodies = []
    for entry in sorted(entries().values(), key=lambda entry: -entry.miou):
        task = TASKS[entry.task]
        bodies.append((task.name, Body(f"{task.name}-{entry.model}", folder_of(task) / entry.file, task.form(entry.model), task.num_outputs)))
    fitting = [body for task, body in bodies if task == name and _backbone(body.model) == _backbone(model_name)]
    exactly = [body for _, body in bodies if body.name == name]
    return min((*exactly, *fitting), key=lambda body: body.model != model_name, default=None)


def _backbone(model: str) -> str:
    return ARCHITECTURES[model].backbone if model in ARCHITECTURES else ""


def body_of_file(path: Path, model: keras.Model, model_name: str) -> Body | None:
    """The body in the weights of this architecture with another number of outputs; None if they have as many, or are not of this architecture."""
    convolutions = [layer for layer in model.layers if type(layer) is keras.layers.Conv2D]
    place = max((i for i, layer in enumerate(convolutions) if _is_head(layer)), default=0)
    try:
        with h5py.File(path) as file:
            outputs = file[f"layers/conv2d{f'_{place}' if place else ''}/vars/1"].shape[0]
    except (OSError, KeyError):
        return None
    return None if outputs == model.output_shape[-1] else Body(path.name, path, model_name, outputs)


def build_on(body: Body, model_name: str, make: Callable[[Path | None], keras.Model]) -> tuple[keras.Model, list[keras.Layer]]:
    """A model with the body's weights, and those of its layers that are new.

    Args:
        body: of the same architecture, or of another, from which the backbone is taken.
        model_name: the architecture.
        make: builds it, on pretrained weights of a backbone if it is given their path.

    Raises:
        ValueError: if the two stand on different backbones.
    """
    source = build(body.model, body.num_outputs)
    theirs, ours = (ARCHITECTURES[name].backbone for name in (body.model, model_name))
    if theirs != ours:
        raise ValueError(f"{body.name} stands on {theirs}, {model_name} on {ours}: neither can start from the other. Give another --pretrained.")
    load_weights(source, body.path)
    if body.model == model_name:
        model = make(None)
        new = [layer for layer in model.layers if layer.weights and _is_head(layer)]
        for layer in model.layers:
            if layer.weights and layer not in new:
                layer.set_weights(source.get_layer(layer.name).get_weights())
    else:
        with TemporaryDirectory() as folder:
            save_backbone(source, path := Path(folder) / "backbone.weights.h5")
            model = make(path)
        new = above_backbone(model)
    old = "all but the head" if body.model == model_name else "the backbone"
    print(f"It starts from {body.name}: {old} is taken over, the rest is new ({body.num_outputs} outputs there, {model.output_shape[-1]} here).", flush=True)
    return model, new


def above_backbone(model: keras.Model) -> list[keras.Layer]:
    """The layers with weights that are not a backbone's."""
    return [layer for layer in model.layers if layer.weights and not layer.name.startswith(BACKBONES)]


def _is_head(layer: keras.Layer) -> bool:
    return layer.name.startswith(("score", "up_to"))


def train_head(model: keras.Model, new: Sequence[keras.Layer], batches: RandomBatches, loss: Callable, recipe: Recipe, progress: bool) -> None:
    """Trains the new layers alone for ``recipe.head_epochs``; all others are as they were, and as trainable as they were."""
    held = [layer for layer in model.layers if layer.weights and layer.trainable and layer not in new]
    print(f"First the new layers alone, {recipe.head_epochs} x {len(batches)} steps; then all.", flush=True)
    for layer in held:
        layer.trainable = False
    model.compile(optimizer=keras.optimizers.AdamW(recipe.peak_rate, weight_decay=recipe.weight_decay, clipnorm=5.0), loss=loss, jit_compile=compiled())
    model.optimizer.build(model.trainable_variables)
    model.fit(batches, epochs=recipe.head_epochs, verbose=1 if progress else 2)
    for layer in held:
        layer.trainable = True
    batches.epoch = 0


def compiled() -> str | bool:
    """Keras's ``jit_compile``."""
    return "auto" if keras.backend.backend() == "jax" else False


def plan(model: keras.Model, batches: RandomBatches, recipe: Recipe, validated: int, epochs: int) -> str:
    """What the training is going to take: pictures, steps, and about how many minutes and how much memory; a forward pass is timed for it.

    Args:
        validated: pictures that are scored after each epoch.
        epochs: that are ahead, those of the head included.
    """
    views = batches[0][0]
    model.predict_on_batch(views)
    start = time.perf_counter()
    model.predict_on_batch(views)
    forward = time.perf_counter() - start
    seen = np.mean([mask.size for _, mask in batches.pairs]) / (views.shape[1] * views.shape[2] * len(views))
    minutes = max(round(epochs * (PASSES * len(batches) + validated * seen) * forward / 60), 1)
    held = sum(image.nbytes + mask.nbytes for image, mask in batches.pairs)
    gigabytes = (FRAMEWORK_BYTES + held + KEPT * activations(model, views.shape)) / 1e9
    about = f"about {minutes} minute{'s' * (minutes > 1)} on this machine if it does nothing else, and about {gigabytes:.1f} GB of memory"
    size = f"{recipe.batch} views of {recipe.crop[1]}x{recipe.crop[0]}"
    return (
        f"{len(batches.pairs)} pictures, {epochs} x {len(batches)} steps of {size}, {validated} pictures to validate on: {about}. The first step takes longest."
    )


def activations(model: keras.Model, shape: tuple[int, ...]) -> int:
    """The bytes of all layers' outputs for a batch of this shape, float32."""
    outputs = keras.Model(model.inputs, [layer.output for layer in model.layers])
    shapes = keras.tree.map_shape_structure(lambda each: each, outputs.compute_output_shape(shape))
    return 4 * sum(int(np.prod(each)) for each in shapes)
