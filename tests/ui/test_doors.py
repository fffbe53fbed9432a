"""Nobody in: what a visitor may ask of the server, and what not."""

import json
import logging
import os
from pathlib import Path
from urllib.parse import quote

import anyio
import httpx
import pytest
from apps import served
from gradio.utils import get_upload_folder

from segdemo.ui.doors import LOCAL_HOSTS, Doors
from segdemo.ui.launch import _ancestors, _hosts
from segdemo.ui.limits import CALL_BYTES, UPLOAD_MEGABYTES
from segdemo.ui.thumbnails import Thumbnails

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def visitors(address):
    """Two visitors, each with a cookie of its own."""
    with httpx.Client(base_url=address) as one, httpx.Client(base_url=address) as other:
        for visitor in (one, other):
            visitor.get("/")
        assert one.cookies != other.cookies
        yield one, other


def upload(visitor, path):
    return visitor.post("/gradio_api/upload", files={"files": path.open("rb")}).json()[0]


@pytest.fixture(scope="module")
def strangers(visitors, photo, tmp_path_factory):
    """Every kind of file that the first visitor has no business with, by its kind."""
    secret = tmp_path_factory.mktemp("secret") / "secret.jpg"
    secret.write_bytes(photo.read_bytes())
    mine = upload(visitors[0], photo)
    other = tmp_path_factory.mktemp("other") / "other.jpg"
    other.write_bytes(photo.read_bytes() + b" of another visitor")
    link = Path(get_upload_folder()) / "link.jpg"
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    inside = Path(mine).parent / "unknown.jpg"
    inside.write_bytes(photo.read_bytes())
    yield {
        "absolute": str(secret),
        "up": f"{Path(mine).parent}/../../..{secret}",
        "link": str(link),
        "file address": f"file://{secret}",
        "http address": "http://127.0.0.1:9/photo.jpg",
        "https address": "https://example.org/photo.jpg",
        "data address": "data:image/jpeg;base64,AAAA",
        "another visitor's": upload(visitors[1], other),
        "in the folder but told to nobody": str(inside),
        "null byte": f"{mine}\0",
        "too long": "/" + "a" * 5000,
    }
    link.unlink()


def shapes(path):
    """The clothes in which a file comes in: as an item of a gallery, of a list, as a video, with Gradio's mark and without."""
    for file in ({"path": path, "meta": {"_type": "gradio.FileData"}}, {"path": path}):
        yield from (file, [file], [{"image": file, "caption": None}], [{"video": file}], {"value": file})


KINDS = ("absolute", "up", "link", "file address", "http address", "https address", "data address", "another visitor's")
KINDS += ("in the folder but told to nobody", "null byte", "too long")


@pytest.mark.parametrize("kind", KINDS)
def test_no_endpoint_takes_a_file_that_this_visitor_did_not_upload(visitors, strangers, kind):
    one, _ = visitors
    config = one.get("/config").json()
    assert len(config["dependencies"]) > 40
    for endpoint in config["dependencies"]:
        for place in range(len(endpoint["inputs"])):
            for value in shapes(strangers[kind]):
                data = [None] * len(endpoint["inputs"])
                data[place] = value
                answer = one.post("/gradio_api/queue/join", json={"data": data, "fn_index": endpoint["id"], "session_hash": "test"})
                assert answer.status_code == 403, (endpoint["api_name"], place, value)
                assert answer.json()["detail"].startswith(("There is no such upload of yours", "The server fetches no addresses"))
        if endpoint["api_name"]:
            call = one.post(f"/gradio_api/call/{endpoint['api_name']}", json={"data": [{"path": strangers[kind]}]})
            assert call.status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_the_plain_endpoint_takes_no_path_at_all(visitors, strangers, kind):
    for field in ({"data": {"image": strangers[kind]}}, {"files": {"image": (None, strangers[kind])}}):
        answer = visitors[0].post("/segment", **field)
        assert answer.status_code == 400 and answer.json()["detail"].startswith("`image` is")


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_of_a_stranger_is_served(visitors, strangers, kind):
    if kind == "data address":
        return  # there is nothing to be had
    answer = visitors[0].get("/gradio_api/file=" + strangers[kind].replace("\0", "%00"))
    assert answer.status_code in (403, 404)
    assert b"\xff\xd8" not in answer.content


