"""U-Net: its skip connections as switches, and its features as small pictures."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from segdemo.analysis.insides import coarsened, feature_maps, without
from segdemo.data.examples import picture_of
from segdemo.inference.segmentation import Segmenter, working_size
from segdemo.languages import Words
from segdemo.output.visualization import overlay, ramp_image
from segdemo.tasks import TASKS
from segdemo.tasks.pictures import RETINA_DISC
from segdemo.ui.learn.networks import lesson_network, made
from segdemo.ui.learn.step import Answer, Step, figures, one_of, photograph, trained
from segdemo.zoo import load

STRIDES = (16, 8, 4, 2)
LEVELS = {
    "2": "expanded_conv_project_BN",
    "4": "block_2_project_BN",
    "8": "block_5_project_BN",
    "16": "block_12_project_BN",
    "32": "block_16_project_BN",
}
CHANNELS = 16
SIDE = 224  # pixels of a small picture
WIDTH = 640
NEVER = "never"  # in the place of the strides that are left: trained without skips
NOTES = "notes"  # and without upsampling, as the course notes print it
BLOCK = 8  # pixels along a side of what it has one value for


def make(wish: Mapping[str, object]) -> dict:
    image, unet = picture_of(RETINA_DISC), load("unet", "vessels", "keras")
    if "level" in wish:
        maps = feature_maps(unet, image, LEVELS[one_of(wish, "level", list(LEVELS))])[..., :CHANNELS]
        return {"tiles": photograph(tiles(maps)), "rows": maps.shape[0], "columns": maps.shape[1]}
    left = one_of(wish, "left", [*figures()["skips"], NEVER, NOTES])
    if left == NOTES:
        return notes(image, unet)
    cut = [f"decoder_{stride}_concat" for stride in STRIDES if str(stride) not in left.split(",")]
    network = lesson_network("unet-without-skips") if left == NEVER else without(unet, cut)
    mask = network(image).mask
    measured = figures()["skipless"]["without"] if left == NEVER else figures()["skips"][left]
    iou = measured["iou"]["vessel"]
    return {**pictures(image, mask), "share": float((mask > 0).mean()), "iou": iou}


def pictures(image: np.ndarray, mask: np.ndarray) -> dict:
    height = WIDTH * image.shape[0] // image.shape[1]
    small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
    shown = overlay(small, cv2.resize(mask, (WIDTH, height), interpolation=cv2.INTER_NEAREST_EXACT), TASKS["vessels"], 0.8)
    return {"overlay": photograph(shown), "image": photograph(small)}


def notes(image: np.ndarray, unet: Segmenter) -> dict:
    """U-Net's own mask with as few values as the course notes' network has, and both sizes."""
    height, width = working_size(image.shape[0], image.shape[1], TASKS["vessels"].pixels)
    mask = cv2.resize(unet(image).mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    small = coarsened(mask, BLOCK, TASKS["vessels"].num_classes)
    sizes = {"rows": small.shape[0], "columns": small.shape[1], "height": height, "width": width}
    return {**pictures(image, small), **sizes, "iou": figures()["eighth"]["iou"]["vessel"]}


def tiles(maps: np.ndarray) -> np.ndarray:
    """(h, w, 16) float32 to one picture of 4x4 small square ones, each from its own low to its high values."""
    low, high = np.percentile(maps, (2, 98), axis=(0, 1))
    scaled = np.clip((maps - low) / np.maximum(high - low, 1e-9), 0, 1)
    small = [cv2.resize(scaled[..., i], (SIDE, SIDE), interpolation=cv2.INTER_NEAREST if maps.shape[0] < SIDE else cv2.INTER_AREA) for i in range(CHANNELS)]
    return np.vstack([np.hstack([ramp_image(small[4 * row + column]) for column in range(4)]) for row in range(4)])


def figure() -> Words:
    left, count, apart = figures()["skips"], figures()["pictures"]["vessels"], trained("unet")
    every, fine, deep, none = (left[name]["iou"]["vessel"] for name in ("16,8,4,2", "16,8,4", "8,4,2", ""))
    never, facts = figures()["skipless"]["without"]["iou"]["vessel"], made()["unet-without-skips"]
    with_skips, without_skips = apart["with skips"], apart["without skips"]
    return Words(
        f"A cut skip passes on only its mean over the picture. IoU of vessels on the {count} pictures of val: {every:.3f} with all skips, {fine:.3f} "
        f"without that of stride 2, {deep:.3f} without that of stride 16, on which all later layers build, {none:.3f} "
        f"without any; {never:.3f} if it is trained on without skips for {facts['steps']} steps of "
        f"{facts['views']} pictures (python -m benchmarks.lesson, python -m benchmarks.lesson_networks). It learns to do without them, but worse. Trained "
        f"alike, on street scenes, mean IoU is {without_skips:.3f} without and {with_skips:.3f} with skips (docs/experiments.md).",
        f"被切断的跳跃连接只传递它在整张图上的平均。{count} 张验证集图片上血管的交并比：保留全部 {every:.3f}，"
        f"去掉步幅 2 的 {fine:.3f}，去掉步幅 16 的（后面各层都以它为基础）{deep:.3f}，全部去掉 {none:.3f}；"
        f"去掉后再训练 {facts['steps']} 步（每步 {facts['views']} 张），为 {never:.3f}"
        f"（python -m benchmarks.lesson，python -m benchmarks.lesson_networks）。网络学会了适应，但效果较差。在街景上同样训练时，"
        f"不用跳跃连接的平均交并比为 {without_skips:.3f}，使用时为 {with_skips:.3f}（docs/experiments.md）。",
    )


STEP = Step(
    name="skips",
    place=50,
    title=Words("U-Net: the skip switch", "U-Net：跳跃连接开关"),
    question=Words("What does U-Net lose if its skip connections are cut?", "切断跳跃连接，U-Net 会失去什么？"),
    task=Words(
        "Switch the four skips off and on, each alone and all together, and watch the vessels. Then see a network that was trained without any. "
        "Below, look at what the encoder knows at each level.",
        "逐个或全部开关四条跳跃连接，观察血管；再看不用跳跃连接训练的网络，和编码器每层的特征图。",
    ),
    seen=Words(
        "Without skips only the deep features are left: they know what, but no longer where, and thin vessels vanish. Going "
        "down, the feature maps get coarser and say more about less.",
        "没有跳跃连接，只知道“是什么”，不知道“在哪里”，细血管消失。越往下，特征图越粗、越概括。",
    ),
    figure=figure,
    asked=Words("What travels over a skip connection?", "跳跃连接传递的是什么？"),
    answers=(
        Answer(
            Words("Features of the encoder, of the same size", "编码器中同样尺寸的特征"),
            Words("Yes. The decoder joins them to its own: concatenation.", "对。解码器把它们与自己的特征拼接起来。"),
            right=True,
        ),
        Answer(
            Words(
                "The photograph itself",
                "照片本身",
            ),
            Words(
                "It has gone through layers already: these are features.",
                "它已经过若干层处理，传递的是特征。",
            ),
        ),
        Answer(
            Words("The finished mask", "完成的分割结果"),
            Words("There is no mask yet; it comes after the last layer.", "这时还没有分割结果，它在最后一层之后才出现。"),
        ),
    ),
    words={
        "skips": Words("Skip connections, by stride", "跳跃连接（按步幅）"),
        "all": Words("All", "全部"),
        "none": Words("None", "全不要"),
        "never": Words("Trained without", "不带跳跃连接训练"),
        "notes": Words("The course notes’ U-Net", "课程讲义中的 U-Net"),
        "coarse": Words("The mask of the real U-Net, with as few values", "真正 U-Net 的结果，只保留同样少的数值"),
        "sizes": Words(
            "The course notes print a U-Net without skips and without upsampling. Its output has {columns} × {rows} values, the labelled mask "
            "{width} × {height} pixels: the loss cannot compare them, so it cannot be trained. Even without a single error, so few values "
            "reach an IoU of vessels of {iou} on val.",
            "课程讲义中的 U-Net 没有跳跃连接，也没有上采样：输出只有 {columns} × {rows} 个数值，"
            "标注却有 {width} × {height} 个像素，损失函数无法比较二者，因此无法训练。"
            "即使每个数值都正确，验证集上血管的交并比也只有 {iou}。",
        ),
        "stride": Words("stride {n}", "步幅 {n}"),
        "mask": Words("What U-Net calls vessel", "U-Net 判为血管的像素"),
        "picture": Words("The photograph", "照片"),
        "share": Words("{share} of the pixels are vessel", "{share} 的像素判为血管"),
        "val": Words("IoU of vessels on val: {iou}", "验证集上血管的交并比：{iou}"),
        "level": Words("Features of the encoder at stride", "编码器特征所在的步幅"),
        "channel": Words("Channel {n}", "通道 {n}"),
        "map": Words("{columns} × {rows} values; yellow is large", "{columns} × {rows} 个数值；黄色表示数值大"),
    },
    data={"strides": STRIDES, "levels": list(LEVELS), "channels": CHANNELS},
    make=make,
    asks=("left", "level"),
    terms=("skip",),
    papers=(("Ronneberger, Fischer, Brox 2015", "https://arxiv.org/abs/1505.04597"),),
)
