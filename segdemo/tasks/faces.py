"""The parts of a face."""

from segdemo.languages import Words
from segdemo.tasks.pictures import ASTRONAUT, ASTRONAUT_CLOSE, ASTRONAUT_FACE, CHELSEA, HOPPER, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="faces",
    place=4,
    title=Words("Faces", "人脸"),
    sentence=Words(
        "The parts of each face: skin, hair, eyes, nose, mouth.",
        "每张脸的各个部分：皮肤、头发、眼睛、鼻子、嘴。",
    ),
    trained_on=Words(
        "studio portraits of a few dozen people (FASSEG)",
        "几十个人的影棚肖像（FASSEG）",
    ),
    classes=classes(
        ("background", "背景", (0, 0, 0)),
        ("skin", "皮肤", (210, 139, 72)),
        ("hair", "头发", (34, 108, 209)),
        ("eyes", "眼睛", (231, 255, 28)),
        ("nose", "鼻子", (6, 205, 204)),
        ("mouth", "嘴", (187, 33, 83)),
    ),
    pixels=512 * 400,
    faces_first=True,
    asked_first="hair",
    examples=(
        Example("astronaut-portrait", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins（scikit-image）"), ASTRONAUT),
        Example("hopper-face", Words("Grace Hopper, US Navy (Matplotlib)", "美国海军军官 Grace Hopper（Matplotlib）"), HOPPER),
        Example("astronaut-face", Words("Eileen Collins, nearer", "Eileen Collins，近一些"), ASTRONAUT_FACE),
        Example("astronaut-close", Words("The face alone, as in the training pictures", "只有脸，与训练图片相似"), ASTRONAUT_CLOSE),
    ),
    failures=(
        Failure("a face upside down", ASTRONAUT_FACE, "upside down"),
        Failure("a cat's face", CHELSEA),
        Failure("a flag behind the head", HOPPER),
    ),
    data="FASSEG frontal02 and multipose01 (Khan, Mauro, Leonardi 2015; Khan et al. 2017), photographs from MIT-CBCL, FEI and Pointing'04.",
    licence="For research.",
    limits="A few dozen people, in studio light: it is wrong more often for people unlike them. Not for recognising or judging anybody.",
    # Very few people: everything that a photographer may change is changed.
    recipe={
        "crop": (320, 320),
        "epochs": 60,
        "peak_rate": 8e-4,
        "augmentation": {"scale": (0.6, 1.4), "rotation": 20, "brightness": 0.25, "contrast": 0.4, "saturation": 0.5, "hue": 0.04, "blur": 0.2},
    },
)
