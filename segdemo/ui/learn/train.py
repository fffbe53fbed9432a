"""How it learns: a small network that the browser itself trains."""

from segdemo.languages import Words
from segdemo.ui.learn.step import Answer, Step

STEP = Step(
    name="train",
    place=70,
    title=Words("How it learns", "它是怎样学习的"),
    question=Words("How does a network that knows nothing learn to find the discs?", "一个什么都不知道的网络，怎样学会找出圆盘？"),
    task=Words(
        "Press Train: a small network learns in your own browser. Then try one picture, a pretrained start, too large a learning rate, and the wrong sign.",
        "按“训练”，小网络就在你的浏览器中学习。再试只用一张图片、预训练的起点、过大的学习率、相反的符号。",
    ),
    seen=Words(
        "Each step moves all weights a little against the gradient of the loss. With one picture the two curves part: it knows "
        "that picture by heart and fails on new ones; a pretrained start softens that, and with plus the loss climbs.",
        "每一步沿梯度反方向走。只有一张图时两条曲线分开：背下来了；预训练能减轻这一点，换成加号则损失上升。",
    ),
    asked=Words(
        "The loss on training pictures falls, on new pictures it rises. What is that?",
        "训练图片上的损失下降，新图片上的损失上升。这是什么现象？",
    ),
    answers=(
        Answer(
            Words(
                "Overfitting",
                "过拟合",
            ),
            Words(
                "Yes. More pictures help, or stopping earlier.",
                "对。增加图片，或提早停止训练。",
            ),
            right=True,
        ),
        Answer(
            Words("A learning rate that is too large", "学习率过大"),
            Words("Then the loss on the training pictures would jump or climb, too.", "那样训练图片上的损失也会跳动或上升。"),
        ),
        Answer(
            Words("A network that is too small", "网络太小"),
            Words("Then it could not learn its training pictures either.", "那样它连训练图片也学不好。"),
        ),
    ),
    words={
        "pictures": Words("Training pictures", "训练图片"),
        "start": Words("It starts from", "起点"),
        "random": Words("random weights", "随机权重"),
        "pretrained": Words("pretrained weights: it has found grainy squares before", "预训练权重：先学过找有颗粒的方块"),
        "before": Words(
            "First it learns to find squares, on 200 other pictures: step {n} of {all}.",
            "先在另外 200 张图片上学习找方块：第 {n} 步，共 {all} 步。",
        ),
        "optimizer": Words("Method", "优化方法"),
        "adam": Words("Adam", "Adam"),
        "descent": Words("Plain descent", "普通梯度下降"),
        "rate": Words("Learning rate", "学习率"),
        "small": Words("too small", "过小"),
        "right": Words("right", "合适"),
        "large": Words("too large", "过大"),
        "sign": Words("weight = weight", "权重 = 权重"),
        "minus": Words("− rate × gradient", "− 学习率 × 梯度"),
        "plus": Words("+ rate × gradient", "+ 学习率 × 梯度"),
        "augment": Words("Augmentation", "数据增强"),
        "off": Words("off", "关"),
        "on": Words("mirrored, turned, darker or lighter", "翻转、旋转、变暗或变亮"),
        "train": Words("Train", "训练"),
        "stop": Words("Stop", "停止"),
        "step": Words(
            "Step {n} of {all}. Loss: {train} on training pictures, {val} on new ones. IoU of discs on new ones: {iou}",
            "第 {n} 步，共 {all} 步。损失：训练图片 {train}，新图片 {val}。新图片上圆盘的交并比：{iou}",
        ),
        "loss": Words("loss on training pictures", "训练图片上的损失"),
        "val": Words("loss on new pictures", "新图片上的损失"),
        "seen": Words("Four new pictures", "四张新图片"),
        "mask": Words("Where the network says disc", "网络判为圆盘的地方"),
        "truth": Words("The truth", "真实标注"),
        "network": Words(
            "Three layers of 3 × 3 convolutions at rates 1, 2 and 4: {n} weights.",
            "三层 3 × 3 卷积，扩张率为 1、2、4：共 {n} 个权重。",
        ),
        "burst": Words("The loss has left every bound: the steps are too long.", "损失已超出一切界限：步子太大了。"),
    },
    terms=("loss", "gradient", "rate", "overfitting", "pretrained"),
)
