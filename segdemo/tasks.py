"""The tasks: what each set of weights was trained to see, in which colours, and how large to run.

Class ids are positions in ``Task.classes``; 255 marks pixels that are ignored in training and scoring. The colours were searched
for: any two classes of a task stay at least 14 CIEDE2000 apart, and 25 in normal vision, when seen with protanopia, deuteranopia or
tritanopia as Machado, Oliveira and Fernandes (2009) simulate them. `tests/test_tasks.py` measures it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

IGNORE_ID = 255


@dataclass(frozen=True)
class Words:
    """One text in the page's two languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class ClassInfo:
    """One class: its name in English and Chinese and its colour, (R, G, B) in 0-255."""

    name: str
    name_zh: str
    color: tuple[int, int, int]


@dataclass(frozen=True)
class Task:
    """A segmentation task.

    Attributes:
        name: The id used in commands and file names.
        title, sentence, trained_on: What the page says about it.
        classes: The classes in id order.
        pixels: The working area in pixels. A picture is scaled, keeping its shape, to about this many before
            the network runs, in training as in use. Found on val.
        countable: Whether touching regions of class 1 are told apart and counted one by one. The network then
            has three outputs, background, rim and core of an object; see `segdemo.instances`.
    """

    name: str
    title: Words
    sentence: Words
    trained_on: Words
    classes: tuple[ClassInfo, ...]
    pixels: int
    countable: bool = False

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    @property
    def num_outputs(self) -> int:
        """Channels of the logits: one a class; of a binary task, one (the foreground), or three if it is countable."""
        if self.num_classes == 2:
            return 3 if self.countable else 1
        return self.num_classes

    @property
    def background_id(self) -> int | None:
        """The id of the class called "background", if there is one: whatever is none of the others."""
        return next((i for i, c in enumerate(self.classes) if c.name == "background"), None)

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.classes)

    @property
    def palette(self) -> np.ndarray:
        """(num_classes, 3) uint8, RGB."""
        return np.array([c.color for c in self.classes], np.uint8)


def _classes(*rows: tuple[str, str, tuple[int, int, int]]) -> tuple[ClassInfo, ...]:
    return tuple(ClassInfo(*row) for row in rows)


STREET = Task(
    name="street",
    title=Words("Street scenes", "街景"),
    sentence=Words(
        "What a car sees: road, pavement, buildings, people. Eleven classes.",
        "汽车眼中的世界：道路、人行道、建筑、行人。共十一类。",
    ),
    trained_on=Words(
        "dash-cam pictures from Cambridge, England (CamVid)",
        "英国剑桥的行车记录仪画面（CamVid）",
    ),
    classes=_classes(
        ("sky", "天空", (181, 215, 255)),
        ("building", "建筑", (123, 51, 44)),
        ("pole", "杆", (188, 187, 166)),
        ("road", "道路", (88, 39, 105)),
        ("pavement", "人行道", (203, 122, 240)),
        ("tree", "树木", (88, 122, 3)),
        ("sign symbol", "标志", (255, 231, 0)),
        ("fence", "栅栏", (21, 153, 144)),
        ("car", "汽车", (21, 101, 186)),
        ("pedestrian", "行人", (255, 16, 102)),
        ("bicyclist", "骑车人", (234, 146, 5)),
    ),
    pixels=576 * 432,  # a fifth larger than CamVid's pictures: poles and signs are thin
)

ANIMALS = Task(
    name="animals",
    title=Words("People and animals", "人与动物"),
    sentence=Words(
        "People, cats, cows, dogs, horses and sheep in any photograph.",
        "任意照片中的人、猫、牛、狗、马和羊。",
    ),
    trained_on=Words(
        "web photographs with people and animals (Pascal VOC 2012, SBD)",
        "含有人和动物的网络照片（Pascal VOC 2012、SBD）",
    ),
    classes=_classes(
        ("background", "背景", (0, 0, 0)),
        ("person", "人", (255, 193, 181)),
        ("cat", "猫", (165, 19, 0)),
        ("cow", "牛", (22, 147, 109)),
        ("dog", "狗", (7, 70, 176)),
        ("horse", "马", (221, 81, 247)),
        ("sheep", "羊", (242, 248, 50)),
    ),
    pixels=336 * 252,
)

