"""Cell nuclei under the microscope, counted one by one."""

from segdemo.languages import Words
from segdemo.tasks.pictures import COINS, TISSUE, Drawing, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="nuclei",
    place=3,
    title=Words("Cell nuclei", "细胞核"),
    sentence=Words(
        "Cell nuclei under the microscope, measured and counted.",
        "显微镜下的细胞核，可测量、可计数。",
    ),
    trained_on=Words(
        "microscope pictures of stained cells (Data Science Bowl 2018)",
        "染色细胞的显微图像（Data Science Bowl 2018）",
    ),
    classes=classes(("background", "背景", (0, 0, 0)), ("nucleus", "细胞核", (86, 180, 233))),
    # Most pictures are 256x256 with nuclei of 13 pixels, little more than the coarsest finest stride: enlarged, all models see them.
    pixels=448 * 448,
    countable=True,
    asked_first="nucleus",
    examples=(
        Example("drawn-cells-1", Words("Cells, drawn by a program", "由程序绘制的细胞"), Drawing("cells", 0)),
        Example("drawn-cells-2", Words("Other drawn cells", "另一幅绘制的细胞"), Drawing("cells", 1)),
        Example("ihc", Words("Stained tissue (scikit-image)", "染色组织（scikit-image）"), TISSUE),
    ),
    failures=(
        Failure("coins are round, too", COINS),
        Failure("stained tissue", TISSUE),
        Failure("out of focus", Drawing("cells", 1), "blurred"),
    ),
    data="2018 Data Science Bowl, stage 1 (BBBC038), with corrected masks.",
    licence="CC0.",
    limits="Nuclei that touch may be counted as one. Not for diagnosis.",
    # Cells have no up: any rotation, either flip, and strong changes of colour, for stains differ. Most pictures are
    # held at nearly twice their size (`pixels`): the scales reach from less than the original to more than twice.
    recipe={
        "crop": (256, 256),
        "peak_rate": 8e-4,
        "freeze_before": "",
        "augmentation": {
            "scale": (0.45, 1.5),
            "rotation": 180,
            "flip_vertical": True,
            "brightness": 0.2,
            "contrast": 0.4,
            "saturation": 0.5,
            "hue": 0.1,
            "blur": 0.1,
        },
    },
)
