"""The page as an MCP server, called by the protocol's own client."""

import asyncio
import base64
import io
import urllib.error
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from segdemo import MODELS, TASKS


def session(address, use):
    """What ``use`` returns of a session with the server."""

    async def run():
        async with streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as client:
            await client.initialize()
            return await use(client)

    return asyncio.run(run())


def call(address, tool, arguments):
    async def noted(*_):  # with somebody to tell of the progress, Gradio answers with one item a returned value
        pass

    return session(address, lambda client: client.call_tool(tool, arguments, progress_callback=noted))


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


def test_segment_gives_the_mask_that_http_gives(mcp_address, picture, photo):
    answer = call(mcp_address, "segment", {"image": picture, "task": "street", "model": "unet"})
    images = [item for item in answer.content if item.type == "image"]
    assert not answer.isError and [image.mimeType for image in images] == ["image/png", "image/jpeg"]
    mask, _, _ = Client(mcp_address, verbose=False).predict(handle_file(photo), "street", "unet", api_name="/segment")
    assert np.array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(images[0].data)))), np.array(Image.open(mask)))
    assert "'name': 'road'" in answer.content[-1].text


def test_suggest_is_a_tool(mcp_address, picture, photo):
    answer = call(mcp_address, "suggest", {"image": picture})
    assert not answer.isError and "'task': 'street'" in answer.content[-1].text


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
