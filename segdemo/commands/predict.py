"""``predict``: pictures in, masks, overlays and statistics out."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

from segdemo.commands.chosen import chosen_segmenter, chosen_task
from segdemo.commands.columns import left
from segdemo.commands.options import add_runtime, add_task_and_model, add_weights, at_least_one
from segdemo.images import ImageError
from segdemo.inference.segmentation import Segmentation, Segmenter
from segdemo.output.folder import MASKS, Job, Progress, on_all_cores, on_ray, predict_folder
from segdemo.output.takeaway import KINDS, NothingThere, class_ids, take
from segdemo.runtime import has_litert
from segdemo.runtime.files import write_whole
from segdemo.suggestion import AutoSegmenter, Suggestions, alternative, doubted, is_unknown, likeliest_task

SUMMARY = "Segment pictures: writes NAME.mask.png (class ids, in colour) and NAME.overlay.jpg, prints the statistics."


def add_options(parser: ArgumentParser) -> None:
    add_task_and_model(parser, own=True, auto=True)
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE", help="files; or one folder, with all that is in it, and --output")
    parser.add_argument("--out", "--output", type=Path, help="folder for the results (default: here)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder with classes.json, for a task of your own")
    add_weights(parser)
    add_runtime(parser)
    parser.add_argument("--take", type=_kinds, default=(), metavar="KINDS", help=f"more files, with commas: {', '.join(KINDS)}")
    parser.add_argument("--class", dest="names", metavar="NAMES", help="of what --take takes, with commas (default: all but the background)")
    parser.add_argument("--color", default="white", help="of what --take colored puts behind it (default: white)")
    parser.add_argument("--json", action="store_true", help="print the statistics as JSON")
    parser.add_argument("--masks", default="png", choices=MASKS, help="of a folder: a PNG each, or COCO's run lengths in the table (default: png)")
    parser.add_argument("--workers", type=at_least_one, default=0, help="of a folder: how many processes (default: one a core)")
    parser.add_argument("--ray", metavar="ADDRESS", help="of a folder: computes with Ray: local, or on a cluster: auto, or HOST:PORT; needs segdemo[ray]")


def run(options: Namespace) -> int:
    if [path.is_dir() for path in options.pictures] == [True]:
        return _run_folder(options)
    options.out = options.out or Path(".")
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


INTERRUPTED = " The same command goes on with a folder."


def _run_folder(options: Namespace) -> int:
    """Everything in a folder; the exit status is 1 if a picture could not be read."""
    if options.out is None:
        raise ValueError(f"{options.pictures[0]} is a folder: say with --output where the results go.")
    if options.take or options.json:
        raise ValueError("--take and --json are for single pictures; of a folder there are masks and a table.")
    job = Job(partial(_made, options), options.pictures[0].resolve(), options.out.resolve(), options.masks)
    names = ("task", "model", "runtime", "weights", "masks")
    settings = {"source": job.source, **{name: getattr(options, name) or "auto" for name in names}}
    runner = on_ray(job, options.ray) if options.ray else on_all_cores(job, options.workers)
    progress = predict_folder(job, settings, runner, _teller())
    print(f"{progress.total} pictures, {progress.done} of them now: {options.out}/statistics, {options.out}/{'masks' if options.masks == 'png' else 'bad.txt'}")
    if progress.bad:
        print(f"segdemo: {progress.bad} cannot be read: see {options.out / 'bad.txt'}", file=sys.stderr)
    return 1 if progress.bad else 0


def _made(options: Namespace) -> Segmenter | AutoSegmenter:
    """`_segmenter` in another process, which knows nothing yet."""
    from segdemo.inference.own import add_own_tasks

    add_own_tasks(options.tasks or [])
    return _segmenter(options)


def _teller() -> Callable[[Progress], None]:
    """Tells on standard error: a person all the time, a log once a minute."""
    last = float("-inf")

    def tell(progress: Progress) -> None:
        nonlocal last
        seen = sys.stderr.isatty()
        if time.monotonic() - last >= (0.2 if seen else 60) or progress.before + progress.done == progress.total:
            last = time.monotonic()
            print(
                f"\r{progress}\x1b[K" if seen else progress,
                end="" if seen and progress.before + progress.done < progress.total else "\n",
                file=sys.stderr,
                flush=True,
            )

    return tell


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
    write_whole(mask, palette_png(result.mask, result.task))
    write_whole(laid_over, jpeg(overlay(result.image, result.separated, result.task)))
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
        write_whole(files[-1], taken.content)
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
        print(f"  {left(s.name, 14)}{s.share:7.1%}  {s.regions:4d} {'region ' if s.regions == 1 else 'regions'}  confidence {s.confidence:.2f}")
