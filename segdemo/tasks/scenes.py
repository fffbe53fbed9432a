"""Everyday scenes."""

from segdemo.languages import Words
from segdemo.tasks.pictures import CHELSEA, CHINA, COFFEE, FLOWER, TOWER, Drawing, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="scenes",
    place=5,
    title=Words("Everyday scenes", "日常场景"),
    sentence=Words(
        "Outdoor photographs: buildings, grass, trees, water, animals, people. Twenty-one classes.",
        "户外照片：建筑、草地、树木、水、动物、人。共二十一类。",
    ),
    trained_on=Words(
        "357 photographs of everyday scenes (MSRC v2)",
        "357 张日常场景的照片（MSRC v2）",
    ),
    classes=classes(
        ("building", "建筑", (197, 138, 112)),
        ("grass", "草地", (46, 243, 6)),
        ("tree", "树木", (43, 113, 11)),
        ("cow", "牛", (98, 40, 1)),
        ("sheep", "羊", (255, 255, 152)),
        ("sky", "天空", (195, 250, 230)),
        ("aeroplane", "飞机", (222, 195, 226)),
        ("water", "水", (0, 116, 238)),
        ("face", "脸", (238, 197, 142)),
        ("car", "汽车", (1, 13, 255)),
        ("bicycle", "自行车", (74, 160, 157)),
        ("flower", "花", (255, 96, 160)),
        ("sign", "标牌", (219, 31, 62)),
        ("bird", "鸟", (190, 145, 255)),
        ("book", "书", (165, 46, 136)),
        ("chair", "椅子", (140, 100, 109)),
        ("road", "道路", (19, 64, 76)),
        ("cat", "猫", (82, 0, 108)),
        ("dog", "狗", (45, 0, 0)),
        ("body", "身体", (153, 169, 14)),
        ("boat", "船", (0, 7, 40)),
    ),
    pixels=384 * 256,  # a fifth larger each way than most of its pictures
    asked_first="building",
    examples=(
        Example("china-scene", Words("The Summer Palace (scikit-learn)", "颐和园（scikit-learn）"), CHINA),
        Example("tower", Words("A tower (Gradio)", "高塔（Gradio）"), TOWER),
        Example("flower", Words("A flower (scikit-learn)", "花（scikit-learn）"), FLOWER),
    ),
    failures=(
        Failure("no class of these: a cup of coffee", COFFEE),
        Failure("a cat from very near", CHELSEA),
        Failure("a drawing, not a photograph", Drawing("street", 0, (640, 480))),
    ),
    data=(
        "MSRC v2 (Shotton et al. 2006) with the cleaned masks of Malisiewicz and Efros 2007: 357 photographs for training, 54 for validation, of about "
        "320x213. Neighbouring pictures of a scene are in one split, so it is not the literature's."
    ),
    licence="For research.",
    limits=(
        "Every pixel gets one of the twenty-one classes, whatever it shows. The validation pictures hold no cat and one small boat: how well these two "
        "are found is not known. Small things are missed, and a face and a body are found only where they are large."
    ),
    recipe={"crop": (256, 320), "epochs": 40},
    borrows={"animals": {"cat": "cat", "cow": "cow", "dog": "dog", "sheep": "sheep"}},
)
