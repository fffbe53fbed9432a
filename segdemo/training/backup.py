"""What a killed training goes on from: the log, and what the model and the optimizer were after each of the last two epochs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from segdemo.runtime.files import whole, write_whole

KEPT = 2


@dataclass(frozen=True)
class State:
    """After so many epochs: the values of every variable, in the order of `variables`."""

    epochs: int
    values: list[np.ndarray]

    def restore(self, model: keras.Model) -> None:
        """Into a compiled model like the one that it is of.

        Raises:
            ValueError: if that has other variables.
        """
        into = variables(model)
        if [value.shape for value in self.values] != [tuple(variable.shape) for variable in into]:
            raise ValueError("The backup is of a model with other layers. Choose another run folder.")
        for variable, value in zip(into, self.values, strict=True):
            variable.assign(value)


def variables(model: keras.Model) -> list[keras.Variable]:
    """All that training changes: weights, statistics, random seeds; the optimizer's moments and averages, and how many steps it has made."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


class Backup(keras.callbacks.Callback):
    """After each epoch, its row in the log, and then the state; the last two of these are kept. It must be the last callback.

    Args:
        log: the CSV file.
        folder: for the states; None keeps none.
    """

    def __init__(self, log: Path, folder: Path | None):
        super().__init__()
        self.log, self.folder = log, folder

    def on_epoch_end(self, epoch, logs=None):
        write_log(self.log, [*read_log(self.log), {"epoch": epoch, **{key: float(value) for key, value in sorted(logs.items())}}])
        if self.folder is None:
            return
        with whole(self.folder / f"{epoch + 1:05}.npz") as half, half.open("wb") as file:
            np.savez(file, *(np.asarray(keras.ops.convert_to_numpy(variable)) for variable in variables(self.model)))
        for old in _states(self.folder)[KEPT:]:
            old.unlink()


def last_state(folder: Path) -> State | None:
    """The latest that is whole; of a damaged one a line is printed. None if there is none."""
    for path in _states(folder):
        try:
            with np.load(path) as file:  # a ZIP, with a checksum for each array
                return State(int(path.stem), [file[f"arr_{i}"] for i in range(len(file.files))])
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            print(f"{path} is damaged ({error}): going back to the one before, if there is one.", flush=True)
    return None


def read_log(log: Path) -> list[dict[str, float]]:
    """One row an epoch; where one is there twice, as earlier versions left it after a kill, the later row."""
    if not log.is_file():
        return []
    with log.open(newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    return list({row["epoch"]: row for row in rows}.values())


def write_log(log: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Writes all rows."""
    stream = io.StringIO()
    table = csv.DictWriter(stream, list(rows[0]) if rows else ["epoch"], lineterminator="\n")
    table.writeheader()
    table.writerows({**row, "epoch": int(row["epoch"])} for row in rows)
    write_whole(log, stream.getvalue().encode())


def _states(folder: Path) -> list[Path]:
    """Of the backups, the latest first."""
    return sorted((path for path in folder.glob("*.npz") if re.fullmatch(r"\d+", path.stem)), reverse=True)
