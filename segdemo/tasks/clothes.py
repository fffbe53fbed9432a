"""What people wear."""

from segdemo.languages import Words
from segdemo.tasks.pictures import ASTRONAUT, CHELSEA, HOPPER, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="clothes",
    place=6,
    title=Words("Clothes", "服装"),
    sentence=Words(
        "What one person wears, from head to foot. Twelve classes.",
        "一个人从头到脚的穿着。共十二类。",
    ),
    trained_on=Words(
        "full-length fashion photographs (Clothing Co-Parsing)",
        "全身时尚照片（Clothing Co-Parsing）",
    ),
    classes=classes(
        ("background", "背景", (0, 0, 0)),
        ("skin", "皮肤", (211, 202, 254)),
        ("hair", "头发", (89, 7, 73)),
        ("top", "上衣", (0, 15, 255)),
        ("outerwear", "外套", (71, 95, 14)),
        ("dress", "连衣裙", (255, 64, 255)),
        ("trousers", "裤子", (103, 184, 151)),
        ("skirt", "半身裙", (160, 150, 0)),
        ("legwear", "袜子", (82, 133, 168)),
        ("shoes", "鞋", (97, 255, 0)),
        ("bag", "包", (255, 243, 178)),
        ("accessories", "配饰", (168, 90, 103)),
    ),
    pixels=352 * 528,
    asked_first="top",
    examples=(
        Example("astronaut-clothes", Words("Eileen Collins, NASA (scikit-image)", "宇航员 Eileen Collins（scikit-image）"), ASTRONAUT),
        Example("hopper", Words("Grace Hopper, US Navy (Matplotlib)", "Grace Hopper，美国海军（Matplotlib）"), HOPPER),
        Example("chelsea-clothes", Words("Not a person (scikit-image)", "不是人（scikit-image）"), CHELSEA),
    ),
    failures=(
        Failure("a person in the dark", ASTRONAUT, "dark"),
        Failure("a person upside down", HOPPER, "upside down"),
        Failure("no person: a cat", CHELSEA),
    ),
    data="Clothing Co-Parsing (Yang, Luo, Lin 2014): 1004 photographs with 59 tags, here in 12 groups; 696 for training, 92 for validation, the rest held out.",
    licence="Published by its authors under Apache 2.0.",
    limits="One young woman a picture, standing, in the fashion of 2010: other people and other clothes are taken for these. Not for judging anybody.",
    recipe={"crop": (384, 288), "epochs": 24, "augmentation": {"scale": (0.6, 1.4)}},
)
