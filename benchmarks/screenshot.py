"""Makes the pictures of the page in the documents: docs/page.png and, moving, docs/page.webp; docs/page.zh.* in Chinese; docs/teach-*.webp.

python -m benchmarks.screenshot        (needs requirements-dev.txt and a chromium)
python -m benchmarks.screenshot teach  docs/teach-*.webp alone
"""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from segdemo.ui.launch import launch
from segdemo.ui.text import LANGUAGES, say

DOCS = Path(__file__).resolve().parent.parent / "docs"
NAMES = {"en": "page", "zh": "page.zh"}
VIEW = {"width": 1360, "height": 960}
SHOWN = (884, 624)  # of the moving picture: about as wide as a README's column
ROAD = 3  # its class id
READ, LOOK, MOVE = 2200, 1100, 130  # milliseconds: a new view, a changed one, a step of a slider

# What is taught in the pictures of Teach: which example, with what tool, and of which class each stroke or click is, (x, y) in shares of the sides.
TAUGHT = {
    "roof": (0, "brush", [(0, (0.2, 0.3), (0.3, 0.3)), (0, (0.18, 0.62), (0.42, 0.62)), (1, (0.6, 0.2), (0.9, 0.2)), (1, (0.3, 0.9), (0.6, 0.9))]),
    "coins": (1, "brush", [(0, (0.1, 0.12), (0.13, 0.22)), (0, (0.88, 0.56), (0.92, 0.66)), (1, (0.05, 0.29), (0.95, 0.29)), (1, (0.3, 0.53), (0.5, 0.53))]),
    "cat": (4, "click", [(0, (0.5, 0.5), (0.5, 0.5)), (0, (0.2, 0.7), (0.2, 0.7)), (0, (0.5, 0.1), (0.5, 0.1)), (1, (0.92, 0.7), (0.92, 0.7))]),
}

# A dot where the mouse would be: screenshots do not have it.
POINTER = """([x, y]) => {
  let dot = document.getElementById('pointer');
  if (!dot) {
    dot = Object.assign(document.createElement('div'), { id: 'pointer' });
    dot.style = 'position: fixed; z-index: 99999; width: 26px; height: 26px; margin: -13px; border-radius: 50%; pointer-events: none;'
      + 'background: #f59e0baa; border: 3px solid #fff; box-shadow: 0 0 0 2px #0008';
    document.body.append(dot);
  }
  dot.style.left = `${x}px`; dot.style.top = `${y}px`;
}"""


@dataclass
class Film:
    """The frames of a moving picture of ``page``, each with the milliseconds that it is shown."""

    page: Page
    frames: list[Image.Image] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)

    def shoot(self, milliseconds: int) -> None:
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(shot.resize(SHOWN, Image.Resampling.LANCZOS))
        self.milliseconds.append(milliseconds)

    def click(self, target: Locator, milliseconds: int = LOOK) -> None:
        """Shows the pointer on the target, clicks it, and shows what came of it."""
        self.point(target)
        target.click()
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(400)
        self.shoot(milliseconds)

    def point(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        self.page.evaluate(POINTER, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
        self.shoot(700)

    def slide(self, name: str, *values: int) -> None:
        """Moves the slider of this name from value to value."""
        slider = self.page.locator(f"#results input[name={name}]")
        box = slider.bounding_box()
        for value in values:
            slider.evaluate("(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }", value)
            self.page.evaluate(POINTER, [box["x"] + 8 + (box["width"] - 16) * value / 100, box["y"] + box["height"] / 2])
            self.shoot(MOVE)

    def save(self, path: Path) -> None:
        first, *others = self.frames
        first.save(path, save_all=True, append_images=others, duration=self.milliseconds, loop=0, quality=70, method=6)


def main() -> None:
    address = launch(host="127.0.0.1", port=7899, wait=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for language in [] if sys.argv[1:] == ["teach"] else LANGUAGES:
            still(browser, address, language)
            moving(browser, address, language)
        for name, lesson in TAUGHT.items():
            taught(browser, address, name, *lesson)
        browser.close()


def taught(browser: Browser, address: str, name: str, example: int, tool: str, strokes: list) -> None:
    """The canvas of Teach after the strokes."""
    page = browser.new_page(viewport={"width": 1100, "height": 1100})
    page.goto(f"{address}?tab=teach&lang=en")
    page.locator("#teach-examples button").nth(example).click(timeout=60_000)
    easel = page.locator("#teach-canvas .easel")
    easel.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    for number, (class_id, start, end) in enumerate(strokes, 1):
        page.locator("#teach-canvas [data-pick]").nth(class_id).click()
        page.locator(f"#teach-canvas [data-tool={tool}]").first.click()
        easel.scroll_into_view_if_needed()
        box = easel.bounding_box()
        (x, y), last = ((box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"]) for share in (start, end))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(*last, steps=4)
        page.mouse.up()
        if number > 1 or tool == "click":
            page.wait_for_timeout(3000)
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    shot = Image.open(io.BytesIO(easel.screenshot())).convert("RGB")
    shot.save(DOCS / f"teach-{name}.webp", quality=80, method=6)
    page.close()


def still(browser: Browser, address: str, language: str) -> None:
    """The page with the result of its first example."""
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
    page.screenshot(path=DOCS / f"{NAMES[language]}.png")
    page.close()


def moving(browser: Browser, address: str, language: str) -> None:
    """An example, its result drawn in several ways, one class alone, another task, and all models compared."""
    page = browser.new_page(viewport=VIEW)
    page.goto(f"{address}?lang={language}")
    page.wait_for_selector("#examples button")
    page.wait_for_timeout(2500)
    film = Film(page)
    film.shoot(LOOK)
    film.point(page.locator("#examples button").first)
    page.locator("#examples button").first.click()
    settle(page, "#results .views")
    film.shoot(READ)
    film.slide("opacity", *range(55, 100, 15), *range(100, 0, -20), *range(0, 60, 15))
    for style in ("patterns", "confidence", "fill"):
        film.click(page.locator(f"#results .styles button[data-style={style}]"))
    film.click(page.locator(f"#results .legend button[data-id='{ROAD}']"), READ)
    film.click(page.locator("#clear"), MOVE)
    film.click(page.locator("#task input[value=animals]"))
    film.point(page.locator("#examples button").first)
    page.locator("#examples button").first.click()
    settle(page, "#results .views")
    film.shoot(READ)
    film.click(page.get_by_role("tab", name=say("tab_compare", language), exact=True))
    film.point(page.locator("#compare"))
    page.locator("#compare").click()
    settle(page, "#comparison .views")
    film.shoot(2 * READ)
    film.save(DOCS / f"{NAMES[language]}.webp")
    page.close()


def settle(page: Page, selector: str) -> None:
    """Waits for a result until nothing moves any more, and takes the pointer away."""
    page.wait_for_selector(selector, timeout=120_000)
    page.mouse.move(0, 0)
    page.wait_for_timeout(2000)
    page.evaluate("() => { scrollTo(0, 0); document.getElementById('pointer').remove(); }")
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
