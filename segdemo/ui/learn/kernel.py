"""What a pixel sees: a kernel on a photograph, and the receptive field layer by layer."""

from __future__ import annotations

from collections.abc import Mapping

import cv2

from segdemo.analysis.insides import influence, receptive_fields
from segdemo.data.examples import picture_of
from segdemo.languages import Words
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui.learn.step import Answer, Step, one_of, photograph
from segdemo.zoo import load

WIDTH, HEIGHT = 320, 214
GRID = 8  # places along a side that can be asked about
# MobileNetV2 (Sandler et al. 2018, table 2): the stem, then a 3x3 convolution a block; the 1x1 ones see nothing new.
STRIDES = (2, 1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)
FIELDS = receptive_fields((3, stride, 1) for stride in STRIDES)


def make(wish: Mapping[str, object]) -> dict:
    image = picture_of(CHELSEA)
    if "x" not in wish:
        return {"image": photograph(cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))}
    column, row = (one_of(wish, axis, range(GRID)) for axis in ("x", "y"))
    cat = TASKS["animals"].class_names.index("cat")
    heat = influence(load("unet", "animals", "keras"), image, cat, ((row + 0.5) / GRID, (column + 0.5) / GRID))
    small = cv2.resize(heat, (WIDTH // 4, HEIGHT // 4), interpolation=cv2.INTER_AREA)
    return {"width": WIDTH // 4, "height": HEIGHT // 4, "heat": [round(float(v), 3) for v in (small / max(small.max(), 1e-9)).ravel()]}


STEP = Step(
    name="kernel",
    place=30,
    title=Words("What a pixel sees", "一个像素能看到什么"),
    question=Words("How much of the picture does one value in a network see?", "网络中的一个数值能看到图片的多大范围？"),
    task=Words(
        "Move over the cat: nine pixels are multiplied by nine numbers and added up. Change the numbers, then the rate, which pulls the nine apart.",
        "在猫的图片上移动：九个像素分别乘以九个数再相加。先改变这些数，再改变扩张率，让九个点彼此分开。",
    ),
    seen=Words(
        "At rate 12 the same nine numbers reach 25 pixels far, but skip what lies between. Layer after layer the view grows; "
        "what truly counts is a soft spot, much smaller than the frame.",
        "扩张率 12 时，九个数跨 25 个像素，跳过中间的。视野逐层扩大；真正起作用的远小于方框。",
    ),
    asked=Words(
        "How many weights has a 3 × 3 kernel at rate 12, and how wide does it see?",
        "扩张率为 12 的 3 × 3 卷积核有多少个权重？能看多宽？",
    ),
    answers=(
        Answer(
            Words("9 weights, 25 pixels", "9 个权重，25 个像素"),
            Words("Yes: 12 pixels to each side of the middle one, and no weight more.", "对：中心两侧各 12 个像素，权重一个也不多。"),
            right=True,
        ),
        Answer(
            Words("625 weights, 25 pixels", "625 个权重，25 个像素"),
            Words("Between the nine there are gaps without weights.", "九个点之间的空隙没有权重。"),
        ),
        Answer(
            Words("9 weights, 3 pixels", "9 个权重，3 个像素"),
            Words("So it is at rate 1. At rate 12 the nine stand apart.", "那是扩张率为 1 的情形；扩张率为 12 时，九个点彼此分开。"),
        ),
    ),
    words={
        "kernel": Words("Kernel", "卷积核"),
        "edges": Words("Edges", "边缘"),
        "blur": Words("Blur", "模糊"),
        "sharpen": Words("Sharpen", "锐化"),
        "own": Words("Your own", "自定义"),
        "rate": Words("Rate", "扩张率"),
        "weight": Words("Weight {n}", "权重 {n}"),
        "sum": Words("Sum", "和"),
        "photo": Words("The photograph: arrow keys move the kernel.", "照片：方向键移动卷积核。"),
        "output": Words("The output: one sum a pixel", "输出：每个像素一个和"),
        "input": Words("The photograph in grey", "灰度照片"),
        "layer": Words("Layer of MobileNetV2", "MobileNetV2 的层"),
        "field": Words("{n}: sees {size} × {size} pixels, stride {stride}", "{n}：看到 {size} × {size} 个像素，步幅 {stride}"),
        "measured": Words("Measure it here", "在此处测量"),
        "frame": Words(
            "Frame: what the layer could see from here. Yellow: how much each pixel changes U-Net’s score for “cat” here.",
            "方框：该层从这里最多能看到的范围。黄色：每个像素对 U-Net 在此处“猫”得分的影响。",
        ),
    },
    data={"fields": FIELDS, "width": WIDTH, "height": HEIGHT, "grid": GRID, "pixels": TASKS["animals"].pixels},
    make=make,
    asks=("x", "y"),
    terms=("convolution", "field"),
    papers=(("Luo et al. 2016", "https://arxiv.org/abs/1701.04128"), ("Araujo, Norris, Sim 2019", "https://distill.pub/2019/computing-receptive-fields")),
)
