"""``python -m segdemo predict | train | evaluate | export | bench``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from segdemo.models import ARCHITECTURES, MODELS
from segdemo.runtime import RUNTIMES
from segdemo.tasks import TASKS, Task, get_task, task_from_folder

LABELLED = "pictures in DIR/SPLIT/images, class ids as PNG of the same names in DIR/SPLIT/masks"


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status. A mistake in the input prints one sentence and gives 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(arguments or ["--help"])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's news of how it was built, before every error
    options.arguments = arguments
    try:
        return options.run(options) or 0
    except (ValueError, RuntimeError, OSError) as error:
        where = isinstance(error, OSError) and error.filename
        print(f"segdemo: {error.filename}: {error.strerror}." if where else f"segdemo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("segdemo: interrupted." + (" The same command goes on after the last whole epoch." if options.run is _train else ""), file=sys.stderr, flush=True)
        return 130


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {2**32 - 1}")
    return int(text)


def _share(text: str) -> float:
    try:
        if 0 <= float(text) <= 1:
            return float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")


def _drawing(text: str) -> Path:
    if Path(text).suffix not in (".png", ".svg"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png or .svg")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m segdemo", description="Semantic segmentation with FCN, U-Net and DeepLab.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        own = "; or the name in DIR/classes.json" if run in (_predict, _train, _evaluate) else ""
        sub.add_argument("--task", default="street", help=f"{', '.join(TASKS)}{own} (default: street)")
        sub.add_argument("--model", default="deeplabv3plus", choices=[*(ARCHITECTURES if run is _train else MODELS)], help="default: deeplabv3plus")
        return sub

    predict = command("predict", _predict, "Segment pictures: writes NAME.mask.png (class ids, in colour) and NAME.overlay.jpg, prints the statistics.")
    predict.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    predict.add_argument("--out", type=Path, default=Path("."), help="folder for the results (default: here)")
    predict.add_argument("--data", type=Path, metavar="DIR", help="the folder with classes.json, for a task of your own")
    predict.add_argument("--weights", type=Path, help="a .weights.h5 of a run, instead of the published one; run by Keras")
    predict.add_argument("--runtime", default="auto", choices=("auto", *RUNTIMES), help="what runs the network (default: litert where it is installed)")
    predict.add_argument("--json", action="store_true", help="print the statistics as JSON")

    train = command("train", _train, "Fine-tune a model on a labelled folder; call it again after an interruption and it goes on.")
    train.add_argument("--data", required=True, type=Path, metavar="DIR", help="DIR/{train,val}/{images,masks}; with classes.json for a task of your own")
    train.add_argument(
        "--pretrained", default="imagenet", metavar="PATH|imagenet|none", help="where the backbone starts (default: imagenet, downloaded by Keras)"
    )
    train.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="go on, more gently, from a .weights.h5 of this model with as many classes, instead of a pretrained backbone and a new head; "
        "also from one of MODEL-wide, which is pruned",
    )
    train.add_argument("--run", dest="folder", type=Path, metavar="FOLDER", help="where the run is kept (default: runs/TASK-MODEL)")
    train.add_argument("--epochs", type=_at_least_one, help="instead of the recipe's")
    train.add_argument("--batch", type=_at_least_one, help="instead of the recipe's")
    train.add_argument("--rate", type=_share, help="the part of the recipe's learning rate, 0 to 1 (default: 1; with --weights 0.4)")
    train.add_argument(
        "--precision",
        default="float32",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
        help="of the activations; mixed_bfloat16 is faster on a processor with avx512_bf16 or amx_bf16",
    )
    train.add_argument(
        "--distill",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="the part of the loss, 0 to 1, that the mean of the task's published models teaches, all architectures together (default: 0)",
    )
    train.add_argument(
        "--seed", type=_whole, default=0, help="of the new head and of the views: with the same one, another round would see the very same views (default: 0)"
    )
    train.add_argument("--quiet", action="store_true", help="one line an epoch, no progress bar")

    evaluate = command("evaluate", _evaluate, "Score a trained model on a labelled split: IoU, Dice, boundary F1, accuracy, calibration; of nuclei, the count.")
    evaluate.add_argument("--data", required=True, type=Path, metavar="DIR", help=LABELLED)
    evaluate.add_argument("--split", default="val", help="a folder in DIR: train, val, test ... (default: val)")
    evaluate.add_argument("--weights", type=Path, help="a .weights.h5 of a run, instead of the published one; run by Keras")
    evaluate.add_argument("--runtime", default="auto", choices=("auto", *RUNTIMES), help="what runs the network (default: litert where it is installed)")
    evaluate.add_argument("--picture", type=_drawing, metavar="FILE", help="draw the confusion matrix and the confidence against the truth, as .png or .svg")
    evaluate.add_argument("--json", action="store_true", help="print JSON, the confusion matrix included")

    export = command(
        "export",
        _export,
        "Publish a run: the mean of its epochs that scores best on a split; writes weights/TASK-MODEL.weights.h5, the manifest's row and the model card.",
    )
    export.add_argument("--data", required=True, type=Path, metavar="DIR", help=f"{LABELLED}; int8 is fitted to the pictures of its train")
    export.add_argument("--split", default="val", help="what the scores and the temperature are measured on (default: val)")
    export.add_argument("--run", dest="folder", type=Path, metavar="FOLDER", help="default: runs/TASK-MODEL")
    export.add_argument("--dtype", default="float16", choices=("float16", "float32"), help="how the file stores the numbers (default: float16)")

    bench = command("bench", _bench, "Time a trained model on this machine, step by step.")
    bench.add_argument("--size", default="480x360", metavar="WIDTHxHEIGHT")
    bench.add_argument("--runtime", default="auto", choices=("auto", *RUNTIMES))
    bench.add_argument("--runs", type=_at_least_one, default=20)
    bench.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _task(options) -> Task:
    """The task described by the dataset's own classes.json, if it has one, or a known task."""
    folder = getattr(options, "data", None)
    if folder and (folder / "classes.json").is_file():
        task = task_from_folder(folder)
        if task.name != options.task:
            raise ValueError(f"{folder / 'classes.json'} describes the task {task.name!r}, not {options.task!r}.")
        return task
    if folder and options.task not in TASKS:
        raise ValueError(f"There is no task {options.task!r} ({', '.join(TASKS)}), and no {folder / 'classes.json'} that describes it.")
    return get_task(options.task)


