"""How much of the machine this process may use."""

import os


def cores() -> int:
    """The processor cores that this process may use; `os.process_cpu_count` from Python 3.13 on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
