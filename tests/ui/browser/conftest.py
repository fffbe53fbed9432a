"""A real browser that may reach this machine only."""

import os
import shutil

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from segdemo.data import scenes
from segdemo.output.visualization import jpeg

PATIENCE = 60_000  # milliseconds; a busy two-core machine is slow
expect.set_options(timeout=PATIENCE)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")  # while it lives, no other asyncio loop can run in this thread: MCP's tests need one
def browser():
    with sync_playwright() as playwright:
        try:
            yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        except Error as error:
            if os.environ.get("SEGDEMO_REQUIRE_BROWSER"):
                raise
            pytest.skip(f"no browser: install Debian's chromium or run 'playwright install chromium' ({str(error).splitlines()[0]})")


@pytest.fixture
def open_page(browser, address):
    """Opens the page; afterwards, asserts that nothing left the machine and nothing failed in the browser."""
    outside, faults, contexts = [], [], []

    def opener(width=1440, height=900, locale="en-US", query=""):
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.route(lambda url: not url.startswith((address, "data:", "blob:")), lambda route: (outside.append(route.request.url), route.abort()))
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
