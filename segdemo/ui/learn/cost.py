"""Too little computer: width, bits and working size against time and score."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from segdemo.inference.segmentation import Segmenter, as_seen
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.suggestion import likeliest_task
from segdemo.tasks import TASKS
from segdemo.ui.learn.networks import lesson_network, made
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph
from segdemo.zoo import entries, load, suggest

TASK, MODEL = "street", "deeplabv3plus"
WIDTHS = {1.0: MODEL, 0.5: f"{MODEL}-half", 0.25: f"{MODEL}-quarter"}  # of the channels; the narrower networks know the street alone
RUNTIMES = {"litert": "32", "litert-int8": "8"}
SIZES = (0.25, 0.5, 1.0, 2.0)  # of the pixels of the task's working size
RUNS = 3  # of which the fastest counts: the server may be busy, and the answer is kept
SHOWN = 640 * 480  # pixels of a picture of the visitor's own, at most


def cheaper(task: str, width: float, runtime: str, size: float) -> Segmenter:
    """DeepLabV3+ with a share of its channels (a key of `WIDTHS`), with fewer bits, and at ``size`` times the pixels that its task is worked at."""
    trained = load(MODEL, task, runtime) if width == 1 else lesson_network(WIDTHS[width], runtime)
    smaller = dataclasses.replace(trained.task, pixels=int(trained.task.pixels * size))
    return Segmenter(trained.network, smaller, trained.model, trained.temperature, locator=trained.locator)


def make(wish: Mapping[str, object]) -> dict:
    image, truth = drawn_street()
    mask, shown = _found(wish, TASK, image)
    return {**shown, "miou": round(Scores(confusion_matrix(truth, mask, TASKS[TASK].num_classes)).mean_iou, 3)}


def own(wish: Mapping[str, object], image: np.ndarray) -> dict:
    """As `make`, by the network whose task the picture looks like; instead of the IoU, which needs a truth, in how much of it the dearest network agrees."""
    task, image = likeliest_task(suggest(image)), as_seen(image, SHOWN)
    mask, shown = _found(wish if task == TASK else {**wish, "width": 1.0}, task, image)
    same = (mask == cheaper(task, 1.0, "litert", 1.0)(image).mask).mean()
    return {**shown, "task": list(dataclasses.astuple(TASKS[task].title)), "narrow": task == TASK, "same": round(float(same), 4)}


def _found(wish: Mapping[str, object], task: str, image: np.ndarray) -> tuple[np.ndarray, dict]:
    width, runtime, size = (one_of(wish, name, choices) for name, choices in (("width", WIDTHS), ("runtime", RUNTIMES), ("size", SIZES)))
    segmenter = cheaper(task, width, runtime, size)
    found, *again = (segmenter(image) for _ in range(RUNS))
    seconds = min(each.timings["network"] for each in (found, *again))
    picture = photograph(overlay(image, found.mask, segmenter.task, 0.65))
    return found.mask, {"overlay": picture, "milliseconds": round(1000 * seconds)}


def megabytes() -> list[dict[str, float]]:
    """Of the weights, by runtime, of each width."""
    numbers = [entries()[TASK, MODEL].parameters if width == 1 else made()[name]["parameters"] for width, name in WIDTHS.items()]
    return [{runtime: round(count * int(bits) / 8e6, 1) for runtime, bits in RUNTIMES.items()} for count in numbers]


def scores() -> dict[tuple[float, str, float], float]:
    """Mean IoU on val by width, runtime and size."""
    return {(each["width"], each["runtime"], each["size"]): each["miou"] for each in figures()["costs"]}


def curves() -> list[dict[str, list[float]]]:
    """`scores` by size, by runtime, of each width."""
    return [{runtime: [scores()[width, runtime, size] for size in SIZES] for runtime in RUNTIMES} for width in WIDTHS]


def figure() -> Words:
    costs, count = scores(), figures()["pictures"][TASK]
    whole, bits, small, narrow = costs[1, "litert", 1], costs[1, "litert-int8", 1], costs[1, "litert", 0.5], costs[0.5, "litert", 1]
    return Words(
        f"DeepLabV3+ on {count} street pictures of val: mean IoU {whole:.3f} with 32 bits, {bits:.3f} with 8; with "
        f"32 bits {small:.3f} with half the pixels, {narrow:.3f} with half the channels. "
        "(python -m benchmarks.lesson)",
        f"DeepLabV3+ 在 {count} 张街景验证集图片上的平均交并比：32 位 {whole:.3f}，8 位 {bits:.3f}；32 位时，"
        f"一半像素 {small:.3f}，一半通道 {narrow:.3f}。（python -m benchmarks.lesson）",
    )


STEP = Step(
    name="cost",
    place=90,
    title=Words("Too little computer", "算力不足"),
    question=Words("What would you give up to make the network four times as fast?", "要让网络快四倍，你愿意放弃什么？"),
    task=Words(
        "First guess: fewer bits, fewer pixels or fewer channels? Then choose, and read the time and the score. Try a picture of your own, too.",
        "先猜一猜：减少位数、像素，还是通道？再分别选择，读出时间和得分。也可以换成自己的图片。",
    ),
    seen=Words(
        "With 8 bits the network needs a quarter of the memory, and its score hardly changes. Half the pixels or half the channels "
        "halve the work, and the score falls, with fewer channels more.",
        "用 8 位，内存只需四分之一，得分几乎不变。像素或通道少一半，计算量也少一半，得分下降，少通道降更多。",
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
        "width": Words("Channels of each layer", "每层的通道数"),
        "runtime": Words("Bits of a number", "每个数的位数"),
        "size": Words("Pixels that the network sees", "网络看到的像素"),
        "share": Words("{n} of the usual", "通常的 {n}"),
        "own": Words("A picture of your own", "自己的图片"),
        "back": Words("The drawn street again", "回到绘制的街景"),
        "kept": Words("It is sent to the server, which keeps nothing of it.", "图片会发送到服务器，服务器不保存。"),
        "same": Words("of the pixels are as with all bits, pixels and channels", "的像素与使用全部位数、像素和通道时相同"),
        "network": Words("The network for {task} looks at it.", "使用“{task}”的网络。"),
        "narrow": Words("Fewer channels were trained for street scenes only.", "只为街景训练了通道较少的网络。"),
        "mask": Words("What the network finds", "网络的结果"),
        "time": Words("{n} ms for this picture on this server", "本服务器处理这张图片用时 {n} 毫秒"),
        "miou": Words("mean IoU of this drawn street", "这幅绘制街景的平均交并比"),
        "curve": Words("mean IoU on street scenes of val, {bits} bits", "街景验证集平均交并比，{bits} 位"),
        "memory": Words("The weights: {n} MB", "权重：{n} MB"),
    },
    data={
        "widths": list(WIDTHS),
        "runtimes": RUNTIMES,
        "sizes": SIZES,
        "megabytes": megabytes(),
        "curves": curves(),
    },
    make=make,
    asks=("width", "runtime", "size"),
    own=own,
    terms=("quantization",),
)
