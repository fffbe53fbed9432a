"""The page without a server, in a real browser that may reach this machine only."""

import pytest
from chromium import PATIENCE, launched
from playwright.sync_api import expect
from static_steps import MODEL, OTHER

from benchmarks.page_engine import served
from segdemo.ui.static.folder import write_folder
from segdemo.zoo import entries

expect.set_options(timeout=PATIENCE)
FAKE_CAMERA = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_folder(folder, [entries()[key] for key in (MODEL, OTHER, ("animals", "unet"))], ["int8"])
    return folder


@pytest.fixture(scope="module")
def browser():
    yield from launched(*FAKE_CAMERA)


@pytest.fixture
def page(browser, folder):
    """Afterwards, asserts that nothing left the machine and nothing failed in the browser."""
    faults, outside = [], []
    with served(folder) as address, browser.new_context(locale="en-US", accept_downloads=True) as context:
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: request.url.startswith((address, "data:", "blob:")) or outside.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address + "?task=scenes")
        page.wait_for_selector("html[data-ready]")
        yield page
    assert not outside and not faults, (outside, faults)
