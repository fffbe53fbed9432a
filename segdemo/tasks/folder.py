"""A task of one's own: the ``classes.json`` of a dataset folder."""

from __future__ import annotations

import json
from pathlib import Path

from segdemo.languages import Words
from segdemo.tasks.task import IGNORE_ID, Task, classes

CLASS_LIST = '{"name": "pets", "classes": [{"name": "cat", "color": [255, 0, 0]}, ...]}'


def task_from_folder(folder: str | Path) -> Task:
    """A task of one's own, read from ``classes.json`` in a dataset folder.

    The file holds ``{"name": "pets", "pixels": 172800, "classes": [{"name": "cat", "color": [255, 0, 0]}, ...]}``
    in id order; ``pixels`` (the working area, default 172800) and a class's ``name_zh`` may be left out.

    Raises:
        ValueError: if the file is missing or malformed, saying what is wrong.
    """
    path = Path(folder) / "classes.json"
    if not path.is_file():
        raise ValueError(f"{path} does not exist. A dataset of your own needs it: see docs/train.md. It should look like {CLASS_LIST}.")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:  # json's and Unicode's are ValueErrors
        raise ValueError(f"{path} is not JSON: {error}.") from error
    try:
        the_classes = classes(*((c["name"], c.get("name_zh", c["name"]), tuple(c["color"])) for c in data["classes"]))
        name, pixels = data["name"], data.get("pixels", 480 * 360)
    except KeyError as error:
        raise ValueError(f"{path} lacks {error}. It should look like {CLASS_LIST}.") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{path} is not a class list. It should look like {CLASS_LIST}.") from error
    for text in (name, *(text for c in the_classes for text in (c.name, c.name_zh))):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{path} has the name {text!r}; a name is a text in quotation marks.")
    if {"/", "\\"} & {*name} or name.startswith("."):
        raise ValueError(f"{path} calls the task {name!r}; its name becomes a folder's, so it must have no slash, nor begin with a dot.")
    if not 2 <= len(the_classes) < IGNORE_ID:
        raise ValueError(f"{path} lists {len(the_classes)} classes; 2 to {IGNORE_ID - 1} are possible.")
    for i, c in enumerate(the_classes):
        if c.name in [other.name for other in the_classes[:i]]:
            raise ValueError(f"{path} lists {c.name!r} twice; each class needs its own name.")
        if len(c.color) != 3 or not all(isinstance(v, int) and 0 <= v <= 255 for v in c.color):
            raise ValueError(f"{path}: the colour of {c.name!r} is {list(c.color)}; it must be three whole numbers in 0-255.")
    if not isinstance(pixels, int) or pixels < 32 * 32:
        raise ValueError(f'{path}: "pixels" (the working area) is {pixels!r}; it must be a whole number from {32 * 32}.')
    return Task(
        name=name,
        title=Words(name, name),
        sentence=Words(f"{len(the_classes)} classes.", f"{len(the_classes)} 个类别。"),
        trained_on=Words(f"the folder {Path(folder).name}", f"文件夹 {Path(folder).name}"),
        classes=the_classes,
        pixels=pixels,
    )
