"""A task of one's own: the ``classes.json`` of a dataset folder, or of one with weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from segdemo.languages import Words
from segdemo.tasks.pictures import Example, OwnFile
from segdemo.tasks.task import IGNORE_ID, ClassInfo, Task, classes

CLASSES = "classes.json"
CLASS_LIST = '{"name": "pets", "classes": [{"name": "cat", "color": [255, 0, 0]}, ...]}'
PIXELS = range(32 * 32, 4_000_001)
MOST_BYTES = 1_000_000  # of a classes.json
LONGEST_NAME = 60
EXAMPLES = 6  # are shown
# Few pictures are the usual case, and a pass over a dozen of them would be one or two steps: steps are counted instead.
RECIPE = {"epochs": 40, "steps": 25, "head_epochs": 4}
TEXTS = ("data", "licence", "limits")  # of the model card


def task_from_folder(folder: str | Path) -> Task:
    """A task of one's own, read from ``classes.json`` in a dataset folder.

    The file holds ``{"name": "pets", "pixels": 172800, "classes": [{"name": "cat", "color": [255, 0, 0]}, ...]}``
    in id order. May be left out: ``pixels`` (the working area, default 172800), ``title`` and ``title_zh``, a class's ``name_zh``, and the
    model card's ``data``, ``licence`` and ``limits``. Pictures in ``examples/`` beside it are the task's.

    Raises:
        ValueError: if the file is missing or malformed, saying what is wrong.
    """
    path = Path(folder) / CLASSES
    task = task_from_facts(read_facts(path), path, f"the folder {Path(folder).name}", f"文件夹 {Path(folder).name}")
    return replace(task, examples=_examples(Path(folder), task.name))


def task_from_facts(data: dict, path: Path, source: str, source_zh: str) -> Task:
    """What a class list says, which was read from ``path``; ``source`` is what the task was trained on.

    Raises:
        ValueError: as `task_from_folder`.
    """
    try:
        the_classes = classes(*((c["name"], c.get("name_zh", c["name"]), tuple(c["color"])) for c in data["classes"]))
        name, pixels = data["name"], data.get("pixels", 480 * 360)
        title = Words(data.get("title", name), data.get("title_zh", data.get("title", name)))
        texts = {key: data.get(key, "") for key in TEXTS}
    except KeyError as error:
        raise ValueError(f"{path} lacks {error}. It should look like {CLASS_LIST}.") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{path} is not a class list. It should look like {CLASS_LIST}.") from error
    _check_names(path, name, title, the_classes)
    _check_classes(path, the_classes)
    if type(pixels) is not int or pixels not in PIXELS:
        raise ValueError(f'{path}: "pixels" (the working area) is {pixels!r}; it must be a whole number from {PIXELS[0]} to {PIXELS[-1]}.')
    if wrong := [key for key, text in texts.items() if not isinstance(text, str)]:
        raise ValueError(f"{path}: {wrong[0]!r} is {texts[wrong[0]]!r}; it must be a text.")
    background = the_classes[0].name == "background"
    return Task(
        name=name,
        title=title,
        sentence=Words(f"{len(the_classes)} classes.", f"{len(the_classes)} 个类别。"),
        trained_on=Words(source, source_zh),
        classes=the_classes,
        pixels=pixels,
        asked_first=the_classes[1 if background else 0].name,
        recipe=RECIPE,
        **texts,
    )


def read_facts(path: Path) -> dict:
    """A JSON object; ValueError if there is none, or too much of it."""
    if not path.is_file():
        raise ValueError(f"{path} does not exist. A dataset of your own needs it: see docs/train.md. It should look like {CLASS_LIST}.")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} has {path.stat().st_size / 1e6:.1f} MB; a class list has less than {MOST_BYTES / 1e6:.0f}.")
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:  # json's and Unicode's are ValueErrors
        raise ValueError(f"{path} is not JSON: {error}.") from error


def _check_names(path: Path, name: object, title: Words, the_classes: tuple[ClassInfo, ...]) -> None:
    for text in (name, title.en, title.zh, *(text for c in the_classes for text in (c.name, c.name_zh))):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{path} has the name {text!r}; a name is a text in quotation marks.")
        if len(text) > LONGEST_NAME or not text.isprintable():
            raise ValueError(f"{path} has the name {text[:LONGEST_NAME]!r}; a name has at most {LONGEST_NAME} characters, all of them printable.")
    if {"/", "\\"} & {*str(name)} or str(name).startswith("."):
        raise ValueError(f"{path} calls the task {name!r}; its name becomes a folder's, so it must have no slash, nor begin with a dot.")
    if name == "auto":
        raise ValueError(f"{path} calls the task 'auto', which stands for whichever task a picture suggests. Choose another name.")


def _check_classes(path: Path, the_classes: tuple[ClassInfo, ...]) -> None:
    if not 2 <= len(the_classes) < IGNORE_ID:
        raise ValueError(f"{path} lists {len(the_classes)} classes; 2 to {IGNORE_ID - 1} are possible.")
    for i, c in enumerate(the_classes):
        if c.name in [other.name for other in the_classes[:i]]:
            raise ValueError(f"{path} lists {c.name!r} twice; each class needs its own name.")
        if len(c.color) != 3 or not all(type(v) is int and 0 <= v <= 255 for v in c.color):
            raise ValueError(f"{path}: the colour of {c.name!r} is {list(c.color)}; it must be three whole numbers in 0-255.")


def _examples(folder: Path, task: str) -> tuple[Example, ...]:
    """The first pictures in ``examples/``, each called like its file."""
    files = sorted(path for path in (folder / "examples").glob("*") if path.is_file() and not path.name.startswith("."))[:EXAMPLES]
    return tuple(Example(f"{task}-{file.stem}", Words(file.stem, file.stem), OwnFile(file)) for file in files)
