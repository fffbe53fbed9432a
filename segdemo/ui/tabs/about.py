"""The lesson on the About tab, in both languages."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

from segdemo.languages import Words
from segdemo.ui.parts.charts import chart
from segdemo.ui.parts.diagrams import atrous, iou, kinds, u_net
from segdemo.ui.text import LANGUAGES, both, spans

DOCS = Path(__file__).resolve().parents[3] / "docs"


class Lesson(NamedTuple):
    """A heading, its paragraphs, and perhaps a plot in `DOCS` that a command of ours made, with its caption, and more.

    Attributes:
        diagram: SVG, drawn by `diagrams`; the paragraphs say what it shows.
        view: an address of this page (see `link`) that shows it at work, with ``invitation`` to go there.
        papers: (authors and year, address) of those who found it.
    """

    heading: Words
    paragraphs: tuple[Words, ...]
    diagram: str = ""
    plot: str = ""
    caption: Words | None = None
    view: str = ""
    invitation: Words | None = None
    papers: tuple[tuple[str, str], ...] = ()


LESSON = [
    Lesson(
        Words("What is image segmentation, and what is semantic segmentation?", "什么是图像分割？什么是语义分割？"),
        (
            Words(
                "Image segmentation cuts a picture into regions that belong together: by colour, by texture, by an edge between them (1). The regions have no names.",
                "图像分割把图片切成内部相似的区域：按颜色、按纹理、按边界（1）。这些区域没有名字。",
            ),
            Words(
                "Semantic segmentation gives every pixel a class from a fixed list: this is road, that is a tree (2). Two cars that touch become one area called “car”; "
                "telling them apart would be instance segmentation (3). The colours are only labels, chosen so that colour-blind eyes can tell them apart too; "
                "“Patterns” on a result does without them.",
                "语义分割从固定的清单里给每个像素一个类别：这是道路，那是树（2）。相邻的两辆车会连成一块“汽车”；把它们分开是实例分割的事（3）。"
                "颜色只是标签，选色时检查过，色盲的眼睛也能区分；结果中的“图案”则完全不靠颜色。",
            ),
        ),
        diagram=kinds(),
        view="tab=explain&question=regions&task=animals&example=chelsea",
        invitation=Words("See regions beside classes", "看看区域与类别"),
    ),
    Lesson(
        Words("Transfer learning: why a few hundred pictures are enough", "迁移学习：为什么几百张图片就够"),
        (
            Words(
                "Someone has to colour every pixel of a training picture by hand, so there are never many. The backbone of all three models here, MobileNetV2, was therefore "
                "first trained to name the pictures of ImageNet, over a million of them. It has learned edges, textures and parts of things; all but its first layers, and the part that draws the map, "
                "are then trained further on the few labelled pictures of the task (fine-tuning). For cells, which look like nothing in ImageNet, the first layers are trained, too.",
                "训练图片的每个像素都要人工标注，所以数量总是不多。这里三个模型的骨干网络 MobileNetV2 先在一百多万张 ImageNet 图片上学习分类，"
                "学会了边缘、纹理和物体的局部；然后用本任务少量的标注图片继续训练除最前几层以外的各层和输出分割图的部分（微调）。细胞与 ImageNet 里的图片毫不相似，所以最前几层也一起训练。",
            ),
        ),
        plot="transfer.svg",
        caption=Words(
            "The same FCN-8s on people and animals, the same short budget, three starts, and a twentieth, a quarter, and all of the training pictures. The start decides; more pictures help "
            "a little. Of all the pictures, so short a training sees only a part, so the last step adds nothing here: more data needs more computing, too.",
            "同一个 FCN-8s 用于人与动物，同样短的训练，三种起点；训练图片分别为二十分之一、四分之一和全部。起决定作用的是起点；图片多些略有帮助。训练这样短，全部图片只来得及看一部分，所以最后一步没有带来提高：数据更多，计算也要更多。",
        ),
        papers=(("Sandler et al. 2018, MobileNetV2", "https://arxiv.org/abs/1801.04381"),),
    ),
    Lesson(
        Words("FCN: why it takes a picture of any size", "FCN：为什么任意尺寸的图片都可以"),
        (
            Words(
                "A classifier such as VGG, which the paper started from, ends in fully connected layers, and these have one weight for every place: they fix the size. Written as convolutions, the same weights slide over "
                "the picture, and the classifier gives scores for every place it can stop at. (MobileNetV2 averages over all places instead; FCN leaves that out, for the same end.) That map is 32 times smaller than the picture, so FCN-8s adds scores from two finer layers "
                "(strides 16 and 8) before it enlarges the rest of the way.",
                "论文所用的 VGG 这样的分类网络以全连接层结尾，每个位置都有自己的权重，所以尺寸是固定的。把它写成卷积，同样的权重就能在图片上滑动，在每个停留处打分。"
                "（MobileNetV2 则是对所有位置取平均；FCN 去掉这一步，效果相同。）"
                "得到的图缩小了 32 倍，所以 FCN-8s 先加上两层更细的分数（步幅 16 和 8），再放大到原尺寸。",
            ),
        ),
        plot="fcn.svg",
        caption=Words(
            "Scores from stride 32 alone, with those of 16, and with those of 16 and 8: means of three short trainings of one budget.",
            "只用步幅 32 的分数、加上 16、再加上 8：三次同样预算的短训练的平均。",
        ),
        view="tab=segment&task=street&model=fcn8s&example=drawn-street-1",
        invitation=Words("FCN-8s at work", "看 FCN-8s 的结果"),
        papers=(("Long, Shelhamer, Darrell 2015", "https://arxiv.org/abs/1411.4038"),),
    ),
    Lesson(
        Words("U-Net: why it has skips", "U-Net：为什么要跳跃连接"),
        (
            Words(
                "While an encoder halves the picture again and again, it learns what is there and forgets exactly where. A decoder alone can only guess the borders. "
                "U-Net hands the decoder the encoder's features of each size, side by side with its own (a concatenation): the deep ones say what, the skipped ones say where. Unlike in the paper, every size of the decoder here gives scores of its own, and these are summed: "
                "so the deep layers learn several times faster than if only the last one gave any.",
                "编码器一次次把图片减半，知道了“是什么”，却忘了“究竟在哪”。单靠解码器只能猜边界。U-Net 把编码器每个尺寸的特征直接交给解码器，与它自己的特征拼接："
                "深层特征说明是什么，跳过来的特征说明在哪里。与论文不同，这里解码器的每个尺寸都给出自己的分数，再相加：这样深层学得比只有最后一层打分时快好几倍。",
            ),
        ),
        diagram=u_net(),
        plot="unet.svg",
        caption=Words(
            "The same U-Net with its skips and without: means of three short trainings of one budget.",
            "同一个 U-Net，有与没有跳跃连接：三次同样预算的短训练的平均。",
        ),
        view="tab=segment&task=nuclei&model=unet&example=drawn-cells-1",
        invitation=Words("U-Net at work", "看 U-Net 的结果"),
        papers=(("Ronneberger, Fischer, Brox 2015", "https://arxiv.org/abs/1505.04597"),),
    ),
    Lesson(
        Words("DeepLab: what atrous convolution buys", "DeepLab：空洞卷积带来了什么"),
        (
            Words(
                "To see far, a network usually shrinks the picture, and loses detail. An atrous (dilated) filter leaves holes between its nine weights instead: at rate 6 it looks 13 cells "
                "of the feature map across (at stride 16, some 200 pixels of the picture), with no more weights and no less resolution. DeepLab keeps the features at stride 16 and looks at them with rates 6, 12 and 18 at once, because things come in all sizes. "
                "V3+ adds a small decoder that sharpens borders.",
                "要看得远，网络通常缩小图片，因而丢失细节。空洞卷积改为在九个权重之间留孔：扩张率为 6 时可看特征图上 13 格宽（步幅 16 时约合原图 200 像素），权重不增、分辨率不减。"
                "DeepLab 让特征停在步幅 16，同时用扩张率 6、12、18 观察，因为物体有大有小。V3+ 再加一个小解码器使边界清晰。",
            ),
        ),
        diagram=atrous(),
        plot="deeplab.svg",
        caption=Words(
            "The same network with atrous rates and with none, means of three short trainings of one budget: they differ by less than two trainings of either do. In pictures this small "
            "the backbone sees far already, so nothing is bought here; the papers measured a gain with larger pictures and long trainings.",
            "同一个网络，有与没有扩张率，各为三次同样预算的短训练的平均：两者之差小于同一种的两次训练之差。图片这样小，骨干本来就看得远，所以这里没有带来提高；论文是在更大的图片和更长的训练中测到提高的。",
        ),
        view="tab=compare&task=street&example=drawn-street-1",
        invitation=Words("DeepLabV3+ beside the other two", "DeepLabV3+ 与另外两个模型并列"),
        papers=(
            ("Chen et al. 2017, DeepLab", "https://arxiv.org/abs/1606.00915"),
            ("Chen et al. 2018, DeepLabV3+", "https://arxiv.org/abs/1802.02611"),
        ),
    ),
    Lesson(
        Words("What mIoU means", "mIoU 是什么意思"),
        (
            Words(
                "For one class, IoU is the area where truth and prediction agree, over the area that either of them covers: 1 is perfect, 0 is nothing. mIoU is its mean over the classes, "
                "so a thin pole counts as much as the whole road. That is why a result can look very good and still score two thirds.",
                "对一个类别，IoU 是真值与预测重合的面积除以两者合起来覆盖的面积：1 为完全一致，0 为毫不相干。mIoU 是各类别的平均，细细的一根杆和整条道路同样重要，"
                "所以看起来很好的结果也可能只有三分之二的得分。",
            ),
        ),
        diagram=iou(),
    ),
    Lesson(
        Words("Too little data", "数据太少"),
        (
            Words(
                "The street model has seen one English town, in daylight; the face model a few dozen people in studios. In snow, at night, in another country, with another face it will be "
                "wrong. A picture that makes a model unusually unsure is marked on the page; a picture that fools it is not.",
                "街景模型只见过一座英国小城的白天，人脸模型只见过影棚里的几十个人。遇到雪天、夜晚、别的国家、别的面孔就会出错。让模型异常犹豫的图片会在页面上标出；骗过它的图片则不会。",
            ),
        ),
        view="tab=segment&task=street&example=china",
        invitation=Words("A picture that the street model does not know", "一张街景模型不认识的图片"),
    ),
    Lesson(
        Words("Too little computing power", "算力太少"),
        (
            Words(
                "These networks were chosen to run without a graphics card; far larger ones are better. How a network is computed matters, too: under “What runs it”, the same network runs "
                "three ways, and the line above each result says where the time went. Eight-bit integers take a quarter of the memory of 32-bit numbers, and change the masks a little. "
                "And a trained network can be pruned: U-Net and DeepLabV3+ were trained wider, then the channels that are missed least were left out, and the others fitted to do their part.",
                "这些网络是为没有显卡的机器选的，大得多的网络会更好。怎么计算也很重要：在“用什么来运行”里，同一个网络有三种运行方式，每个结果上方的一行写明时间花在了哪里。"
                "八位整数只占 32 位数的四分之一内存，结果会略有变化。训练好的网络还可以剪枝：U-Net 和 DeepLabV3+ 先以更宽的形式训练，再去掉最不被需要的通道，并让其余通道补上它们的作用。",
            ),
        ),
        plot="accuracy_time.svg",
        caption=Words(
            "Every model and every way of running it: score on val against the time for one picture on two processor cores.",
            "每个模型、每种运行方式：验证集得分与两个处理器核心上每张图片所需时间。",
        ),
        view="tab=segment&task=street&runtime=litert-int8&example=drawn-street-1",
        invitation=Words("The int8 network at work", "看 int8 网络的结果"),
        papers=(("He et al. 2017, channel pruning", "https://arxiv.org/abs/1707.06168"),),
    ),
    Lesson(
        Words("Decisions nobody explains", "无人解释的决定"),
        (
            Words(
                "The confidence is how sure the model is, not how right it is: it was scaled to be right on average, on pictures like those it was trained on. Entropy shows where it hesitates, Compare where "
                "other models would answer otherwise, Explain what it may have looked at. None of them proves a single pixel. Never use the result where someone could be harmed by a mistake.",
                "置信度说的是模型有多确定，而不是有多正确：它经过校准，只在与训练图片相似的图片上平均而言是对的。熵显示它在哪里犹豫，“比较”显示别的模型在哪里答案不同，“解释”显示它可能看了哪里。"
                "这些都不能证明任何一个像素。凡是出错会伤到人的地方，请勿使用。",
            ),
        ),
        plot="evaluation.svg",
        caption=Words(
            "The street’s DeepLabV3+ on its validation pictures. Left, what each true class is taken for; right, of all pixels of a confidence, the share that is right: on the dashed line, the confidence means what it says.",
            "街景 DeepLabV3+ 在验证图片上的表现。左：每个真实类别被认成了什么；右：各置信度的像素中实际正确的比例，落在虚线上即名副其实。",
        ),
        view="tab=explain&question=evidence&task=faces&class=3&example=astronaut-face",
        invitation=Words("What speaks for the eyes of a face", "凭什么是人脸上的眼睛"),
        papers=(
            ("Guo et al. 2017, calibration", "https://arxiv.org/abs/1706.04599"),
            ("Vinogradova et al. 2020, Seg-Grad-CAM", "https://arxiv.org/abs/2002.11434"),
        ),
    ),
    Lesson(
        Words("What happens to your pictures", "你的图片会怎样"),
        (
            Words(
                "They are processed on this server, deleted within two hours, and sent nowhere else; the page asks no other server for anything. Place and time in a photograph’s EXIF are dropped when it is "
                "read, and no file that comes back holds them.",
                "图片只在这台服务器上处理，两小时内删除，不会发往别处；页面也不向任何其他服务器请求任何东西。照片 EXIF 里的地点和时间在读取时即被丢弃，返回的文件中都没有它们。",
            ),
        ),
    ),
]


def about_html() -> str:
    parts = [
        f"<section><div><h2>{spans(lesson.heading)}</h2>{''.join(f'<p>{spans(p)}</p>' for p in lesson.paragraphs)}{_more(lesson)}</div>{_figures(lesson)}</section>"
        for lesson in LESSON
    ]
    return f'<div class="about">{"".join(parts)}<p>{both("credits")}</p></div>'


def _figures(lesson: Lesson) -> str:
    """What stands beside the words, or below them where the screen is narrow."""
    return f"<div>{lesson.diagram}{_plot(lesson)}</div>" if lesson.diagram or lesson.plot else ""


def _plot(lesson: Lesson) -> str:
    file = DOCS / lesson.plot
    if not lesson.plot or not file.is_file():
        return ""
    return f"<figure>{chart(file.read_text(encoding='utf-8'))}<figcaption>{spans(lesson.caption)}</figcaption></figure>"


def _more(lesson: Lesson) -> str:
    """Links: to a view, which keeps the language, and to the papers."""
    views = [
        f'<a lang="{code}" href="?{escape(lesson.view)}&amp;lang={code}">{escape(getattr(lesson.invitation, code))}</a>' for code in LANGUAGES if lesson.view
    ]
    papers = " · ".join(f'<a href="{address}" target="_blank" rel="noreferrer">{escape(title)}</a>' for title, address in lesson.papers)
    return f'<p class="more">{"".join(views)}{" · " if views and papers else ""}{papers}</p>' if views or papers else ""
