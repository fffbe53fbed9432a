"""ZeroGPU: Spaces of Hugging Face that borrow a graphics card for single calls, and are stopped if no function of theirs may.

Masks are made on the processor in less time than a card is borrowed in. What a card is good for here is training: so that is the
function; the page itself never calls it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

LONGEST = 300  # seconds that a training may ask for


def ask() -> Callable | None:
    """Declares the function if this is such a Space, and returns it; the package ``spaces`` is there then."""
    if os.environ.get("SPACES_ZERO_GPU", "").lower() not in ("1", "t", "true"):
        return None
    import spaces

    return spaces.GPU(duration=LONGEST)(train)


def train(*arguments: Any, **options: Any) -> Any:
    """`training.loop.train`."""
    from segdemo.training import loop

    return loop.train(*arguments, **options)
