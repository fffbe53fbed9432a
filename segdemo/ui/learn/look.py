"""No explanation: where a network looks, first guessed, then computed, then tried with a grey square."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np

from segdemo.analysis.explanation import CELLS, occlusion, seg_grad_cam
from segdemo.data.examples import picture_of
from segdemo.languages import Words
from segdemo.output.visualization import ramp_image
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import CHELSEA
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph
from segdemo.zoo import load

MODEL = "deeplabv3plus"
PICTURES: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "cat": (partial(picture_of, CHELSEA), "animals"),
    "car": (lambda: drawn_street()[0], "street"),
}
WIDTH = 480  # pixels that are shown in a row
COLUMNS = 48  # of the heat map that is sent as numbers


def make(wish: Mapping[str, object]) -> dict:
    name, part = one_of(wish, "picture", list(PICTURES)), one_of(wish, "part", ["picture", "heat", "square"])
    draw, task = PICTURES[name]
    image, class_id = draw(), TASKS[task].class_names.index(name)
    size = (WIDTH, WIDTH * image.shape[0] // image.shape[1])
    if part == "picture":
        return {"image": photograph(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), "width": size[0], "height": size[1]}
    if part == "heat":
        heat = seg_grad_cam(load(MODEL, task, "keras"), image, class_id)
        few = cv2.resize(heat, (COLUMNS, COLUMNS * size[1] // size[0]), interpolation=cv2.INTER_AREA)
        return {"map": photograph(warm(cv2.resize(image, size), cv2.resize(heat, size))), "heat": np.rint(100 * few).astype(int).tolist()}
    network = load(MODEL, task)
    found = network(image)
    return {"before": round(float(found.confidence[found.mask == class_id].mean()), 3), "drops": drops(occlusion(network, image, class_id))}


def warm(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 and (H, W) float32 in [0, 1] to the picture in grey under the colours of the heat."""
    grey = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    return np.rint(0.4 * grey + 0.6 * ramp_image(heat)).astype(np.uint8)


def drops(heat: np.ndarray) -> list[list[float]]:
    """The value of each square of `explanation.occlusion`, by row and column."""
    height, width = heat.shape
    rows, columns = (max(round(CELLS * math.sqrt(share)), 1) for share in (height / width, width / height))
    middle = [((np.arange(count) + 0.5) * side / count).astype(int) for count, side in ((rows, height), (columns, width))]
    return np.round(heat[np.ix_(*middle)], 3).tolist()


def figure() -> Words:
    looks, count = figures()["looks"], figures()["pictures"]["animals"]
    hot, cold = looks["hot"], looks["cold"]
    return Words(
        f"DeepLabV3+ on {count} pictures of val with people and animals: a grey square where Grad-CAM is hottest lowers the mean probability by "
        f"{hot:.3f}, where it is coldest by {cold:.3f}. (python -m benchmarks.lesson)",
        f"DeepLabV3+，{count} 张人与动物的验证集图片：灰色方块盖在 Grad-CAM 最热处，平均概率下降 {hot:.3f}；盖在最冷处，"
        f"下降 {cold:.3f}。（python -m benchmarks.lesson）",
    )


STEP = Step(
    name="look",
    place=95,
    title=Words("No explanation", "没有解释"),
    question=Words("What does the network look at when it says cat?", "网络说“猫”的时候，看的是哪里？"),
    task=Words(
        "Click where you think that the network looks. Then compare with Grad-CAM, and move a grey square over the picture to test it.",
        "在你认为网络所看的地方点一下。再与 Grad-CAM 比较，并移动灰色方块来检验。",
    ),
    seen=Words(
        "A heat map is a guess about the network, too: it is hot where features raised the score, not where we would look. The grey square "
        "tests it: a large cat loses little with any one part, a small car much.",
        "热力图只是猜测：热处提高了得分，未必是我们会看之处。用灰色方块检验：大猫几乎不变，小汽车下降很多。",
    ),
    figure=figure,
    asked=Words("Grad-CAM is hot on the ears of the cat. What does that prove?", "Grad-CAM 在猫的耳朵处很热。这证明了什么？"),
    answers=(
        Answer(
            Words("Features there raised the score, by this method", "按这种方法，那里的特征提高了得分"),
            Words("Yes, and no more. Another layer or method may show another place.", "对，仅此而已。换一层或换一种方法，可能是别处。"),
            right=True,
        ),
        Answer(
            Words("The network knows what an ear is", "网络知道什么是耳朵"),
            Words("It has no word for an ear: nobody has ever labelled one.", "它没有“耳朵”这个词：从来没有人标注过。"),
        ),
        Answer(
            Words("The mask is right", "分割结果是对的"),
            Words("A wrong mask has a heat map, too.", "错误的分割结果同样有热力图。"),
        ),
    ),
    words={
        "picture": Words("What is asked for", "问的是"),
        "cat": Words("cat", "猫"),
        "car": Words("car", "汽车"),
        "canvas": Words(
            "The picture. Arrow keys move the mark, Enter makes the guess; afterwards they move the grey square.",
            "图片。方向键移动标记，回车键确认猜测；之后方向键移动灰色方块。",
        ),
        "guess": Words("Where does it look? Click there.", "它看哪里？点一下。"),
        "guessed": Words("Your place is hotter than {share}% of the picture.", "你点的地方比图片中 {share}% 的区域更热。"),
        "square": Words("Now move the grey square over the picture.", "现在把灰色方块移到图片上。"),
        "computing": Words("The squares are tried one after the other …", "正在逐一尝试各个方块……"),
        "probability": Words("mean probability of this class, without the square {before}", "该类的平均概率，没有方块时为 {before}"),
        "map": Words("Grad-CAM: yellow raised the score most", "Grad-CAM：黄色处最能提高得分"),
        "own": Words("Your guess, and the grey square", "你的猜测与灰色方块"),
        "again": Words("Guess again", "重新猜"),
    },
    data={"pictures": list(PICTURES)},
    make=make,
    asks=("picture", "part"),
    terms=("interpretability",),
    papers=(
        ("Vinogradova, Dibrov, Myers 2020", "https://arxiv.org/abs/2002.11434"),
        ("Zeiler, Fergus 2014", "https://arxiv.org/abs/1311.2901"),
    ),
)
