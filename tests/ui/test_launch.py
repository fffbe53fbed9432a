import json
import os
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest
from apps import served

from segdemo.data.scenes import street
from segdemo.output.visualization import jpeg
from segdemo.ui import uploads
from segdemo.ui.launch import launch
from segdemo.zoo import WEIGHTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("port", ["abc", "99999", "-1", 0.5])
def test_a_port_that_cannot_be_is_named(port):
    with pytest.raises(ValueError, match=f"PORT is {port!r}; it must be a number of 1 to 65535"):
        launch(port=port)


def test_a_port_that_is_taken_is_named():
    before = signal.getsignal(signal.SIGTERM)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ValueError, match=f"PORT is {port}, where another program"):
            launch(port=port)
    assert signal.getsignal(signal.SIGTERM) is before  # what did not start leaves the process as it was


DAMAGED = ("street-unet.int8.npz", "animals-deeplabv3plus.weights.h5", "face-detector.tflite")
START = "import sys, os, pathlib; from segdemo import zoo; from segdemo.ui.launch import launch; zoo.WEIGHTS = pathlib.Path(sys.argv[1]); "
START += "launch(os.environ['HOST'], os.environ['PORT'])"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """The address of a server three of whose files are cut off on its disk, and what it has logged so far."""
    folder, weights = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("weights")
    for path in WEIGHTS.iterdir():
        (weights / path.name).symlink_to(path)
    for name in DAMAGED:
        (weights / name).unlink()
        content = (WEIGHTS / name).read_bytes()
        (weights / name).write_bytes(content[: len(content) // 2])
    with served(folder, {**os.environ, "PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": str(folder)}, "-c", START, str(weights)) as address:
        yield address, weights, lambda: (folder / "app.log").read_text()


def test_each_damaged_file_is_named_in_a_line_at_the_start(damaged):
    _, weights, log = damaged
    for _ in range(240):
        if all(log().count(f"{name} is damaged") for name in DAMAGED):
            break
        time.sleep(0.5)
    assert [log().count(f"{name} is damaged") for name in DAMAGED] == [1, 1, 1], log()
    assert log().count(" is damaged") == 3 and str(weights) not in log() and "Traceback" not in log()


def test_damaged_weights_are_the_servers_fault_and_what_needs_none_of_them_is_answered(damaged, photo):
    address, weights, _ = damaged

    def post(**fields):
        return httpx.post(f"{address}/segment", files={"image": photo.read_bytes()}, data=fields, timeout=120)

    for fields, name in (
        ({"task": "street", "model": "unet", "runtime": "litert-int8"}, DAMAGED[0]),
        ({"task": "animals", "model": "deeplabv3plus"}, DAMAGED[1]),
    ):
        answer = post(**fields)
        assert answer.status_code == 503 and answer.json()["detail"].startswith(f"{name} is damaged") and str(weights) not in answer.text
    wish = json.dumps({"method": "slic", "count": 5, "shown": "vote"})
    answer = httpx.get(f"{address}/lesson/regions", params={"wish": wish}, timeout=120)
    assert answer.status_code == 503 and answer.json()["detail"].startswith(f"{DAMAGED[1]} is damaged")
    for fields in ({"task": "street", "model": "unet"}, {"task": "animals", "model": "unet"}, {"task": "auto"}, {"task": "faces"}):
        assert post(**fields).status_code == 200
    assert post(task="faces").json()["located"] is None


def test_a_file_that_is_damaged_while_the_server_runs_is_named_too(damaged, photo):
    address, weights, _ = damaged
    fields, name = {"task": "street", "model": "fcn8s"}, "street-fcn8s.litert.npz"
    assert httpx.post(f"{address}/segment", files={"image": photo.read_bytes()}, data=fields, timeout=120).status_code == 200
    (weights / name).unlink()
    (weights / name).write_bytes((WEIGHTS / name).read_bytes()[:1000])
    answer = httpx.post(f"{address}/segment", files={"image": jpeg(street(0, 700, 500)[0])}, data=fields, timeout=120)  # which needs another interpreter
    assert answer.status_code == 503 and answer.json()["detail"].startswith(f"{name} cannot be read any more") and str(weights) not in answer.text


def test_a_folder_in_which_nothing_can_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file" / "folder"))
    with pytest.raises(RuntimeError, match="Nothing can be written in .*folder.*Set GRADIO_TEMP_DIR"):
        uploads.open_folder.__wrapped__()