def test_one_s_own_upload_is_taken_and_served(visitors, photo):
    one, other = visitors
    path = upload(one, photo)
    body = {"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}, "street", "unet", "auto"]}
    event = one.post("/gradio_api/call/segment", json=body).json()["event_id"]
    answer = one.get(f"/gradio_api/call/segment/{event}", timeout=60).text
    assert "event: complete" in answer and '"road"' in answer
    assert one.get(f"/gradio_api/file={path}").content == photo.read_bytes()
    mask = json.loads(answer.split("data: ")[-1])[0]["path"]
    assert one.get(f"/gradio_api/file={mask}").status_code == 200
    assert other.get(f"/gradio_api/file={mask}").status_code == 403 == other.get(f"/gradio_api/file={path}").status_code
    assert other.post("/gradio_api/call/segment", json=body).status_code == 403


def test_a_cookie_cannot_pass_for_a_visitor_who_has_none(address, visitors, photo):
    path = upload(httpx.Client(base_url=address), photo)  # who takes no cookies is known by the address
    forged = {"cookie": 'segdemo_visitor="address 127.0.0.1"'}
    assert httpx.get(f"{address}gradio_api/file={path}").status_code == 200
    assert httpx.get(f"{address}gradio_api/file={path}", headers=forged).status_code == 403


def test_cookies_of_other_programs_do_no_harm(address, visitors, photo):
    one, _ = visitors
    path = upload(one, photo)
    token = one.cookies["segdemo_visitor"]
    for others in ("a@b=1; ", "[]=x; ", '"; ', "é=1; ".encode().decode("latin-1")):
        answer = httpx.get(f"{address}gradio_api/file={path}", headers={b"cookie": f"{others}segdemo_visitor={token}".encode("latin-1")})
        assert answer.status_code == 200, others


@pytest.mark.parametrize("name", ["100%25 sure.jpg", "a%20b.jpg", "%2561.jpg", "多云 50%.jpg"])
def test_a_file_name_with_percent_signs_is_what_it_is(visitors, photo, tmp_path, name):
    (tmp_path / name).write_bytes(photo.read_bytes() + name.encode())
    path = upload(visitors[0], tmp_path / name)
    answer = visitors[0].get(f"/gradio_api/file={quote(path)}")
    assert answer.status_code == 200 and answer.content == (tmp_path / name).read_bytes()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/run/segment"),
        ("POST", "/api/segment"),
        ("POST", "/gradio_api/api/segment"),
        ("POST", "/gradio_api/call/v2/segment"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/stream/0123"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/proxy=https://example.hf.space/"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/monitoring"),
        ("PUT", "/config"),
        ("GET", "/gradio_api/../config"),
    ],
)
def test_doors_that_go_around_the_queue_or_outside_are_shut(address, method, path):
    answer = httpx.request(method, address.rstrip("/") + path)
    assert answer.status_code in (404, 405) or str(answer.url).endswith("/config")


def test_a_call_must_be_json(visitors):
    for body in (b"{", b"\xff", b"[" * 100_000):
        answer = visitors[0].post("/gradio_api/queue/join", content=body)
        assert answer.status_code == 400 and "not JSON" in answer.json()["detail"]


CALL, UPLOAD, JSON = "/gradio_api/call/segment", "/gradio_api/upload", {"content-type": "application/json"}
CUT = b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.jpg"\r\n\r\nabc'
FORM = {"content-type": "multipart/form-data; boundary=b"}
# What is asked, and what is answered: the status, and a part of the sentence.
WRONG = [
    ("GET", "/nowhere", {}, 404, "no such door"),
    ("GET", "/gradio_api/call/segment/nonsense", {}, 404, "No such answer is being made"),
    ("GET", "/gradio_api/call/nope/nonsense", {}, 404, "no endpoint 'nope'"),
    ("POST", "/gradio_api/call/nope", {"json": {"data": []}}, 404, "no endpoint 'nope'. Choose one of: suggest, segment"),
    ("POST", "/gradio_api/queue/join", {"json": {"data": [], "fn_index": 9999, "session_hash": "a"}}, 404, "no endpoint number 9999"),
    ("GET", "/segment", {}, 405, "takes POST, not GET"),
    ("GET", "/gradio_api/queue/join", {}, 405, "takes POST, not GET"),
    ("PUT", "/config", {}, 405, "takes GET or HEAD, not PUT"),
    ("POST", CALL, {"content": b"{"}, 400, "not JSON"),
    ("POST", CALL, {"content": b'{"data": []}'}, 400, "with the header Content-Type: application/json"),
    ("POST", CALL, {"json": [1]}, 400, "must be a JSON object"),
    ("POST", CALL, {"json": {}}, 400, "`data` is missing"),
    ("POST", CALL, {"json": {"data": {"a": 1}}}, 400, "`data` is \"{'a': 1}\": Input should be a valid list"),
    ("POST", "/gradio_api/cancel", {"json": {"session_hash": "a", "fn_index": 1}}, 400, "`event_id` is missing"),
    ("POST", CALL, {"content": b"[" + b" " * CALL_BYTES + b"]", "headers": JSON}, 413, f"over {CALL_BYTES // 1_000_000} MB"),
    ("POST", UPLOAD, {"data": {"files": "photo.jpg"}}, 400, "no form with a file"),
    ("POST", UPLOAD, {"files": {"files": (None, "photo.jpg")}}, 400, "`files` is a text; it must be a file"),
    ("POST", UPLOAD + "?upload_id=a", {"files": {"files": (None, "photo.jpg")}}, 400, "`files` is a text; it must be a file"),
    ("POST", UPLOAD, {"files": {"image": b"123"}}, 400, "no file in the form. Send files in the field `files`"),
    ("POST", UPLOAD, {"content": CUT, "headers": FORM}, 400, "cut off"),
    ("POST", UPLOAD, {"content": CUT, "headers": {"content-type": "multipart/form-data"}}, 400, "Missing boundary"),
    ("POST", UPLOAD, {"files": {"files": b"0" * (UPLOAD_MEGABYTES * 1024**2 + 1)}}, 413, f"over {UPLOAD_MEGABYTES} MB"),
    ("GET", "/config", {"headers": {"host": "evil.example"}}, 421, "SEGDEMO_HOSTS"),
]


