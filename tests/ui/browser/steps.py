"""What the tests of the page do again and again."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect


def upload(page, *paths: Path):
    page.locator("#pictures input[type=file]").first.set_input_files([str(p) for p in paths])
    expect(page.locator("#pictures img").first).to_be_visible()


def segment(page):
    page.locator("#run").click()


def cards(page):
    return page.locator("#results article.result")


def picture(locator) -> np.ndarray:
    """What the browser paints there, (H, W, 3)."""
    return np.array(Image.open(BytesIO(locator.screenshot())).convert("RGB")).astype(int)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean over the part both have: a column may round to 317 or 318 pixels."""
    height, width = np.minimum(a.shape[:2], b.shape[:2])
    return np.abs(a[:height, :width] - b[:height, :width]).mean()
