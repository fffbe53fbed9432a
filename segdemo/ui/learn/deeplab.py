"""DeepLab: the branches of its pyramid, on the same car near and far."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import cv2
import numpy as np

from segdemo.analysis.insides import without
from segdemo.inference.segmentation import Segmenter
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import TASKS
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph, trained
from segdemo.zoo import load

BRANCHES = {
    "1x1": "aspp_1x1_relu",
    "6": "aspp_0_rate6_pointwise_relu",
    "12": "aspp_1_rate12_pointwise_relu",
    "18": "aspp_2_rate18_pointwise_relu",
    "picture": "aspp_pool_up",
}
KEPT = {"all": tuple(BRANCHES), **{f"without {name}": tuple(set(BRANCHES) - {name}) for name in BRANCHES}, **{f"only {name}": (name,) for name in BRANCHES}}
SCALES = [1, 1.5, 2, 3, 4]
CAR = (0.66, 0.57)  # where it stands in the drawing, as shares of width and height
TASK = TASKS["street"]
WIDTH, HEIGHT = 480, 360


@cache
def _network(kept: str) -> Segmenter:
    return without(load("deeplabv3plus", "street", "keras"), [layer for name, layer in BRANCHES.items() if name not in KEPT[kept]])


def near(image: np.ndarray, scale: float, how: int) -> np.ndarray:
    """The part of a drawing (H, W, ...) around the car that is ``scale`` times smaller, enlarged to the shown size."""
    height, width = image.shape[0] / scale, image.shape[1] / scale
    left = round(min(max(CAR[0] * image.shape[1] - width / 2, 0), image.shape[1] - width))
    top = round(min(max(CAR[1] * image.shape[0] - height / 2, 0), image.shape[0] - height))
    return cv2.resize(image[top : top + round(height), left : left + round(width)], (WIDTH, HEIGHT), interpolation=how)


def make(wish: Mapping[str, object]) -> dict:
    kept, scale = one_of(wish, "kept", list(KEPT)), one_of(wish, "scale", SCALES)
    image, truth = drawn_street(4 * WIDTH, 4 * HEIGHT)
    image, truth = near(image, scale, cv2.INTER_AREA), near(truth, scale, cv2.INTER_NEAREST)
    mask = _network(kept)(image).mask
    found = Scores(confusion_matrix(truth, mask, TASK.num_classes))
    return {
        "overlay": photograph(overlay(image, mask, TASK, 0.6)),
        "miou": round(found.mean_iou, 3),
        "car": round(float(found.iou[TASK.class_names.index("car")]), 3),
        "val": figures()["branches"][kept]["miou"],
    }


def figure() -> Words:
    branches, count, apart = figures()["branches"], figures()["pictures"]["street"], trained("deeplab")
    every, one, single, wide = (branches[name]["miou"] for name in ("all", "without 1x1", "only 1x1", "only 18"))
    with_rates, without_rates = apart["rates 6, 12, 18"], apart["rates 1, 1, 1"]
    return Words(
        f"On {count} street pictures of val: mean IoU {every:.3f} with all branches, {one:.3f} without the 1 × 1, {single:.3f} "
        f"with it alone, {wide:.3f} with rate 18 alone "
        f"(python -m benchmarks.lesson). Trained apart, with rates {with_rates:.3f} and without {without_rates:.3f} "
        f"(docs/experiments.md): in pictures this small, the rates add nothing.",
        f"在 {count} 张街景验证集图片上的平均交并比：全部分支 {every:.3f}，去掉 1 × 1 后 {one:.3f}，"
        f"只留 1 × 1 {single:.3f}，只留扩张率 18 {wide:.3f}"
        f"（python -m benchmarks.lesson）。分别训练时，有扩张率 {with_rates:.3f}，没有 "
        f"{without_rates:.3f}（docs/experiments.md）：图片这样小，扩张率没有带来提高。",
    )


STEP = Step(
    name="deeplab",
    place=60,
    title=Words("DeepLab: near and far", "DeepLab：近与远"),
    question=Words(
        "DeepLab looks with several rates at once. Which of its branches does the work?",
        "DeepLab 同时用几种扩张率观察。真正起作用的是哪个分支？",
    ),
    task=Words(
        "Guess which branch finds the car. Then take each away, or keep it alone, and move the car nearer.",
        "先猜哪个分支找到了汽车。再逐个去掉或单独保留，并把汽车拉近。",
    ),
    seen=Words(
        "Take away any one branch, and the others do its work: only the 1 × 1 branch is missed a little. The papers gained "
        "with larger pictures; here, measured on val, the rates are hardly needed.",
        "去掉任何一个分支，其他都能顶替，只有 1 × 1 略有影响。论文用更大的图片得到提高；这里几乎用不着。",
    ),
    figure=figure,
    asked=Words("What does this experiment show?", "这个实验说明什么？"),
    answers=(
        Answer(
            Words("A good idea need not help on every data set: measure it", "好的想法不一定在每个数据集上都有用：要测量"),
            Words("Yes. Whoever only reads the paper would not know.", "对。只读论文是不会知道的。"),
            right=True,
        ),
        Answer(
            Words("Atrous convolution is useless", "空洞卷积没有用"),
            Words("Not in general: with larger pictures the papers measured a gain.", "并非如此：论文用更大的图片测得了提高。"),
        ),
        Answer(
            Words("The branches must all be kept, or the network breaks", "分支必须全部保留，否则网络就不工作"),
            Words("You took them away one by one, and it went on working.", "你逐个去掉了它们，网络仍在工作。"),
        ),
    ),
    words={
        "how": Words("The branch", "分支"),
        "branch": Words("Which", "哪一个"),
        "all": Words("all five", "五个都用"),
        "without": Words("without", "去掉"),
        "only": Words("only", "只留"),
        "picture": Words("whole picture", "整张图片"),
        "1x1": Words("1 × 1", "1 × 1"),
        **{rate: Words(f"rate {rate}", f"扩张率 {rate}") for rate in ("6", "12", "18")},
        "scale": Words("The car", "汽车"),
        "near": Words("{n} times as near", "拉近到 {n} 倍"),
        "mask": Words("What the network finds", "网络的结果"),
        "miou": Words("mean IoU of this picture", "这张图片的平均交并比"),
        "car": Words("IoU of its cars", "其中汽车的交并比"),
        "val": Words("mean IoU on val", "验证集平均交并比"),
    },
    data={"branches": list(BRANCHES), "scales": SCALES},
    make=make,
    papers=(("Chen et al. 2017", "https://arxiv.org/abs/1706.05587"), ("Chen et al. 2018", "https://arxiv.org/abs/1802.02611")),
)
