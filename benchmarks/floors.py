"""The floors of the package: a file may import only from floors below its own, and from its own folder.

python -m benchmarks.floors        draws them: docs/floors.svg
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "segdemo"

# From the ground up: what each folder or file directly in segdemo/ is for.
FLOORS: tuple[dict[str, str], ...] = (
    {"languages": "texts in English and Chinese", "package": "version, extras"},
    {"tasks": "classes, colours, words", "models": "architectures", "errors": "what is said of a bad file"},
    {"encodings": "a picture's bytes", "runtime": "how a network is stored and run"},
    {"images": "any picture to RGB"},
    {"inference": "picture in, segmentation out"},
    {"suggestion": "the right task by itself", "teaching": "classes from strokes"},
    {"zoo": "the trained weights", "data": "labelled folders, examples", "output": "to look at, to download", "analysis": "beyond one mask"},
    {"scoring": "metrics, calibration, speed"},
    {"training": "loop, recipes, losses"},
    {"publishing": "from a run to what ships"},
    {"ui": "the page"},
    {"commands": "the command line"},
    {"__init__": "the public API", "__main__": "python -m segdemo"},
)
# Who may import these, by the first part of the import's name.
ONLY = {"gradio": {"ui"}, "gradio_client": set(), "keras": {"models", "runtime", "training"}, "tensorflow": {"models", "runtime", "training"}}


@dataclass(frozen=True)
class Import:
    """One import of a module: in which file and line, and of what."""

    file: Path
    line: int
    module: str


def imports(package: Path = PACKAGE) -> Iterator[Import]:
    """Every import in the package, inside of functions too."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                # `from segdemo import zoo` names a module, `from segdemo.zoo import load` what is in one
                names = [f"{node.module}.{alias.name}" if node.module == "segdemo" else "." * node.level + (node.module or "") for alias in node.names]
            else:
                continue
            yield from (Import(file, node.lineno, name) for name in dict.fromkeys(names))


def room_of(module: str) -> str:
    """The folder or file directly in segdemo/ to which ``segdemo.room...`` leads."""
    return module.split(".")[1] if "." in module else "__init__"


def violations(package: Path = PACKAGE) -> list[str]:
    """A line for each import that points up or sideways, or of a framework where it has no place."""
    floors = {room: number for number, floor in enumerate(FLOORS) for room in floor}
    lines = []
    for each in imports(package):
        here = each.file.relative_to(package).with_suffix("").parts[0]
        where = f"{each.file.relative_to(package.parent)}:{each.line}"
        if here not in floors:
            lines.append(f"{where}: {here} stands on no floor; add it to benchmarks/floors.py")
        elif each.module.startswith("."):
            lines.append(f"{where}: write the whole name of {each.module!r}")
        elif each.module.split(".")[0] == "segdemo":
            there = room_of(each.module)
            if there not in floors:
                lines.append(f"{where}: {here} (floor {floors[here]}) imports {each.module}, which stands on no floor")
            elif there != here and floors[there] >= floors[here]:
                lines.append(f"{where}: {here} (floor {floors[here]}) imports {there} (floor {floors[there]})")
        elif here not in ONLY.get(each.module.split(".")[0], {here}):
            lines.append(f"{where}: {each.module} is imported only in {', '.join(sorted(ONLY[each.module.split('.')[0]])) or 'no file'}")
    return lines


WIDTH, HEIGHT, GAP = 880, 46, 8  # of the drawing and of a floor, in pixels
STYLE = "<style>.room { fill: #d9ebe9; stroke: #0f766e; }</style>"


def drawing() -> str:
    """The floors as SVG, the highest at the top."""
    parts = []
    for number, floor in enumerate(reversed(FLOORS)):
        top, wide = number * (HEIGHT + GAP) + GAP, (WIDTH - GAP) / len(floor)
        for place, (room, purpose) in enumerate(floor.items()):
            left = GAP + place * wide
            middle = left + (wide - GAP) / 2
            folder = "/" if (PACKAGE / room).is_dir() else ".py"
            parts.append(f'<rect x="{left:.0f}" y="{top}" width="{wide - GAP:.0f}" height="{HEIGHT}" rx="6" class="room"/>')
            parts.append(f'<text x="{middle:.0f}" y="{top + 20}" font-weight="bold">{escape(room + folder)}</text>')
            parts.append(f'<text x="{middle:.0f}" y="{top + 37}" font-size="12">{escape(purpose)}</text>')
    height = len(FLOORS) * (HEIGHT + GAP) + GAP
    font = 'font-family="sans-serif" font-size="14" text-anchor="middle" fill="#334155"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {font}>'
    return "\n".join((head, STYLE, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""))


if __name__ == "__main__":
    for line in violations():
        print(line)
    (ROOT / "docs" / "floors.svg").write_text(drawing(), encoding="utf-8")
