"""Timing several ways of doing the same, in turns, so that a machine that slows down slows them all."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turns(calls: dict[str, Callable[[], object]], rounds: int, before: int = 1) -> dict[str, float]:
    """The median seconds of each call over ``rounds``, after one round to warm up.

    Args:
        calls: by name.
        rounds: how often each is timed.
        before: how often each is called, untimed, right before it is timed: what ran in between took its caches.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            for _ in range(before):
                call()
            times[name].append(seconds(call))
    return {name: median(values[1:]) for name, values in times.items()}
