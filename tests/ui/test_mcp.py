"""The page as an MCP server, called by the protocol's own client."""

import asyncio
import base64
import io
import json
import re
import urllib.error
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from segdemo import MODELS, TASKS
from segdemo.data import scenes
from segdemo.output.visualization import jpeg


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
        ("segment", {"image": "/etc/passwd"}, "Invalid file data format"),
        ("segment", {"image": "file:///etc/passwd"}, "The server fetches no addresses"),
        ("segment", {"image": "https://example.org/photo.jpg"}, "The server fetches no addresses"),
    ],
)
def test_a_mistake_is_answered_with_its_reason(mcp_address, picture, tool, arguments, message):
    answer = call(mcp_address, tool, {"image": picture, **arguments})
    assert answer.isError and message in answer.content[0].text


def test_without_the_variable_there_is_no_mcp(address):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}gradio_api/mcp/schema", timeout=10)
