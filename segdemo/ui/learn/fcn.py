"""FCN: any size, and what strides cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from segdemo.analysis.insides import feature_maps
from segdemo.inference.segmentation import Segmenter
from segdemo.languages import Words
from segdemo.output.visualization import colorize, overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import TASKS
from segdemo.ui.learn.networks import lesson_network, made
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph, trained
from segdemo.zoo import load

VARIANTS = {"32s": "score_fr", "16s": "fuse_16", "8s": "fuse_8"}  # the layers that give the scores
SIZES = [160, 240, 320, 400, 480, 560, 640]  # widths; heights are three quarters
TASK = TASKS["street"]


def _network(variant: str) -> Segmenter:
    return load("fcn8s", "street", "keras") if variant == "8s" else lesson_network(f"fcn{variant}")


def make(wish: Mapping[str, object]) -> dict:
    variant, width = one_of(wish, "variant", list(VARIANTS)), one_of(wish, "width", SIZES)
    image, truth = drawn_street()
    size = (width, width * 3 // 4)
    image, truth = cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.resize(truth, size, interpolation=cv2.INTER_NEAREST_EXACT)
    network = _network(variant)
    seen = Segmenter(network.network, replace(TASK, pixels=width * size[1]), "fcn8s", network.temperature)
    found = seen(image)
    scores = feature_maps(network, image, VARIANTS[variant], width * size[1])
    measured = Scores(confusion_matrix(truth, found.mask, TASK.num_classes))
    return {
        "overlay": photograph(overlay(image, found.mask, TASK, 0.6)),
        "scores": photograph_exact(colorize(scores.argmax(axis=2).astype(np.uint8), TASK)),
        "rows": scores.shape[0],
        "columns": scores.shape[1],
        "height": size[1],
        "miou": round(measured.mean_iou, 3),
        "pole": round(float(measured.iou[TASK.class_names.index("pole")]), 3),
    }


def photograph_exact(image: np.ndarray) -> str:
    """As `photograph`, each pixel of its own colour: enlarged so that JPEG cannot mix them."""
    return photograph(cv2.resize(image, None, fx=16, fy=16, interpolation=cv2.INTER_NEAREST))


def figure() -> Words:
    found, count, alike, facts = figures()["apart"], figures()["pictures"]["street"], trained("fcn"), made()["fcn32s"]
    all_three = ", ".join(f"{found[name]['miou']:.3f}" for name in VARIANTS)
    poles = ", ".join(f"{found[name]['iou']['pole']:.3f}" for name in VARIANTS)
    alone = ", ".join(f"{alike[f'FCN-{name}']:.3f}" for name in VARIANTS)
    return Words(
        f"32s and 16s are the published FCN-8s without its finer scores, trained on for {facts['steps']} steps of {facts['views']} pictures "
        f"(python -m benchmarks.lesson_networks). On {count} street pictures of val, 32s, 16s and 8s have a mean IoU of {all_three}, and on poles "
        f"{poles} (python -m benchmarks.lesson). All three trained alike from ImageNet, for a short time: {alone} (docs/experiments.md).",
        f"32s 与 16s 由发布的 FCN-8s 去掉较细的得分后继续训练而成：{facts['steps']} 步，每步 {facts['views']} 张"
        f"（python -m benchmarks.lesson_networks）。在 {count} 张街景验证集图片上，"
        f"32s、16s、8s 的平均交并比为 {all_three}，杆子为 {poles}"
        f"（python -m benchmarks.lesson）。三者都从 ImageNet 起短时间训练时为 {alone}（docs/experiments.md）。",
    )


STEP = Step(
    name="fcn",
    place=40,
    title=Words("FCN: any size", "FCN：任意尺寸"),
    question=Words(
        "Why can one network take a picture of any size, and why do the poles vanish?",
        "为什么同一个网络能处理任意尺寸的图片？杆子为什么会消失？",
    ),
    task=Words(
        "Pull the size of the picture and watch the map of scores follow. Then switch from 32s to 16s to 8s and look for the poles.",
        "拖动滑块改变图片尺寸，观察得分图如何随之变化。再从 32s 切换到 16s、8s，找一找杆子。",
    ),
    seen=Words(
        "Convolutions give one score a place, however many places there are. At stride 32 a pole is thinner than one score; "
        "the finer scores of strides 16 and 8 let thin things and edges return.",
        "每个位置一个得分，位置多少都行。步幅 32 时杆子比一格还细；步幅 16 和 8 的得分找回细小物体。",
    ),
    figure=figure,
    asked=Words("A picture of 640 × 480 goes through FCN-32s. How large is its map of scores?", "640 × 480 的图片经过 FCN-32s，得分图有多大？"),
    answers=(
        Answer(Words("20 × 15", "20 × 15"), Words("Yes: 640 / 32 and 480 / 32.", "对：640 / 32 与 480 / 32。"), right=True),
        Answer(
            Words("640 × 480", "640 × 480"),
            Words(
                "That is the size after upsampling; before, there is one score for 32 pixels.",
                "那是上采样之后的尺寸；之前每 32 个像素才有一个得分。",
            ),
        ),
        Answer(Words("80 × 60", "80 × 60"), Words("So large is the map of FCN-8s.", "这是 FCN-8s 的得分图大小。")),
    ),
    words={
        "width": Words("Width of the picture", "图片宽度"),
        "size": Words("{width} × {height} pixels", "{width} × {height} 像素"),
        "variant": Words("Finest scores", "最细的得分"),
        "scores": Words(
            "The scores: {columns} × {rows} places, the best class of each",
            "得分图：{columns} × {rows} 个位置，各显示得分最高的类别",
        ),
        "mask": Words("Upsampled to the picture", "上采样到原图尺寸"),
        "miou": Words("mean IoU of this drawn street", "这幅绘制街景的平均交并比"),
        "pole": Words("of its poles", "其中杆子的交并比"),
    },
    data={"sizes": SIZES, "variants": list(VARIANTS)},
    make=make,
    asks=("variant", "width"),
    terms=("stride", "sampling", "logits", "softmax"),
    papers=(("Long, Shelhamer, Darrell 2015", "https://arxiv.org/abs/1411.4038"),),
)
