"""Accuracy against time."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from segdemo.models import MODELS
from segdemo.runtime import RUNTIME_TITLES, RUNTIMES
from segdemo.scoring.plots import save_svg
from segdemo.tasks import TASKS

COLORS = dict(zip(MODELS, ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"), strict=False))  # of Okabe and Ito
MARKERS = dict(zip(RUNTIMES, "osD", strict=True))


def plot_accuracy_time(models: list[dict], path: Path) -> None:
    """Draws mIoU on val against the network's milliseconds, a panel a task, as SVG.

    Args:
        models: see `network.time_entry`.
        path: of the file.
    """
    tasks = [name for name in TASKS if any(row["task"] == name for row in models)]
    rows = -(-len(tasks) // 2)
    figure = Figure(figsize=(7, 3 * rows), layout="constrained")
    panels = figure.subplots(rows, 2, sharex=True, squeeze=False)
    for axes in panels.flat[len(tasks) :]:
        axes.remove()
    for axes, task in zip(panels.flat, tasks, strict=False):
        for row in (row for row in models if row["task"] == task):
            milliseconds = [1000 * row["seconds"][runtime] for runtime in MARKERS]
            scores = [row["miou"][runtime] for runtime in MARKERS]
            axes.plot(milliseconds, scores, color=COLORS[row["model"]], linewidth=0.8)
            for x, y, marker in zip(milliseconds, scores, MARKERS.values(), strict=True):
                axes.plot(x, y, marker, color=COLORS[row["model"]])
        axes.set(title=TASKS[task].title.en, xlabel="milliseconds", ylabel="mIoU on val")
        axes.grid(alpha=0.3)
    panels[0, 0].set_xlim(left=0)
    keys = [Line2D([], [], color=color, label=MODELS[name].title) for name, color in COLORS.items()]
    keys += [Line2D([], [], color="grey", marker=marker, linestyle="", label=RUNTIME_TITLES[name]) for name, marker in MARKERS.items()]
    figure.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False)
    save_svg(figure, path)
