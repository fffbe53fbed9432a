"""Nothing kept: what visitors bring is gone after an hour, at the end, and after a crash; and there is only so much room."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest
from gradio.utils import get_upload_folder
from ports import free_port

from segdemo.ui import uploads
from segdemo.ui.doors import MOST_BYTES, UPLOAD, Answers, Doors
from segdemo.ui.limits import ADDRESS_BYTES, ALL_BYTES, FIELD_BYTES, FREE_BYTES, KEPT_SECONDS, UPLOAD_BYTES
from segdemo.ui.uploads import Room, Sweeper, remove_abandoned

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "uploads" / "0123").mkdir(parents=True)
    (tmp_path / "lock").touch()
    (tmp_path / "segdemo-examples").mkdir()
    (tmp_path / "segdemo-examples" / "street.jpg").touch()
    return tmp_path


def left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


ALWAYS = ["lock", "segdemo-examples", "segdemo-examples/street.jpg", "uploads"]


def test_every_file_goes_an_hour_after_it_came_and_its_folder_with_it(folder):
    sweeper = Sweeper(folder)
    (folder / "uploads" / "0123" / "photo.jpg").touch()
    (folder / "uploads" / "cut-off").touch()  # an upload that was not finished
    (folder / "tmp1").touch()
    (folder / "uploads" / "link").symlink_to("/nowhere")
    everything = left(folder)
    for now in (0, KEPT_SECONDS - 1):
        sweeper.sweep(now)
        assert left(folder) == everything
    (folder / "uploads" / "late").touch()
    sweeper.sweep(KEPT_SECONDS)
    assert left(folder) == sorted([*ALWAYS, "uploads/late"])


def test_empty_folders_go_as_well(folder):
    sweeper = Sweeper(folder)
    sweeper.sweep(0)
    sweeper.sweep(KEPT_SECONDS)
    assert left(folder) == ALWAYS


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, 10 * 365 * 86400])
def test_a_clock_that_jumps_neither_deletes_nor_keeps(folder, jump):
    sweeper, photo = Sweeper(folder), folder / "uploads" / "0123" / "photo.jpg"
    photo.touch()
    os.utime(photo, (time.time() + jump, time.time() + jump))
    sweeper.sweep(0)
    assert photo.exists()
    sweeper.sweep(KEPT_SECONDS)
    assert not photo.exists()


def test_a_file_that_comes_again_stays_another_hour(folder):
    sweeper, photo = Sweeper(folder), folder / "uploads" / "0123" / "photo.jpg"
    photo.touch()
    sweeper.sweep(0)
    os.utime(photo, (1, 1))
    sweeper.sweep(KEPT_SECONDS)
    assert photo.exists()
    sweeper.sweep(2 * KEPT_SECONDS)
    assert not photo.exists()


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_stays(tmp_path):
    code = "import sys; from segdemo.ui.uploads import open_folder; (open_folder() / 'uploads/photo.jpg').touch(); print('open', flush=True); sys.stdin.read()"
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(tmp_path)}
    start = lambda: subprocess.Popen(  # noqa: E731
        [sys.executable, "-c", code], env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    (tmp_path / "segdemo-of-somebody").mkdir()  # without a lock: not of this program
    killed, living = start(), start()
    try:
        assert killed.stdout.readline() == living.stdout.readline() == b"open\n"
        remove_abandoned(tmp_path)
        assert len(list(tmp_path.glob("*/uploads/photo.jpg"))) == 2
        killed.kill()
        killed.wait()
        remove_abandoned(tmp_path)
        assert len(list(tmp_path.glob("*/uploads/photo.jpg"))) == 1
    finally:
        living.communicate(b"")
    assert [path.name for path in tmp_path.iterdir()] == ["segdemo-of-somebody"]


def test_there_is_only_so_much_room_of_an_address_and_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": FREE_BYTES + 100}))
    room = Room()
    assert not room.lacks("a", 100, tmp_path, 0) and room.lacks("a", 101, tmp_path, 0)
    room.add("a", ADDRESS_BYTES - 10, 0)
    assert not room.lacks("a", 10, tmp_path, 1) and room.lacks("a", 11, tmp_path, 1) and not room.lacks("b", 100, tmp_path, 1)
    room.add("b", ALL_BYTES - ADDRESS_BYTES, 2)
    assert room.lacks("c", 11, tmp_path, 3) and not room.lacks("c", 10, tmp_path, 3)
    assert not room.lacks("a", 100, tmp_path, KEPT_SECONDS + 1000)


def upload(application, content, **headers):
    async def post():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
            return await client.post("/gradio_api/upload", content=content, headers={"content-type": "multipart/form-data; boundary=b", **headers})

    return anyio.run(post)


async def reads_all(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"[]"})


def test_an_upload_for_which_there_is_no_room_is_refused_with_a_sentence(monkeypatch):
    assert upload(Doors(reads_all), b"123").status_code == 200
    monkeypatch.setattr(Room, "lacks", lambda *_: True)
    answer = upload(Doors(reads_all), b"123")
    assert answer.status_code == 507 and "no room" in answer.json()["detail"] and answer.headers["retry-after"]
    assert "没有空间" in upload(Doors(reads_all), b"123", **{"accept-language": "zh-CN,en"}).json()["detail"]


def test_an_upload_counts_as_it_comes_whatever_it_promised(monkeypatch):
    monkeypatch.setitem(MOST_BYTES, UPLOAD, 1000)

    async def endless():
        for _ in range(100):
            yield b"x" * 100

    assert upload(Doors(reads_all), endless()).status_code == 413
    assert upload(Doors(reads_all), b"x" * 1000).status_code == 200
    assert "1001" not in upload(Doors(reads_all), b"x" * 1001).text
    assert UPLOAD_BYTES > 1000


def test_a_full_disk_is_a_sentence():
    async def writes(scope, receive, send):
        raise OSError(28, "No space left on device")

    assert upload(Doors(writes), b"123").status_code == 507


def test_a_field_of_a_form_does_not_fill_the_memory(address):
    for size, status in ((FIELD_BYTES, 200), (FIELD_BYTES + 1, 400)):
        files = {"files": ("photo.jpg", b"123"), "note": (None, b"x" * size)}
        assert httpx.post(f"{address}gradio_api/upload", files=files).status_code == status


def test_a_stopping_server_begins_nothing_and_gives_what_it_has():
    answers = Answers(closing=True)

    async def statuses():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Doors(reads_all, answers=answers)), base_url="http://127.0.0.1") as client:
            return [(await client.request(method, path)).status_code for method, path in requests]

    requests = [("GET", "/"), ("POST", "/gradio_api/upload"), ("POST", "/gradio_api/queue/join"), ("GET", "/gradio_api/queue/data")]
    assert anyio.run(statuses) == [503, 503, 503, 200]


def test_a_visit_leaves_no_picture_in_memory(address, photo):
    """What is kept of a past visit is its settings, not its results."""
    import gc

    from gradio.state_holder import SessionState

    with httpx.Client(base_url=address, timeout=60) as visitor:
        visitor.get("/")
        path = visitor.post("/gradio_api/upload", files={"files": photo.open("rb")}).json()[0]
        segment = next(each for each in visitor.get("/config").json()["dependencies"] if len(each["inputs"]) == 6 and each["queue"])
        data = [[{"image": {"path": path, "meta": {"_type": "gradio.FileData"}}}], "street", "unet", "en", "litert", None]
        visitor.post("/gradio_api/queue/join", json={"data": data, "fn_index": segment["id"], "session_hash": "past"}).raise_for_status()
        with visitor.stream("GET", "/gradio_api/queue/data?session_hash=past") as stream:
            answer = "".join(stream.iter_text())
    assert len(answer) > 100_000 and "process_completed" in answer and Path(path).name in answer
    held = [state for state in gc.get_objects() if isinstance(state, SessionState)]
    assert held and not any(Path(path).name in str(state.config_values) for state in held)


class Server:
    """The app as a process of its own, with everything temporary in a folder of the test's."""

    def __init__(self, folder, *options, command=("app.py",), **environment):
        self.address = f"http://127.0.0.1:{free_port()}/"
        environment = {**os.environ, "GRADIO_TEMP_DIR": str(folder), "HOST": "127.0.0.1", "PORT": self.address[17:-1], **environment}
        self.process = subprocess.Popen([sys.executable, *options, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().startswith("The page is at"), "it did not start"

    def stop(self, kind=signal.SIGTERM):
        self.process.send_signal(kind)
        return self.process.wait(15)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_stopped_server_finishes_the_running_answer_and_leaves_nothing(tmp_path, photo):
    """Also where offices and schools set proxies, the locale is C, there is no home, and Python leaves assertions out."""
    bare = {"http_proxy": "http://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9", "LC_ALL": "C", "HOME": "/nonexistent", "XDG_CACHE_HOME": ""}
    server = Server(tmp_path, "-O", **bare)
    place = "127.0.0.1", int(server.address[17:-1])
    with httpx.Client(base_url=server.address, timeout=60, trust_env=False) as visitor, socket.create_connection(place) as cut, server.process.stdout:
        path = visitor.post("/gradio_api/upload", files={"files": ("街道.jpg", photo.read_bytes())}).json()[0]
        head = b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        cut.sendall(head + b'Content-Disposition: form-data; name="files"; filename="cut.jpg"\r\n\r\nhalf')
        body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, "street"]}
        event = visitor.post("/gradio_api/call/compare", json=body).json()["event_id"]
        with visitor.stream("GET", f"/gradio_api/call/compare/{event}") as stream:
            begun = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            answer = "".join(stream.iter_text())
        assert server.process.wait(15) == 0 and time.monotonic() - begun < 10
        assert "event: complete" in answer and '"pairs"' in answer
    assert list(tmp_path.iterdir()) == []


