"""What stands at the door of the server: every request passes here before Gradio sees it.

Gradio opens more doors than this page needs: calls that go around the queue, a proxy for any address, files by any path that some component forgets
to check. Here only what the page and its documented API use is let in, and a visitor can name only files that the server has named to this visitor.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from asyncio import AbstractEventLoop, get_running_loop
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from anyio import CancelScope
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segdemo.errors import log_fault
from segdemo.ui.calls import check_call
from segdemo.ui.forms import ADVICE, HELP
from segdemo.ui.limits import CALL_BYTES, REMEMBERED_FILES, TOLD_BYTES, UPLOAD_BYTES, UPLOAD_MEGABYTES
from segdemo.ui.refusals import DELETED, FULL, MCP, SENT, STOPS, Refused, refused
from segdemo.ui.uploads import Room

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
COOKIE = "segdemo_visitor"
FORWARDED = "x-forwarded-host"  # what a proxy says that the server was called; of it Gradio makes the addresses of files
CALLED_BY = b"x-gradio-server"  # another such, which only a server of Gradio's own uses, and there is none here

# The page, its parts, the API of `segdemo.ui.api` and MCP. Whatever is not here is refused: a new version of Gradio may bring new doors.
OPEN = {
    "GET": re.compile(
        r"/(config/?|theme\.css|robots\.txt|favicon\.ico|manifest\.json|preview-\w+\.jpg|segment/openapi\.json|pwa_icon"
        r"|(static|assets|svelte)/.*|lesson/\w+)?"
        r"|/gradio_api/(info/?|openapi\.json|app_id/?|startup-events|theme\.css|queue/(data|status)|upload_progress)"
        r"|/gradio_api/(heartbeat/[^/]+|call/[^/]+/[^/]+|file=.+|mcp(/.*)?)"
    ),
    "POST": re.compile(r"/segment|/lesson/\w+|/gradio_api/(upload|queue/join|call/[^/]+/?|cancel|reset/?|mcp(/.*)?)"),
    "DELETE": re.compile(r"/gradio_api/mcp(/.*)?"),
}
OPEN["HEAD"] = OPEN["GET"]
FILE, UPLOAD, INFO, CALLS = "/gradio_api/file=", "/gradio_api/upload", "/gradio_api/info", "/gradio_api/call/"
PICTURE_BYTES = 1_000_000 * UPLOAD_MEGABYTES
MOST_BYTES = {UPLOAD: UPLOAD_BYTES, "/segment": PICTURE_BYTES, "/lesson/": PICTURE_BYTES}  # of what is sent at once to a door that begins so
CALL = re.compile(r"/gradio_api/(queue/join|call/.*|mcp.*)")
CALLED = re.compile(r"/gradio_api/(queue/join|call/)")
TELLS = re.compile(r"/config/?|/gradio_api/(upload|queue/data|call/.*)")  # whose answers name files
# Something is being computed while they are open.
ANSWERS = re.compile(r"(GET /gradio_api/(queue/data|call/[^/]+/[^/]+)|POST /segment|(GET|POST) /lesson/\w+|POST /gradio_api/mcp.*)")
FETCHED = re.compile(r"/gradio_api/(queue/data|call/[^/]+/[^/]+|file=.+)")  # what a stopping server still gives
FILE_INSIDE = re.compile(rb"[\w+/=-]{60,}")  # in base64
NAMED = re.compile(rb'"path": ?("(?:[^"\\]|\\.)*")')

# Gradio's page writes its scripts and styles into itself and compiles small ones (`new Function`).
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
HUGGING_FACE = "https://huggingface.co https://*.hf.space"


def headers_of_all(ancestors: str) -> list[tuple[bytes, bytes]]:
    """What every answer says of itself.

    Args:
        ancestors: the addresses whose pages may show this one in a frame, beside itself.
    """
    policy = POLICY.format(ancestors=f"'self' {ancestors}".strip())
    return [(b"content-security-policy", policy.encode()), (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


@dataclass
class Answers:
    """What a stopping server waits for: the answers that are being made; once it is ``closing``, no other begins."""

    made: dict[CancelScope, AbstractEventLoop] = field(default_factory=dict)
    closing: bool = False

    def give_up(self) -> None:
        """Has those who still wait told so; any thread may ask for it."""
        for answer, loop in list(self.made.items()):
            loop.call_soon_threadsafe(answer.cancel)


class Files:
    """Which files the server has named to which visitor: nobody else may name them."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, set[str]] = OrderedDict()

    def tell(self, path: str, visitor: str) -> None:
        self._owners.setdefault(path, set()).add(visitor)
        self._owners.move_to_end(path)
        while len(self._owners) > REMEMBERED_FILES:
            self._owners.popitem(last=False)

    def admit(self, path: str, visitor: str) -> None:
        """Refuses a path unless it leads, links followed, to a file in the upload folder that this visitor knows from the server.

        Raises:
            Refused: otherwise. What is elsewhere and what is not there are answered alike.
        """
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:", path):
            raise Refused(403, "The server fetches no addresses. Upload the file itself.")
        try:
            inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(get_upload_folder()))
        except (OSError, ValueError):  # a null byte, or too long for a path
            inside = False
        if not inside or visitor not in self._owners.get(path, ()):
            raise Refused(403, "There is no such upload of yours: it was deleted, or never here. Upload the file again.", DELETED.zh)
        if not os.path.exists(path):
            raise Refused(410, DELETED.en, DELETED.zh)


