"""Transfer learning: a pretrained backbone, a new head, one recipe; on any Keras backend.

The run folder holds everything: ``command.txt``, ``machine.txt``, ``settings.json``, ``best.weights.h5`` (the averaged weights that scored best on val),
``epochs/`` (those of the best epochs), ``start.weights.h5`` (those of a whole model that was gone on from, with all of the class weights), ``log.csv``,
``backbone.weights.h5`` (their backbone, to start other trainings from), ``curves.svg``, and ``backup/`` to go on after a kill.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np

from segdemo.data.folder import Split
from segdemo.models import build
from segdemo.models.backbones import save_backbone
from segdemo.models.layers import add_to_logits
from segdemo.runtime.files import file_sha256, remove_halves, whole, write_whole
from segdemo.runtime.storage import room_for, save_weights
from segdemo.scoring.speed import machine
from segdemo.tasks import IGNORE_ID, Task
from segdemo.training.backup import Backup, last_state, read_log, write_log
from segdemo.training.batches import RandomBatches
from segdemo.training.clock import Bar, Clock
from segdemo.training.distillation import corrected, opinions, remembered, teachers
from segdemo.training.losses import binary_cross_entropy, cross_entropy, distilled, median_frequency_weights
from segdemo.training.pruning import load_or_prune
from segdemo.training.recipes import AGAIN, Recipe
from segdemo.training.transfer import Body, above_backbone, body_of_file, build_on, compiled, plan, train_head
from segdemo.training.validation import Validation, best_score, epoch_file
from segdemo.zoo import entries

MOST_EPOCHS = 10_000  # of a training that has so many seconds
PRUNING_BATCHES = 8  # of views, to which a pruned start is fitted


def train(
    model_name: str,
    task: Task,
    train_split: Split,
    val_split: Split,
    recipe: Recipe,
    run: Path,
    pretrained: str | Path | None,
    weights: Path | None = None,
    rate: float | None = None,
    seed: int = 0,
    progress: bool = True,
    precision: str = "float32",
    distill: float = 0.0,
    command: str = "",
    borrowed: Sequence[Split] = (),
    body: Body | None = None,
    seconds: int | None = None,
    workers: int = 2,
    opinions_file: Path | None = None,
) -> Path:
    """Trains one model, validating every epoch; call it again after a kill and it goes on from the last epoch.

    A run that has all its epochs is left as it is.

    Args:
        model_name: one of `models.ARCHITECTURES`.
        task: the classes.
        train_split, val_split: labelled pictures; the validation is that of `evaluation.evaluate`.
        recipe: every choice.
        run: a folder for what is kept.
        pretrained: see `backbones.mobilenet_v2`.
        weights: a whole model to go on from: the ``.weights.h5`` of this architecture, or of its wide form (`pruning.load_or_prune`),
            with as many outputs; with another number of them its head is new, as with ``body``. None starts a new head.
        rate: the part of the recipe's peak rate; by default all of it, or `recipes.AGAIN` with ``weights``.
        seed: of the head's start and of the views.
        progress: whether to draw a progress bar.
        precision: of the activations: "float32", "mixed_bfloat16" or "mixed_float16". The weights are float32 anyway.
        distill: the part of the loss that the task's published models teach, 0 to 1; see `losses.distilled`. Of tasks with one
            logit, 0.
        command: what the model card will name as the training.
        borrowed: other tasks' pictures to learn from, too (`folder.borrow`).
        body: a trained model to start from, under a new head.
        seconds: until the training ends, all told, instead of the recipe's epochs: see `Clock`. Such a run cannot be gone on with after a kill.
        workers: threads that draw views.
        opinions_file: where what the teachers think is kept; see `distillation.remembered`.

    Returns:
        The path of the best weights.
    """
    best, log, last, backup = run / "best.weights.h5", run / "log.csv", run / "backbone.weights.h5", run / "backup"
    done = len(read_log(log))
    if weights is not None and (other := body_of_file(weights, build(model_name, task.num_outputs), model_name)):
        weights, body = None, other
    if rate is None:
        rate = AGAIN if weights is not None else 1.0
    recipe = replace(recipe, peak_rate=rate * recipe.peak_rate)
    settings = {
        "model": model_name,
        "classes": task.class_names,
        "start": str(body.name if body else weights or pretrained),
        "precision": precision,
        "distill": distill,
        "seed": seed,
    }
    if borrowed:
        settings["borrowed"] = {split.task.name: len(split) for split in borrowed}
    if start := body.path if body else weights:
        settings["start_sha256"] = file_sha256(start)
    settings = {key: str(value) for key, value in {**settings, **asdict(recipe)}.items()}
    if seconds is not None:
        settings["epochs"], recipe = f"those of {seconds} seconds", replace(recipe, epochs=MOST_EPOCHS)
        if done:
            raise ValueError(f"{run} holds a run already, and one that has {seconds} seconds cannot be gone on with. Choose another run folder.")
    clock = Clock(recipe.peak_rate, seconds) if seconds is not None else None
    if done:
        check_settings(run, settings, done)
    if done and last.is_file():
        if done >= recipe.epochs:
            shutil.rmtree(backup, ignore_errors=True)
            print(f"{run} already has its {done} epochs. To train again, choose another run folder, or remove this one.")
            return best
        raise ValueError(f"{run} holds a finished run of {done} epochs, which cannot be made longer: its learning rate has ended. Choose another run folder.")
    state = last_state(backup)
    if done and (done < recipe.epochs or state):
        done = _back_to(state.epochs if state else 0, run)
    leave_convolutions_alone()
    keras.utils.set_random_seed(seed)
    make = partial(build_with_precision, model_name, task.num_outputs, precision=precision)
    model, new = build_on(body, model_name, make) if body else (built := make(pretrained), above_backbone(built) if pretrained and weights is None else [])
    batches = RandomBatches(train_split.part(recipe.share), recipe.batch, recipe.crop, recipe.augmentation, seed, recipe.steps, borrowed, workers)
    batches.epoch = done
    if not batches.class_counts().any():
        raise ValueError(f"There is nothing to learn: every pixel of the training masks is {IGNORE_ID} (ignored).")
    counted = median_frequency_weights(batches.class_counts()) if recipe.class_weights and task.num_outputs > 1 else None
    if weights is not None:
        if load_or_prune(model, model_name, weights, lambda: np.concatenate([batches[i][0] for i in range(min(PRUNING_BATCHES, len(batches)))])):
            settings["pruned_from"] = f"{model_name}-wide"
        published = next((entry for entry in entries().values() if entry.sha256 == settings["start_sha256"]), None)  # it is trained as it was
        if published and published.unweighted and counted is not None:
            add_to_logits(model, published.unweighted * np.log(counted))
        if published and published.shift:
            add_to_logits(model, np.array([-published.shift]))
    freeze(model, recipe.freeze_before)
    loss = binary_cross_entropy() if task.num_outputs == 1 else cross_entropy(counted)
    if distill:
        if task.num_outputs == 1:
            raise ValueError(f"--distill {distill} needs a task of several outputs; {task.name} has one.")
        found = remembered(opinions_file, len(batches.pairs), lambda: opinions(teachers(task), (image for image, _ in batches.pairs)))
        own = len(batches.pairs) - sum(map(len, borrowed))
        batches.opinions = found[:own] + [corrected(opinion, mask) for opinion, (_, mask) in zip(found[own:], batches.pairs[own:], strict=True)]
        loss = distilled(loss, distill)
    head_epochs = recipe.head_epochs if new and not done else 0
    if clock is None:
        print(plan(model, batches, recipe, len(val_split), head_epochs + recipe.epochs - done), flush=True)
    if head_epochs:
        train_head(model, new, batches, loss, recipe, progress)
    steps = len(batches)
    schedule = (
        clock.rate(0.0)
        if clock
        else keras.optimizers.schedules.CosineDecay(
            recipe.peak_rate / 100, max((recipe.epochs - 1) * steps, 1), warmup_target=recipe.peak_rate, warmup_steps=steps
        )
    )
    momentum = max(1 - 1 / (recipe.average * steps), 0.0)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, clipnorm=5.0, use_ema=True, ema_momentum=momentum)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer=optimizer, loss=loss, jit_compile=compiled())
    model.optimizer.build(model.trainable_variables)  # within the first step TensorFlow would trace it twice
    callbacks = [
        Validation(task, val_split, run, resume_from=best_score(log)),
        *([clock, Bar(clock)] if clock else []),
        Backup(log, None if clock else backup),  # last: what is backed up has been scored
    ]
    if done:
        print(f"{run} has {done} of its {recipe.epochs} epochs; going on.", flush=True)
    else:  # only now: what could not begin leaves nothing
        run.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(run / "epochs", ignore_errors=True)
        (run / "start.weights.h5").unlink(missing_ok=True)
        for name, text in (("machine.txt", trained_by()), ("command.txt", command), ("settings.json", json.dumps(settings, indent=1))):
            write_whole(run / name, f"{text}\n".encode())
        if weights is not None:
            save_weights(model, run / "start.weights.h5")
    if done < recipe.epochs:  # otherwise killed after the last
        if state:
            state.restore(model)
        model.fit(batches, initial_epoch=done, epochs=recipe.epochs, callbacks=callbacks, verbose=1 if progress else 2)
    with whole(run / "curves.svg") as half:
        plot_curves(log, half)
    keras.Model(model.inputs, model.outputs).load_weights(best)  # of the same layers, without an optimizer
    with whole(last, room_for(model)) as half:
        save_backbone(model, half)
    shutil.rmtree(backup, ignore_errors=True)
    return best


def _back_to(done: int, run: Path) -> int:
    """Has a run that was killed know nothing of what came after its first ``done`` epochs; returns that number."""
    log, best = run / "log.csv", run / "best.weights.h5"
    remove_halves(run)
    rows = [row for row in read_log(log) if row["epoch"] < done]
    if not rows:
        print(f"{run} was killed before it had a backup: it begins again.", flush=True)
        log.unlink(missing_ok=True)
        return 0
    write_log(log, rows)
    with whole(best) as half:
        shutil.copy(epoch_file(run, max(rows, key=lambda row: row["val_miou"])["epoch"]), half)
    return done


def trained_by() -> str:
    """The accelerator that PyTorch computes on, if it does, and `speed.machine`."""
    if keras.backend.backend() == "torch":
        import torch

        if torch.cuda.is_available():
            return f"{torch.cuda.get_device_name()}, {machine()}"
    return machine()


def leave_convolutions_alone() -> None:
    """Has TensorFlow not fuse a prediction's convolutions: oneDNN's fused ones are twenty times slower where there is only AVX2.

    And has Keras on PyTorch leave pictures in memory as they are, channels last: it copied them twice for each convolution.
    """
    if keras.backend.backend() == "torch":
        from keras.src.backend.torch import nn

        nn._transpose_spatial_inputs = lambda inputs: inputs.permute(0, 3, 1, 2)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"remapping": False})


def build_with_precision(model_name: str, num_outputs: int, pretrained: str | Path | None, precision: str) -> keras.Model:
    """`models.build` under Keras's dtype policy ``precision``, which is set back afterwards."""
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return build(model_name, num_outputs, pretrained)
    finally:
        keras.config.set_dtype_policy(usual)


