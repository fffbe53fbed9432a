"""Pictures of scores, by Matplotlib."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from segdemo.scoring.calibration import BINS
from segdemo.scoring.evaluation import Evaluation
from segdemo.scoring.metrics import Scores
from segdemo.tasks import Task

CJK = re.compile("CJK|WenQuanYi|PingFang|Hiragino|Heiti|Songti|SimHei|SimSun|YaHei|MingLiU|JhengHei|Source Han|Droid Sans Fallback|Arial Unicode")


@cache
def _fonts() -> tuple[str, ...]:
    """Matplotlib's own font, then one that has Chinese if the machine has one."""
    there = sorted({font.name for font in fontManager.ttflist if CJK.search(font.name)}, key=lambda name: ("SC" not in name, "Sans" not in name, name))
    return "DejaVu Sans", *there[:1]


def _shown(names: Sequence[str]) -> list[str]:
    """The names, or their ids where no font of this machine has them, with a line that says so."""
    if len(_fonts()) > 1 or all(ord(letter) < 0x2E80 for name in names for letter in name):
        return [*names]
    logging.getLogger(__name__).warning("No font of this machine has Chinese, Japanese or Korean letters: classes are drawn by their ids. Install one.")
    return [str(i) for i in range(len(names))]


def save_svg(figure: Figure, file: str | Path | BinaryIO) -> None:
    """The same bytes every time, the words as words: the page shows them in its language."""
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "segdemo"}):
        figure.savefig(file, format="svg", metadata={"Date": None})


def plot_evaluation(evaluation: Evaluation, path: str | Path) -> None:
    """Draws the confusion matrix, each row in shares of its true class, and the reliability diagram, as ``path``'s ending says."""
    names = _shown(evaluation.task.class_names)
    with rc_context({"font.family": [*_fonts()]}):
        figure = Figure(figsize=(5.5 + 0.45 * len(names), 3 + 0.35 * len(names)), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1 + 0.1 * len(names), 1))
        _confusion(left, evaluation.scores.matrix[:, : len(names)], names)
        _reliability(right, evaluation)
        save_svg(figure, path) if Path(path).suffix == ".svg" else figure.savefig(path)


def plot_confusion(scores: Scores, task: Task, file: BinaryIO) -> None:
    """Draws the confusion matrix of the classes that occur, each row in shares of its true class, as SVG."""
    matrix = scores.matrix[:, : task.num_classes]
    occur = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1))
    figure = Figure(figsize=(1.6 + 0.42 * len(occur), 1.5 + 0.38 * len(occur)), layout="constrained")
    _confusion(figure.subplots(), matrix[np.ix_(occur, occur)], [task.class_names[i] for i in occur])
    save_svg(figure, file)


def _confusion(axes: Axes, matrix: np.ndarray, names: Sequence[str]) -> None:
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true")
    for row, column in np.ndindex(*shares.shape):
        if shares[row, column] >= 0.005:
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{shares[row, column]:.2f}".removeprefix("0"), ha="center", va="center", color=color, fontsize=7)


def _reliability(axes: Axes, evaluation: Evaluation) -> None:
    reliability = evaluation.reliability
    filled = reliability.pixels > 0
    pixels = np.maximum(reliability.pixels, 1)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    axes.bar((np.arange(BINS) + 0.5)[filled] / BINS, (reliability.right / pixels)[filled], width=0.9 / BINS)
    axes.set(xlabel="confidence", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_title(f"expected calibration error {reliability.expected_calibration_error:.3f}", fontsize=9)
