"""What stands at the door of the server: every request passes here before Gradio sees it.

Gradio opens more doors than this page needs: calls that go around the queue, a proxy for any address, files by any path that some component forgets
to check. Here only what the page and its documented API use is let in, and a visitor can name only files that the server has named to this visitor.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from gradio.utils import get_upload_folder
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segdemo.ui.limits import CALL_BYTES, REMEMBERED_FILES

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
COOKIE = "segdemo_visitor"

# The page, its parts, the API of `segdemo.ui.api` and MCP. Whatever is not here is refused: a new version of Gradio may bring new doors.
OPEN = {
    "GET": re.compile(
        r"/(config/?|theme\.css|robots\.txt|favicon\.ico|manifest\.json|pwa_icon(/\d+)?|(static|assets|svelte)/.*)?"
        r"|/gradio_api/(info/?|openapi\.json|app_id/?|startup-events|theme\.css|queue/(data|status)|upload_progress|heartbeat/[^/]+|call/[^/]+/[^/]+|file=.+|mcp(/.*)?)"
    ),
    "POST": re.compile(r"/gradio_api/(upload|queue/join|call/[^/]+/?|cancel|reset/?|mcp(/.*)?)"),
    "DELETE": re.compile(r"/gradio_api/mcp(/.*)?"),
}
OPEN["HEAD"] = OPEN["GET"]
FILE, MCP = "/gradio_api/file=", "/gradio_api/mcp"
CALL = re.compile(r"/gradio_api/(queue/join|call/.*|mcp.*)")
TELLS = re.compile(r"/config/?|/gradio_api/(upload|queue/data|call/.*)")  # whose answers name files
NAMED = re.compile(rb'"path": ?("(?:[^"\\]|\\.)*")')

# Gradio's page writes its scripts and styles into itself and compiles small ones (`new Function`).
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
HUGGING_FACE = "https://huggingface.co https://*.hf.space"


class Refused(Exception):
    """A request that is not let in: the HTTP status, and a sentence that says why and what to do."""

    def __init__(self, status: int, sentence: str, call: object = None):
        super().__init__(sentence)
        self.status, self.call = status, call

    def answer(self, path: str) -> JSONResponse:
        """To an assistant (MCP), what its tool says; to others, the status."""
        if path.startswith(MCP) and isinstance(self.call, dict) and "id" in self.call:
            result = {"content": [{"type": "text", "text": str(self)}], "isError": True}
            return JSONResponse({"jsonrpc": "2.0", "id": self.call["id"], "result": result})
        return JSONResponse({"detail": str(self), "error": str(self)}, self.status)


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
            raise Refused(403, "There is no such upload of yours: it was deleted, or never here. Upload the file again.")


class Doors:
    """The ASGI middleware.

    Args:
        app: what is behind the doors.
        hosts: the names under which the server may be called; None for any. A page elsewhere can make a browser call a server on its own machine
            under a name of the page's (DNS rebinding); that name is then in the header Host.
        ancestors: the addresses whose pages may show this one in a frame, beside itself.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] | None = None, ancestors: str = ""):
        self.app, self.hosts, self.files = app, hosts, Files()
        self.policy = POLICY.format(ancestors=f"'self' {ancestors}".strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            return
        headers = Headers(scope=scope)
        visitor, cookie = _visitor(scope, headers)
        path = scope["path"].removeprefix(scope.get("root_path", "").rstrip("/"))
        tells = bool(TELLS.fullmatch(path))
        uploads = path == "/gradio_api/upload"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(MutableHeaders(scope=message), cookie if path in ("/", "/config", "/config/") else None)
            elif tells and message["type"] == "http.response.body":
                for name in _named(message.get("body", b""), uploads):
                    self.files.tell(name, visitor)
            await send(message)

        try:
            self._admit(scope["method"], path, headers)
            if path.startswith(FILE):
                self.files.admit(path.removeprefix(FILE), visitor)
            if scope["method"] == "POST" and CALL.fullmatch(path):
                receive = await self._checked_body(receive, visitor, path.startswith(MCP))
        except Refused as error:
            await error.answer(path)(scope, receive, answer)
            return
        await self.app(scope, receive, answer)

    def _admit(self, method: str, path: str, headers: Headers) -> None:
        host = re.sub(r":\d+$", "", headers.get("host", ""))
        if self.hosts is not None and host not in self.hosts:
            raise Refused(421, f"This server does not answer to the name {host[:80]!r}. Set SEGDEMO_HOSTS to the names that it has.")
        if method == "OPTIONS":
            method = headers.get("access-control-request-method", "GET")
        if not (method in OPEN and OPEN[method].fullmatch(path)):
            raise Refused(404, "There is no such door. Calls go through the queue: see 'Use via API' at the foot of the page.")

    async def _checked_body(self, receive: Receive, visitor: str, assistant: bool) -> Receive:
        """Reads the whole call and looks at every file that it names; gives what lets it be read again."""
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return _again(message)
            body, more = body + message.get("body", b""), message.get("more_body", False)
            if len(body) > CALL_BYTES:
                raise Refused(413, f"The call has over {CALL_BYTES // 1_000_000} MB. Upload files first and name them in the call.")
        try:
            call = json.loads(body or b"null")
        except (ValueError, RecursionError) as error:
            raise Refused(400, f"The call is not JSON: {str(error)[:200]}.") from error
        for path in _paths(call, assistant):
            try:
                self.files.admit(path, visitor)
            except Refused as error:
                raise Refused(error.status, str(error), call) from error
        return _again({"type": "http.request", "body": body, "more_body": False}, receive)

    def _add_headers(self, headers: MutableHeaders, cookie: str | None) -> None:
        headers["content-security-policy"] = self.policy
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        if cookie:
            headers.append("set-cookie", cookie)


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
