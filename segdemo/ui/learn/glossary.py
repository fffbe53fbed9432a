"""The lesson's words. Each is defined in the step that uses it first."""

from __future__ import annotations

from dataclasses import dataclass

from segdemo.languages import Words


@dataclass(frozen=True)
class Term:
    words: Words
    meaning: Words


TERMS: dict[str, Term] = {
    "iou": Term(
        Words("mean IoU", "平均交并比"),
        Words(
            "IoU of a class: the area that prediction and truth share, divided by the area that either covers. The mean over the classes is the mean IoU.",
            "某一类的交并比：预测与真实标注的交集面积除以并集面积。对各类取平均，就是平均交并比。",
        ),
    ),
    "convolution": Term(
        Words("convolution", "卷积"),
        Words(
            "A small grid of numbers, the kernel, moves over the picture. At every place, pixels and numbers are multiplied and added up.",
            "一个小的数字网格（卷积核）在图片上滑动，在每个位置把像素与数字相乘再相加。",
        ),
    ),
    "field": Term(
        Words("receptive field", "感受野"),
        Words("The part of the picture that one value in the network can see.", "网络中的一个数值所能“看到”的图片范围。"),
    ),
    "stride": Term(
        Words("stride", "步幅"),
        Words(
            "How many pixels lie between two neighbouring values of a layer. A stride of 32 makes a map 32 times smaller than the picture.",
            "某一层相邻两个数值在原图上相隔的像素数。步幅为 32 时，特征图的边长是原图的 1/32。",
        ),
    ),
    "sampling": Term(
        Words("downsampling and upsampling", "下采样与上采样"),
        Words(
            "Making a map smaller, and larger again. What was lost on the way down does not come back by itself.",
            "把特征图缩小、再放大；缩小时丢失的细节不会自己回来。",
        ),
    ),
    "logits": Term(
        Words("logits", "logits（未归一化得分）"),
        Words(
            "The scores of a network, one for each class at every place, before they become probabilities.",
            "网络在每个位置给每个类别的得分，尚未变成概率。",
        ),
    ),
    "softmax": Term(
        Words("softmax", "softmax"),
        Words("Turns the scores of the classes into probabilities that add up to 1.", "把各类别的得分变成总和为 1 的概率。"),
    ),
    "skip": Term(
        Words("skip connection", "跳跃连接"),
        Words(
            "A path that carries fine features past the deep layers, straight to the end of the network.",
            "绕过深层、把细节特征直接送到网络末端的通路。",
        ),
    ),
    "loss": Term(
        Words("loss", "损失"),
        Words(
            "One number that says how wrong the network is on its training pictures. Training makes it smaller.",
            "一个数，表示网络在训练图片上错得有多厉害；训练就是让它变小。",
        ),
    ),
    "gradient": Term(
        Words("gradient", "梯度"),
        Words(
            "For every weight, how fast the loss grows if the weight grows. One walks against it.",
            "对每个权重，权重增大时损失增大的快慢；训练要沿相反方向走。",
        ),
    ),
    "rate": Term(
        Words("learning rate", "学习率"),
        Words("How long the steps against the gradient are.", "沿梯度反方向每一步走多远。"),
    ),
    "epoch": Term(
        Words("epoch", "轮次（epoch）"),
        Words("One pass over all training pictures, or a fixed number of steps.", "把全部训练图片用过一遍，或走过固定的步数。"),
    ),
    "pretrained": Term(
        Words("pretrained", "预训练"),
        Words(
            "A network that has learned something else before, mostly to classify the pictures of ImageNet.",
            "网络事先学过别的任务，通常是给 ImageNet 图片分类。",
        ),
    ),
    "finetune": Term(
        Words("fine-tune", "微调"),
        Words(
            "To train a pretrained network a little further, on the pictures of the new task.",
            "用新任务的图片，把预训练的网络再训练一小段。",
        ),
    ),
    "overfitting": Term(
        Words("overfitting", "过拟合"),
        Words(
            "The network knows its training pictures by heart, and fails on new ones.",
            "网络把训练图片“背”下来了，遇到新图片就出错。",
        ),
    ),
    "augmentation": Term(
        Words("augmentation", "数据增强"),
        Words(
            "Training pictures are turned, mirrored or made darker, so that there seem to be more of them.",
            "把训练图片旋转、翻转或调暗，好像有了更多的图片。",
        ),
    ),
    "quantization": Term(
        Words("quantization", "量化"),
        Words(
            "Storing and computing the network’s numbers with fewer bits: 8 instead of 32.",
            "用更少的位数存储和计算网络中的数：用 8 位代替 32 位。",
        ),
    ),
    "interpretability": Term(
        Words("interpretability", "可解释性"),
        Words(
            "How far people can understand why a network gives an answer. A heat map is one attempt, and no proof.",
            "人能在多大程度上理解网络为什么给出某个答案。热力图是一种尝试，不是证明。",
        ),
    ),
    "preparation": Term(
        Words("preparation of the pictures", "图片预处理"),
        Words(
            "What is done to a picture before the network sees it: bringing it to a size, to a range of values, sometimes to a brightness.",
            "网络看到图片之前对它做的处理：调整尺寸、数值范围，有时还有亮度。",
        ),
    ),
}
