"""DeepLab: the rates of its pyramid, on discs small and large; and that they need not help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from segdemo.analysis.insides import without
from segdemo.data.discs import DISCS, SIDE, discs
from segdemo.inference.segmentation import Segmenter
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.ui.learn.networks import lesson_network, made
from segdemo.ui.learn.step import Answer, Step, figures, one_of, photograph, trained

NETWORK, NO_RATES = "deeplabv3-small", "deeplabv3-small-without-rates"
BRANCHES = {
    "1x1": "aspp_1x1_relu",
    **{f"{rate}": f"aspp_{i}_rate{rate}_relu" for i, rate in enumerate((4, 8, 12))},
    "picture": "aspp_pool_up",
}
KEPT = {
    "all": tuple(BRANCHES),
    "no rates": (),
    **{f"without {name}": tuple(set(BRANCHES) - {name}) for name in BRANCHES},
    **{f"only {name}": (name,) for name in BRANCHES},
}
RADII = [3, 5, 7, 9, 12, 15, 18, 21]
SEED, ZOOM = 20_004, 6  # of the drawing, a new one near the means of `figures`, and how many times as large it is shown
EACH = figures()["rates"]["of_a_radius"]  # drawings of the curve


@cache
def network(kept: str) -> Segmenter:
    """The small network with a key of `KEPT`; "no rates" is its twin, trained alike with rates 1, 1, 1."""
    if kept == "no rates":
        return lesson_network(NO_RATES)
    return without(lesson_network(NETWORK), [layer for name, layer in BRANCHES.items() if name not in KEPT[kept]])


def make(wish: Mapping[str, object]) -> dict:
    kept, radius = one_of(wish, "kept", list(KEPT)), one_of(wish, "radius", RADII)
    image, truth = discs(SEED, radius)
    mask = network(kept)(image).mask
    large, found = (np.repeat(np.repeat(each, ZOOM, axis=0), ZOOM, axis=1) for each in (image, mask))
    return {
        "image": photograph(large),
        "overlay": photograph(overlay(large, found, DISCS, 0.7)),
        "iou": round(float(Scores(confusion_matrix(truth, mask, DISCS.num_classes)).iou[1]), 3),
        "radii": figures()["rates"]["kept"][kept]["radii"],
    }


def figure() -> Words:
    rates, apart, numbers = figures()["rates"], trained("deeplab"), made()[NETWORK]["parameters"]
    with_rates, without_rates = rates["kept"]["all"]["iou"], rates["kept"]["no rates"]["iou"]
    on, off = apart["rates 6, 12, 18"], apart["rates 1, 1, 1"]
    return Words(
        f"Chosen because the rates help here: two small networks of {numbers} weights, trained alike on drawn discs. On {rates['pictures']} new drawings "
        f"the IoU of the disc is {with_rates:.3f} with the rates and {without_rates:.3f} without (python -m benchmarks.lesson). They need not help: on "
        f"street pictures of val, mean IoU is {on:.3f} with and {off:.3f} without (docs/experiments.md), for the deep network sees far anyway.",
        f"选这个例子，是因为扩张率在这里有用：两个各有 {numbers} 个权重的小网络，在绘制的圆盘上同样训练。"
        f"在 {rates['pictures']} 张新图上，圆盘的交并比有扩张率时 {with_rates:.3f}，"
        f"没有时 {without_rates:.3f}（python -m benchmarks.lesson）。"
        f"扩张率并非总有用：街景验证集的平均交并比，有 {on:.3f}，没有 {off:.3f}（docs/experiments.md），"
        "因为深的网络本来就看得远。",
    )


STEP = Step(
    name="deeplab",
    place=60,
    title=Words("DeepLab: near and far", "DeepLab：近与远"),
    question=Words("How can nine weights see far?", "九个权重怎样看得远？"),
    task=Words(
        "Make the disc larger, step by step, and switch the rates off and on. Then take each branch away, or keep it alone: which one is missed most?",
        "把圆盘一步步变大，并关掉、打开扩张率。再逐个去掉或单独保留各分支：少了哪个分支损失最大？",
    ),
    seen=Words(
        "Without rates the middle of a large disc is lost, for every filter sees only grey there. With rates as many weights reach the border, "
        "until the disc is larger than the largest rate.",
        "没有扩张率，大圆盘的中间就丢了：滤波器只看到灰色。有了它，同样多的权重够得到边缘，除非圆盘太大。",
    ),
    figure=figure,
    asked=Words("When do rates help?", "扩张率什么时候有用？"),
    answers=(
        Answer(
            Words("When what decides lies farther away than the filters see", "当起决定作用的东西在滤波器看不到的远处时"),
            Words("Yes. A deep network may see that far without them: measure it.", "对。深的网络不用扩张率也可能看得那么远：要测量。"),
            right=True,
        ),
        Answer(
            Words("Always: the papers say so", "总是有用：论文这么说"),
            Words("On our street pictures they gained nothing: see the figures.", "在我们的街景图片上没有提高：请看数字。"),
        ),
        Answer(
            Words("When things are thin", "当物体很细时"),
            Words("Thin things need fine features. Those come over the skips.", "细的物体需要精细的特征，那要靠跳跃连接。"),
        ),
    ),
    words={
        "how": Words("The pyramid", "金字塔"),
        "branch": Words("Which branch", "哪个分支"),
        "all": Words("all five branches", "五个分支"),
        "no rates": Words("rates 1, 1, 1", "扩张率 1、1、1"),
        "without": Words("without one", "去掉一个"),
        "only": Words("one alone", "只留一个"),
        "picture": Words("whole picture", "整张图片"),
        "1x1": Words("1 × 1", "1 × 1"),
        **{rate: Words(f"rate {rate}", f"扩张率 {rate}") for rate in ("4", "8", "12")},
        "radius": Words("The disc", "圆盘"),
        "near": Words("radius {n} pixels", "半径 {n} 像素"),
        "drawn": Words(f"The picture: {SIDE} × {SIDE} pixels", f"图片：{SIDE} × {SIDE} 像素"),
        "mask": Words("What the network finds", "网络的结果"),
        "iou": Words("IoU of this disc", "这个圆盘的交并比"),
        "curve": Words(f"IoU of the disc in {EACH} new drawings of each radius", f"圆盘的交并比，每种半径 {EACH} 张新图"),
    },
    data={"branches": list(BRANCHES), "radii": RADII},
    make=make,
    asks=("kept", "radius"),
    papers=(("Chen et al. 2017", "https://arxiv.org/abs/1706.05587"), ("Chen et al. 2018", "https://arxiv.org/abs/1802.02611")),
)
