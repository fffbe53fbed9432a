"""Street scenes, as a car's camera sees them."""

from segdemo.languages import Words
from segdemo.tasks.pictures import CHINA, Drawing, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="street",
    place=1,
    title=Words("Street scenes", "街景"),
    sentence=Words(
        "What a camera in a car sees: road, pavement, buildings, people and more, in eleven classes.",
        "车载摄像头看到的画面：道路、人行道、建筑、行人等，共十一类。",
    ),
    trained_on=Words(
        "dash-cam pictures from Cambridge, England (CamVid)",
        "英国剑桥的行车记录仪画面（CamVid）",
    ),
    classes=classes(
        ("sky", "天空", (141, 247, 255)),
        ("building", "建筑", (123, 51, 44)),
        ("pole", "杆状物", (255, 183, 190)),
        ("road", "道路", (84, 27, 93)),
        ("pavement", "人行道", (200, 121, 244)),
        ("tree", "树木", (115, 113, 3)),
        ("traffic sign", "交通标志", (255, 231, 0)),
        ("fence", "栅栏", (11, 142, 164)),
        ("car", "汽车", (3, 62, 253)),
        ("pedestrian", "行人", (255, 16, 102)),
        ("bicyclist", "骑车人", (242, 143, 25)),
    ),
    pixels=576 * 432,  # a fifth larger than CamVid's pictures: poles and signs are thin
    asked_first="car",
    examples=(
        Example("drawn-street-1", Words("A street, drawn by a program", "由程序绘制的街景"), Drawing("street", 0, (640, 480))),
        Example("drawn-street-2", Words("Another drawn street", "另一幅绘制的街景"), Drawing("street", 3, (640, 480))),
        Example("china", Words("Not a dash-cam picture (scikit-learn)", "不是行车记录仪画面（scikit-learn）"), CHINA),
    ),
    failures=(
        Failure("night: a tenth of the light", Drawing("street", 0, (640, 480)), "dark"),
        Failure("a camera on its side", Drawing("street", 0, (640, 480)), "turned"),
        Failure("a temple, not a street", CHINA),
    ),
    data=(
        "CamVid (Brostow, Fauqueur, Cipolla 2009), the 11-class 480x360 version and split of the SegNet authors: "
        "367 training, 101 validation and 233 test pictures."
    ),
    licence="CamVid may be used for research; ask its authors before any other use of these weights.",
    limits=(
        "Trained on daylight pictures from one camera in one English town. Poles, signs and fences are thin and often missed; "
        "a bicyclist is easily taken for a pedestrian. Snow, night, rain and other countries' streets are unknown to it. Not for any use in a vehicle."
    ),
    same_split=True,
    # A dash-cam is never upside down: no vertical flip.
    recipe={"crop": (288, 384), "epochs": 24, "peak_rate": 8e-4, "augmentation": {"scale": (0.6, 1.5), "rotation": 3, "blur": 0.1}},
)
