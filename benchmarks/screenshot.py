"""Makes the pictures of the page in the READMEs: docs/page.png and docs/page.zh.png.

python -m benchmarks.screenshot        (needs requirements-dev.txt and a chromium)
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from segdemo.ui.launch import launch

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    address = launch(host="127.0.0.1", port=7899, wait=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for language, name in (("en", "page.png"), ("zh", "page.zh.png")):
            page = browser.new_page(viewport={"width": 1440, "height": 1100})
            page.goto(f"{address}?lang={language}")
            page.locator("#examples button").first.click()
            page.wait_for_selector("#results .views", timeout=120_000)
            page.mouse.move(0, 0)
            page.wait_for_timeout(2000)
            page.locator("#run").click()  # once more: the first run of a model prepares it
            page.wait_for_timeout(6000)
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(500)
            page.screenshot(path=DOCS / name)
        browser.close()


if __name__ == "__main__":
    main()
