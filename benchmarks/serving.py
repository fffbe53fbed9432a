"""From the upload of a photograph to the finished result, over HTTP: our page, with a phone's photograph too, our endpoint, and a plain app."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, PLAIN, Visitor, running, write_street
from benchmarks.timing import in_turns

PHONE = (4000, 3000)  # 12 megapixels


def measure(quick: bool) -> dict:
    """One visitor, a 1920x1080 JPEG, the same weights, everything warm; until the last byte of original, mask, overlay and statistics.

    Returns:
        ``seconds``, medians: "page" (what the page's button starts), "phone" (the same with a JPEG of 12 megapixels), "endpoint" (``/segment``),
        "plain" (`benchmarks.plain_app`); ``peak``, the megabytes resident at most during "page" and during "phone".
    """
    with TemporaryDirectory() as folder, running(*OURS) as ours, running(*PLAIN) as plain:
        picture, large = (write_street(Path(folder), *size) for size in ((1920, 1080), PHONE))
        with Visitor(ours.address, "segment_pictures") as page, Visitor(ours.address, "segment") as endpoint, Visitor(plain.address, "plain") as other:
            calls = {"page": lambda: page(picture), "phone": lambda: page(large), "endpoint": lambda: endpoint(picture), "plain": lambda: other(picture)}
            seconds = in_turns(calls, 1 if quick else 15)
            return {"seconds": seconds, "peak": {name: ours.peak(calls[name]) for name in ("page", "phone")}}
