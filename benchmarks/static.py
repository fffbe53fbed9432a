"""The page without a server: how far its networks are from Python's, what a visitor loads, how long it takes, what memory it needs.

python -m benchmarks.static            measures, which takes about a quarter of an hour: benchmarks/static.json and its lines in docs/publish.md
python -m benchmarks.static equal      the comparison with Python alone; or any other part: load, pictures, camera, memory
python -m benchmarks.static DATASETS   on some pictures of val, too, where the labelled folders are: DATASETS/camvid, DATASETS/animals ...
python -m benchmarks.static docs       writes the lines again
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.page_engine import Difference, Engine, served
from benchmarks.results import describe_machine
from segdemo.data.examples import examples
from segdemo.data.folder import open_split
from segdemo.tasks import TASKS
from segdemo.ui.static.catalog import engine_facts
from segdemo.ui.static.folder import write_folder
from segdemo.ui.static.networks import PRECISIONS
from segdemo.zoo import entries, load

ROOT = Path(__file__).resolve().parent.parent
RESULTS, DOCUMENT = ROOT / "benchmarks" / "static.json", ROOT / "docs" / "publish.md"
BEGIN, END = "<!-- python -m benchmarks.static -->\n", "<!-- end -->"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
RUNS, PICTURES, WARM = 5, 200, 20
OF_VAL = 3
PATIENCE = 120_000


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Browser, str]]:
    """A real browser, and the folder's address."""
    with served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser, address


def new_page(browser: Browser, address: str) -> Any:
    context = browser.new_context(locale="en-US", service_workers="block")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    return page


def equal(folder: Path, datasets: Path | None = None) -> dict[str, Any]:
    """Each model on each example of its task, and on `OF_VAL` pictures of val, with either kind of numbers: the share of equal pixels and more."""
    rows = {}
    with opened(folder) as (browser, address):
        engine = Engine(new_page(browser, address), engine_facts(list(entries().values()), list(PRECISIONS)))
        for entry in entries().values():
            pictures = {example.name: example.image for example in examples(entry.task)}
            if datasets:
                split = open_split(datasets / entry.data, entry.split, TASKS[entry.task])
                part = split.part(OF_VAL / len(split))
                pictures |= {f"val/{path.name}": image for path, (image, _) in zip(part.images, part, strict=True)}
            for precision, runtime in PRECISIONS.items():
                segmenter = load(entry.model, entry.task, runtime)
                for name, image in pictures.items():
                    found = Difference.of(segmenter(image), engine.segment(image, entry.task, entry.model, precision))
                    rows[f"{entry.task} {entry.model} {precision} {name}"] = [found.equal, found.confidence, found.counts]
    return rows


def first_result(page: Any) -> None:
    page.evaluate("document.querySelector('#examples button').click()")
    page.wait_for_selector("#results > article .legend li", state="attached")


def loaded(folder: Path) -> dict[str, Any]:
    """Compressed bytes until the first result, and seconds from the page's start until then: the fastest of some visits, each with nothing kept."""
    seconds, size = [], 0
    with opened(folder) as (browser, address):
        for _ in range(RUNS):
            sizes: dict[str, int] = {}
            context = browser.new_context(locale="en-US", service_workers="block")
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("request", lambda request, sizes=sizes: sizes.update({request.url: 0}) if request.url.startswith(address) else None)
            start = time.perf_counter()
            page.goto(address + "?task=scenes&model=unet")
            page.wait_for_selector("html[data-ready]")
            first_result(page)
            seconds.append(time.perf_counter() - start)
            files = {url.removeprefix(address).partition("?")[0] or "index.html" for url in sizes} - {"favicon.ico"}
            size = sum(len(gzip.compress((folder / name).read_bytes(), 6)) for name in files)
            context.close()
    return {"bytes": size, "seconds": min(seconds)}


def pictures(folder: Path) -> dict[str, Any]:
    """Milliseconds of another picture of 640x480 by U-Net, from the choice until its card stands there; the fastest of some."""
    times = []
    with opened(folder) as (browser, address):
        page = new_page(browser, address + "?task=street&model=unet")
        file = (folder / "examples" / "drawn-street-1.jpg").read_bytes()
        for number in range(RUNS + 2):
            name = f"street-{number}.jpg"
            page.evaluate("() => { window.begun = 0; document.querySelector('#file').addEventListener('change', () => (begun = performance.now()), true); }")
            page.evaluate("document.querySelector('#results').addEventListener('done', () => (window.ended = performance.now()), { once: true })")
            page.set_input_files("#file", [{"name": name, "mimeType": "image/jpeg", "buffer": file}])
            page.wait_for_selector(f"#results > article[data-name='{name}']")
            page.wait_for_function("window.ended > window.begun")
            times.append(page.evaluate("ended - begun"))
    return {"milliseconds": min(times[2:])}


