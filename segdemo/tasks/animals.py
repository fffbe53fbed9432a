"""People and animals in any photograph."""

from segdemo.languages import Words
from segdemo.tasks.pictures import ASTRONAUT, CHELSEA, COFFEE, FLOWER, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="animals",
    place=2,
    title=Words("People and animals", "人与动物"),
    sentence=Words(
        "People, cats, cows, dogs, horses and sheep in any photograph.",
        "任意照片中的人、猫、牛、狗、马和羊。",
    ),
    trained_on=Words(
        "web photographs with people and animals (Pascal VOC 2012, SBD)",
        "含有人和动物的网络照片（Pascal VOC 2012、SBD）",
    ),
    classes=classes(
        ("background", "背景", (0, 0, 0)),
        ("person", "人", (60, 220, 250)),
        ("cat", "猫", (165, 19, 0)),
        ("cow", "牛", (22, 147, 109)),
        ("dog", "狗", (7, 70, 176)),
        ("horse", "马", (221, 81, 247)),
        ("sheep", "羊", (242, 248, 50)),
    ),
    pixels=336 * 252,
    asked_first="cat",
    examples=(
        Example("chelsea", Words("Chelsea the cat (scikit-image)", "小猫 Chelsea（scikit-image）"), CHELSEA),
        Example("astronaut", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins（scikit-image）"), ASTRONAUT),
        Example("coffee", Words("No animal at all (scikit-image)", "没有动物（scikit-image）"), COFFEE),
    ),
    failures=(
        Failure("a cat upside down", CHELSEA, "upside down"),
        Failure("no animal: a cup of coffee", COFFEE),
        Failure("no animal: a flower", FLOWER),
    ),
    data="Pascal VOC 2012 photographs with the masks of SBD (Hariharan et al. 2011) that show a cat, cow, dog, horse or sheep, often with people.",
    licence="The photographs are from Flickr, under Flickr's terms of use; for research.",
    limits="Any other animal is background or taken for one of these. Cows, horses and sheep are confused when far away.",
    recipe={
        "crop": (320, 320),
        "epochs": 15,
        "peak_rate": 5e-4,
        "class_weights": False,
        "augmentation": {"scale": (0.57, 1.5), "paste": 0.5},
    },
    forms={"deeplabv3plus": "deeplabv3plus-lite1"},
    borrows={
        "clothes": {"background": "background", "*": "person"},
        "scenes": {"cow": "cow", "sheep": "sheep", "cat": "cat", "dog": "dog", "face": "person", "body": "person", "*": "background"},
    },
)
