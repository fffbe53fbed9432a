"""The About tab: what belongs to no step of the lesson, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from segdemo.languages import Words
from segdemo.tasks import TASKS
from segdemo.ui.parts.charts import chart
from segdemo.ui.parts.templating import render
from segdemo.zoo import WEIGHTS

DOCS = WEIGHTS.parent / "docs"


class Lesson(NamedTuple):
    """A heading, its paragraphs, and perhaps a plot in `DOCS` that a command of ours made, with its caption, and more.

    Attributes:
        view: an address of this page (see `link`) that shows it at work, with ``invitation`` to go there.
        papers: (authors and year, address) of those who found it.
        code: for bash.
    """

    heading: Words
    paragraphs: tuple[Words, ...]
    plot: str = ""
    caption: Words = Words("", "")
    view: str = ""
    invitation: Words | None = None
    papers: tuple[tuple[str, str], ...] = ()
    code: str = ""


CURL = """\
page=http://localhost:7860
curl -sSf -F image=@photo.jpg -F answer=mask "$page/segment" -o mask.png
curl -sSf -F image=@photo.jpg -F answer=overlay "$page/segment" -o overlay.jpg
curl -sSf -F image=@photo.jpg "$page/segment"
"""

LESSON = [
    Lesson(
        Words("What happens to your pictures", "你的图片会怎样"),
        (
            Words(
                "They are sent to this server, processed there, deleted within two hours, and never passed on. The page loads nothing from any other server. "
                "The place and time in a photo’s EXIF data are removed when the photo is read, and no file that you download contains them. "
                "The lesson keeps your place and your answers in this tab of your browser, until you close it.",
                "图片会上传到本服务器处理，两小时内删除，不会发往别处；页面也不从任何其他服务器加载内容。"
                "照片 EXIF 数据中的地点和时间在读取时即被丢弃，下载的文件中都不含这些信息。"
                "课程的进度和答案只保存在浏览器的这个标签页中，关闭即清除。",
            ),
        ),
    ),
    Lesson(
        Words("How sure is sure?", "有多确定才算确定？"),
        (
            Words(
                "The confidence says how sure the model is, not whether it is right. It is calibrated: it is right on average, for "
                "pictures like those in the training. "
                "If a model is unusually unsure about a picture, the page shows a warning. If a picture makes the model sure but wrong, there is no warning. "
                "Never use the result where a mistake could harm someone.",
                "置信度表示模型有多确定，而不是它是否正确。置信度经过校准："
                "只在与训练图片相似的图片上，平均而言才准确。"
                "如果模型对一张图片异常不确定，页面会给出警告；如果模型很确定却错了，则没有警告。"
                "凡是出错可能伤害他人的场合，请勿使用。",
            ),
        ),
        plot="evaluation.svg",
        caption=Words(
            "The DeepLabV3+ street model on its validation set. Left: the confusion matrix, with a row for each true class. "
            "Right: for each confidence, the share of pixels that are right; on the dashed line, the confidence is exactly right.",
            "街景 DeepLabV3+ 在验证集上。左：混淆矩阵，每行一个真实类别。右：各置信度下预测正确的比例。",
        ),
        view="tab=explain&question=evidence&task=faces&class=3&example=astronaut-face",
        invitation=Words("Why are these pixels eyes?", "为什么这些像素是眼睛？"),
        papers=(
            ("Guo et al. 2017, calibration", "https://arxiv.org/abs/1706.04599"),
            ("Vinogradova et al. 2020, Seg-Grad-CAM", "https://arxiv.org/abs/2002.11434"),
        ),
    ),
    Lesson(
        Words("What the models cost", "模型的开销"),
        (
            Words(
                "These networks were chosen because they run without a graphics card. A trained network can also be pruned: U-Net and "
                "DeepLabV3+ were first trained "
                "with more channels; then the least important ones were removed, and the others adjusted to do their work.",
                "选用这些网络，是因为它们无需显卡也能运行。训练好的网络还可以剪枝："
                "U-Net 和 DeepLabV3+ 先用更多的通道训练，再去掉最不重要的通道，并调整其余通道来弥补。",
            ),
        ),
        plot="accuracy_time.svg",
        caption=Words(
            "Every model with every runtime: mIoU on the validation set, and the time for one picture on two processor cores.",
            "每个模型、每种推理引擎：验证集上的平均交并比（mIoU），以及在两个处理器核心上处理一张图片的时间。",
        ),
        papers=(
            ("Sandler et al. 2018, MobileNetV2", "https://arxiv.org/abs/1801.04381"),
            ("Tan, Le 2019, EfficientNet", "https://arxiv.org/abs/1905.11946"),
            ("He et al. 2017, channel pruning", "https://arxiv.org/abs/1707.06168"),
        ),
    ),
    Lesson(
        Words("Where the weights come from", "权重的来源"),
        tuple(Words(f"{task.title.en}: {task.trained_on.en}.", f"{task.title.zh}：{task.trained_on.zh}。") for task in TASKS.values()),
    ),
    Lesson(
        Words("From a program", "在程序中使用"),
        (
            Words(
                "With curl in bash, a mask, an overlay, and the statistics as JSON. The first line is the address of this page. "
                "“Use via API” at the foot of the page describes everything else; its curl examples do not work in bash.",
                "在 bash 中用 curl 可获得掩码、叠加图和 JSON 格式的统计，第一行是本页面的地址。"
                "其他接口见页面底部的“通过 API 使用”，但那里的 curl 示例在 bash 中无法运行。",
            ),
        ),
        code=CURL,
    ),
]


def about_html() -> Markup:
    return render("about", lessons=LESSON, plot=_plot)


def _plot(lesson: Lesson) -> Markup | None:
    file = DOCS / lesson.plot
    return chart(file.read_text(encoding="utf-8")) if lesson.plot and file.is_file() else None