def camera(folder: Path) -> dict[str, Any]:
    """Pictures a second of a camera at 256x192, the classes drawn; the best of ten seconds, U-Net of animals."""
    rates = []
    with opened(folder) as (browser, address):
        page = new_page(browser, address + "?task=animals&model=unet")
        page.click("#tab-camera")
        page.click("[data-camera=start]")
        page.wait_for_selector("#camera[data-rate]")
        for _ in range(20):
            page.wait_for_timeout(1000)
            rates.append(float(page.get_attribute("#camera", "data-rate")))
    return {"rate": max(rates)}


def memory(folder: Path) -> dict[str, Any]:
    """Megabytes of the browser's processes after some pictures and after `PICTURES`, of four sizes that take turns."""
    with opened(folder) as (browser, address):
        engine = Engine(new_page(browser, address), engine_facts(list(entries().values()), ["int8"]))
        image = examples("animals")[0].image
        kept = {}
        for number in range(1, PICTURES + 1):
            cut = 8 * (number % 4)
            engine.segment(image[cut:, cut:].copy(), "animals", "unet", "int8")
            if number in (WARM, PICTURES):
                engine.page.request_gc()  # what nobody holds any more is not kept, only not yet cleared away
                engine.page.wait_for_timeout(3000)
                kept[str(number)] = used()
    return kept


def used() -> float:
    """Megabytes that the browsers started here hold for themselves."""
    children = psutil.Process().children(recursive=True)
    return sum(each.memory_full_info().uss for each in children if "chrom" in each.name()) / 1e6


PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {"load": loaded, "pictures": pictures, "camera": camera, "memory": memory, "equal": equal}


def lines(results: dict[str, Any]) -> str:
    """What the document says of them."""
    rows = results["equal"]
    usual = {name: row for name, row in rows.items() if row[0] >= 0.9999}
    others = {name: row for name, row in rows.items() if name not in usual}
    models = sorted({" ".join(name.split()[:3]) for name in others})
    kept = [f"{results['memory'][key]:.0f}" for key in (str(WARM), str(PICTURES))]
    of_val = f" and on {OF_VAL} pictures of val" if any("val/" in name for name in rows) else ""
    same, counted = (f"{len(usual)} have the same class in at least 99.99% of the pixels", sum(row[2] for row in usual.values()))
    said = [
        f"- Equal to Python: of {len(rows)} comparisons (every model on every example of its task{of_val}, int8 and float32) {same}; "
        f"the confidences of those differ by at most {max(row[1] for row in usual.values()):.1g}, and the counts of {counted} are the same.",
    ]
    if others:
        said.append(f"- Not equal: {', '.join(models)}, with at least {min(row[0] for row in others.values()):.3%} of the pixels.")
    said += [
        f"- A visitor loads {results['load']['bytes'] / 1e6:.2f} MB, compressed, until the first result, which stands there "
        f"{results['load']['seconds']:.1f} s after the start.",
        f"- Another picture of 640x480 takes {results['pictures']['milliseconds']:.0f} ms with U-Net; a camera at 256x192 gives "
        f"{results['camera']['rate']:.0f} pictures a second.",
        f"- Memory: {kept[0]} MB after {WARM} pictures, {kept[1]} MB after {PICTURES}.",
        f"- Measured with Chromium on {results['machine']}, one thread, the fastest of some runs, with "
        f"{results['waiting']:.0f} programs at a time on its cores (load average).",
    ]
    return "\n".join(textwrap.fill(line, 118, subsequent_indent="  ", break_on_hyphens=False) for line in said) + "\n"


def filled(document: str) -> str:
    """The document with the lines in their place."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    return re.sub(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: lines(results), document, flags=re.DOTALL)


def main(asked: list[str]) -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    datasets = next((Path(each) for each in asked if each != "docs" and Path(each).is_dir()), None)  # this folder is not meant
    named = [each for each in asked if datasets is None or Path(each) != datasets]
    parts = [part for part in PARTS if part in named or not named]
    if parts:
        with tempfile.TemporaryDirectory() as name:
            write_folder(Path(name), list(entries().values()), list(PRECISIONS))
            for part in parts:
                results[part] = equal(Path(name), datasets) if part == "equal" else PARTS[part](Path(name))
                results["machine"] = describe_machine()["processor"]
                if part != "equal":  # which has no times
                    results["waiting"] = os.getloadavg()[1]
                RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
                print(part, results[part] if part != "equal" else sorted(results[part].values())[:5], flush=True)
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
