"""Transfer learning: how few pictures are enough, and for which start."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.request import urlopen

import cv2
import numpy as np
from PIL import Image

from segdemo.data.examples import picture_of
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui.learn.step import Answer, Step, experiments, named_classes, one_of, photograph

SHARES = ("5%", "25%", "100%")
STARTS = ("from scratch", "frozen backbone", "fine-tuned")
RUNS = {(run["line"], run["place"]): run["val_miou"] for run in experiments()["runs"] if run["plot"] == "transfer"}
MASKS = {(run["line"], run["place"]): run["mask"] for run in experiments()["runs"] if run["plot"] == "transfer"}
TASK = TASKS["animals"]
TRAIN, VAL = experiments()["pictures"]["animals"]


def make(wish: Mapping[str, object]) -> dict:
    """The mask that a real training ended with: no network runs."""
    with urlopen(MASKS[one_of(wish, "start", STARTS), one_of(wish, "share", SHARES)]) as png:
        mask = np.asarray(Image.open(png))
    image = cv2.resize(picture_of(CHELSEA), mask.shape[::-1], interpolation=cv2.INTER_AREA)
    there = [each for each in named_classes(TASK) if each["id"] and (mask == each["id"]).any()]
    return {"overlay": photograph(overlay(image, mask, TASK, 0.65)), "classes": [[*each["words"], each["color"]] for each in there]}


def figure() -> Words:
    scratch, tuned = (RUNS[start, "5%"][-1] for start in ("from scratch", "fine-tuned"))
    return Words(
        f"FCN-8s on people and animals, mean IoU on the {VAL} pictures of val after four short epochs: with 5% of the pictures "
        f"{scratch:.3f} from scratch, {tuned:.3f} "
        "fine-tuned. So short a training sees only a part of all the pictures. (docs/experiments.md)",
        f"FCN-8s 用于人与动物，短训练四轮后在 {VAL} 张验证集图片上的平均交并比：用 5% 的图片，"
        f"从零开始 {scratch:.3f}，微调 {tuned:.3f}。"
        "训练这样短，只来得及看全部图片中的一部分。（docs/experiments.md）",
    )


STEP = Step(
    name="transfer",
    place=80,
    title=Words("Transfer learning", "迁移学习"),
    question=Words("What helps more: twenty times the pictures, or a better start?", "哪一个更有用：二十倍的图片，还是更好的起点？"),
    task=Words(
        "Guess first. Then choose a start and a number of labelled pictures, or touch a point, and watch four epochs of a real training.",
        "先猜一猜。再选择起点和标注图片的数量，或点一个点，观察一次真实训练的四轮。",
    ),
    seen=Words(
        "A network that has learned edges, textures and parts on ImageNet needs few pictures of the new task. "
        "From scratch, twenty times the pictures do not help in so short a time.",
        "在 ImageNet 上学过的网络，只需少量新图片。从零开始时，短训练中二十倍的图片也无济于事。",
    ),
    figure=figure,
    asked=Words("You have 150 labelled pictures. How do you begin?", "你有 150 张标注图片，从哪里开始？"),
    answers=(
        Answer(
            Words("With a pretrained backbone, and fine-tune it", "用预训练的骨干网络，再微调"),
            Words("Yes. That is the recipe of every model on this page.", "对，本页所有模型都是这样训练的。"),
            right=True,
        ),
        Answer(
            Words("From scratch, so that nothing foreign disturbs", "从零开始，以免受到无关知识的干扰"),
            Words("150 pictures do not even teach what an edge is.", "150 张图片连“边缘是什么”都教不会。"),
        ),
        Answer(
            Words("First label 3,000 pictures", "先标注 3000 张图片"),
            Words("Look at the curves: with a good start, that gains little.", "看看曲线：起点好时，这样做收益很小。"),
        ),
    ),
    words={
        "start": Words("Start", "起点"),
        "share": Words("Labelled pictures", "标注图片"),
        "count": Words("{n} pictures", "{n} 张"),
        "from scratch": Words("from scratch", "从零开始"),
        "frozen backbone": Words("pretrained, frozen", "预训练，冻结"),
        "fine-tuned": Words("pretrained, fine-tuned", "预训练，微调"),
        "miou": Words("mean IoU after epoch {epoch}", "第 {epoch} 轮后的平均交并比"),
        "epochs": Words("Epochs 1 to 4: mean IoU on val", "第 1 至 4 轮：验证集平均交并比"),
        "points": Words("Pictures for training: mean IoU after the last epoch", "训练图片数量：最后一轮后的平均交并比"),
        "replay": Words("Train again", "重新训练"),
        "mask": Words("A picture that was not among them, after the last epoch", "最后一轮后，一张没有用于训练的图片"),
    },
    data={
        "starts": STARTS,
        "shares": SHARES,
        "counts": [round(TRAIN * int(share[:-1]) / 100) for share in SHARES],
        "runs": {start: {share: RUNS[start, share] for share in SHARES} for start in STARTS},
    },
    make=make,
    asks=("start", "share"),
    terms=("pretrained", "finetune", "epoch"),
    papers=(("Yosinski et al. 2014", "https://arxiv.org/abs/1411.1792"),),
)