def _segmenter(options, task: Task):
    """The published model, or that of ``--weights``."""
    if options.weights is None:
        if task.name in TASKS and task.class_names != TASKS[task.name].class_names:
            described = options.data / "classes.json"
            raise ValueError(f"The published models of {task.name!r} have other classes than {described}. Give --weights, or the task another name.")
        if task.name not in TASKS:
            raise ValueError(f"There is no published model of {task.name!r}: give --weights, such as runs/{task.name}-{options.model}/best.weights.h5.")
        from segdemo.zoo import load

        return load(options.model, task.name, options.runtime)
    if not options.weights.is_file():
        raise ValueError(f"--weights is {str(options.weights)!r}, which is not a file.")
    if options.runtime not in ("auto", "keras"):
        raise ValueError(f"--runtime is {options.runtime!r}, but Keras runs what --weights names: leave one of the two out.")
    from segdemo.inference.segmentation import Segmenter
    from segdemo.runtime.with_keras import KerasNetwork

    return Segmenter(KerasNetwork(options.model, task, options.weights), task, options.model)


def _predict(options) -> int:
    from segdemo.images import ImageError
    from segdemo.output.visualization import jpeg, overlay, palette_png

    stems = [path.stem for path in options.pictures]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise ValueError(
            f"Several pictures are called {sorted(twice)[0]!r}, and so would be their results. Segment them one after the other, with another --out."
        )
    segmenter = _segmenter(options, _task(options))
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in options.pictures:
        try:
            result = segmenter(path)
        except ImageError as error:
            failed += 1
            print(f"segdemo: {error}", file=sys.stderr)
            continue
        mask, laid_over = options.out / f"{path.stem}.mask.png", options.out / f"{path.stem}.overlay.jpg"
        mask.write_bytes(palette_png(result.mask, result.task))
        laid_over.write_bytes(jpeg(overlay(result.image, result.separated, result.task)))
        rows = [s for s in result.statistics() if s.pixels]
        if options.json:
            files = {"picture": str(path), "mask": str(mask), "overlay": str(laid_over)}
            print(json.dumps({**files, "unfamiliar": result.unfamiliar, "statistics": [vars(s) for s in rows]}))
        else:
            print(f"{path}: {mask}, {laid_over}")
            if result.unfamiliar:
                usual = f"usually {result.usual_confidence:.3f} or more"
                print(f"  unlike what the model knows (mean confidence in what it finds {result.found_confidence:.3f}, {usual}): another --task?")
            for s in sorted(rows, key=lambda s: -s.share):
                print(f"  {s.name:<14}{s.share:7.1%}  {s.regions:4d} {'region ' if s.regions == 1 else 'regions'}  confidence {s.confidence:.2f}")
    return 1 if failed else 0


