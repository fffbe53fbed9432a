"""Charts with the page's words in them, in its languages."""

from __future__ import annotations

import re

from markupsafe import Markup

from segdemo.tasks import TASKS
from segdemo.ui.parts.templating import render

WORDS_ZH = {
    "People and animals: FCN-8s, by share of the training pictures": "人与动物：FCN-8s，按训练图片所占比例",
    "Street, FCN: how far down the skips reach": "街景，FCN：跳跃连接到哪一层",
    "Street, U-Net: what the skips are worth": "街景，U-Net：跳跃连接的作用",
    "Street, DeepLabV3+: what the atrous rates are worth": "街景，DeepLabV3+：扩张率的作用",
    "from scratch": "从零开始",
    "frozen backbone": "冻结骨干网络",
    "fine-tuned": "微调",
    "without skips": "无跳跃连接",
    "with skips": "有跳跃连接",
    "rates 1, 1, 1": "扩张率 1、1、1",
    "rates 6, 12, 18": "扩张率 6、12、18",
    "training pictures": "训练图片",
    "epoch": "训练轮次",
    "mIoU on val": "验证集平均交并比",
    "milliseconds": "毫秒",
    "predicted": "预测类别",
    "true": "真实类别",
    "confidence": "置信度",
    "share that is right": "正确的比例",
    "expected calibration error": "期望校准误差",
    **{task.title.en: task.title.zh for task in TASKS.values()},
    **{info.name: info.name_zh for task in TASKS.values() for info in task.classes},
}


def chart(svg: str, kind: str = "plain") -> Markup:
    """HTML: an SVG whose words are words (`plots.save_svg`), once a language; ``kind`` is its CSS class."""
    return render("chart", kind=kind, drawn={"en": svg, "zh": in_chinese(svg)})


def in_chinese(svg: str) -> str:
    """The SVG with each of `WORDS_ZH` that is a whole text of it, or one but for a number at its end, in Chinese."""

    def word(found: re.Match) -> str:
        words, _, number = found[0].rpartition(" ")
        return WORDS_ZH.get(found[0]) or (f"{WORDS_ZH[words]} {number}" if words in WORDS_ZH else found[0])

    return re.sub(r"(?<=>)[^<>]+(?=</text>)", word, svg)
