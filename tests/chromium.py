"""A real browser that may reach this machine only."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

PATIENCE = 60_000  # milliseconds; a busy two-core machine is slow
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", ONLY_HERE]
# Chromium without a window shows the same pages in half of the time; None is the one that Playwright installs.
EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")


def launched(*more: str) -> Iterator[Browser]:
    """Chromium with these arguments and ``more``, as long as the iterator lives; without one the test is skipped, or fails if one is required."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGUMENTS, *more])
        except Error as error:
            if os.environ.get("SEGDEMO_REQUIRE_BROWSER"):
                raise
            pytest.skip(f"no browser: install Debian's chromium or run 'playwright install chromium' ({str(error).splitlines()[0]})")
        yield browser


@contextmanager
def one_page() -> Iterator[Page]:
    """A page of a laptop's size, in English; in the end, nothing may have failed in it."""
    with contextmanager(launched)() as browser:
        page, faults = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US"), []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert not faults
        browser.close()