NUCLEI = Task(
    name="nuclei",
    title=Words("Cell nuclei", "细胞核"),
    sentence=Words(
        "Cell nuclei under the microscope, to be measured and counted.",
        "显微镜下的细胞核，可测量、可计数。",
    ),
    trained_on=Words(
        "microscope pictures of stained cells (Data Science Bowl 2018)",
        "染色细胞的显微图像（Data Science Bowl 2018）",
    ),
    classes=_classes(("background", "背景", (0, 0, 0)), ("nucleus", "细胞核", (86, 180, 233))),
    # Most pictures are 256x256 with nuclei of 13 pixels, little more than the coarsest finest stride: enlarged, all models see them.
    pixels=448 * 448,
    countable=True,
)

FACES = Task(
    name="faces",
    title=Words("Faces", "人脸"),
    sentence=Words(
        "The parts of one face: skin, hair, eyes, nose, mouth.",
        "一张脸的各个部分：皮肤、头发、眼睛、鼻子、嘴。",
    ),
    trained_on=Words(
        "studio portraits of a few dozen people (FASSEG)",
        "几十个人的影棚肖像（FASSEG）",
    ),
    classes=_classes(
        ("background", "背景", (0, 0, 0)),
        ("skin", "皮肤", (210, 139, 72)),
        ("hair", "头发", (34, 108, 209)),
        ("eyes", "眼睛", (231, 255, 28)),
        ("nose", "鼻子", (6, 205, 204)),
        ("mouth", "嘴", (187, 33, 83)),
    ),
    pixels=512 * 400,
)

TASKS: dict[str, Task] = {task.name: task for task in (STREET, ANIMALS, NUCLEI, FACES)}


def get_task(name: str) -> Task:
    """The task called ``name``.

    Raises:
        ValueError: if there is none; the message lists the known ones.
    """
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. Choose one of: {', '.join(TASKS)}.")
    return TASKS[name]


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
        raise ValueError(f"{path} does not exist. A dataset of your own needs it: see 'Train on your own folder' in README.md.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # json's and Unicode's are ValueErrors
        raise ValueError(f"{path} is not JSON: {error}.") from error
    try:
        classes = _classes(*((c["name"], c.get("name_zh", c["name"]), tuple(c["color"])) for c in data["classes"]))
        name, pixels = data["name"], data.get("pixels", 480 * 360)
    except KeyError as error:
        raise ValueError(f"{path} lacks {error}. It should look like {CLASS_LIST}.") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{path} is not a class list. It should look like {CLASS_LIST}.") from error
    for text in (name, *(text for c in classes for text in (c.name, c.name_zh))):
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{path} has the name {text!r}; a name is a text in quotation marks.")
    if {"/", "\\"} & {*name} or name.startswith("."):
        raise ValueError(f"{path} calls the task {name!r}; its name becomes a folder's, so it must have no slash, nor begin with a dot.")
    if not 2 <= len(classes) < IGNORE_ID:
        raise ValueError(f"{path} lists {len(classes)} classes; 2 to {IGNORE_ID - 1} are possible.")
    for i, c in enumerate(classes):
        if c.name in [other.name for other in classes[:i]]:
            raise ValueError(f"{path} lists {c.name!r} twice; each class needs its own name.")
        if len(c.color) != 3 or not all(isinstance(v, int) and 0 <= v <= 255 for v in c.color):
            raise ValueError(f"{path}: the colour of {c.name!r} is {list(c.color)}; it must be three whole numbers in 0-255.")
    if not isinstance(pixels, int) or pixels < 32 * 32:
        raise ValueError(f'{path}: "pixels" (the working area) is {pixels!r}; it must be a whole number from {32 * 32}.')
    return Task(
        name=name,
        title=Words(name, name),
        sentence=Words(f"{len(classes)} classes.", f"{len(classes)} 个类别。"),
        trained_on=Words(f"the folder {Path(folder).name}", f"文件夹 {Path(folder).name}"),
        classes=classes,
        pixels=pixels,
    )
