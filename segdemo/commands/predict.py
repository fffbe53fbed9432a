"""``predict``: pictures in, masks, overlays and statistics out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from segdemo.commands.chosen import chosen_segmenter, chosen_task
from segdemo.commands.options import add_runtime, add_task_and_model, add_weights
from segdemo.images import ImageError
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.output.takeaway import KINDS, NothingThere, class_ids, take
from segdemo.runtime import has_litert
from segdemo.suggestion import AutoSegmenter, Suggestions, alternative, doubted, is_unknown, likeliest_task

SUMMARY = "Segment pictures: writes NAME.mask.png (class ids, in colour) and NAME.overlay.jpg, prints the statistics."


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser, own=True, auto=True)
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the results (default: here)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with classes.json, for a task of your own")
    add_weights(parser)
    add_runtime(parser)
    parser.add_argument("--take", type=_kinds, default=(), metavar="KINDS", help=f"more files, with commas: {', '.join(KINDS)}")
    parser.add_argument("--class", dest="names", metavar="NAMES", help="of what --take takes, with commas (default: all but the background)")
    parser.add_argument("--color", default="white", help="of what --take colored puts behind it (default: white)")
    parser.add_argument("--json", action="store_true", help="print the statistics as JSON")


def run(options: Namespace) -> int:
    stems = [path.stem for path in options.pictures]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise ValueError(
            f"Several pictures are called {sorted(twice)[0]!r}, and so would be their results. Segment them one after the other, with another --out."
        )
    segmenter = _segmenter(options)
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in options.pictures:
        try:
            result = segmenter(path)
        except ImageError as error:
            failed += 1
            print(f"segdemo: {error}", file=sys.stderr)
            continue
        if told := _told([*result.suggestions]) if result.suggestions else _warned(result, options):
            print(f"segdemo: {path}: {told}", file=sys.stderr)
        mask, laid_over = _written(result, options.out, path.stem)
        more = _taken(result, options, path.stem)
        if options.json:
            files = {"picture": str(path), "mask": str(mask), "overlay": str(laid_over), "taken": [str(file) for file in more]}
            statistics = [vars(s) for s in result.statistics() if s.pixels]
            print(json.dumps({**files, "task": result.task.name, "unfamiliar": result.unfamiliar, "located": result.located_boxes, "statistics": statistics}))
        else:
            print(f"{path}: {', '.join(map(str, (mask, laid_over, *more)))}")
            _print_table(result)
    return 1 if failed else 0


def _segmenter(options: Namespace) -> Segmenter | AutoSegmenter:
    own = options.data or options.weights
    if options.task == "auto" and own:
        raise ValueError("--task is auto, but --data and --weights are of one task: name it.")
    if options.task is None and own:
        options.task = "street"
    if options.task in (None, "auto"):
        from segdemo.zoo import load

        return load(options.model, task="auto", runtime=options.runtime)
    options.model = options.model or ("deeplabv3plus" if options.weights else "auto")
    return chosen_segmenter(options, chosen_task(options))


def _told(suggestions: Suggestions) -> str:
    """What the picture looks like, and what that was taken for."""
    task, probable = likeliest_task(suggestions), dict(suggestions)
    others = ", ".join(f"{name} {probability:.0%}" for name, probability in suggestions if name not in (task, None) and probability >= 0.01)
    likely = f"{task} ({probable[task]:.0%}{'; or: ' if others else ''}{others})"
    if is_unknown(suggestions):
        return f"none of the tasks fits ({probable[None]:.0%}); segmented as {likely}. --task chooses another."
    return f"segmented as {likely}. --task chooses another."


def _warned(result: Segmentation, options: Namespace) -> str:
    """What to try instead of a task that was named and is hardly the picture's; "" of a task of one's own, or where the two fit."""
    from segdemo.zoo import suggest

    if options.weights or options.data or not has_litert() or not doubted(suggestions := suggest(result.image), options.task):
        return ""
    better = alternative(suggestions, options.task)
    return f"this hardly looks like {options.task}; {f'try --task {better}' if better else 'it looks like none of the tasks'}."


def _written(result: Segmentation, folder: Path, stem: str) -> tuple[Path, Path]:
    """The files of the mask and of the overlay."""
    from segdemo.output.visualization import jpeg, overlay, palette_png

    mask, laid_over = folder / f"{stem}.mask.png", folder / f"{stem}.overlay.jpg"
    mask.write_bytes(palette_png(result.mask, result.task))
    laid_over.write_bytes(jpeg(overlay(result.image, result.separated, result.task)))
    return mask, laid_over


def _taken(result: Segmentation, options: Namespace, stem: str) -> list[Path]:
    """The files of ``--take``; what cannot be taken is said."""
    files = []
    for kind in options.take:
        try:
            taken = take(result, kind, class_ids(result.task, options.names), color=options.color)
        except NothingThere as error:
            print(f"segdemo: {stem}: {error}", file=sys.stderr)
            continue
        files.append(options.out / f"{stem}.{taken.ending}")
        files[-1].write_bytes(taken.content)
    return files


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(text.split(","))
    if wrong := [kind for kind in kinds if kind not in KINDS]:
        raise ArgumentTypeError(f"{wrong[0]!r} cannot be taken; choose from {', '.join(KINDS)}")
    return kinds


def _print_table(result: Segmentation) -> None:
    if result.located == ():
        print("  no face was found; the whole picture was looked at: another --task?")
    elif result.unfamiliar:
        usual = f"usually {result.usual_confidence:.3f} or more"
        print(f"  unlike what the model knows (mean confidence in what it finds {result.found_confidence:.3f}, {usual}): another --task?")
    for s in sorted((s for s in result.statistics() if s.pixels), key=lambda s: -s.share):
        print(f"  {s.name:<14}{s.share:7.1%}  {s.regions:4d} {'region ' if s.regions == 1 else 'regions'}  confidence {s.confidence:.2f}")