@pytest.fixture
def log(caplog, capsys):
    """What the program, and the server around it, have written so far."""
    server = logging.getLogger("uvicorn.error")
    server.addHandler(caplog.handler)
    yield lambda: [*caplog.messages, *capsys.readouterr().err.splitlines()]
    server.removeHandler(caplog.handler)


def is_told(headers):
    """Whether an answer says who may show it, and that it is what it says."""
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy and "object-src 'none'" in policy
    return headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("method", "path", "sent", "status", "sentence"), WRONG)
def test_what_is_wrong_is_answered_with_a_sentence_and_the_headers_and_is_no_fault_of_the_program(address, log, method, path, sent, status, sentence):
    with httpx.Client(base_url=address) as visitor:
        answer = visitor.request(method, path, **sent)
        assert answer.status_code == status and sentence in answer.json()["detail"], answer.text
        assert is_told(answer.headers) and log() == []
        assert visitor.get("/config").status_code == 200  # the connection is as good as before


def test_a_fault_of_the_program_is_a_sentence_and_a_line(address, log, monkeypatch):
    async def fails(*_):
        print(1 / 0)

    monkeypatch.setattr(Thumbnails, "__call__", fails)
    for language, sentence in (("en", "The program failed (ZeroDivisionError)"), ("zh-CN,en", "程序出错（ZeroDivisionError）")):
        answer = httpx.get(f"{address}config", headers={"accept-language": language})
        assert answer.status_code == 500 and answer.json()["detail"].startswith(sentence) and is_told(answer.headers)
        (line,) = log()[-1:]
        assert line.startswith("GET /config: ZeroDivisionError: division by zero (test_doors.py:")
    assert len(log()) == 2


def test_a_stream_that_was_never_there_is_ended_as_streams_are(address, log):
    answer = httpx.get(f"{address}gradio_api/queue/data", params={"session_hash": "nobody"})
    assert '"session_not_found":true' in answer.text and is_told(answer.headers) and len(log()) == 1


MARK = {"_type": "gradio.FileData"}


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["photo.jpg"],
        ["photo.jpg", "auto", "auto", "auto"],
        [3, "auto", "auto", "auto"],
        [[{"path": ""}], "auto", "auto", "auto"],
        [{"path": ""}, "auto", "auto", "auto"],
        [{"path": "", "meta": MARK}, "auto", "auto", "auto"],
        [{"url": "http://127.0.0.1:9/a.jpg", "meta": MARK}, "auto", "auto", "auto"],
    ],
)
def test_values_that_cannot_be_used_are_told_in_the_stream(address, log, values):
    event = httpx.post(address.rstrip("/") + CALL, json={"data": values}).json()["event_id"]
    answer = httpx.get(f"{address.rstrip('/')}{CALL}/{event}", timeout=60)
    told = json.loads(answer.text.split("data: ")[1])["error"]
    wrong = f"has {len(values)} of 4 values" if len(values) < 4 else "has a value of another kind than it should among its 4 values"
    assert told.startswith(f"The call {wrong}: image, task, model, runtime. A file is {{")
    assert len(log()) == 1 and is_told(answer.headers)
    again = httpx.get(f"{address.rstrip('/')}{CALL}/{event}")
    assert again.status_code == 404 and "given already" in again.json()["detail"]


