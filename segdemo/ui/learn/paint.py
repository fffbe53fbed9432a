"""Be the network: a picture with a known truth, painted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import cv2
import numpy as np

from segdemo.data.scenes import cells, street
from segdemo.languages import Words
from segdemo.tasks import TASKS
from segdemo.ui.learn.step import Answer, Step, ids, named_classes, one_of, photograph
from segdemo.zoo import load

PICTURES = {
    "cells": (partial(cells, 2, 320), "nuclei", "unet", 0),
    "street": (partial(street, 0, 640, 480), "street", "deeplabv3plus", 255),
}
WIDTH = 320  # pixels that are painted in a row


def make(wish: Mapping[str, object]) -> dict:
    draw, task, model, unpainted = PICTURES[one_of(wish, "picture", list(PICTURES))]
    image, truth = draw()
    truth = np.minimum(truth, TASKS[task].num_classes - 1).astype(np.uint8)  # cells are numbered
    found = load(model, task)(image).mask
    size = (WIDTH, WIDTH * image.shape[0] // image.shape[1])
    small = [ids(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST_EXACT)) for mask in (truth, found)]
    return {"image": photograph(image), "truth": small[0], "found": small[1], "classes": named_classes(TASKS[task]), "unpainted": unpainted}


STEP = Step(
    name="paint",
    place=20,
    title=Words("Be the network", "扮演网络"),
    question=Words("Could you do the work of the network in 60 seconds?", "60 秒内，你能完成网络的工作吗？"),
    task=Words(
        "Choose a class and paint every pixel that belongs to it. The clock starts with your first stroke; then the network shows what it found.",
        "选择一个类别，把属于它的像素全部涂上。第一笔落下时开始计时；时间到后，显示网络的结果。",
    ),
    seen=Words(
        "Pixel accuracy rises at once if one paints the large things, and hardly sees the small ones. Mean IoU counts every "
        "class alike, so forgotten poles and cells cost as much as the road.",
        "涂好大块区域，像素准确率就升高，小物体几乎不算。平均交并比对每个类别一视同仁。",
    ),
    asked=Words(
        "A picture is 95% background. Somebody calls every pixel background. What are the scores?",
        "一张图片的 95% 是背景。有人把所有像素都判为背景，得分如何？",
    ),
    answers=(
        Answer(
            Words("Pixel accuracy 95%, mean IoU about 48%", "像素准确率 95%，平均交并比约 48%"),
            Words(
                "Yes. IoU of the background is 95%, that of the object 0: their mean is 47.5%.",
                "对。背景的交并比是 95%，物体是 0，平均为 47.5%。",
            ),
            right=True,
        ),
        Answer(
            Words("Both are 95%", "两者都是 95%"),
            Words(
                "IoU of the forgotten class is 0, and it counts as much as the other.",
                "被遗漏的类别交并比为 0，而它与另一类同样重要。",
            ),
        ),
        Answer(
            Words("Both are 0%", "两者都是 0"),
            Words("95 of 100 pixels are right, so pixel accuracy cannot be 0.", "100 个像素中有 95 个正确，像素准确率不会是 0。"),
        ),
    ),
    words={
        "picture": Words("Picture", "图片"),
        "cells": Words("Cells", "细胞"),
        "street": Words("Street", "街景"),
        "brush": Words("Brush", "画笔"),
        "pixels": Words("{n} pixels", "{n} 像素"),
        "class": Words("Paint", "涂成"),
        "left": Words("{n} seconds left", "剩余 {n} 秒"),
        "ready": Words("The clock waits for your first stroke.", "落下第一笔时开始计时。"),
        "over": Words("Time is up. The same score for both:", "时间到。双方用同一种评分："),
        "done": Words("I am done", "完成"),
        "again": Words("Again", "重来"),
        "you": Words("You", "你"),
        "network": Words("Network", "网络"),
        "miou": Words("mean IoU", "平均交并比"),
        "accuracy": Words("pixel accuracy", "像素准确率"),
        "truth": Words("The truth", "真实标注"),
        "of": Words("IoU", "交并比"),
        "canvas": Words(
            "The picture to be painted. Arrow keys move the brush, Space lowers and lifts it.",
            "待涂的图片。方向键移动画笔，空格键落笔或抬笔。",
        ),
    },
    make=make,
    asks=("picture",),
    terms=("iou",),
)
