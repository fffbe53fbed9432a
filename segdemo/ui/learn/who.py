"""Who is it for: in each use another class matters, and an error costs something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2

from segdemo.data.examples import examples
from segdemo.languages import Words
from segdemo.models import MODELS
from segdemo.output.visualization import overlay
from segdemo.tasks import TASKS
from segdemo.ui.learn.step import Answer, Step, one_of, photograph
from segdemo.zoo import Entry, entries, load

HEIGHT = 300  # of the pictures


@dataclass(frozen=True)
class Use:
    """Attributes:
    title, task, example: what it is, and which network looks at which picture.
    cost: what an error costs there.
    card: what the model's card says, the English word for word.
    """

    title: Words
    task: str
    example: str
    cost: Words
    card: Words


USES = {
    "driving": Use(
        Words("Driving", "驾驶"),
        "street",
        "drawn-street-1",
        Words(
            "A pedestrian who is missed may cost a life; a road that is a little too wide costs nothing.",
            "漏掉一个行人，可能是一条生命；道路判宽了一点，则无关紧要。",
        ),
        Words(
            "Snow, night, rain and other countries' streets are unknown to it. Not for any use in a vehicle.",
            "它没有见过雪天、夜晚、雨天和其他国家的街道。不得用于任何车辆。",
        ),
    ),
    "medicine": Use(
        Words("Medicine", "医疗"),
        "vessels",
        "retina-disc",
        Words(
            "A vessel that is missed may hide a disease; one too many costs a second look.",
            "漏掉一条血管，可能掩盖疾病；多判一条，只需再看一眼。",
        ),
        Words(
            "Sixteen pictures from one camera, mostly of healthy eyes. The thinnest vessels are missed. Not for diagnosis.",
            "只有一台相机拍摄的十六张图片，大多是健康的眼睛。最细的血管会漏掉。不得用于诊断。",
        ),
    ),
    "faces": Use(
        Words("Faces", "人脸"),
        "faces",
        "astronaut-portrait",
        Words(
            "Colour beside the lips makes people laugh. Whoever is judged by such a mask does not laugh.",
            "口红涂到嘴唇外面，只是好笑；如果据此评判一个人，就不好笑了。",
        ),
        Words(
            "A few dozen people, in studio light: it is wrong more often for people unlike them. Not for recognising or judging anybody.",
            "只见过影棚灯光下的几十个人：面对与他们不同的人，它更容易出错。不得用于识别或评判任何人。",
        ),
    ),
    "clothes": Use(
        Words("Clothes", "服装"),
        "clothes",
        "hopper",
        Words(
            "A bag that is missed costs a shop a sale, and nobody is hurt.",
            "漏掉一只包，商店少卖一件商品，没有人受到伤害。",
        ),
        Words(
            "One young woman a picture, standing, in the fashion of 2010: other people and other clothes are taken for these.",
            "每张图片都是一位站立的年轻女性，穿着 2010 年的时装：其他人和其他衣服会被当成这些。",
        ),
    ),
    "everyday": Use(
        Words("Photo album", "相册"),
        "animals",
        "chelsea",
        Words(
            "An ear that is cut off costs one more click.",
            "剪掉了一只耳朵，再点一次就好。",
        ),
        Words(
            "Any other animal is background or taken for one of these.",
            "任何其他动物都会判为背景，或当成其中的一种。",
        ),
    ),
}


def best(use: Use) -> Entry:
    """The network that the page takes for it."""
    return max((entry for entry in entries().values() if entry.task == use.task), key=lambda entry: entry.miou)


def worst(use: Use) -> str:
    """The name of the class that it finds worst on val."""
    return min((iou, name) for name, iou in best(use).iou.items() if iou is not None)[1]


def make(wish: Mapping[str, object]) -> dict:
    use = USES[one_of(wish, "use", list(USES))]
    image = next(example.image for example in examples(use.task) if example.name == use.example)
    image = cv2.resize(image, (HEIGHT * image.shape[1] // image.shape[0], HEIGHT), interpolation=cv2.INTER_AREA)
    found = load(best(use).model, use.task)(image)
    return {
        "image": photograph(found.image),
        "overlay": photograph(overlay(found.image, found.mask, found.task, 0.65)),
    }


def _told(use: Use) -> dict:
    """What the script needs."""
    entry, task = best(use), TASKS[use.task]
    rows = [[[info.name, info.name_zh], list(info.color), entry.iou[info.name]] for info in task.classes]
    texts = {name: [words.en, words.zh] for name, words in (("cost", use.cost), ("card", use.card))}
    return {
        "classes": rows,
        "worst": task.class_names.index(worst(use)),
        "count": entry.pictures,
        "model": MODELS[entry.model].title,
        **texts,
    }


def figure() -> Words:
    said = [(use, best(use), worst(use)) for use in USES.values()]
    english = [f"{use.title.en}: {entry.miou:.2f}, {name} {entry.iou[name]:.2f}" for use, entry, name in said]
    names = [{info.name: info.name_zh for info in TASKS[use.task].classes}[name] for use, _, name in said]
    chinese = [f"{use.title.zh}：{entry.miou:.2f}，{zh} {entry.iou[name]:.2f}" for (use, entry, name), zh in zip(said, names, strict=True)]
    return Words(
        f"Mean IoU on val, and IoU of the worst class. {'; '.join(english)}. (weights/manifest.json, python -m segdemo evaluate)",
        f"验证集上的平均交并比，以及最差类别的交并比。{'；'.join(chinese)}。（weights/manifest.json，python -m segdemo evaluate）",
    )


STEP = Step(
    name="who",
    place=110,
    title=Words("Who is it for?", "给谁用？"),
    question=Words("Who may rely on such a mask?", "谁可以依靠这样的分割结果？"),
    task=Words(
        "Choose a use and look at the mask. Guess which class the network finds worst, then read what an error costs there.",
        "选择一种用途，看看分割结果。先猜网络在哪个类别上表现最差，再读一读那里的错误意味着什么。",
    ),
    seen=Words(
        "In every use one class is found much worse than the mean says. What that costs does not stand in the mask: "
        "the same error is nothing in an album and much in a car.",
        "每种用途中，都有一个类别比平均值差得多。同样的错误，在相册里无所谓，在汽车里却很严重。",
    ),
    figure=figure,
    asked=Words(
        "A network has a good mean IoU. What else must you know before somebody relies on it?",
        "一个网络的平均交并比很高。在有人依靠它之前，还必须知道什么？",
    ),
    answers=(
        Answer(
            Words(
                "How well it finds the class that matters, on pictures from that place",
                "在那种场合的图片上，它对关键类别的表现",
            ),
            Words("Yes. And who looks at its errors.", "对。还要知道由谁来检查它的错误。"),
            right=True,
        ),
        Answer(
            Words("Nothing: the mean says it all", "不需要：平均值已经说明一切"),
            Words("The mean hides the worst class.", "平均值掩盖了最差的类别。"),
        ),
        Answer(
            Words("How fast it is", "它有多快"),
            Words("Speed helps nobody whom it overlooks.", "对被它漏掉的人来说，速度没有意义。"),
        ),
    ),
    words={
        "use": Words("Use", "用途"),
        **{name: use.title for name, use in USES.items()},
        "picture": Words("The picture", "图片"),
        "mask": Words("What the network finds", "网络的结果"),
        "guess": Words("Which class does it find worst on val?", "它在验证集上对哪个类别表现最差？"),
        "yes": Words("Yes: {worst}, with an IoU of {iou}.", "对：{worst}，交并比为 {iou}。"),
        "no": Words("No, it is {worst}, with an IoU of {iou}.", "不对，是{worst}，交并比为 {iou}。"),
        "val": Words("IoU on {count} pictures of val, {model}", "{count} 张验证集图片上的交并比，{model}"),
        "cost": Words("What an error costs here", "这里的错误意味着什么"),
        "card": Words("What the model’s card says", "模型卡怎么说"),
    },
    data={"uses": {name: _told(use) for name, use in USES.items()}},
    make=make,
    asks=("use",),
)
