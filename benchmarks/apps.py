"""Web apps in processes of their own, and the visitors they get."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import httpx
import psutil

from segdemo.data import scenes
from segdemo.output.visualization import jpeg
from segdemo.zoo import load

ROOT = Path(__file__).resolve().parent.parent
OURS = ("app.py",)
PLAIN = ("-m", "benchmarks.plain_app")


def write_street(folder: Path, width: int, height: int, seed: int = 0) -> Path:
    """Draws a street of (width, height) pixels into a new JPEG file."""
    path = folder / f"street-{seed}-{width}x{height}.jpg"
    path.write_bytes(jpeg(scenes.street(seed, width, height)[0]))
    return path


def save_plain_model(path: Path) -> None:
    """Writes the ``.keras`` file that `benchmarks.plain_app` loads: our DeepLabV3+ for the street."""
    load("deeplabv3plus", "street", "keras").network.model.save(path)


@dataclass(frozen=True)
class App:
    """A running app: its ``address``, its ``process``, and the ``seconds`` from its start until its page first answered."""

    address: str
    process: psutil.Process
    seconds: float

    def megabytes(self) -> float:
        """Resident now, in 10^6 bytes, with the processes it started."""
        return sum(process.memory_info().rss for process in (self.process, *self.process.children(recursive=True))) / 1e6

    def settle(self) -> None:
        """Waits until it computes nothing: after its start it loads every network, and a class comes to a server that has been there for a while."""
        while self.process.cpu_percent(1) > 20:
            pass

    def peak(self, call: Callable[[], object]) -> float:
        """The most megabytes that it has during the call."""
        return most(self.megabytes, call)


def most(megabytes: Callable[[], float], call: Callable[[], object]) -> float:
    """The largest of the readings during the call, one every two milliseconds."""
    with ThreadPoolExecutor(1) as pool:
        answer, found = pool.submit(call), 0.0
        while not answer.done():
            found = max(found, megabytes())
            time.sleep(0.002)
        answer.result()
    return found


@contextmanager
def running(*command: str) -> Iterator[App]:
    """Starts ``python command``, waits until GET / gives 200, and stops it afterwards.

    Raises:
        RuntimeError: with what it printed, if it ends before it answers.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
        variables = {"HOST": "127.0.0.1", "PORT": port, "GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder, "TF_CPP_MIN_LOG_LEVEL": "2"}
        start = time.perf_counter()
        process = psutil.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | variables, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            while not _answers(address):
                if process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"python {' '.join(command)} ended before its page answered:\n{log.read()}")
                time.sleep(0.02)
            yield App(address, process, time.perf_counter() - start)
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=60).status_code == 200
    except httpx.TransportError:
        return False


class Visitor:
    """What a browser does at a Gradio app: uploads a picture, joins the queue, listens, and fetches the files of the answer.

    Args:
        address: of the app.
        event: the name of the app's event. "segment_pictures" is what our page's button starts, "segment" our endpoint for programs.
    """

    def __init__(self, address: str, event: str):
        self.http = httpx.Client(base_url=address, timeout=600)
        self.session = secrets.token_hex(6)  # as a browser's tab has one, for as long as it is open
        self.event = next(e for e in self.http.get("/config").json()["dependencies"] if e["api_name"] == event)
        self.places: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception) -> None:
        self.http.close()

    def __call__(self, picture: Path, task: str = "street", model: str = "deeplabv3plus", runtime: str = "litert") -> None:
        """From the upload of ``picture`` to the last byte of the result. The places in the queue that were told are kept in ``places``.

        Raises:
            RuntimeError: if the app answers with an error.
        """
        file = self.upload(picture)
        inputs = {
            "segment": [file, task, model, runtime],
            "segment_pictures": [[{"image": file, "caption": None}], task, model, "en", runtime, None],
        }
        answer = self.ask(inputs.get(self.event["api_name"], [file]))
        files = list(_files(answer))
        if self.event["api_name"] == "segment":
            files.append(file["path"])  # the other apps' answers contain the original: fetch it here, too
        for each in files:
            self.http.get(f"/gradio_api/file={each}").raise_for_status()

    def upload(self, picture: Path) -> dict:
        """Gradio's description of the uploaded file."""
        path = self.http.post("/gradio_api/upload", files={"files": (picture.name, picture.read_bytes(), "image/jpeg")}).raise_for_status().json()[0]
        return {"path": path, "orig_name": picture.name, "mime_type": "image/jpeg", "meta": {"_type": "gradio.FileData"}}

    def ask(self, data: list, said: object = None) -> dict:
        """The answer of the event to its inputs and to what a script of the page says with it.

        Raises:
            RuntimeError: if the app answers with an error.
        """
        wish = {"data": data, "event_data": said, "fn_index": self.event["id"], "session_hash": self.session}
        self.http.post("/gradio_api/queue/join", json=wish).raise_for_status()
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line else {}
                if message.get("msg") == "estimation":
                    self.places.append(message["rank"])
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{self.event['api_name']} failed: {message['output']}")
                    return message["output"]
        raise RuntimeError(f"{self.event['api_name']} ended without an answer.")


def _files(answer: object) -> Iterator[str]:
    """The paths of the files in an answer, wherever they are in it."""
    if isinstance(answer, dict) and "path" in answer:
        yield answer["path"]
    elif isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from _files(part)
