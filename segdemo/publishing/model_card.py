"""The card beside each weights file: what it is, on what data, how good, and where it fails."""

from __future__ import annotations

import re

from segdemo.models import ARCHITECTURES, MODELS
from segdemo.output.markdown import shell, wrapped
from segdemo.runtime.manifest import Entry
from segdemo.tasks import PUBLISHED, TASKS, Task


def model_card(entry: Entry) -> str:
    """Markdown for one entry of the manifest; every number in it comes from the entry."""
    architecture, task = MODELS[entry.model], TASKS[entry.task]
    rows = "\n".join(f"| {name} | {_number(iou)} | {_number(entry.dice[name])} |" for name, iou in entry.iou.items())
    name = f"{entry.task}-{entry.model}"
    published = task.name in PUBLISHED
    docs = "../docs" if published else "docs"
    failures = f"![What it makes of pictures it was not trained for]({docs}/failures/{name}.jpg)" if task.failures else ""
    about_data = f"{task.data} {task.licence}".strip() or "Whoever trained it did not say."
    int8 = entry.runtimes["litert-int8"]
    adjusted = (
        f"Rare classes weigh more in training; {entry.unweighted:.0%} of that is taken off the logits again, the share that scores best on the same split. "
        if entry.unweighted is not None
        else ""
    )
    if entry.shift:
        adjusted = f"{entry.shift:g} is added to the logit, which scores best on the same split: a probability of less than one half is enough. "
    counted = f"\nNumber of objects: median relative error {entry.count_error:.3f}.\n" if entry.count_error is not None else ""
    text = f"""# {architecture.title} for {task.title.en.lower()}

{architecture.sentence.en} {architecture.paper}, <{architecture.url}>. Backbone: {ARCHITECTURES[task.form(entry.model)].backbone}.

`{"" if published else 'segdemo.add_tasks("FOLDER"); '}segdemo.load("{entry.model}", task="{entry.task}")` · {entry.parameters:,} parameters ·
`{entry.file}`, {entry.bytes / 1e6:.1f} MB, stored as {entry.dtype}{_rounding(entry)}

LiteRT runs the same numbers, with the same masks; in int8 (`runtime="litert-int8"`, {int8["bytes"] / 1e6:.1f} MB) it scores {int8["miou"]:.4f} mIoU.

## Score

mIoU **{entry.miou:.4f}**, pixel accuracy {entry.pixel_accuracy:.4f}, class accuracy {entry.class_accuracy:.4f},
boundary F1 {entry.boundary_f1:.4f}, on {entry.data} `{entry.split}`,
{entry.pictures} pictures of {entry.size}, each seen at an area of {entry.pixels:,} pixels, those marked 255 ignored, one forward pass.
The split also chose the epochs: a held-out test is lower.
{counted}
| class | IoU | Dice |
|---|---|---|
{rows}

Reproduce: `python -m segdemo evaluate --task {entry.task} --model {entry.model} --data {entry.data} --split
{entry.split}{"" if published else " --tasks FOLDER"}`{_split_of(task)}

{adjusted}Confidence: the logits are divided by {entry.temperature:.3f}, fitted on the same split,
which brings the expected calibration error there from {entry.ece_before:.4f} to {entry.ece:.4f}.

## Training

{shell(entry.command)}

{_epochs(entry.epochs)} in {entry.seconds / 60:.0f} minutes, validation included, on a machine that may have had other work too
({entry.machine}); every choice is in
`segdemo/training/recipes.py`{f" and `segdemo/tasks/{task.name}.py`, as they were" if published else ", as it was"} on that
day.{_pruned(entry)}{_soup(entry)}{_published_then(entry)}{_earlier(entry)}

![Loss and mIoU on val, by epoch]({docs}/training/{name}.svg)

## Data and its licence

{about_data}{"".join(map(_conditions, _started_from(entry)))}

## Limits

{task.limits or "Whoever trained it did not say."}

{failures}"""
    return wrapped(text.rstrip()) + "\n"


def _started_from(entry: Entry) -> list[Task]:
    """The other tasks whose trained weights it came from: by the trainings before it, and by its own command, should those weights be no longer known."""
    commands = " ".join([*(training["command"] for training in entry.earlier), entry.command])
    named = re.findall(r"--(?:task|pretrained)[ =](\S+)", commands)  # TASK, or TASK-MODEL
    return [task for name, task in TASKS.items() if name != entry.task and {name, *(f"{name}-{model}" for model in MODELS)} & set(named)]


def _conditions(task: Task) -> str:
    return f"\n\nIt started from weights of the task `{task.name}`, whose conditions hold for this one, too. {task.data} {task.licence}".rstrip()


def _split_of(task: Task) -> str:
    """What of the data cannot be had as it was."""
    if task.same_split or task.name not in PUBLISHED:
        return ""
    return (
        "; the publishers' data are named below, but which pictures are in which split, and at what size, is not kept here: another split gives another number."
    )


def _rounding(entry: Entry) -> str:
    return "" if entry.miou_float32 is None else f" (mIoU before that: {entry.miou_float32:.4f})"


def _mean(averaged: list[str]) -> str:
    """Which weights of a training the published ones are the mean of; "" if it is none."""
    if averaged == ["start"]:
        return "those that it started from"
    if len(averaged) < 2:
        return ""
    *others, last = (f"those of epoch {int(name)}" if name.isdigit() else "those that it started from" for name in sorted(averaged))
    return f"the mean of {', '.join(others)} and {last}"


def _soup(entry: Entry) -> str:
    mean = _mean(entry.averaged)
    if entry.averaged == ["start"]:
        return f"\nThe weights are {mean}: no epoch scored better on the same split, alone or in a mean."
    return mean and f"\nThe weights are {mean} (a model soup, `segdemo/training/soup.py`), chosen by the score on the same split."


def _pruned(entry: Entry) -> str:
    if not entry.pruned:
        return ""
    before = f"the trainings of {entry.model} before it were of that one, today's `{entry.model}-wide`."
    return f"\nIt started as a part of a wider network (pruning, `segdemo/training/pruning.py`); {before}"


def _published_then(entry: Entry) -> str:
    """What a command names that other commands change."""
    if "--distill" not in entry.command and "--weights weights/" not in entry.command:
        return ""
    asked = " or, with `--opinions`, when the first training of the task wrote that file" if "--opinions" in entry.command else ""
    return f"\nFiles in `weights/` that a command goes on from, and `--distill`'s teachers, are those that `export` had last written by then{asked}."


def _earlier(entry: Entry) -> str:
    """The trainings that this one started from."""
    if not entry.earlier:
        return ""
    means = [_mean(t.get("averaged", [])) for t in entry.earlier]
    lines = "\n".join(
        f"- `{t['command']}`: {_epochs(t['epochs'])}, {t['seconds'] / 60:.0f} minutes"
        + ("; pruned at its start" if t.get("pruned") else "")
        + (f"; {mean}" if mean else "")
        for t, mean in zip(entry.earlier, means, strict=True)
    )
    every = (*entry.earlier, {"epochs": entry.epochs, "seconds": entry.seconds})
    epochs, minutes = sum(t["epochs"] for t in every), sum(t["seconds"] for t in every) / 60
    all_told = f"with them, {_epochs(epochs)} and {minutes:.0f} minutes"
    return f"\n\nIt started from what earlier trainings, the first of them from ImageNet's weights, had made; {all_told}:\n\n{lines}"


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' if count > 1 else ''}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
