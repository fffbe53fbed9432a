"""What transfer learning, skips and atrous rates are worth: short trainings of one budget, side by side.

    python -m benchmarks.experiments --street camvid --animals animals --pretrained mobilenet_v2_1.0_224_imagenet_no_top.weights.h5

Goes on after an interruption. Writes docs/experiments.json, docs/experiments.md and a plot each: docs/transfer.svg,
docs/fcn.svg, docs/unet.svg, docs/deeplab.svg. With `--plots transfer`, say, only that plot's trainings are made, and the others stay as they are.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import cv2
import keras
import numpy as np
from matplotlib.figure import Figure

from segdemo.data.examples import picture_of
from segdemo.data.folder import open_split
from segdemo.inference.segmentation import Segmenter
from segdemo.output.markdown import wrapped
from segdemo.runtime.with_keras import KerasNetwork
from segdemo.scoring.plots import save_svg
from segdemo.scoring.speed import machine
from segdemo.tasks import get_task
from segdemo.tasks.pictures import CHELSEA
from segdemo.training.backup import read_log
from segdemo.training.loop import train
from segdemo.training.recipes import Recipe, recipe_of
from segdemo.ui.learn.step import ids

ROOT = Path(__file__).resolve().parent.parent
EPOCHS, STEPS, CROP = 4, {"street": 45, "animals": 60}, (224, 288)
SHARES = (0.05, 0.25, 1.0)
SHOWN = (216, 144)  # width and height of the masks that are kept
SEEDS = {"transfer": 1, "fcn": 3, "unet": 3, "deeplab": 3}  # trainings of each line: small differences need more than one


@dataclass(frozen=True)
class Run:
    """One short training: which plot it belongs to, its line there, its place on the line, and what is trained how, from which seed."""

    plot: str
    line: str
    place: str
    model: str
    pretrained: bool
    recipe: Recipe
    task: str = "street"
    seed: int = 0

    @property
    def budget(self) -> str:
        how = self.recipe
        return f"{how.epochs} epochs of {how.steps} steps of {how.batch} crops of {how.crop[1]}x{how.crop[0]}"

    @property
    def name(self) -> str:
        """Of its folder."""
        start = f"before-{self.recipe.freeze_before or 'nothing'}-frozen" if self.pretrained else "scratch"
        return f"{self.task}-{self.model}-{start}-{self.recipe.share}-{crc32(repr(self.recipe).encode()):08x}-{self.seed}"


def runs() -> list[Run]:
    # Animals have thousands of photographs, each another scene; the street's are frames of three films, much alike.
    photos, film = (replace(recipe_of(get_task(task), "fcn8s"), epochs=EPOCHS, steps=STEPS[task], crop=CROP) for task in ("animals", "street"))
    photos = replace(photos, augmentation=replace(photos.augmentation, paste=0))  # it makes more pictures of few, which is not the question
    starts = {
        "from scratch": (False, replace(photos, freeze_before="")),
        "frozen backbone": (True, replace(photos, freeze_before="fc6_depthwise")),
        "fine-tuned": (True, photos),
    }
    transfer = [
        Run("transfer", start, f"{share:.0%}", "fcn8s", pretrained, replace(how, share=share), "animals")
        for share in SHARES
        for start, (pretrained, how) in starts.items()
    ]
    large = replace(film, crop=(352, 480), batch=4)  # the widest rate looks 37 cells across: of the small crop's 18, most would be padding
    parts = {
        "fcn": {"FCN-32s": "fcn32s", "FCN-16s": "fcn16s", "FCN-8s": "fcn8s"},
        "unet": {"without skips": "unet-wide-without-skips", "with skips": "unet-wide"},
        "deeplab": {"rates 1, 1, 1": "deeplabv3plus-wide-without-rates", "rates 6, 12, 18": "deeplabv3plus-wide"},
    }
    recipe = {"fcn": film, "unet": film, "deeplab": large}
    street = [Run(plot, line, "100%", model, True, recipe[plot]) for plot, lines in parts.items() for line, model in lines.items()]
    return [replace(run, seed=seed) for run in transfer + street for seed in range(SEEDS[run.plot])]


TITLES = {
    "transfer": "People and animals: FCN-8s, by share of the training pictures",
    "fcn": "Street, FCN: how far down the skips reach",
    "unet": "Street, U-Net: what the skips are worth",
    "deeplab": "Street, DeepLabV3+: what the atrous rates are worth",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--street", required=True, type=Path, metavar="DIR", help="CamVid, as `python -m segdemo.data.camvid` makes it")
    parser.add_argument("--animals", required=True, type=Path, metavar="DIR", help="people and animals, in the same layout")
    parser.add_argument("--pretrained", default="imagenet", help="as for `python -m segdemo train`")
    parser.add_argument("--precision", default="float32", help="as for `python -m segdemo train`")
    parser.add_argument("--plots", nargs="+", choices=list(TITLES), default=list(TITLES), help="which trainings (default: all)")
    options = parser.parse_args()
    start = Path(options.pretrained).name  # where the files lie is nobody's business
    command = (
        f"python -m benchmarks.experiments --street {options.street.name} --animals {options.animals.name} --pretrained {start} --precision {options.precision}"
    )
    splits = {name: [open_split(getattr(options, name), split, get_task(name)) for split in ("train", "val")] for name in STEPS}
    pictures = {name: [len(split) for split in both] for name, both in splits.items()}
    kept = json.loads((ROOT / "docs" / "experiments.json").read_text(encoding="utf-8"))["runs"] if len(options.plots) < len(TITLES) else []
    rows = [row for row in kept if row["plot"] not in options.plots]
    for run in (run for run in runs() if run.plot in options.plots):
        folder = ROOT / "runs" / "experiments" / options.precision / run.name
        pretrained = options.pretrained if run.pretrained else None
        keras.utils.clear_session()
        task = get_task(run.task)
        best = train(run.model, task, *splits[run.task], run.recipe, folder, pretrained, seed=run.seed, progress=False, precision=options.precision)
        scores = [row["val_miou"] for row in read_log(folder / "log.csv")]
        found = {"mask": cat(Segmenter(KerasNetwork(run.model, task, best), task, run.model))} if run.plot == "transfer" else {}
        rows.append(row(run, scores, machine()) | found)
        report(rows, pictures, command)


def row(run: Run, scores: list[float], where: str) -> dict:
    """What is kept of a run."""
    known = {"plot": run.plot, "line": run.line, "place": run.place, "model": run.model, "task": run.task, "budget": run.budget, "seed": run.seed}
    return {**known, "machine": where, "val_miou": [round(score, 4) for score in scores]}


def cat(segmenter: Segmenter) -> str:
    """The mask of scikit-image's cat, as the address of a small grey PNG of class ids: what the score looks like."""
    return ids(cv2.resize(segmenter(picture_of(CHELSEA)).mask, SHOWN, interpolation=cv2.INTER_NEAREST_EXACT))


