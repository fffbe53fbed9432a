"""What a visitor does with a finished result, in a real browser: no server is asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from benchmarks.apps import OURS, running, write_street

# Milliseconds from the event until the browser has painted what follows from it.
PAINTED = """async ([selector, value]) => {
  const element = document.querySelector(selector), start = performance.now();
  if (value === null) element.click();
  else { element.value = value; element.dispatchEvent(new Event('input', { bubbles: true })); }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""
ACTIONS = {
    "opacity": ("#results input[name=opacity]", "30"),
    "one class alone": ("#results .legend button", None),
    "patterns": ("#results button[data-style=patterns]", None),
    "confidence": ("#results button[data-style=confidence]", None),
}


def measure(quick: bool) -> dict:
    """On the result of a 1920x1080 JPEG, median ``milliseconds`` of each of `ACTIONS`; and those of the first click.

    The pointer is on the card for a tenth of a second before, as a visitor's is.
    """
    with TemporaryDirectory() as folder, running(*OURS) as app, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(app.address)
        page.locator("#pictures input[type=file]").first.set_input_files(str(write_street(Path(folder), 1920, 1080)))
        page.locator("#pictures img").first.wait_for()
        page.locator("#run").click()
        page.locator("#results article").wait_for(timeout=120_000)
        page.wait_for_timeout(2000)
        page.hover("#results article .legend")
        page.wait_for_timeout(100)
        first = page.evaluate(PAINTED, list(ACTIONS["one class alone"]))
        page.evaluate(PAINTED, list(ACTIONS["one class alone"]))  # takes it back
        runs = {name: sorted(page.evaluate(PAINTED, list(action)) for _ in range(3 if quick else 15)) for name, action in ACTIONS.items()}
        browser.close()
    return {"milliseconds": {"the first click, one class alone": first, **{name: times[len(times) // 2] for name, times in runs.items()}}}
