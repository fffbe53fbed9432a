"""After each epoch: the averaged weights are scored on val, and the best are kept."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np

from segdemo.data.augmentation import FILL
from segdemo.data.folder import Split
from segdemo.inference.segmentation import Segmenter, as_seen
from segdemo.runtime.files import whole
from segdemo.runtime.storage import save_weights
from segdemo.scoring.evaluation import Evaluation, evaluate
from segdemo.tasks import IGNORE_ID, Task
from segdemo.training.backup import read_log

HELD_PIXELS = 250_000_000  # of val, a gigabyte with the masks
KEPT = 8  # epochs, whose weights are kept: `export` averages some, and each costs it two passes over val
AT_ONCE = 8  # pictures that are validated at once, where sizes are compiled


class Validation(keras.callbacks.Callback):
    """Scores the averaged weights on val after each epoch, adds the scores to the log, and keeps the best."""

    def __init__(self, task: Task, split: Split, run: Path, resume_from: float):
        super().__init__()
        self.task, self.pairs, self.counts, self.run, self.best = task, held(split), split.counts(), run, resume_from

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        trained = self.model.get_weights()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)  # the averages take their place
        result = scored(self.model, self.task, self.pairs, self.counts)
        logs["seconds"] = time.perf_counter() - self.start  # of training and validation
        logs["val_miou"] = result.scores.mean_iou
        logs["val_pixel_accuracy"] = result.scores.pixel_accuracy
        counted = ""
        if self.task.countable:
            logs["val_count_error"] = result.count_error
            counted = f" - val count error {result.count_error:.3f}"
        print(f" - val mIoU {result.scores.mean_iou:.4f} - val pixel accuracy {result.scores.pixel_accuracy:.4f}{counted}", flush=True)
        save_weights(self.model, epoch_file(self.run, epoch))
        if result.scores.mean_iou > self.best:
            self.best = result.scores.mean_iou
            with whole(self.run / "best.weights.h5") as half:
                shutil.copy(epoch_file(self.run, epoch), half)
        self.model.set_weights(trained)

    def on_train_end(self, logs=None):
        rows = sorted(read_log(self.run / "log.csv"), key=lambda row: row["val_miou"])
        for row in rows[:-KEPT]:
            epoch_file(self.run, row["epoch"]).unlink(missing_ok=True)


def best_score(log: Path) -> float:
    """The best val mIoU of an earlier part of the run, or -1."""
    return max((row["val_miou"] for row in read_log(log)), default=-1.0)


def epoch_file(run: Path, epoch: float) -> Path:
    """The weights of an epoch, the first being 0."""
    return run / "epochs" / f"{epoch + 1:02.0f}.weights.h5"


def held(split: Split, most: int = HELD_PIXELS) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """The pictures and masks in memory, or where they are too large for that, the split, which reads one at a time.

    Raises:
        ValueError: if there is nothing to score.
    """
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    pixels, labelled = 0, False
    for image, mask in split:
        pixels += mask.size
        labelled = labelled or bool((mask != IGNORE_ID).any())
        pairs = [*pairs, (image, mask)] if pixels <= most else []
    if not labelled:
        raise ValueError(f"There is nothing to score: every pixel of the val masks is {IGNORE_ID} (ignored).")
    return pairs or split


def scored(model: keras.Model, task: Task, pairs: Iterable[tuple[np.ndarray, np.ndarray]], counts: Sequence[int] | None) -> Evaluation:
    """`evaluation.evaluate`. Where a new size costs time, as on JAX and PyTorch, all pictures are laid on grey of one size, some at once.

    That is the same but for what the networks see of the grey, so that the score differs a little.
    """
    if keras.backend.backend() == "tensorflow":
        return evaluate(Segmenter(lambda images: np.asarray(model.predict_on_batch(images)), task), pairs, counts, boundaries=False)
    seen = [as_seen(image, task.pixels) for image, _ in pairs]
    height, width = (-(-max(image.shape[axis] for image in seen) // 32) * 32 for axis in (0, 1))

    def outputs():
        for first in range(0, len(seen), AT_ONCE):
            some = seen[first : first + AT_ONCE]
            sheet = np.full((AT_ONCE, height, width, 3), FILL, np.uint8)
            for place, image in zip(sheet, some, strict=False):
                place[: image.shape[0], : image.shape[1]] = image
            for image, logits in zip(some, np.asarray(model.predict_on_batch(sheet)), strict=False):
                yield logits[None, : image.shape[0], : image.shape[1]]

    each = outputs()
    return evaluate(Segmenter(lambda images: next(each), task), pairs, counts, boundaries=False)
