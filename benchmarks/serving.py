"""From the upload of a photograph to the finished result, over HTTP: our page, our endpoint, and a plain app."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, PLAIN, Visitor, running, write_street
from benchmarks.timing import in_turns


def measure(quick: bool) -> dict:
    """One visitor, a 1920x1080 JPEG, the same weights, everything warm; until the last byte of original, mask, overlay and statistics.

    Returns:
        ``seconds``, medians: "page" (what the page's button starts), "endpoint" (``/segment``), "plain" (`benchmarks.plain_app`).
    """
    with TemporaryDirectory() as folder, running(*OURS) as ours, running(*PLAIN) as plain:
        picture = write_street(Path(folder), 1920, 1080)
        with Visitor(ours.address, "segment_pictures") as page, Visitor(ours.address, "segment") as endpoint, Visitor(plain.address, "plain") as other:
            visitors = {"page": page, "endpoint": endpoint, "plain": other}
            calls = {name: lambda visitor=visitor: visitor(picture) for name, visitor in visitors.items()}
            return {"seconds": in_turns(calls, 1 if quick else 15)}
