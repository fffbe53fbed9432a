"""The network alone: Keras's `model.predict`, a compiled function, LiteRT in float32 and in int8."""

from __future__ import annotations

from benchmarks.flops import flops, matrix_peak
from benchmarks.timing import in_turns
from segdemo import scenes
from segdemo.segmentation import resize, working_size
from segdemo.tasks import get_task
from segdemo.zoo import Entry, entries, load


def measure(quick: bool) -> dict:
    """Every model of the manifest at the size of its scores.

    Returns:
        ``peak``, the machine's float32 operations a second before and after (the better), and ``models``: see `time_entry`.
    """
    side, rounds = (512, 2) if quick else (3072, 15)
    before = matrix_peak(side)
    models = [time_entry(entry, rounds) for entry in list(entries().values())[: 1 if quick else None]]
    return {"peak": max(before, matrix_peak(side)), "models": models}


def time_entry(entry: Entry, rounds: int) -> dict:
    """Median seconds for a batch of one picture, with the same weights.

    Returns:
        ``seconds`` of "predict" (`model.predict`), "keras" (a tf.function), "litert" and "litert-int8", padding, scaling, the
        resize of the logits to the padded size and the crop included; ``miou`` of the three runtimes on val; ``flops``; ``size``
        as (height, width).
    """
    task = get_task(entry.task)
    width, height = (int(side) for side in entry.size.removeprefix("≤").split("x"))
    size = working_size(height, width, task.pixels)
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
        "miou": {"keras": entry.miou} | {runtime: facts["miou"] for runtime, facts in entry.runtimes.items()},
    }
