"""The lesson on the tab Learn, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from segdemo.languages import Words
from segdemo.ui.parts.charts import chart
from segdemo.ui.parts.diagrams import atrous, iou, kinds, u_net
from segdemo.ui.parts.templating import render
from segdemo.zoo import WEIGHTS

DOCS = WEIGHTS.parent / "docs"


class Lesson(NamedTuple):
    """A heading, its paragraphs, and perhaps a plot in `DOCS` that a command of ours made, with its caption, and more.

    Attributes:
        diagram: SVG, drawn by `diagrams`; the paragraphs say what it shows.
        view: an address of this page (see `link`) that shows it at work, with ``invitation`` to go there.
        papers: (authors and year, address) of those who found it.
    """

    heading: Words
    paragraphs: tuple[Words, ...]
    diagram: Markup = Markup()
    plot: str = ""
    caption: Words = Words("", "")
    view: str = ""
    invitation: Words | None = None
    papers: tuple[tuple[str, str], ...] = ()


LESSON = [
    Lesson(
        Words("What is image segmentation, and what is semantic segmentation?", "什么是图像分割？什么是语义分割？"),
        (
            Words(
                "Image segmentation divides a picture into regions that belong together, by colour, by texture, or by the edges between them (1). The regions have no names.",
                "图像分割按颜色、纹理或边缘，把图片划分成内部相似的区域（1）。这些区域没有类别名称。",
            ),
            Words(
                "Semantic segmentation gives every pixel a class from a fixed list: this is road, that is a tree (2). Two cars that touch become one area called “car”. "
                "To separate them is the task of instance segmentation (3). The colours only stand for the classes. They were chosen so that colour-blind people can tell them apart, too. "
                "“Patterns” on a result works without colours.",
                "语义分割从固定的类别列表中给每个像素选一个类别：这是道路，那是树木（2）。相邻的两辆汽车会连成一块“汽车”区域；把它们分开是实例分割的任务（3）。"
                "颜色只代表类别，选色时已考虑色盲读者，使他们也能区分；结果中的“图案”则完全不依赖颜色。",
            ),
        ),
        diagram=kinds(),
        view="tab=explain&question=regions&task=animals&example=chelsea",
        invitation=Words("Compare regions and classes", "对比区域与类别"),
    ),
    Lesson(
        Words("Transfer learning: why a few hundred pictures are enough", "迁移学习：为什么几百张图片就够了"),
        (
            Words(
                "For training, people must label every pixel of a picture by hand, so there are never many pictures. All models here use the same backbone, MobileNetV2. It was first trained "
                "to classify the pictures of ImageNet, over a million of them, and has learned edges, textures and parts of objects. Then all but its first layers, and the part of the network "
                "that makes the class map, are trained further on the few labelled pictures of the task. This is called fine-tuning. Cells look like nothing in ImageNet, so for them the first layers are trained, too.",
                "训练图片的每个像素都要人工标注，所以训练图片总是不多。这里的模型都使用同一个骨干网络 MobileNetV2：它先在 ImageNet 的一百多万张图片上学习分类，学会了边缘、纹理和物体的局部；"
                "然后用本任务少量的标注图片，继续训练除最前几层以外的各层，以及输出分割图的部分，这叫作微调。细胞与 ImageNet 中的图片毫不相似，所以在细胞任务中最前几层也参加训练。",
            ),
        ),
        plot="transfer.svg",
        caption=Words(
            "FCN-8s on people and animals: three ways to start, and 5%, 25% and 100% of the training pictures, always with the same short training. The start matters most; more pictures help "
            "a little. Such a short training sees only a part of all the pictures, so the last step does not help here: more data needs more computing, too.",
            "FCN-8s 用于人与动物：三种起点，分别使用 5%、25% 和 100% 的训练图片，训练都同样短。起点最重要；图片多一些，略有帮助。训练这样短，只来得及看全部图片中的一部分，所以最后一步没有带来提高：数据更多，需要的计算也更多。",
        ),
        papers=(("Sandler et al. 2018, MobileNetV2", "https://arxiv.org/abs/1801.04381"),),
    ),
    Lesson(
        Words("FCN: why it takes a picture of any size", "FCN：为什么可以处理任意尺寸的图片"),
        (
            Words(
                "A classifier such as VGG, which the paper used, ends in fully connected layers. They have one weight for every place in the picture, so the size of the picture is fixed. "
                "Written as convolutions, the same weights move over a picture of any size and give scores at every place. (MobileNetV2 takes the mean over all places instead; "
                "FCN leaves this step out, with the same effect.) The score map is 32 times smaller than the picture. So FCN-8s adds the scores of two finer layers "
                "(strides 16 and 8) before the last upsampling.",
                "VGG 等分类网络（论文使用的就是 VGG）以全连接层结尾。全连接层对图片的每个位置都有单独的权重，所以输入尺寸是固定的。把它改写成卷积，同样的权重就能在任意尺寸的图片上滑动，在每个位置输出分数。"
                "（MobileNetV2 则是对所有位置取平均；FCN 去掉这一步，效果相同。）"
                "得到的分数图比原图缩小了 32 倍，所以 FCN-8s 先加上两个更细的层（步幅 16 和 8）的分数，再上采样到原尺寸。",
            ),
        ),
        plot="fcn.svg",
        caption=Words(
            "With scores of stride 32 only, with stride 16 added, and with strides 16 and 8 added. Each line is the mean of three short trainings of equal length.",
            "只用步幅 32 的分数、加上步幅 16、再加上步幅 8。每条线是三次同样长度的短训练的平均。",
        ),
        view="tab=segment&task=street&model=fcn8s&example=drawn-street-1",
        invitation=Words("See a result of FCN-8s", "查看 FCN-8s 的结果"),
        papers=(("Long, Shelhamer, Darrell 2015", "https://arxiv.org/abs/1411.4038"),),
    ),
    Lesson(
        Words("U-Net: why it has skip connections", "U-Net：为什么需要跳跃连接"),
        (
            Words(
                "An encoder downsamples the picture again and again. It learns what is there, but loses exactly where. A decoder alone can only guess the borders. "
                "So U-Net passes the encoder’s features of each size to the decoder, which joins them to its own features (concatenation): the deep features say what, the skipped features say where. "
                "Unlike in the paper, every size of the decoder here gives scores of its own, and these are added up. "
                "In this way the deep layers learn several times faster than if only the last layer gave scores.",
                "编码器一次次下采样，知道了“是什么”，却丢失了“在哪里”的精确位置。单靠解码器只能猜测边界。因此，U-Net 把编码器每个尺寸的特征传给解码器，与解码器自己的特征拼接："
                "深层特征说明是什么，跳跃连接传来的特征说明在哪里。与论文不同的是，这里解码器的每个尺寸都输出自己的分数，再相加：这样，深层比只由最后一层输出分数时学得快好几倍。",
            ),
        ),
        diagram=u_net(),
        plot="unet.svg",
        caption=Words(
            "The same U-Net with and without skip connections. Each line is the mean of three short trainings of equal length.",
            "同一个 U-Net，有与没有跳跃连接。每条线是三次同样长度的短训练的平均。",
        ),
        view="tab=segment&task=nuclei&model=unet&example=drawn-cells-1",
        invitation=Words("See a result of U-Net", "查看 U-Net 的结果"),
        papers=(("Ronneberger, Fischer, Brox 2015", "https://arxiv.org/abs/1505.04597"),),
    ),
    Lesson(
        Words("DeepLab: what atrous convolution is for", "DeepLab：空洞卷积有什么用"),
        (
            Words(
                "The part of the picture that a feature can see is its receptive field. To make it large, a network usually downsamples the picture, and loses detail. "
                "An atrous (dilated) convolution leaves gaps between the nine weights of its filter instead. At rate 6 the filter covers 13 × 13 places of the feature map "
                "(at stride 16, about 200 pixels of the picture), with no more weights and no lower resolution. DeepLab keeps the features at stride 16 and uses rates 6, 12 and 18 side by side, "
                "because objects have different sizes. DeepLabV3+ adds a small decoder that makes the borders sharper.",
                "一个特征能“看到”的图片范围叫作感受野。要扩大感受野，网络通常采用下采样，因而丢失细节。空洞卷积则在卷积核的九个权重之间留出空隙：扩张率（空洞率）为 6 时，"
                "卷积核覆盖特征图上 13 × 13 的范围（步幅 16 时约合原图 200 像素），权重不增加，分辨率也不降低。DeepLab 把特征保持在步幅 16，并列使用扩张率 6、12、18，"
                "因为物体有大有小。DeepLabV3+ 再加一个小解码器，使边界更清晰。",
            ),
        ),
        diagram=atrous(),
        plot="deeplab.svg",
        caption=Words(
            "The same network with and without atrous rates, each the mean of three short trainings of equal length. The difference is smaller than between two trainings of the same network. "
            "In pictures this small, the receptive field of the backbone is large enough, so the rates do not help here. The papers measured a gain with larger pictures and long trainings.",
            "同一个网络，有与没有扩张率，各为三次同样长度的短训练的平均。两者之差比同一种网络的两次训练之差还小。图片这样小，骨干网络的感受野已经够大，所以这里没有带来提高；论文中的提高是用更大的图片和更长的训练测得的。",
        ),
        view="tab=compare&task=street&example=drawn-street-1",
        invitation=Words("Compare DeepLabV3+ with the other models", "把 DeepLabV3+ 与其他模型比较"),
        papers=(
            ("Chen et al. 2017, DeepLab", "https://arxiv.org/abs/1606.00915"),
            ("Chen et al. 2018, DeepLabV3+", "https://arxiv.org/abs/1802.02611"),
        ),
    ),
    Lesson(
        Words("What mIoU means", "平均交并比（mIoU）是什么"),
        (
            Words(
                "IoU (intersection over union) compares the prediction with the ground truth. For one class, it is the area that belongs to both, divided by the area that belongs to at least one of them: "
                "1 is perfect, 0 means nothing in common. mIoU is the mean over the classes, so a thin pole counts as much as the whole road. "
                "That is why a result can look very good and still score only two thirds.",
                "交并比（IoU）把预测与真实标注相比较：对一个类别，它等于两者交集的面积除以并集的面积；1 为完全一致，0 为毫无重合。平均交并比（mIoU）是各类别的平均，所以一根细细的杆子和整条道路同样重要。"
                "因此，看起来很好的结果也可能只有三分之二的得分。",
            ),
        ),
        diagram=iou(),
    ),
    Lesson(
        Words("Too little data", "数据不足"),
        (
            Words(
                "A network can learn its few training pictures too well and then fail on new ones. This is called overfitting. The street model has only seen one English town, in daylight; "
                "the face model has only seen a few dozen people in studios. In snow, at night, in another country, or with other faces, they make mistakes. "
                "If a model is unusually unsure about a picture, the page shows a warning. If a picture makes the model sure but wrong, there is no warning.",
                "网络可能把不多的训练图片学得太死，遇到新图片就会出错，这叫作过拟合。街景模型只见过一座英国小城的白天，人脸模型只见过影棚里的几十个人：遇到雪天、夜晚、其他国家或其他面孔，它们就会出错。"
                "如果模型对一张图片异常不确定，页面会给出警告；如果模型很确定却错了，则没有警告。",
            ),
        ),
        view="tab=segment&task=street&example=china",
        invitation=Words("A picture that the street model does not know", "一张街景模型不熟悉的图片"),
    ),
    Lesson(
        Words("Too little computing power", "算力不足"),
        (
            Words(
                "These networks were chosen because they run without a graphics card. Much larger networks are better. How a network is computed matters, too: under “Runtime and speed” you can run the same network "
                "with different runtimes, and the line above each result shows how the time was used. With quantization, 8-bit integers take a quarter of the memory of 32-bit numbers and change the masks a little. "
                "A trained network can also be pruned: U-Net and DeepLabV3+ were first trained with more channels. Then the least important channels were removed, and the others were adjusted to do their work.",
                "选用这些网络，是因为它们无需显卡也能运行；大得多的网络效果更好。怎么计算也很重要：在“推理引擎与速度”中，可以用不同的推理引擎运行同一个网络，每个结果上方的一行列出各步骤的耗时。"
                "量化后，8 位整数只占 32 位数四分之一的内存，结果略有变化。训练好的网络还可以剪枝：U-Net 和 DeepLabV3+ 先用更多的通道训练，再去掉最不重要的通道，并调整其余通道来弥补。",
            ),
        ),
        plot="accuracy_time.svg",
        caption=Words(
            "Every model with every runtime: mIoU on the validation set, and the time for one picture on two processor cores.",
            "每个模型、每种推理引擎：验证集上的平均交并比（mIoU），以及在两个处理器核心上处理一张图片的时间。",
        ),
        view="tab=segment&task=street&runtime=litert-int8&example=drawn-street-1",
        invitation=Words("See a result of the int8 network", "查看 int8 网络的结果"),
        papers=(("He et al. 2017, channel pruning", "https://arxiv.org/abs/1707.06168"),),
    ),
    Lesson(
        Words("Decisions that are hard to explain", "可解释性：难以解释的决定"),
        (
            Words(
                "The confidence says how sure the model is, not whether it is right. It is calibrated: it is right on average, for pictures like those in the training. Entropy shows where the model is unsure, "
                "Compare shows where other models disagree, and Explain shows which parts of the picture may have mattered. None of them proves that a single pixel is right. "
                "Never use the result where a mistake could harm someone.",
                "置信度表示模型有多确定，而不是它是否正确。置信度经过校准：只在与训练图片相似的图片上，平均而言才准确。熵显示模型在哪里不确定，“比较”显示其他模型在哪里预测不同，“解释”显示图片的哪些部分可能起了作用。"
                "这些都不能证明任何一个像素是正确的。凡是出错可能伤害他人的场合，请勿使用。",
            ),
        ),
        plot="evaluation.svg",
        caption=Words(
            "The DeepLabV3+ street model on its validation set. Left: the confusion matrix, with a row for each true class. Right: for each confidence, the share of pixels that are right; "
            "on the dashed line, the confidence is exactly right.",
            "街景 DeepLabV3+ 模型在验证集上的表现。左：混淆矩阵，每行是一个真实类别。右：各置信度的像素中预测正确的比例；落在虚线上，说明置信度准确。",
        ),
        view="tab=explain&question=evidence&task=faces&class=3&example=astronaut-face",
        invitation=Words("Why are these pixels eyes?", "为什么这些像素是眼睛？"),
        papers=(
            ("Guo et al. 2017, calibration", "https://arxiv.org/abs/1706.04599"),
            ("Vinogradova et al. 2020, Seg-Grad-CAM", "https://arxiv.org/abs/2002.11434"),
        ),
    ),
    Lesson(
        Words("What happens to your pictures", "你的图片会怎样"),
        (
            Words(
                "They are sent to this server, processed there, deleted within two hours, and never passed on. The page loads nothing from any other server. The place and time in a photo’s EXIF data are removed when the photo is "
                "read, and no file that you download contains them.",
                "图片会上传到本服务器处理，两小时内删除，不会发往别处；页面也不从任何其他服务器加载内容。照片 EXIF 数据中的地点和时间在读取时即被丢弃，下载的文件中都不含这些信息。",
            ),
        ),
    ),
]


def about_html() -> Markup:
    return render("about", lessons=LESSON, plot=_plot)


def _plot(lesson: Lesson) -> Markup | None:
    file = DOCS / lesson.plot
    return chart(file.read_text(encoding="utf-8")) if lesson.plot and file.is_file() else None
