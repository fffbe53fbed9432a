"""Fifty honest clients, first alone, then beside slow readers, cut-off uploads, broken files and a flood from one address; and ninety at once.

    python -m benchmarks serving --faults --minutes 6

Each client asks ``POST /segment`` for masks, again and again; every mask is compared with what the server gave before, alone. Prints JSON; ends with 1 if a
pixel was wrong, an answer was lost, or honest clients waited over twice as long. It is a part of ``make bench``, too.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Barrier
from urllib.parse import urlsplit

import httpx

from benchmarks.apps import OURS, App, running, write_street

HONEST, PICTURES, TROUBLE = 50, 5, 4  # clients; pictures; clients of each kind of trouble
AT_ONCE = 90  # who come in one moment, each with one picture
MINUTES = 6.0
FLOOD = "127.0.0.2"  # its address; the honest ones have some of their own
MOST_RATIO = 2.0


@dataclass
class Met:
    """What honest clients met: seconds of each answer; how many masks were wrong, answers lost, and times they were told to come back."""

    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    lost: list[str] = field(default_factory=list)
    told: int = 0

    def as_dict(self) -> dict:
        middle, longest = (round(f(self.seconds), 2) if self.seconds else None for f in (median, max))
        waited = {"median_seconds": middle, "longest_seconds": longest}
        return {"answers": len(self.seconds), **waited, "wrong": self.wrong, "lost": len(self.lost), "errors": self.lost[:5], "told_to_come_back": self.told}


def measure(quick: bool) -> dict:
    """See `crowd`."""
    return crowd(0.2 if quick else MINUTES)


def crowd(minutes: float) -> dict:
    """Half of the time without the trouble, half with it; then all at once; what each group met, and the app's megabytes before and after."""
    with TemporaryDirectory() as folder, running(*OURS) as app:
        pictures = [write_street(Path(folder), 640, 480, seed).read_bytes() for seed in range(PICTURES)]
        masks = [_ask(app, picture, "127.0.0.1").content for picture in pictures]
        before = app.megabytes()
        alone = _visits(app, pictures, masks, minutes * 30, [])
        kinds: list[Callable[[App, bytes], None]] = [_slow, _cut, _broken, _flood]
        beside = _visits(app, pictures, masks, minutes * 30, kinds)
        once = _at_once(app, pictures, masks)
        time.sleep(5)
        megabytes = {"before": round(before), "after": round(app.megabytes())}
    met = {"alone": alone.as_dict(), "with_trouble": beside.as_dict(), "at_once": once.as_dict()}
    return {"clients": HONEST, "minutes": minutes, **met, "megabytes": megabytes}


def _visits(app: App, pictures: list[bytes], masks: list[bytes], seconds: float, kinds: list[Callable[[App, bytes], None]]) -> Met:
    met, end = Met(), time.monotonic() + seconds

    def honest(number: int) -> None:
        while time.monotonic() < end:
            _visit(app, pictures, masks, number, met)

    def troublesome(kind: Callable[[App, bytes], None]) -> None:
        while time.monotonic() < end:
            try:
                kind(app, pictures[0])
            except (httpx.HTTPError, OSError):
                time.sleep(0.1)

    with ThreadPoolExecutor(HONEST + TROUBLE * len(kinds)) as pool:
        waiting = [pool.submit(honest, number) for number in range(HONEST)]
        waiting += [pool.submit(troublesome, kind) for kind in kinds for _ in range(TROUBLE)]
        for each in waiting:
            each.result()
    return met


def _at_once(app: App, pictures: list[bytes], masks: list[bytes]) -> Met:
    """`AT_ONCE` people with one picture each, who all ask at the same moment and who do not come back."""
    met, together = Met(), Barrier(AT_ONCE)

    def one(number: int) -> None:
        together.wait()
        _visit(app, pictures, masks, number, met)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(AT_ONCE)))
    return met


def _visit(app: App, pictures: list[bytes], masks: list[bytes], number: int, met: Met) -> None:
    """One question of the client of this number; who is told to come back waits a second."""
    begun = time.monotonic()
    try:
        answer = _ask(app, pictures[number % PICTURES], f"127.0.1.{number + 1}")
    except httpx.HTTPError as error:
        met.lost.append(repr(error))
        return
    if answer.status_code == 503 and "retry-after" in answer.headers:
        met.told += 1
        time.sleep(1)
    elif answer.status_code != 200:
        met.lost.append(f"{answer.status_code} {answer.text[:200]}")
    else:
        met.seconds.append(time.monotonic() - begun)
        met.wrong += answer.content != masks[number % PICTURES]


def _ask(app: App, picture: bytes, address: str, answer: str = "mask") -> httpx.Response:
    form = {"task": "street", "model": "deeplabv3plus", "answer": answer}
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=120) as client:
        return client.post(f"{app.address}/segment", files={"image": ("street.jpg", picture)}, data=form)


def _connected(app: App) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(app.address).port or 80), timeout=30)


def _slow(app: App, picture: bytes) -> None:
    """Reads the page a byte at a time."""
    with _connected(app) as place:
        place.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(20):
            place.recv(1)
            time.sleep(0.1)


def _cut(app: App, picture: bytes) -> None:
    with _connected(app) as place:
        head = b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n"
        head += b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        place.sendall(head + b'Content-Disposition: form-data; name="files"; filename="cut.jpg"\r\n\r\n' + picture)
        time.sleep(0.2)


def _broken(app: App, picture: bytes) -> None:
    answer = _ask(app, picture[: len(picture) // 2], "127.0.0.3")
    assert answer.status_code in (400, 503), answer.text
    time.sleep(0.5)


def _flood(app: App, picture: bytes) -> None:
    _ask(app, picture, FLOOD)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks serving --faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    found = crowd(parser.parse_args(arguments).minutes)
    print(json.dumps(found, indent=1))
    groups = (found["alone"], found["with_trouble"], found["at_once"])
    slower = found["with_trouble"]["median_seconds"] > MOST_RATIO * found["alone"]["median_seconds"]
    sys.exit(bool(slower or any(each["wrong"] or each["lost"] for each in groups)))
