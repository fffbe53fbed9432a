"""Too little computer: bits and working size against time and score."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from segdemo.inference.segmentation import Segmenter
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import TASKS
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph
from segdemo.zoo import entries, load

TASK = TASKS["street"]
RUNTIMES = {"litert": "32", "litert-int8": "8"}
SIZES = (0.25, 0.5, 1.0, 2.0)  # of the pixels of the task's working size


def make(wish: Mapping[str, object]) -> dict:
    runtime, size = one_of(wish, "runtime", list(RUNTIMES)), one_of(wish, "size", list(SIZES))
    image, truth = drawn_street()
    trained = load("deeplabv3plus", "street", runtime)
    segmenter = Segmenter(trained.network, dataclasses.replace(TASK, pixels=int(TASK.pixels * size)), trained.model, trained.temperature)
    segmenter.load(image)
    found = segmenter(image)
    measured = Scores(confusion_matrix(truth, found.mask, TASK.num_classes))
    return {
        "overlay": photograph(overlay(image, found.mask, TASK, 0.65)),
        "milliseconds": round(1000 * found.timings["network"]),
        "miou": round(measured.mean_iou, 3),
        "val": [{"runtime": each["runtime"], "size": each["size"], "miou": each["miou"]} for each in figures()["costs"]],
    }


def figure() -> Words:
    costs, count = {(each["runtime"], each["size"]): each["miou"] for each in figures()["costs"]}, figures()["pictures"]["street"]
    whole, bits, small = costs["litert", 1.0], costs["litert-int8", 1.0], costs["litert", 0.25]
    return Words(
        f"DeepLabV3+ on {count} street pictures of val: mean IoU {whole:.3f} with 32 bits, {bits:.3f} with 8; {small:.3f} with "
        f"32 bits and a quarter of the pixels. "
        "(python -m benchmarks.lesson)",
        f"DeepLabV3+ 在 {count} 张街景验证集图片上的平均交并比：32 位 {whole:.3f}，8 位 {bits:.3f}；32 位、"
        f"四分之一像素 {small:.3f}。（python -m benchmarks.lesson）",
    )


STEP = Step(
    name="cost",
    place=90,
    title=Words("Too little computer", "算力不足"),
    question=Words("What would you give up to make the network four times as fast?", "要让网络快四倍，你愿意放弃什么？"),
    task=Words(
        "First guess: fewer bits or fewer pixels? Then choose both and read the time and the score.",
        "先猜一猜：减少位数，还是减少像素？再分别选择，读出时间和得分。",
    ),
    seen=Words(
        "With 8 bits the network needs a quarter of the memory, and its score hardly changes. With a quarter of the pixels it "
        "gets faster, too, but its score falls.",
        "用 8 位时，内存只需四分之一，得分几乎不变。像素减到四分之一同样更快，得分却下降。",
    ),
    figure=figure,
    asked=Words(
        "A phone has little memory, and the mask must stay as good as it can. What do you choose?",
        "手机内存很小，又要让分割结果尽量好。你选哪一种？",
    ),
    answers=(
        Answer(
            Words("8 bits, all pixels", "8 位，全部像素"),
            Words("Yes: the numbers get coarser, the picture does not.", "对：变粗的是数值，不是图片。"),
            right=True,
        ),
        Answer(
            Words("32 bits, a quarter of the pixels", "32 位，四分之一像素"),
            Words("The picture loses detail, and the weights take as much memory as before.", "图片丢失细节，而权重占用的内存没有变化。"),
        ),
        Answer(
            Words("Twice the pixels", "两倍的像素"),
            Words("That takes twice the time, and the network has not learned that size.", "时间加倍，而且网络没有学过这种尺寸。"),
        ),
    ),
    words={
        "runtime": Words("Bits of a number", "每个数的位数"),
        "size": Words("Pixels that the network sees", "网络看到的像素"),
        "share": Words("{n} of the usual", "通常的 {n}"),
        "mask": Words("What the network finds", "网络的结果"),
        "time": Words("{n} ms for this picture, on this server, now", "本服务器此刻处理这张图片用时 {n} 毫秒"),
        "miou": Words("mean IoU of this drawn street", "这幅绘制街景的平均交并比"),
        "curve": Words("mean IoU on val, {bits} bits", "验证集平均交并比，{bits} 位"),
        "memory": Words("The weights: {n} MB", "权重：{n} MB"),
    },
    data={
        "runtimes": RUNTIMES,
        "sizes": SIZES,
        "megabytes": {name: round(entries()["street", "deeplabv3plus"].parameters * int(bits) / 8e6, 1) for name, bits in RUNTIMES.items()},
    },
    make=make,
    terms=("quantization",),
)
