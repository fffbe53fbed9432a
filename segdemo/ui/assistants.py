"""What an assistant says to a tool over MCP, and what it gets.

Gradio would ask for the addresses of pictures, which are not fetched here. It would answer with Python's texts of dictionaries, and with each picture
the path or the address that it has on this server, with which nobody elsewhere can do anything.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from segdemo.ui.calls import LONGEST
from segdemo.ui.refusals import SENT

LONGEST_SIDE = 1600  # of a photograph that is sent to be looked at; a mask is sent as it is


@cache
def answer_assistants() -> None:
    """Has Gradio's MCP server ask for pictures in the call itself, and answer with pictures and JSON alone."""
    from gradio import mcp

    class Server(mcp.GradioMCPServer):
        _file_data_tool_description = ""  # it would name a tool that uploads

        def simplify_filedata_schema(self, schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
            simple, places = super().simplify_filedata_schema(schema)
            for (name,) in places:
                told = simple["properties"][name].get("description", "")
                simple["properties"][name] = {"type": "string", "description": f"{told} {SENT}".strip()}
            return simple, places

        def _prepare_tool_call_args(self, name: str, arguments: dict[str, Any]) -> Any:
            schema, places = self.get_input_schema(name)
            if unknown := [each for each in arguments if each not in schema["properties"]]:
                raise ValueError(f"The tool {name!r} has no parameter {unknown[0][:LONGEST]!r}. It has: {', '.join(schema['properties'])}.")
            for (file,) in places:
                if file in arguments and not re.match("data:[^,]*;base64,", arguments[file]):
                    raise ValueError(f"`{file}` is {arguments[file][:LONGEST]!r}, which is no file. {SENT}")
            try:
                return super()._prepare_tool_call_args(name, arguments)
            except binascii.Error as error:
                raise ValueError(f"A file is not whole: its base64 cannot be read ({error}). {SENT}") from error

        def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
            return [_content(self.types, value) for value in _values(data)]

    mcp.GradioMCPServer = Server


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
