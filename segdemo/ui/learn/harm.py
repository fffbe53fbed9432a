"""Break it: harm to a picture, and the mask that follows."""

from __future__ import annotations

from collections.abc import Mapping

from segdemo.analysis.robustness import HARMS, LEVELS, LIFTS, harm, harm_mask, lifted
from segdemo.languages import Words
from segdemo.output.visualization import overlay
from segdemo.scoring.metrics import Scores, confusion_matrix
from segdemo.tasks import TASKS
from segdemo.ui.learn.step import Answer, Step, drawn_street, figures, one_of, photograph
from segdemo.zoo import load

TASK = TASKS["street"]
CAR = TASK.class_names.index("car")
PLACE = "place"  # no harm to the picture: a car where none ever is


def make(wish: Mapping[str, object]) -> dict:
    kind, level = one_of(wish, "kind", [*HARMS, PLACE]), one_of(wish, "level", range(LEVELS + 1))
    image, truth = drawn_street()
    if kind == PLACE:
        harmed, truth, _ = lifted(image, truth, CAR, level)
    else:
        harmed, truth = harm(image, kind, level), harm_mask(truth, kind, level)
    mask = load("deeplabv3plus", "street")(harmed).mask
    measured = Scores(confusion_matrix(truth, mask, TASK.num_classes))
    return {
        "image": photograph(harmed),
        "overlay": photograph(overlay(harmed, mask, TASK, 0.65)),
        "miou": round(measured.mean_iou, 3),
        "car": round(float(measured.iou[CAR]), 3),
        "val": [each["miou"] for each in figures()["harms"][kind]],
        "cars": [each["iou"].get("car", 0) for each in figures()["harms"][kind]],
    }


def figure() -> Words:
    harms, count = figures()["harms"], figures()["pictures"]["street"]
    whole, noise, haze = harms["noise"][0]["miou"], harms["noise"][2]["miou"], harms["haze"][2]["miou"]
    road, sky = (harms[PLACE][level]["found"] for level in (0, LEVELS))
    return Words(
        f"The curve: DeepLabV3+ on {count} street pictures of val, harmed in the same way. Mean IoU {whole:.3f} unharmed, "
        f"{noise:.3f} with noise of 25 grey levels, {haze:.3f} with haze of 0.5. Of the pixels of the largest car, {road:.2f} are found where it "
        f"stands; of its copy at the upper border, {sky:.2f}. (python -m benchmarks.lesson)",
        f"曲线：DeepLabV3+ 在 {count} 张受到同样损坏的街景验证集图片上的结果。未损坏时平均交并比 "
        f"{whole:.3f}，噪声为 25 个灰度级时 {noise:.3f}，雾为 0.5 时 {haze:.3f}。"
        f"最大的那辆汽车在原处时，{road:.2f} 的像素被找到；"
        f"把它复制到图片上沿后，只有 {sky:.2f}。（python -m benchmarks.lesson）",
    )


STEP = Step(
    name="harm",
    place=100,
    title=Words("Break it", "把它弄坏"),
    question=Words("What is the smallest change that makes a car vanish?", "最小的什么改动会让一辆汽车消失？"),
    task=Words(
        "Choose a harm and make it stronger step by step, until the network no longer finds the car. You will still see it. At last lift a car into the sky.",
        "选择一种损坏方式，一步步加强，直到网络找不到汽车。而你自己仍然看得见它。最后，把一辆汽车升到空中。",
    ),
    seen=Words(
        "Noise through which you still see everything breaks the network; haze, which hides far houses from you, hardly does. "
        "What it was not trained on can fail, and it does not say so.",
        "隔着噪声你仍看得清，网络却出错；雾几乎不影响它。训练中没有的都可能失败，而网络自己不说。",
    ),
    figure=figure,
    asked=Words("The network fails in noise. What helps most?", "网络在噪声中失败。什么办法最有效？"),
    answers=(
        Answer(
            Words("Noisy pictures in the training", "训练时加入有噪声的图片"),
            Words("Yes: augmentation. It learns to ignore what does not matter.", "对，这就是数据增强：网络学会忽略无关的变化。"),
            right=True,
        ),
        Answer(
            Words("Training longer on the same pictures", "用同样的图片训练更久"),
            Words(
                "It would know its clean pictures even better, and noise as little as before.",
                "它会更熟悉干净的图片，对噪声仍一无所知。",
            ),
        ),
        Answer(
            Words("Showing the result only if the confidence is high", "只在置信度高时显示结果"),
            Words(
                "Confidence was measured on clean pictures; in noise a network may be sure and wrong.",
                "置信度是在干净图片上校准的；有噪声时，网络可能很确定却是错的。",
            ),
        ),
    ),
    words={
        "kind": Words("Harm", "损坏方式"),
        "level": Words("Strength", "强度"),
        "none": Words("none", "无"),
        "picture": Words("The picture", "图片"),
        "mask": Words("What the network finds", "网络的结果"),
        "miou": Words("mean IoU", "平均交并比"),
        "car": Words("IoU of the car", "汽车的交并比"),
        "here": Words("here", "此图"),
        "val": Words("val", "验证集"),
        **{name: kind.title for name, kind in HARMS.items()},
        PLACE: Words("a car where none ever is", "汽车出现在不该出现的地方"),
    },
    data={
        "kinds": [*HARMS, PLACE],
        "strengths": {
            **{name: [f"{value:g}{kind.unit}" for value in kind.strengths] for name, kind in HARMS.items()},
            PLACE: [f"{share:.0%}" for share in LIFTS],
        },
        "levels": LEVELS,
    },
    make=make,
    asks=("kind", "level"),
    terms=("augmentation",),
)