def _train(options) -> None:
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # before TensorFlow is imported; it is the default only on some processors
    from segdemo.data.folder import open_split
    from segdemo.training.loop import train
    from segdemo.training.recipes import recipe_of

    task = _task(options)
    changes = {key: value for key in ("epochs", "batch") if (value := getattr(options, key)) is not None}
    recipe = replace(recipe_of(task, options.model), **changes)
    splits = [open_split(options.data, split, task) for split in ("train", "val")]
    best = train(
        options.model,
        task,
        *splits,
        recipe,
        _run_folder(options),
        None if options.weights or options.pretrained == "none" else options.pretrained,
        weights=options.weights,
        rate=options.rate,
        seed=options.seed,
        precision=options.precision,
        progress=not options.quiet,
        distill=options.distill,
        command=public_command(options.arguments, options.data),
    )
    print(f"The best weights are {best}; curves.svg and log.csv beside them.")


def public_command(arguments: list[str], data: Path) -> str:
    """The command for the model card: where the data and what lies outside this folder are is nobody's business, their names are enough."""

    def told(argument: str) -> str:
        option, _, value = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
        path = Path(value)
        if path == data:
            value = path.resolve().name
        elif path.is_absolute():
            value = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
        return f"{option}={value}" if option else value

    return f"python -m segdemo {shlex.join(map(told, arguments))}"


def _run_folder(options) -> Path:
    return options.folder or Path("runs") / f"{options.task}-{options.model}"


def _evaluate(options) -> None:
    from segdemo.data.folder import open_split
    from segdemo.scoring.evaluation import evaluate

    task = _task(options)
    split = open_split(options.data, options.split, task)
    result = evaluate(_segmenter(options, task), split, split.counts(), _counter(len(split)))
    report = {"task": task.name, "model": options.model, "split": options.split, "pictures": len(split), **result.as_dict()}
    if options.picture:
        from segdemo.scoring.plots import plot_evaluation

        options.picture.parent.mkdir(parents=True, exist_ok=True)
        plot_evaluation(result, options.picture)
    if options.json:
        print(json.dumps(report))
        return
    print(f"{task.name}, {options.model}, {options.split}: {len(split)} pictures")
    for title, key in SCORES.items():
        if report[key] is not None:
            print(f"  {title:<28}{report[key]:.4f}")
    print(f"  {'class':<14}{'IoU':>8}{'Dice':>8}{'boundary F1':>13}")
    for name in task.class_names:
        iou, dice, outline = (_number(report[key][name]) for key in ("iou", "dice", "class_boundary_f1"))
        print(f"  {name:<14}{iou:>8}{dice:>8}{outline:>13}")
    print("  confusion: so much (%) of a row's class was taken for a column's; the columns are in the order of the rows")
    print(f"  {'':<14}" + "".join(f"{_short(name):>8}" for name in task.class_names))
    for name, row in zip(task.class_names, report["confusion_matrix"], strict=True):
        print(f"  {name:<14}" + "".join(f"{100 * count / sum(row):8.1f}" if any(row) else f"{'-':>8}" for count in row))


SCORES = {
    "mIoU": "mIoU",
    "pixel accuracy": "pixel_accuracy",
    "class accuracy": "class_accuracy",
    "boundary F1": "boundary_f1",
    "expected calibration error": "expected_calibration_error",
    "count error": "count_error",
}


def _short(name: str) -> str:
    return name if len(name) <= 7 else f"{name[:6]}."


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _counter(total: int):
    """Progress on standard error, only for a person watching."""
    if not sys.stderr.isatty():
        return None
    return lambda done: print(f"\r{done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _export(options) -> None:
    from segdemo.data.folder import open_split
    from segdemo.publishing.publish import check_run, publish

    task = get_task(options.task)
    check_run(options.model, task, _run_folder(options))
    train, split = (open_split(options.data, name, task) for name in ("train", options.split))
    entry = publish(options.model, task, _run_folder(options), train, split, options.data.name, options.split, options.dtype)
    print(f"weights/{entry.file}: {entry.bytes / 1e6:.1f} MB, mIoU {entry.miou:.4f} on {entry.split}.")


def _bench(options) -> None:
    from segdemo.scoring.speed import time_segmenter
    from segdemo.zoo import load

    try:
        width, height = (_at_least_one(side) for side in options.size.lower().split("x"))
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise ValueError(f"--size is {options.size!r}; write it as 480x360.") from error
    report = time_segmenter(load(options.model, options.task, options.runtime), height, width, options.runs)
    if options.json:
        print(json.dumps(report))
        return
    print(f"{options.task}, {options.model}, {width}x{height}, {report['runtime']}, median of {options.runs} on {report['machine']}")
    for step, milliseconds in report["milliseconds"].items():
        print(f"  {step:<8}{milliseconds:8.1f} ms")
