"""A real browser that may reach this machine only."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

PATIENCE = 60_000  # milliseconds; a busy two-core machine is slow
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", ONLY_HERE]
# Chromium without a window shows the same pages in half of the time; None is the one that Playwright installs.
EXECUTABLE = shutil.which("chromium-headless-shell") or shutil.which("chromium")


def launched(*more: str) -> Iterator[Browser]:
    """Chromium with these arguments and ``more``, as long as the iterator lives; without one the test is skipped, or fails if one is required."""
    with sync_playwright() as playwright:
        try:
            yield playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGUMENTS, *more])
        except Error as error:
            if os.environ.get("SEGDEMO_REQUIRE_BROWSER"):
                raise
            pytest.skip(f"no browser: install Debian's chromium or run 'playwright install chromium' ({str(error).splitlines()[0]})")
