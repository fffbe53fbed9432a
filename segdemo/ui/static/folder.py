"""The folder itself: what is built from `web/`, the networks, examples, and the page with what it says."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from segdemo.data.examples import picture_of
from segdemo.images import shrink
from segdemo.models import MODELS
from segdemo.output.visualization import jpeg
from segdemo.runtime import RUNTIME_TITLES
from segdemo.runtime.files import file_sha256
from segdemo.runtime.manifest import Entry
from segdemo.tasks import TASKS, Task
from segdemo.tasks.pictures import TO_TEACH, Example
from segdemo.ui.parts.assets import ASSETS, script
from segdemo.ui.parts.easel import easel, easel_script
from segdemo.ui.parts.results import empty_card, result_card
from segdemo.ui.parts.templating import render
from segdemo.ui.static import networks
from segdemo.ui.static.catalog import catalog
from segdemo.ui.static.networks import BACKBONE, DETECTOR, PRECISIONS, SUGGESTER, TAUGHT_WITH, name_of
from segdemo.ui.text import say
from segdemo.zoo import load, scoring

BUILT = Path(__file__).parent / "built"
"""What `web/build.mjs` makes, for whoever has no Node."""
OPENING = "scenes"
WORKER = "service_worker.js"
TABS = (("segment", "tab_segment"), ("compare", "tab_compare"), ("teach", "tab_teach"), ("camera", "tab_camera"), ("full", "tab_full"))
THUMBNAIL = 240  # pixels of its longest side
EXAMPLES = "examples"
ICONS = (192, 512)
ACCENT = "#0f766e"  # of the page


def write_folder(folder: Path, entries: Sequence[Entry], precisions: Sequence[str], full: str = "") -> None:
    """Writes all that a web server needs to show the page; files of the same names are replaced.

    Args:
        entries: the models; at least one.
        precisions: keys of `PRECISIONS`; the first is the usual one.
        full: the address of the full version, to which the page leads; "" if there is none.

    Raises:
        WeightsError: if a file of a network is missing or damaged.
    """
    tasks = [task for task in TASKS.values() if any(entry.task == task.name for entry in entries)]
    opening = next((task for task in tasks if task.name == OPENING), tasks[0])
    needed = write_networks(folder, entries, precisions)
    for path in (folder / networks.FOLDER).glob("*.bin"):
        if path.relative_to(folder).as_posix() not in needed:
            path.unlink()  # of a model or a precision that is not wanted any more
    write_examples(folder, [*(example for task in tasks for example in task.examples), *TO_TEACH])
    _write(folder / "teach.js", easel_script())
    _write(folder / "catalog.json", json.dumps(catalog(entries, precisions, opening), ensure_ascii=False, separators=(",", ":")))
    _write(folder / "index.html", _page(entries, precisions, tasks, opening, full))
    shutil.copyfile(ASSETS / "icon.svg", folder / "icon.svg")
    for side in ICONS:
        shutil.copyfile(ASSETS / f"icon-{side}.png", folder / f"icon-{side}.png")
    _write(folder / "manifest.webmanifest", json.dumps(_manifest(), ensure_ascii=False, indent=1))
    (folder / ".nojekyll").touch()  # or GitHub Pages would leave files out
    _write(folder / WORKER, _service_worker(folder, name_of(_best(entries, opening), precisions[0])))


def write_networks(folder: Path, entries: Sequence[Entry], precisions: Sequence[str]) -> set[str]:
    """Writes what the worker needs to run these models, and to teach classes; gives the names of the networks' files."""
    (folder / networks.FOLDER).mkdir(parents=True, exist_ok=True)
    shutil.copytree(BUILT, folder, dirs_exist_ok=True)
    chosen = [(entry, precision) for entry in entries for precision in precisions]
    chosen += [(entry, TAUGHT_WITH) for entry in scoring() if (entry, TAUGHT_WITH) not in chosen]
    for entry, precision in chosen:
        (folder / name_of(entry, precision)).write_bytes(networks.network(entry, precision))
    (folder / BACKBONE).write_bytes(networks.backbone())
    (folder / SUGGESTER).write_bytes(networks.suggester())
    (folder / DETECTOR).write_bytes(networks.detector())
    return {BACKBONE, SUGGESTER, DETECTOR, *(name_of(entry, precision) for entry, precision in chosen)}


def write_examples(folder: Path, examples: Sequence[Example]) -> None:
    """Writes the pictures of examples, each also small."""
    (folder / EXAMPLES).mkdir(exist_ok=True)
    for example in {each.name: each for each in examples}.values():
        picture = picture_of(example.picture)
        (folder / EXAMPLES / f"{example.name}.jpg").write_bytes(jpeg(picture, quality=92))
        (folder / EXAMPLES / f"{example.name}.small.jpg").write_bytes(jpeg(shrink(picture, picture[..., 0], THUMBNAIL)[0], quality=80))


def _page(entries: Sequence[Entry], precisions: Sequence[str], tasks: Sequence[Task], opening: Task, full: str) -> str:
    chosen = _best(entries, opening)
    runtime = PRECISIONS[precisions[0]]
    result = load(chosen.model, opening.name, runtime)(picture_of(opening.examples[0].picture))
    title = f"{MODELS[chosen.model].title}, {RUNTIME_TITLES[runtime]}"
    card = result_card(f"{opening.examples[0].name}.jpg", result, chosen, title, runtime, without=("card", "times"))
    return render(
        "static",
        tabs=TABS,
        opening=render("opening", card=card),
        easel=easel(alone=True),
        compare_empty=empty_card("compare_title", "static_compare_empty", count=sum(entry.task == opening.name for entry in entries)),
        tasks=tasks,
        models=[(name, MODELS[name].title) for name in MODELS if any(entry.model == name for entry in entries)],
        precisions=precisions,
        full=full,
        runtimes={name: RUNTIME_TITLES[PRECISIONS[name]] for name in precisions},
    )


def _best(entries: Sequence[Entry], task: Task) -> Entry:
    return max((entry for entry in entries if entry.task == task.name), key=lambda entry: entry.miou)


def _manifest() -> dict[str, object]:
    return {
        "name": say("title", "en"),
        "short_name": "segdemo",
        "description": say("promise", "en"),
        "start_url": "./",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": "#ffffff",
        "icons": [{"src": f"icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in ICONS],
    }


def _service_worker(folder: Path, first: str) -> str:
    """The script that keeps the page's files, another one whenever any file is another; ``first`` is the network that the first visit needs."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != WORKER)
    digest = hashlib.sha256("".join(f"{name} {file_sha256(folder / name)} " for name in files).encode()).hexdigest()[:16]
    needed = ["./", *(path.name for path in BUILT.iterdir() if path.suffix != ".txt"), "catalog.json", "icon.svg", "manifest.webmanifest", first]
    return f"const VERSION = {json.dumps(digest)},\n  FILES = {json.dumps(sorted(needed))};\n{script('service_worker')}\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
