"""What is asked? Regions or names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segdemo.analysis.regions import METHODS, find_regions, mean_colors, outlines, vote
from segdemo.data.examples import picture_of
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui.learn.step import Answer, Step, one_of, photograph
from segdemo.zoo import load

COUNTS = [5, 10, 20, 40, 80, 160, 320]
SHOWN = ("regions", "vote")
TASK = TASKS["animals"]


def make(wish: Mapping[str, object]) -> dict:
    method, count, shown = one_of(wish, "method", list(METHODS)), one_of(wish, "count", COUNTS), one_of(wish, "shown", SHOWN)
    image = picture_of(CHELSEA)
    found = load("deeplabv3plus", "animals")(image)
    regions = find_regions(image, method, count)
    if shown == "regions":
        left = mean_colors(image, regions)
        left[outlines(regions)] = 255
    else:
        left = overlay(image, vote(regions, found.mask, TASK.num_classes), TASK, 0.6)
    return {
        "left": photograph(left),
        "right": photograph(overlay(image, found.mask, TASK, 0.6)),
        "found": int(regions.max()) + 1,
        "classes": [[TASK.classes[i].name, TASK.classes[i].name_zh, list(TASK.classes[i].color)] for i in np.unique(found.mask).tolist()],
    }


STEP = Step(
    name="regions",
    place=10,
    title=Words("What is asked?", "问的是什么？"),
    question=Words("Is it enough to divide a picture into regions?", "把图片划分成区域就够了吗？"),
    task=Words(
        "Change how many regions there are, and how they are found. Then pull the handle: on its right a network has given every pixel a name.",
        "改变区域的数量和划分方法。再拖动手柄：右侧是网络给每个像素指定的类别。",
    ),
    seen=Words(
        "Regions follow colours and edges, so one cat is many regions, and none of them is called cat. The network gives every "
        "pixel a class from a fixed list: that is semantic segmentation.",
        "区域跟随颜色和边缘，一只猫分成许多块，没有一块叫“猫”。网络给每个像素一个类别：语义分割。",
    ),
    asked=Words("Two cats touch each other. What does semantic segmentation give?", "两只猫挨在一起。语义分割给出什么？"),
    answers=(
        Answer(
            Words("One area called cat", "一块名为“猫”的区域"),
            Words("Yes. To tell them apart is instance segmentation.", "对。把它们分开是实例分割的任务。"),
            right=True,
        ),
        Answer(
            Words("Two areas, cat 1 and cat 2", "两块区域：猫 1 和猫 2"),
            Words("That is instance segmentation. A class has no numbers.", "那是实例分割；类别不编号。"),
        ),
        Answer(
            Words("Many regions without names", "许多没有名称的区域"),
            Words("That is what the left side shows: image segmentation.", "那是左侧所示的图像分割。"),
        ),
    ),
    words={
        "method": Words("Regions by", "区域划分方法"),
        "count": Words("About how many regions", "大约多少个区域"),
        "shown": Words("Left of the handle", "手柄左侧"),
        "regions": Words("regions", "区域"),
        "vote": Words("regions, named by vote", "按多数像素命名的区域"),
        "found": Words("Regions: {n}. None of these methods has learned anything.", "{n} 个区域。这些方法都没有经过学习。"),
        "handle": Words("Handle between the regions and the network", "区域与网络结果之间的手柄"),
        **{name: method.title for name, method in METHODS.items()},
    },
    data={"methods": list(METHODS), "counts": COUNTS, "shown": SHOWN},
    make=make,
    asks=("method", "count", "shown"),
    papers=tuple((method.paper, method.url) for method in METHODS.values()),
)