class Doors:
    """The ASGI middleware.

    Args:
        app: what is behind the doors.
        hosts: the names under which the server may be called; None for any. A page elsewhere can make a browser call a server on its own machine
            under a name of the page's (DNS rebinding); that name is then in the header Host. What a proxy says in X-Forwarded-Host must be one, too.
        answers: what is known of the answers that are being made.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] | None = None, answers: Answers | None = None):
        self.app, self.hosts, self.files, self.room, self.answers = app, hosts, Files(), Room(), answers or Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            return
        scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != CALLED_BY]}
        headers = Headers(scope=scope)
        visitor, cookie = _visitor(scope, headers)
        path = scope["path"].removeprefix(scope.get("root_path", "").rstrip("/"))
        tells = bool(TELLS.fullmatch(path))
        uploads = path == UPLOAD
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if cookie and path in ("/", "/config", "/config/"):
                    MutableHeaders(scope=message).append("set-cookie", cookie)
            elif tells and message["type"] == "http.response.body":
                for name in _named(message.get("body", b""), uploads):
                    self.files.tell(name, visitor)
            await send(message)

        try:
            if self.answers.closing and not FETCHED.fullmatch(path):
                raise Refused(503, STOPS.en, STOPS.zh)
            self._admit(scope["method"], path, headers)
            if path.startswith(FILE):
                self.files.admit(path.removeprefix(FILE), visitor)
            call = None
            if scope["method"] == "POST" and CALL.fullmatch(path):
                receive, call = await self._checked_body(receive, visitor, path.startswith(MCP))
            if path.rstrip("/") == INFO:  # that of no page Gradio keeps, with the name by which the first who asked called the server
                scope["query_string"] += b"&page="
            if CALLED.match(path):
                check_call(scope["app"].get_blocks(), path, call)
            most = next((size for door, size in MOST_BYTES.items() if path.startswith(door)), None) if scope["method"] == "POST" else None
            if most:
                receive = self._measured(receive, headers, (scope.get("client") or ("",))[0], most)
            if uploads and not headers.get("content-type", "").startswith("multipart/form-data"):
                raise Refused(400, f"This is no form with a file. {HELP}", f"这不是带文件的表单。{ADVICE}")
            await self._go_on(path, scope, receive, answer, bool(most))
        except Exception as error:
            if not isinstance(error, (Refused, ClientDisconnect)):
                log_fault(f"{scope['method']} {path}", error)
            if started:  # a stream of events; what is shorter than it promised, the server says to be broken
                told = f"event: error\ndata: {json.dumps({'error': str(error)})}\n\n" if isinstance(error, Refused) and path.startswith(CALLS) else ""
                with suppress(Exception):
                    await answer({"type": "http.response.body", "body": told.encode()})
            else:
                await refused(error).answer(path, headers)(scope, receive, answer)

    async def _go_on(self, path: str, scope: Scope, receive: Receive, send: Send, uploads: bool) -> None:
        """To the app. An upload that the disk has no room for is refused."""
        with CancelScope() as made:
            if ANSWERS.fullmatch(f"{scope['method']} {path}"):
                self.answers.made[made] = get_running_loop()
            try:
                await self.app(scope, receive, send)
            except OSError as error:
                if not uploads:
                    raise
                log_fault("an upload", error)
                raise Refused(507, FULL.en, FULL.zh) from error
            finally:
                self.answers.made.pop(made, None)
        if made.cancelled_caught:
            raise Refused(503, STOPS.en, STOPS.zh)

    def _measured(self, receive: Receive, headers: Headers, address: str, most: int) -> Receive:
        """A `receive` that refuses an upload once there is no room for what is coming: that of the whole is refused before any of it is read."""
        promised = headers.get("content-length", "0")
        come = 0

        def check(size: int) -> None:
            if come + size > most:
                sentence = f"An upload of over {most // 1_000_000} MB at once is too much. Upload less at once."
                raise Refused(413, sentence, f"一次上传超过 {most // 1_000_000} MB。请分几次上传。")
            if self.room.lacks(address, size, Path(get_upload_folder()), time.monotonic()):
                raise Refused(507, FULL.en, FULL.zh)

        check(int(promised) if promised.isdecimal() and len(promised) < 20 else 0)

        async def give() -> Message:
            nonlocal come
            message = await receive()
            size = len(message.get("body", b""))
            check(size)
            come += size
            self.room.add(address, size, time.monotonic())
            return message

        return give

    def _admit(self, method: str, path: str, headers: Headers) -> None:
        named = [headers.get("host", ""), *(name.split(",")[0].strip() for name in headers.getlist(FORWARDED))]
        host = next((name for name in named if re.sub(r":\d+$", "", name) not in (self.hosts or ())), None)
        if self.hosts is not None and host is not None:
            raise Refused(421, f"This server does not answer to the name {host[:80]!r}. Set SEGDEMO_HOSTS to the names that it has.")
        if method == "OPTIONS":
            method = headers.get("access-control-request-method", "GET")
        methods = [each for each, paths in OPEN.items() if paths.fullmatch(path)]
        if methods and method not in methods:
            raise Refused(405, f"This address takes {' or '.join(methods)}, not {method[:20]}.", allowed=", ".join(methods))
        if not methods:
            raise Refused(404, "There is no such door. Calls go through the queue: see 'Use via API' at the foot of the page.")

    async def _checked_body(self, receive: Receive, visitor: str, assistant: bool) -> tuple[Receive, object]:
        """Reads the whole call and looks at every file that it names; gives what lets it be read again, and what it says."""
        too_large = f"The call has over {CALL_BYTES // 1_000_000} MB. {SENT if assistant else 'Upload files first and name them in the call.'}"
        body, come, more = bytearray(), 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return _again(message), None
            body += message.get("body", b"")
            come, more = come + len(message.get("body", b"")), message.get("more_body", False)
            if assistant and len(body) > CALL_BYTES:
                body = bytearray(FILE_INSIDE.sub(b"", body))
            if len(body) > CALL_BYTES or come > TOLD_BYTES:
                raise Refused(413, too_large)
        try:
            call = json.loads(body or b"null")
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"The call is not JSON: {str(error)[:200]}.") from error
        if come > CALL_BYTES:
            raise Refused(413, too_large, call=call)
        for path in _paths(call, assistant):
            try:
                self.files.admit(path, visitor)
            except Refused as error:
                told = f"The server fetches no addresses. {SENT}" if assistant else str(error)
                raise Refused(error.status, told, error.chinese, call) from error
        return _again({"type": "http.request", "body": bytes(body), "more_body": False}, receive), call


def _visitor(scope: Scope, headers: Headers) -> tuple[str, str | None]:
    """Who asks, and the cookie to be set if there is none yet: who takes no cookies is known by the address alone."""
    if token := HTTPConnection(scope).cookies.get(COOKIE):
        return f"cookie {token}", None
    # A Space's page stands in a frame of another site: browsers keep its cookies only if they are marked so, which needs https.
    secure = headers.get("x-forwarded-proto", scope.get("scheme", "http")).split(",")[0].strip() == "https"
    kind = "; Secure; SameSite=None; Partitioned" if secure else "; SameSite=Lax"
    return f"address {(scope.get('client') or ('',))[0]}", f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly{kind}"


def _named(body: bytes, uploads: bool) -> Iterator[str]:
    """The files that an answer names: of an upload it is a list of paths, of others any "path" in it."""
    if not uploads:
        yield from (json.loads(name) for name in NAMED.findall(body))
        return
    try:
        found = json.loads(body)
    except ValueError:
        return
    if isinstance(found, list):
        yield from found


def _paths(call: object, assistant: bool) -> Iterator[str]:
    """Every file that a call names. An assistant's names them in plain texts, of which Gradio would fetch the addresses."""
    waiting = [call]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if path is not None and path != "":
                yield path if isinstance(path, str) else f"data:{type(path).__name__}"
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif assistant and isinstance(value, str) and re.match(r"(https?|ftp|file):", value, re.IGNORECASE):
            yield value


def _again(message: Message, receive: Receive | None = None) -> Receive:
    """A `receive` that gives the message, and then what comes after it."""
    messages = [message]

    async def give() -> Message:
        if messages or receive is None:
            return messages.pop() if messages else message
        return await receive()

    return give