def check_settings(run: Path, settings: Mapping[str, object], done: int) -> None:
    """Refuses to go on with a run under other settings than it was begun with: nobody could tell afterwards what made its weights."""
    path = run / "settings.json"
    begun = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for key, value in settings.items():
        if key != "epochs" and begun.get(key, value) != value:
            raise ValueError(f"{run} holds a run of {done} epochs whose {key} is {begun[key]}, not {value}. Give the same, or choose another run folder.")
    if (run / "backup").is_dir() and begun.get("epochs", settings["epochs"]) != settings["epochs"]:
        raise ValueError(f"{run} is in the middle of a run of {begun['epochs']} epochs, not {settings['epochs']}. Give the same, or choose another run folder.")


def freeze(model: keras.Model, before: str) -> None:
    """Fixes the layers that come before the one named ``before``, batch-norm statistics included."""
    names = [layer.name for layer in model.layers]
    if before and before not in names:
        raise ValueError(f"The model has no layer {before!r} to freeze up to.")
    for layer in model.layers[: names.index(before) if before else 0]:
        layer.trainable = False


def plot_curves(log: Path, picture: Path) -> None:
    """Draws loss and val mIoU against the epoch."""
    from matplotlib.figure import Figure

    rows = read_log(log)
    epochs = [row["epoch"] + 1 for row in rows]
    figure = Figure(figsize=(8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.xaxis.get_major_locator().set_params(integer=True)
    left.plot(epochs, [row["loss"] for row in rows])
    left.set(xlabel="epoch", ylabel="training loss")
    right.plot(epochs, [row["val_miou"] for row in rows])
    right.set(xlabel="epoch", ylabel="mIoU on val")
    figure.savefig(picture)
