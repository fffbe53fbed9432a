"""How much of the machine this process may use."""

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of a container, as "200000 100000" or "max 100000": microseconds of processor time in so many


def cores() -> int:
    """The processor cores that this process may use: `os.process_cpu_count` from Python 3.13 on, but no more than a container's share (cgroup v2).

    ``SEGDEMO_CORES`` says otherwise, where several processes share the machine.
    """
    if chosen := os.environ.get("SEGDEMO_CORES"):
        return max(int(chosen), 1)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        time, period = (int(number) for number in QUOTA.read_text().split())
    except (OSError, ValueError):  # no container, or no limit
        return allowed
    return min(allowed, math.ceil(time / period))