def report(rows: list[dict], pictures: dict[str, list[int]], command: str, docs: Path = ROOT / "docs") -> None:
    """Writes what there is so far; ``pictures`` are a task's numbers of training and val pictures."""
    facts = {"command": command, "pictures": pictures, "runs": sorted(rows, key=lambda row: list(TITLES).index(row["plot"]))}
    (docs / "experiments.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    texts = [
        "# What a part is worth",
        f"Short trainings side by side, each plot's of one budget, whatever the share of the pictures. Made by `{facts['command']}`.",
    ]
    for plot, title in TITLES.items():
        if trained := [row for row in rows if row["plot"] == plot]:
            chosen = means(trained)
            draw(plot, title, chosen, docs / f"{plot}.svg")
            train_pictures, val_pictures = pictures[chosen[0]["task"]]
            size = f"{chosen[0]['budget']}; {train_pictures} training pictures, mIoU on {val_pictures} val pictures."
            budget = f"{size} {certainty(trained)} On {chosen[0]['machine']}."
            texts.append(f"## {title}\n\n{budget}\n\n![{title}]({plot}.svg)\n\n{table(chosen)}\n\n{conclusion(plot, chosen)}")
    (docs / "experiments.md").write_text(wrapped("\n\n".join(texts)) + "\n", encoding="utf-8")


def means(rows: list[dict]) -> list[dict]:
    """A row for each line and place: the mean of its seeds' scores."""
    return [{**group[0], "val_miou": np.mean([each["val_miou"] for each in group], axis=0).tolist()} for group in _by_line(rows)]


def certainty(rows: list[dict]) -> str:
    """How much the seeds differ."""
    ends = [[each["val_miou"][-1] for each in group] for group in _by_line(rows)]
    if max(map(len, ends)) == 1:
        return "One training each, so small differences say nothing."
    seeds = " or ".join(str(count) for count in sorted({len(scores) for scores in ends}))
    return f"Means of {seeds} trainings, which differ by up to {max(max(scores) - min(scores) for scores in ends):.3f} at the end."


def _by_line(rows: list[dict]) -> list[list[dict]]:
    groups: dict[tuple, list[dict]] = {}
    for each in rows:
        groups.setdefault((each["line"], each["place"]), []).append(each)
    return list(groups.values())


def draw(plot: str, title: str, rows: list[dict], path: Path) -> None:
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    lines = dict.fromkeys(row["line"] for row in rows)
    for line in lines:
        mine = [row for row in rows if row["line"] == line]
        if plot == "transfer":
            axes.plot([row["place"] for row in mine], [row["val_miou"][-1] for row in mine], marker="o", label=line)
        else:
            axes.plot(range(1, EPOCHS + 1), mine[0]["val_miou"], marker="o", label=line)
    axes.set(title=title, xlabel="training pictures" if plot == "transfer" else "epoch", ylabel="mIoU on val")
    axes.set_ylim(bottom=0)
    if plot != "transfer":
        axes.set_xticks(range(1, EPOCHS + 1))
    axes.legend()
    save_svg(figure, path)


def conclusion(plot: str, rows: list[dict]) -> str:
    """What the numbers say, with the differences of their last epochs."""
    last = {(row["line"], row["place"]): row["val_miou"][-1] for row in rows}
    lines = list(dict.fromkeys(row["line"] for row in rows))
    if plot != "transfer":
        steps = [f"{line} {last[line, '100%'] - last[before, '100%']:+.3f} over {before}" for before, line in zip(lines, lines[1:], strict=False)]
        return f"mIoU at the end: {'; '.join(steps)}." if steps else ""
    places = list(dict.fromkeys(row["place"] for row in rows))
    pairs = list(zip(places, places[1:], strict=False))
    gains = [f"{line} {', '.join(f'{last[line, more] - last[line, few]:+.3f}' for few, more in pairs if (line, more) in last)}" for line in lines]
    return f"mIoU gained from {', '.join(f'{few} to {more}' for few, more in pairs)} of the pictures, in the same number of steps: {'; '.join(gains)}."


def table(rows: list[dict]) -> str:
    places = list(dict.fromkeys(row["place"] for row in rows))
    head = ["training pictures", *places]
    lines = [head, ["---"] * len(head)]
    for line in dict.fromkeys(row["line"] for row in rows):
        scores = {row["place"]: f"{row['val_miou'][-1]:.3f}" for row in rows if row["line"] == line}
        lines.append([line, *(scores.get(place, "") for place in places)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
