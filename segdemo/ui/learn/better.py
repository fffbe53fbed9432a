"""How does one make it better? A network, pictures, their preparation, each with its measured curve and its price."""

from __future__ import annotations

from segdemo.languages import Words
from segdemo.ui.learn.cost import SIZES, scores
from segdemo.ui.learn.step import Answer, Step, experiments, figures, trained
from segdemo.ui.learn.transfer import RUNS, SHARES, TRAIN

NETWORKS = {"FCN-32s": "FCN-32s", "FCN-16s": "FCN-16s", "FCN-8s": "FCN-8s", "with skips": "U-Net"}  # lines of docs/experiments.md, and what they are called
STREET, PEOPLE = experiments()["pictures"]["street"][1], experiments()["pictures"]["animals"][1]


def curves() -> dict[str, list[float]]:
    """Mean IoU on val along each slider; "scratch" is the curve of the pictures without a pretrained start."""
    apart, costs = trained("fcn") | trained("unet"), scores()
    return {
        "network": [round(apart[line], 3) for line in NETWORKS],
        "data": [round(RUNS["fine-tuned", share][-1], 3) for share in SHARES],
        "scratch": [round(RUNS["from scratch", share][-1], 3) for share in SHARES],
        "preparation": [round(costs[1, "litert", size], 3) for size in SIZES],
    }


def gains() -> dict[str, float]:
    """From the worst to the best of each curve, and from no pretrained start to one, with all pictures."""
    found = curves()
    spans = {name: round(max(found[name]) - min(found[name]), 3) for name in ("network", "data", "preparation")}
    return {**spans, "start": round(found["data"][-1] - found["scratch"][-1], 3)}


def pairs() -> list[dict]:
    """What the course notes end with, in one view: two against two."""
    found = curves()
    return [
        {"question": "transfer", "bars": [["scratch", found["scratch"][-1]], ["tuned", found["data"][-1]]]},
        {"question": "versus", "bars": [["fcn", found["network"][2]], ["unet", found["network"][3]]]},
    ]


def figure() -> Words:
    count = figures()["pictures"]["street"]
    return Words(
        f"Mean IoU on val. Networks: short trainings of one length on street scenes ({STREET} pictures). Pictures: FCN-8s on people and animals, equally "
        f"short ({PEOPLE} pictures; both docs/experiments.md). Preparation: DeepLabV3+ on street scenes ({count} pictures, "
        "python -m benchmarks.lesson). Different tasks, so compare the slopes, not the heights.",
        f"均为验证集上的平均交并比。网络：街景，同样长的短训练（{STREET} 张）。"
        f"图片数量：FCN-8s，人与动物，同样短（{PEOPLE} 张；"
        f"均见 docs/experiments.md）。图片预处理：DeepLabV3+，街景（{count} 张，python -m benchmarks.lesson）。任务不同，"
        "所以请比较曲线的起伏，不要比较高低。",
    )


STEP = Step(
    name="better",
    place=120,
    title=Words("Make it better", "怎样做得更好"),
    question=Words(
        "A better network, more data, better pictures: what helps most?",
        "更好的网络、更多的数据、更好的图片：哪个最有用？",
    ),
    task=Words(
        "Guess first. Then move the three sliders, and read what each step gains and what it costs.",
        "先猜一猜。再移动三个滑块，读出每一步提高多少、代价多大。",
    ),
    seen=Words(
        "A better network and the right size of the pictures gain some and cost computing; twenty times the pictures gain little here, because so short "
        "a training hardly sees them. Most was gained by what costs nothing, a pretrained start.",
        "更好的网络和合适的尺寸有帮助，但更费计算；短训练时，二十倍的图片收获很小。收获最大的是预训练。",
    ),
    figure=figure,
    asked=Words("Your network is not good enough. What do you try first?", "你的网络还不够好，先试什么？"),
    answers=(
        Answer(
            Words("A pretrained start, if it has none yet", "如果还没有，就用预训练的起点"),
            Words("Yes: nothing else gained so much for so little.", "对：别的办法都没有用这么小的代价提高这么多。"),
            right=True,
        ),
        Answer(
            Words("Label ten times the pictures", "标注十倍的图片"),
            Words("That is weeks of work. Look first at how the curve goes on.", "这要几周的工作。先看看曲线的走势。"),
        ),
        Answer(
            Words("Show it the pictures twice as large", "把图片放大一倍"),
            Words("Then things have sizes that it never learned: the curve falls.", "那样物体的尺寸与训练时不同，曲线反而下降。"),
        ),
    ),
    words={
        "guess": Words("What gained most, do you think?", "你认为哪一个提高最多？"),
        "network": Words("A better network", "更好的网络"),
        "data": Words("More pictures", "更多的图片"),
        "preparation": Words("Preparation: how large the network sees them", "预处理：网络看到的图片大小"),
        "start": Words("A pretrained start", "预训练的起点"),
        "yes": Words("Yes. From the worst to the best, in mean IoU:", "对。从最差到最好，平均交并比的提高："),
        "no": Words("No. From the worst to the best, in mean IoU:", "不对。从最差到最好，平均交并比的提高："),
        "miou": Words("mean IoU on val", "验证集平均交并比"),
        "work": Words("It costs {n} GFLOP a picture.", "代价：每张图片 {n} GFLOP。"),
        "labels": Words(
            "It costs {n} hours of labelling, at the 60 seconds a picture of step 2.",
            "代价：标注 {n} 小时（按第 2 步的每张 60 秒计）。",
        ),
        "pixels": Words("It costs {n} times the usual computing.", "代价：平时 {n} 倍的计算量。"),
        "pictures": Words("{n} pictures", "{n} 张"),
        "tuned": Words("from a pretrained start", "从预训练开始"),
        "scratch": Words("from scratch", "从零开始"),
        "transfer": Words("Transfer learning, or from scratch? FCN-8s, people and animals", "迁移学习还是从零开始？FCN-8s，人与动物"),
        "versus": Words("FCN or U-Net? Street scenes", "FCN 还是 U-Net？街景"),
        "fcn": Words("FCN-8s", "FCN-8s"),
        "unet": Words("U-Net", "U-Net"),
    },
    data={
        "networks": list(NETWORKS.values()),
        "work": [figures()["work"][line] for line in NETWORKS],
        "counts": [round(TRAIN * int(share[:-1]) / 100) for share in SHARES],
        "sizes": SIZES,
        "curves": curves(),
        "gains": gains(),
        "pairs": pairs(),
    },
    terms=("preparation",),
)
