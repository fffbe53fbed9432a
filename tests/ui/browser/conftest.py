"""A real browser that may reach this machine only."""

import pytest
from chromium import PATIENCE, launched
from playwright.sync_api import expect

from segdemo.data import scenes
from segdemo.output.visualization import jpeg

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")  # while it lives, no other asyncio loop can run in this thread: MCP's tests need one
def browser():
    yield from launched()


@pytest.fixture
def open_page(browser, address):
    """Opens the page; afterwards, asserts that nothing left the machine and nothing failed in the browser."""
    outside, faults, contexts = [], [], []

    def opener(width=1440, height=900, locale="en-US", query=""):
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: None if request.url.startswith((address, "data:", "blob:")) else outside.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address + query)
        page.wait_for_selector("#results", state="attached")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert not outside, outside
    assert not faults, faults


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for seed in range(2):
        paths.append(folder / f"street-{seed}.jpg")
        paths[-1].write_bytes(jpeg(scenes.street(seed, 480, 360)[0]))
    return paths
