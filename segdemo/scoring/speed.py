"""Where the time goes for one picture on this machine."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from segdemo.inference.segmentation import Segmenter
from segdemo.output.visualization import jpeg
from segdemo.suggestion import Suggester

SUGGESTIONS = 30  # that are timed


def time_segmenter(segmenter: Segmenter, height: int, width: int, runs: int) -> dict:
    """Median milliseconds of each step over ``runs`` calls, after two that warm up.

    Args:
        segmenter: what is timed.
        height, width: of a JPEG of noise, which is decoded too.
        runs: how many calls.
    """
    picture = jpeg(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))
    results = [segmenter(picture) for _ in range(runs + 2)][2:]
    steps = {step: 1000 * median(r.timings[step] for r in results) for step in results[0].timings}
    return {
        "task": segmenter.task.name,
        "model": segmenter.model,
        "runtime": segmenter.runtime,
        "size": f"{width}x{height}",
        "runs": runs,
        "machine": machine(),
        "milliseconds": {step: round(value, 2) for step, value in {**steps, "total": sum(steps.values())}.items()},
    }


def time_suggester(suggester: Suggester, segmenter: Segmenter) -> tuple[float, float, float]:
    """Seconds of one picture of 480x360: a suggestion, a look for faces, and one pass of the segmenter; medians of runs that take turns."""
    image = np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8)
    runs: tuple[Callable[[np.ndarray], object], ...] = (suggester.logits, suggester.has_face, segmenter.logits)
    times: tuple[list[float], ...] = ([], [], [])
    for _ in range(SUGGESTIONS + 2):
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter()
            run(image)
            taken.append(time.perf_counter() - start)
    suggestion, look, one_pass = (median(taken[2:]) for taken in times)
    return suggestion, look, one_pass


def machine() -> str:
    """The processor and its cores, as far as the system tells."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), name)
    except OSError:
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"
