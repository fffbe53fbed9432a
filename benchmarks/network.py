"""The network alone: Keras's `model.predict`, a compiled function, LiteRT in float32 and in int8."""

from __future__ import annotations

from benchmarks.flops import flops, matrix_peak
from benchmarks.timing import in_turns
from segdemo.data import scenes
from segdemo.inference.segmentation import resize, working_size
from segdemo.tasks import get_task
from segdemo.zoo import Entry, entries, load

ASKED = (360, 480)  # height and width that the targets are for


def measure(quick: bool) -> dict:
    """Every model of the manifest at the size at which it works, and the street's at `ASKED`.

    Returns:
        ``peak``, the machine's float32 operations a second before and after (the better), ``models`` and ``asked``: see `time_entry`.
    """
    side, rounds = (512, 2) if quick else (3072, 15)
    before = matrix_peak(side)
    all_entries = list(entries().values())
    models = [time_entry(entry, rounds, _size(entry)) for entry in all_entries[: 1 if quick else None]]
    asked = [time_entry(entry, rounds, ASKED) for entry in all_entries if entry.task == "street"][: 1 if quick else None]
    return {"peak": max(before, matrix_peak(side)), "models": models, "asked": asked}


def _size(entry: Entry) -> tuple[int, int]:
    """The (height, width) at which the network saw the largest picture of its scores."""
    width, height = (int(side) for side in entry.size.removeprefix("≤").split("x"))
    return working_size(height, width, get_task(entry.task).pixels)


def time_entry(entry: Entry, rounds: int, size: tuple[int, int]) -> dict:
    """Median seconds for a batch of one picture of ``size`` (height, width), with the same weights.

    Returns:
        ``seconds`` of "predict" (`model.predict`), "keras" (a tf.function), "litert" and "litert-int8", padding, scaling, the
        resize of the logits to the padded size and the crop included; ``miou`` on val, Keras's being LiteRT's, whose masks are the
        same; ``flops``; ``size`` as (height, width).
    """
    images = resize(scenes.street(0, 640, 480)[0], size)[None]
    networks = {runtime: load(entry.model, entry.task, runtime).network for runtime in ("keras", *entry.runtimes)}
    model = networks["keras"].model
    calls = {"predict": lambda: model.predict(images, verbose=0)}
    calls |= {runtime: lambda network=network: network(images) for runtime, network in networks.items()}
    return {
        "task": entry.task,
        "model": entry.model,
        "size": size,
        "flops": flops(model, *size),
        "seconds": in_turns(calls, rounds),
        "miou": scores(entry),
    }


def scores(entry: Entry) -> dict[str, float]:
    """mIoU on val by runtime."""
    return {"keras": entry.miou} | {runtime: facts["miou"] for runtime, facts in entry.runtimes.items()}
