"""The page as an MCP server, called by the protocol's own client."""

import asyncio
import base64
import io
import json
import re
import urllib.error
import urllib.request

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from segdemo import MODELS, TASKS
from segdemo.data import scenes
from segdemo.output.visualization import jpeg
from segdemo.ui.api import FILES
from segdemo.ui.refusals import SENT


def session(address, use):
    """What ``use`` returns of a session with the server."""

    async def run():
        async with streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as client:
            await client.initialize()
            return await use(client)

    return asyncio.run(run())


def call(address, tool, arguments, noted=None):
    return session(address, lambda client: client.call_tool(tool, arguments, progress_callback=noted))


async def note(*_):
    """With somebody to tell of the progress, Gradio goes another way."""


@pytest.fixture(scope="module")
def tools(mcp_address):
    return {tool.name: tool for tool in session(mcp_address, lambda client: client.list_tools()).tools}


@pytest.fixture(scope="module")
def picture(photo):
    return f"data:image/jpeg;base64,{base64.b64encode(photo.read_bytes()).decode()}"


def test_the_tools_are_the_public_endpoints(tools):
    assert list(tools) == ["suggest", "segment", "compare", "score", "regions", "explain", "take", "teach"]
    for tool in tools.values():
        assert "picture" in tool.description.split(".")[0] and "Returns: " in tool.description


def test_every_parameter_has_a_type_and_a_description(tools):
    parameters = [(name, each) for tool in tools.values() for name, each in tool.inputSchema["properties"].items()]
    assert [name for name, each in parameters if each["type"] != "string" or len(each["description"]) < 15] == []
    files = [each["description"] for name, each in parameters if name in FILES]
    assert len(files) == len(tools) + 2 and all("data:image/png;base64," in told and told.endswith("at most 3 MB in it.") for told in files)
    assert [word for word in ("upload_file", "https url") if word in str(tools)] == []
    segment = tools["segment"].inputSchema
    assert segment["required"] == ["image"] and segment["properties"]["task"]["enum"] == ["auto", *TASKS]
    assert segment["properties"]["model"]["enum"] == ["auto", *MODELS]
    assert tools["score"].inputSchema["required"] == ["image", "mask"] and tools["explain"].inputSchema["required"] == ["image", "class_name"]


@pytest.mark.parametrize("noted", [None, note])
def test_segment_gives_the_mask_that_http_gives(mcp_address, picture, photo, noted):
    answer = call(mcp_address, "segment", {"image": picture, "task": "street", "model": "unet"}, noted)
    images = [item for item in answer.content if item.type == "image"]
    assert not answer.isError and [image.mimeType for image in images] == ["image/png", "image/jpeg"]
    mask, _, _ = Client(mcp_address, verbose=False).predict(handle_file(photo), "street", "unet", api_name="/segment")
    assert np.array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(images[0].data)))), np.array(Image.open(mask)))
    statistics = json.loads(answer.content[-1].text)
    assert [item.type for item in answer.content] == ["image", "image", "text"] and statistics["classes"][3]["name"] == "road"


@pytest.mark.parametrize("noted", [None, note])
@pytest.mark.parametrize(
    ("tool", "arguments", "kinds"),
    [
        ("suggest", {}, ["text"]),
        ("segment", {}, ["image", "image", "text"]),
        ("compare", {"task": "street"}, ["image", "image", "image", "image", "text"]),
        ("regions", {}, ["image", "text"]),
        ("explain", {"class_name": "road", "task": "street", "model": "fcn8s"}, ["image", "image", "text"]),
        ("take", {"kind": "card"}, ["image"]),
    ],
)
def test_a_tool_answers_with_pictures_and_json_and_never_with_where_they_lie(mcp_address, picture, tool, arguments, kinds, noted):
    answer = call(mcp_address, tool, {"image": picture, **arguments}, noted)
    assert not answer.isError and [item.type for item in answer.content] == kinds
    for item in answer.content:
        if item.type == "text":
            json.loads(item.text)
            assert not re.search(r"/tmp|localhost|127\.0\.0\.1|gradio_api|https?:", item.text)
        else:
            assert Image.open(io.BytesIO(base64.b64decode(item.data))).format.lower() == item.mimeType.removeprefix("image/")


def test_a_large_overlay_comes_smaller_and_the_mask_as_it_is(mcp_address):
    large = base64.b64encode(jpeg(scenes.street(1, 2000, 900)[0])).decode()
    images = call(mcp_address, "segment", {"image": f"data:image/jpeg;base64,{large}"}).content[:2]
    assert [Image.open(io.BytesIO(base64.b64decode(image.data))).size for image in images] == [(2000, 900), (1600, 720)]


def test_suggest_is_a_tool(mcp_address, picture, photo):
    answer = call(mcp_address, "suggest", {"image": picture})
    assert not answer.isError and json.loads(answer.content[-1].text)[0]["task"] == "street"


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("segment", {"task": "clouds"}, "'clouds' is not one of ['auto', 'street'"),
        ("explain", {"class_name": "zebra"}, "There is no class 'zebra'"),
        ("segment", {"image": "/etc/passwd"}, f"`image` is '/etc/passwd', which is no file. {SENT}"),
        ("segment", {"image": "data:image/png;base64,iVBOR"}, "A file is not whole: its base64 cannot be read"),
        ("segment", {"image": "file:///etc/passwd"}, f"The server fetches no addresses. {SENT}"),
        ("segment", {"image": "https://example.org/photo.jpg"}, f"The server fetches no addresses. {SENT}"),
        ("segment", {"taks": "street"}, "The tool 'segment' has no parameter 'taks'. It has: image, task, model, runtime."),
    ],
)
def test_a_mistake_is_answered_with_its_reason(mcp_address, picture, tool, arguments, message):
    answer = call(mcp_address, tool, {"image": picture, **arguments})
    assert answer.isError and message in answer.content[0].text


@pytest.mark.parametrize("megabytes", [4, 12])
def test_a_picture_that_is_too_large_is_told_so_and_the_session_goes_on(mcp_address, picture, megabytes):
    large = f"data:image/png;base64,{base64.b64encode(bytes(megabytes * 10**6)).decode()}"

    async def twice(client):
        return await client.call_tool("suggest", {"image": large}), await client.call_tool("suggest", {"image": picture})

    refused, answered = session(mcp_address, twice)
    assert refused.isError and refused.content[0].text == f"The call has over 5 MB. {SENT}" and not answered.isError


def test_a_call_without_an_end_or_without_base64_in_it_is_not_read_to_the_end(mcp_address, monkeypatch):
    monkeypatch.setattr("segdemo.ui.doors.TOLD_BYTES", 7_000_000)
    call = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "suggest", "arguments": {"image": "%s"}}}'
    for content, status in ((b"A" * 6_000_000, 200), (b"A" * 8_000_000, 413), (b"A " * 3_000_000, 413)):
        answer = httpx.post(f"{mcp_address}gradio_api/mcp/", content=call % content, timeout=60)
        assert answer.status_code == status and "The call has over 5 MB" in answer.text


def test_without_the_variable_there_is_no_mcp(address):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}gradio_api/mcp/schema", timeout=10)
