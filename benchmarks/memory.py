"""What the running app weighs, after every model has served and while hundreds of pictures come."""

from __future__ import annotations

import time
from itertools import cycle, islice, product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.apps import OURS, Visitor, running, write_street
from segdemo.runtime.litert import KEPT
from segdemo.zoo import entries

SIZES = ((1920, 1080), (480, 360), (640, 640), (1280, 720), (320, 240), (800, 600), (1024, 768))  # width, height
REQUESTS, EVERY = 528, 48
PAUSE = 1.0


def measure(quick: bool) -> dict:
    """Pictures of `SIZES` by every model of every task in turn, on LiteRT, on the page and through the endpoint.

    Returns:
        ``served``, megabytes resident once each model has drawn a 1920x1080 result on the page and answered at the endpoint;
        ``over``, a list of (requests since then, megabytes). All are read after the same last answers, since LiteRT keeps what it
        prepared for a picture's size, and `PAUSE` seconds later: a request's own pictures are given back by then.
    """
    requests, every = (4, 2) if quick else (REQUESTS, EVERY)
    with TemporaryDirectory() as folder, running(*OURS) as app:
        pictures = [write_street(Path(folder), *size) for size in SIZES]
        with Visitor(app.address, "segment_pictures") as page, Visitor(app.address, "segment") as endpoint:
            turns = list(product(entries(), (page, endpoint)))[: 4 if quick else None]

            def megabytes(turns) -> float:
                for names, visitor in turns:
                    visitor(pictures[0], *names, "litert")
                time.sleep(PAUSE)
                return app.megabytes()

            settling = 2 * KEPT  # requests before each reading, after which LiteRT keeps the same
            over = [(0, megabytes(turns))]
            # The numbers of pictures and turns have no common divisor: every picture meets every model.
            for number, ((names, visitor), picture) in enumerate(islice(zip(cycle(turns), cycle(pictures), strict=False), requests), 1):
                visitor(picture, *names, "litert")
                if number % every == 0:
                    over.append((number + settling * len(over), megabytes(turns[-settling:])))
    return {"served": over[0][1], "over": over}