def test_every_answer_says_who_may_show_it_and_that_it_is_what_it_says(address):
    for path in ("", "config", "gradio_api/info", "segment/openapi.json", "theme.css", "lesson/who"):
        assert is_told(httpx.get(address + path).headers)
    asks_first = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert is_told(httpx.options(f"{address}gradio_api/upload", headers=asks_first).headers)  # which Gradio answers before the doors


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", "", "[::2]"])
def test_a_server_of_this_machine_answers_to_no_foreign_name(address, host):
    answer = httpx.get(f"{address}config", headers={"host": host})
    assert answer.status_code == 421 and "SEGDEMO_HOSTS" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "evil.example, localhost", "localhost.evil.example"])
def test_nor_to_one_that_a_proxy_is_said_to_have(address, host):
    for headers in ({"x-forwarded-host": host}, [("x-forwarded-host", "localhost"), ("x-forwarded-host", host)]):
        answer = httpx.get(f"{address}config", headers=headers)
        assert answer.status_code == 421 and "SEGDEMO_HOSTS" in answer.json()["detail"]
    for headers in ({"x-forwarded-host": "localhost:8080, proxy.example"}, {"x-gradio-server": f"http://{host}"}):
        answer = httpx.get(f"{address}config", headers=headers)
        assert answer.status_code == 200 and "evil" not in answer.text


def test_what_a_stranger_calls_the_server_is_not_told_to_others(tmp_path):
    code = "from segdemo.ui.launch import launch; import os; launch('0.0.0.0', os.environ['PORT'])"  # which answers to any name
    with served(tmp_path, {**os.environ, "PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": str(tmp_path)}, "-c", code) as address:
        for path in ("/gradio_api/info", "/gradio_api/openapi.json", "/config", "/"):
            for name in ("x-forwarded-host", "host"):
                httpx.get(address + path, headers={name: "evil.example"})
        for path in ("/gradio_api/info", "/gradio_api/openapi.json", "/config", "/"):
            assert "evil" not in httpx.get(address + path).text, path


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:7860", "localhost:1", "[::1]:7860", "[::1]"])
def test_it_answers_to_this_machine_s_names(address, host):
    assert httpx.get(f"{address}config", headers={"host": host}).status_code == 200


def test_which_names_and_frames_are_allowed(monkeypatch):
    for variable in ("SEGDEMO_HOSTS", "SEGDEMO_FRAME_ANCESTORS", "SPACE_ID", "GRADIO_SERVER_NAME"):
        monkeypatch.delenv(variable, raising=False)
    assert _hosts(None) == _hosts("127.0.0.1") == LOCAL_HOSTS and _hosts("0.0.0.0") is None
    assert _ancestors() == ""
    monkeypatch.setenv("SEGDEMO_HOSTS", "seg.example, www.seg.example")
    assert _hosts("0.0.0.0") == (*LOCAL_HOSTS, "seg.example", "www.seg.example")
    monkeypatch.setenv("SPACE_ID", "someone/segdemo")
    monkeypatch.setenv("SEGDEMO_FRAME_ANCESTORS", "https://school.example")
    assert _ancestors() == "https://huggingface.co https://*.hf.space https://school.example"


def test_a_page_in_a_frame_of_another_site_keeps_its_cookie_only_over_https():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def cookie(headers):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Doors(app)), base_url="http://seg.example") as client:
            return (await client.get("/", headers=headers)).headers.get("set-cookie", "")

    assert "SameSite=Lax" in anyio.run(cookie, {}) and "HttpOnly" in anyio.run(cookie, {})
    assert "Secure; SameSite=None; Partitioned" in anyio.run(cookie, {"x-forwarded-proto": "https"})
    assert anyio.run(cookie, {"cookie": "segdemo_visitor=me"}) == ""


def test_nothing_is_connected_to_when_an_address_is_named(address, visitors):
    """A server that would hold the connection open hears nothing."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/slow.jpg"
        visitors[0].get(f"/gradio_api/file={url}")
        visitors[0].post("/gradio_api/call/segment", json={"data": [{"path": url, "url": url, "meta": {"_type": "gradio.FileData"}}, "street"]})
        with pytest.raises(TimeoutError):
            listener.accept()
    assert os.path.isdir(get_upload_folder())
