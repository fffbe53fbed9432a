"""How a network runs. The rest of the package sees a function from pictures to logits (`segmentation.Network`).

"keras" is the reference, "litert" what serves: the same masks, faster and without TensorFlow; "litert-int8" computes
in eight-bit integers.
"""

from __future__ import annotations

from functools import cache

from segdemo.package import has, lacking

RUNTIMES = ("litert", "litert-int8", "keras")
RUNTIME_TITLES = {"litert": "LiteRT", "litert-int8": "LiteRT int8", "keras": "Keras", "onnx": "ONNX Runtime"}
"""Also of what runs only networks that somebody brings; see `brought`."""


def resolve(runtime: str) -> str:
    """The runtime's name; of "auto", "litert", or "keras" where LiteRT has no build for the machine.

    Raises:
        ValueError: if there is no such runtime.
        RuntimeError: if this machine lacks it.
    """
    if runtime == "auto":
        runtime = "litert" if has_litert() else "keras"
    if runtime not in RUNTIMES:
        raise ValueError(f"There is no runtime {runtime!r}. Choose one of: auto, {', '.join(RUNTIMES)}.")
    if runtime == "keras" and not has("keras"):
        raise RuntimeError(lacking("keras", "The runtime 'keras'"))
    if runtime != "keras" and not has_litert():
        raise RuntimeError(f"The runtime {runtime!r} needs the package ai-edge-litert, which cannot be imported here. Use runtime='keras'.")
    return runtime


@cache
def has_litert() -> bool:
    try:
        import ai_edge_litert.interpreter  # noqa: F401
    except ImportError:
        return False
    return True