SLOW = """
import os, time
from segdemo.ui import api, launch, plain
def load(*_, **__):
    print("asked", flush=True)
    time.sleep(600)
api.load = plain.load = load
launch.STOP_SECONDS = 1
launch.launch(os.environ["HOST"], os.environ["PORT"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_who_would_wait_longer_than_a_stopping_server_does_is_told_so(tmp_path, photo):
    server = Server(tmp_path, command=("-c", SLOW))
    with httpx.Client(base_url=server.address, timeout=60) as visitor, ThreadPoolExecutor() as pool, server.process.stdout as said:
        body = {"data": [None, "street", "auto", "auto"]}
        body["data"][0] = {"path": visitor.post("/gradio_api/upload", files={"files": photo.open("rb")}).json()[0], "meta": {"_type": "gradio.FileData"}}
        event = visitor.post("/gradio_api/call/segment", json=body).json()["event_id"]
        with visitor.stream("GET", f"/gradio_api/call/segment/{event}") as stream:
            both = [
                pool.submit(httpx.post, f"{server.address}segment", files={"image": photo.read_bytes()}, data={"task": "street"}, timeout=60) for _ in range(2)
            ]
            assert [said.readline() for _ in range(2)] == ["asked\n"] * 2  # by the stream and the first of both; the other waits for its turn
            assert server.stop() == 0
            assert "event: error" in (told := "".join(stream.iter_text())) and "being restarted" in told
        for answer in (each.result() for each in both):
            assert answer.status_code == 503 and "being restarted" in answer.json()["detail"] and answer.headers["retry-after"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_server_s_files_go_at_the_next_start(tmp_path, photo):
    six = socket.has_dualstack_ipv6()  # where there is IPv6, by it
    server = Server(tmp_path, **({"HOST": "::"} if six else {}))
    address = server.address.replace("127.0.0.1", "[::1]") if six else server.address
    httpx.post(f"{address}gradio_api/upload", files={"files": photo.open("rb")}, trust_env=False).raise_for_status()
    server.stop(signal.SIGKILL)
    assert list(tmp_path.rglob("street.jpg"))
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_page_keeps_its_files_in_a_folder_of_its_own(address):
    folder = Path(get_upload_folder())
    assert folder.name == "uploads" and folder.parent.name.startswith("segdemo-") and (folder.parent / "lock").is_file()
