"""The worksheet of the lesson and its key, on two A4 pages each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segdemo.languages import Words
from segdemo.ui.learn.step import figures


@dataclass(frozen=True)
class Exercise:
    """Attributes:
    step: whose idea it practises.
    task, key: what is asked, and the answer.
    lines: how much room there is to write.
    """

    step: str
    task: Words
    key: Callable[[], Words]
    lines: int = 4


def _needed_most() -> Words:
    """From the scores on val with every choice of skips."""
    vessel = {left: found["iou"]["vessel"] for left, found in figures()["skips"].items()}
    whole = max(vessel, key=lambda left: left.count(","))
    strides = whole.split(",")
    without = {stride: vessel[",".join(other for other in strides if other != stride)] for stride in strides}
    worst = min(without, key=lambda stride: without[stride])
    values = {
        "stride": worst,
        "all": vessel[whole],
        "one": without[worst],
        "n": figures()["pictures"]["vessels"],
    }
    return Words(
        "That of stride {stride}: the IoU of vessels falls from {all:.2f} to {one:.2f} ({n} pictures of val, python -m benchmarks.lesson).".format(**values),
        "步幅 {stride}：血管的交并比从 {all:.2f} 降到 {one:.2f}（{n} 张验证集图片，python -m benchmarks.lesson）。".format(**values),
    )


EXERCISES = (
    Exercise(
        "paint",
        Words(
            "A picture has 100 squares. 20 of them are car, all others road. The network calls 20 squares car; 15 of these are right. "
            "Compute IoU of car, IoU of road, mean IoU and pixel accuracy.",
            "一张图片有 100 个方格，其中 20 格是汽车，其余是道路。网络把 20 格判为汽车，其中 15 格正确。"
            "计算汽车的交并比、道路的交并比、平均交并比和像素准确率。",
        ),
        lambda: Words(
            "15 / 25 = 0.60; 75 / 85 = 0.88; (0.60 + 0.88) / 2 = 0.74; 90 / 100 = 0.90",
            "15 / 25 = 0.60；75 / 85 = 0.88；(0.60 + 0.88) / 2 = 0.74；90 / 100 = 0.90",
        ),
    ),
    Exercise(
        "paint",
        Words(
            "The same picture, but now every square is called road. Compute the same four numbers. Which of them flatters?",
            "同一张图片，但这次所有方格都判为道路。计算同样的四个数。哪一个数显得过好？",
        ),
        lambda: Words(
            "0; 80 / 100 = 0.80; 0.40; 80 / 100 = 0.80. Pixel accuracy flatters: no car was found.",
            "0；80 / 100 = 0.80；0.40；80 / 100 = 0.80。像素准确率显得过好：一辆车也没找到。",
        ),
    ),
    Exercise(
        "kernel",
        Words(
            "Each of three rows of pixels is 10, 10, 90. Each row of the kernel is −1, 0, 1. Multiply and add up. What does this kernel find?",
            "三行像素都是 10、10、90，卷积核的每一行都是 −1、0、1。相乘再相加，得多少？这个卷积核能找到什么？",
        ),
        lambda: Words(
            "3 × (−10 + 0 + 90) = 240. Edges that go up and down, where it gets lighter to the right.",
            "3 ×（−10 + 0 + 90）= 240。竖直的边缘，即从左到右变亮的地方。",
        ),
        3,
    ),
    Exercise(
        "kernel",
        Words(
            "How many weights has a 3 × 3 kernel at rates 1, 6 and 12? How many pixels wide does it reach?",
            "扩张率为 1、6、12 的 3 × 3 卷积核各有多少个权重？各能覆盖多少个像素宽？",
        ),
        lambda: Words("9, 9 and 9 weights; 3, 13 and 25 pixels.", "权重都是 9 个；宽度为 3、13、25 个像素。"),
        3,
    ),
    Exercise(
        "fcn",
        Words(
            "A picture of 320 × 256 pixels goes through FCN-32s, 16s and 8s. How large are their maps of scores? "
            "A pole is 4 pixels wide. How wide is it on each map?",
            "320 × 256 的图片分别经过 FCN-32s、16s、8s，得分图各有多大？一根杆子宽 4 个像素，在各得分图上有多宽？",
        ),
        lambda: Words(
            "10 × 8, 20 × 16, 40 × 32; one eighth, one quarter, one half of a score.",
            "10 × 8、20 × 16、40 × 32；1/8、1/4、1/2 个得分格。",
        ),
    ),
    Exercise(
        "skips",
        Words(
            "Cut one skip connection after the other. Which one do the vessels need most? Why?",
            "逐条切断跳跃连接。血管最需要哪一条？为什么？",
        ),
        _needed_most,
    ),
    Exercise(
        "train",
        Words(
            "Draw the loss on training and on new pictures over the steps: once for 100 pictures, once for one. What is the second case called?",
            "画出训练图片和新图片上的损失随训练步数的变化：一次用 100 张图片，一次只用一张。第二种情形叫什么？",
        ),
        lambda: Words(
            "100 pictures: both fall together. One picture: the first falls, the second rises in the end. Overfitting.",
            "100 张图片：两条曲线一起下降。一张图片：前者下降，后者最终上升。这叫过拟合。",
        ),
        6,
    ),
    Exercise(
        "harm",
        Words(
            "Name a use of such masks where a wrong pixel costs nothing, and one where it may harm somebody. What would you ask before you use them there?",
            "举一个分割出错也无妨的用途，再举一个出错可能伤人的用途。在后一种场合使用之前，你会问什么？",
        ),
        lambda: Words(
            "For example the blurred background of a portrait; driving, or medicine. On which pictures was it tested, how good was it for this class, "
            "and who checks it?",
            "例如：虚化人像背景；自动驾驶或医疗。它在哪些图片上测试过？对这一类别效果如何？由谁来检查结果？",
        ),
        4,
    ),
)
