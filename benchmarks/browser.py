"""What a visitor does with a finished result, in a real browser: no server is asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from benchmarks.apps import OURS, running, write_street

# Does something so many times, each in a frame of its own.
FRAMES = """async ([selector, step, count]) => {
  for (let i = 1; i <= count; i++) {
    const element = document.querySelector(selector);
    if (step) {
      element.value = step * i;
      element.dispatchEvent(new Event('input', { bubbles: true }));
    } else if (element.matches('[role=slider]')) element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    else element.click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
}"""
ACTIONS = {  # what is pressed, or by how much a slider is moved
    "wipe": ("#results .chief .wipe", 0),
    "opacity": ("#results input[name=opacity]", 2),
    "one class alone": ("#results .legend button", 0),
    "threshold": ("#results input[name=threshold]", 2),
    "patterns": ("#results button[data-style=patterns]", 0),
    "confidence": ("#results button[data-style=confidence]", 0),
}


def measure(quick: bool) -> dict:
    """On the result of a 1920x1080 JPEG in a window of 1440x900: the ``milliseconds`` of the page's thread that a frame of each of `ACTIONS` takes.

    Scripts, styles, layout and painting are in it.
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
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})

        def seconds() -> float:
            return next(metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"] if metric["name"] == "TaskDuration")

        count, milliseconds = 5 if quick else 40, {}
        for name, (selector, step) in ACTIONS.items():
            start = seconds()
            page.evaluate(FRAMES, [selector, step, count])
            milliseconds[name] = 1000 * (seconds() - start) / count
        browser.close()
    return {"milliseconds": milliseconds}
