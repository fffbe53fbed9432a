"""What an assistant gets from a tool over MCP.

Gradio would send Python's texts of dictionaries, and with each picture the path or the address that it has on this server, with which nobody
elsewhere can do anything.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

LONGEST_SIDE = 1600  # of a photograph that is sent to be looked at; a mask is sent as it is


def answer_assistants() -> None:
    """Has Gradio's MCP server answer with pictures and JSON alone."""
    from gradio.mcp import GradioMCPServer

    GradioMCPServer.postprocess_output_data = lambda self, data, root_url: [_content(self.types, value) for value in _values(data)]


def _values(data: Any) -> Iterator[Any]:
    """An endpoint's values one by one, whichever way Gradio has wrapped them; a list of records is one value."""
    if isinstance(data, list | tuple) and (any(isinstance(each, list | tuple) or _path(each) for each in data) or len(data) == 1):
        for each in data:
            yield from _values(each)
    else:
        yield data


def _path(value: Any) -> str | None:
    return value.get("path") if isinstance(value, dict) and value.get("meta", {}).get("_type") == "gradio.FileData" else None


def _content(types: Any, value: Any) -> Any:
    if (path := _path(value)) is None:
        return types.TextContent(type="text", text=json.dumps(value, ensure_ascii=False))
    content = Path(path).read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        kind = str(picture.format)
        if kind == "JPEG" and max(picture.size) > LONGEST_SIDE:
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            picture.save(smaller := io.BytesIO(), "JPEG", quality=90)
            content = smaller.getvalue()
    return types.ImageContent(type="image", data=base64.b64encode(content).decode(), mimeType=f"image/{kind.lower()}")
