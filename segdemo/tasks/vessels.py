"""Blood vessels of the retina."""

from segdemo.languages import Words
from segdemo.tasks.pictures import COINS, RETINA, RETINA_DISC, TISSUE, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="vessels",
    place=7,
    title=Words("Retina vessels", "视网膜血管"),
    sentence=Words(
        "Blood vessels in a photograph of the retina: thin things, for which U-Net's skips are made.",
        "眼底照片中的血管：细小的结构，正需要 U-Net 的跳跃连接。",
    ),
    trained_on=Words(
        "sixteen photographs of the retina (DRIVE)",
        "十六张眼底照片（DRIVE）",
    ),
    classes=classes(("background", "背景", (0, 0, 0)), ("vessel", "血管", (230, 159, 0))),
    pixels=792 * 766,  # nearly twice the pixels of DRIVE's pictures: many vessels are one or two pixels wide there
    asked_first="vessel",
    examples=(
        Example("retina", Words("A retina (scikit-image)", "视网膜（scikit-image）"), RETINA),
        Example("retina-disc", Words("The same, from near", "同一张，局部放大"), RETINA_DISC),
        Example("coins-vessels", Words("Not a retina (scikit-image)", "不是视网膜（scikit-image）"), COINS),
    ),
    failures=(
        Failure("a retina in the dark", RETINA, "dark"),
        Failure("out of focus", RETINA, "blurred"),
        Failure("no retina: stained tissue", TISSUE),
    ),
    data=(
        "DRIVE (Staal et al. 2004): of its twenty training pictures of 565x584, sixteen for training and four for validation; "
        "the official test half is held out."
    ),
    licence="For research.",
    limits="Sixteen pictures from one camera, mostly of healthy eyes. The thinnest vessels are missed. Not for diagnosis.",
    # A retina has no up. Sixteen pictures would be four steps an epoch: steps are counted instead.
    recipe={
        "crop": (320, 320),
        "batch": 4,
        "epochs": 40,
        "steps": 25,
        "peak_rate": 1e-3,
        "freeze_before": "",
        "augmentation": {
            "scale": (0.7, 1.4),
            "rotation": 180,
            "flip_vertical": True,
            "brightness": 0.2,
            "contrast": 0.4,
            "saturation": 0.4,
            "hue": 0.03,
        },
    },
)
