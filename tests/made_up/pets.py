"""A task that nobody knows: the test puts this file into `segdemo/tasks/` of a copy, and nothing else."""

from segdemo.languages import Words
from segdemo.tasks.pictures import CHELSEA, COFFEE, Drawing, Example, Failure
from segdemo.tasks.task import Task, classes

TASK = Task(
    name="pets",
    title=Words("Pets", "宠物"),
    sentence=Words("Whiskers and paws.", "胡须和爪子。"),
    trained_on=Words("pictures of the neighbours' pets", "邻居家宠物的照片"),
    classes=classes(("background", "背景", (0, 0, 0)), ("whiskers", "胡须", (230, 159, 0)), ("paw", "爪子", (86, 180, 233))),
    pixels=96 * 96,
    asked_first="whiskers",
    examples=(
        Example("purr", Words("A cat that purrs", "打呼噜的猫"), CHELSEA),
        Example("scratch", Words("A street", "街道"), Drawing("street", 7, (160, 120))),
    ),
    failures=(Failure("no pet at all", COFFEE), Failure("a pet in the dark", CHELSEA, "dark"), Failure("a pet upside down", CHELSEA, "upside down")),
    data="The neighbours' photographs.",
    licence="Ask the neighbours.",
    limits="It knows three pets.",
    recipe={"epochs": 7, "augmentation": {"hue": 0.3}},
)
