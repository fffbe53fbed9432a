"""What stands in the head of the page for those who run no script: browsers' tabs, and chats that show a link with title, sentence and picture."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segdemo.output.takeaway import take
from segdemo.ui.parts.pickers import AUTO, OPENING_TASK, opening_picture
from segdemo.ui.parts.templating import render
from segdemo.ui.text import LANGUAGES
from segdemo.zoo import load

PICTURE = "/preview-{language}.jpg"
SIZE = (1200, 630)
GRADIOS = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>|\s*<link\s+rel="manifest"[^>]*>')
ROOT = re.compile(r'window\.gradio_config = \{.*?"root": ?("(?:[^"\\]|\\.)*")', re.DOTALL)


@cache
def preview(language: str) -> bytes:
    """The opening picture's card, a JPEG of `SIZE`, made once."""
    return take(load(AUTO, OPENING_TASK)(opening_picture()), "card", language=language).content


class Previews:
    """The ASGI middleware that answers `PICTURE` and writes the head of the page: Gradio's own names Gradio."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.pictures = {PICTURE.format(language=language): language for language in LANGUAGES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", "").rstrip("/"))
        if scope["type"] == "http" and path in self.pictures:
            picture = await run_in_threadpool(preview, self.pictures[path])
            await Response(picture, media_type="image/jpeg", headers={"cache-control": "public, max-age=86400"})(scope, receive, send)
        elif scope["type"] == "http" and path == "/":
            await self.app(scope, receive, _rewritten(send, lambda html: with_head(html, scope)))
        else:
            await self.app(scope, receive, send)


def with_head(html: str, scope: Scope) -> str:
    """The page with the project's head. Its address is the one that Gradio tells the browser, which knows of proxies and sub-paths, with what was asked."""
    found = ROOT.search(html)
    root = json.loads(found[1]).rstrip("/") if found else ""
    query = scope.get("query_string", b"").decode("latin-1")
    asked = parse_qs(query).get("lang", [Headers(scope=scope).get("accept-language", "")])[0]
    language = "zh" if asked.lower().startswith("zh") else "en"
    address = f"{root}/?{query}" if query else f"{root}/"
    head = render("preview", language=language, address=address, picture=root + PICTURE.format(language=language), size=SIZE)
    return GRADIOS.sub("", html).replace("</head>", f"{head}</head>", 1)


def _rewritten(send: Send, change: Callable[[str], str]) -> Send:
    """A `send` that changes the body of an HTML page, once it is whole."""
    start: list[Message] = []
    body = b""

    async def hold(message: Message) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body += message.get("body", b"")
        if message.get("more_body", False):
            return
        headers = MutableHeaders(scope=start[0])
        if headers.get("content-type", "").startswith("text/html"):
            body = change(body.decode("utf-8")).encode()
            headers["content-length"] = str(len(body))
        await send(start[0])
        await send({"type": "http.response.body", "body": body})

    return hold
