"""The house keeps its order."""

import pytest

from benchmarks import floors


def test_no_import_points_up_or_sideways():
    assert floors.violations() == []


def test_every_folder_and_file_stands_on_a_floor_and_the_listing_is_short():
    rooms = {path.stem for path in floors.PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"} - {"__pycache__"}
    assert rooms - {"weights"} <= {room for floor in floors.FLOORS for room in floor}
    folders = [path for path in floors.PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"]
    files = [path for path in floors.PACKAGE.iterdir() if path.is_file()]
    assert len(folders) <= 13 and len(files) <= 10


@pytest.mark.parametrize(
    ("room", "line", "message"),
    [
        ("inference", "from segdemo.output.words import in_words", "segdemo/inference/new.py:2: inference (floor 4) imports output (floor 6)"),
        ("output", "from segdemo.data import folder", "segdemo/output/new.py:2: output (floor 6) imports data (floor 6)"),
        ("tasks", "def late():\n    from segdemo import zoo", "segdemo/tasks/new.py:3: tasks (floor 1) imports zoo (floor 6)"),
        ("analysis", "import tensorflow as tf", "segdemo/analysis/new.py:2: tensorflow is imported only in models, runtime, training"),
        ("output", "import gradio", "segdemo/output/new.py:2: gradio is imported only in ui"),
        ("cellar", "import math", "segdemo/cellar/new.py:2: cellar stands on no floor; add it to benchmarks/floors.py"),
        ("output", "from .words import in_words", "segdemo/output/new.py:2: write the whole name of '.words'"),
        ("zoo", "from segdemo.zoo.files import path", None),
        ("ui", "from segdemo.scoring import metrics", None),
    ],
)
def test_an_import_is_named_by_file_line_and_floors(tmp_path, room, line, message):
    file = tmp_path / "segdemo" / room / "new.py"
    file.parent.mkdir(parents=True)
    file.write_text(f"import math\n{line}\n")
    found = [each for each in floors.violations(tmp_path / "segdemo") if ":1:" not in each]
    assert found == ([message] if message else [])


def test_the_drawing_in_the_docs_is_the_one_that_is_checked():
    assert (floors.ROOT / "docs" / "floors.svg").read_text(encoding="utf-8") == floors.drawing(), "run: python -m benchmarks.floors"
