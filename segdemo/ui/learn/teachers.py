"""For teachers: two plans by the minute, what pupils usually think, and where the worksheet comes from: the steps themselves."""

from __future__ import annotations

from dataclasses import dataclass

from segdemo.languages import Words


@dataclass(frozen=True)
class Part:
    """Attributes:
    minutes: how long.
    step: which step of the lesson.
    ask: what to say and to ask.
    """

    minutes: int
    step: str
    ask: Words


@dataclass(frozen=True)
class Mistake:
    """What pupils usually think, and why it is wrong."""

    thought: Words
    answer: Words


PLANS: dict[int, tuple[Part, ...]] = {
    45: (
        Part(5, "regions", Words("Where in this picture is the word “cat”? Who has put it there?", "这张图里哪里写着“猫”？是谁加上去的？")),
        Part(10, "paint", Words("All paint at once. Who has the highest mean IoU? What did you forget?", "全班同时涂色。谁的平均交并比最高？漏了什么？")),
        Part(10, "skips", Words("Guess before you switch: which skip will you miss most?", "开关之前先猜：少了哪一条跳跃连接影响最大？")),
        Part(12, "train", Words("Each row takes another setting. Which curve goes up, and why?", "每排用不同的设置。哪条曲线上升？为什么？")),
        Part(5, "harm", Words("Who makes the car vanish with the smallest change?", "谁能用最小的改动让汽车消失？")),
        Part(3, "cost", Words("Worksheet: one sentence on what you would change first.", "学习单：用一句话写出你首先会改进什么。")),
    ),
    90: (
        Part(8, "regions", Words("Where in this picture is the word “cat”? Who has put it there?", "这张图里哪里写着“猫”？是谁加上去的？")),
        Part(12, "paint", Words("First cells, then the street. Why does accuracy flatter?", "先涂细胞，再涂街景。准确率为什么会显得偏高？")),
        Part(10, "kernel", Words("Find a kernel that shows only vertical edges.", "找一个只显示竖直边缘的卷积核。")),
        Part(10, "fcn", Words("Compute the size of the score map before you look.", "先算出得分图的大小，再看。")),
        Part(10, "skips", Words("Guess before you switch: which skip will you miss most?", "开关之前先猜：少了哪一条跳跃连接影响最大？")),
        Part(7, "deeplab", Words("The paper gains, we do not. What could be the reason?", "论文有提高，我们没有。原因可能是什么？")),
        Part(13, "train", Words("Each row takes another setting. Which curve goes up, and why?", "每排用不同的设置。哪条曲线上升？为什么？")),
        Part(7, "transfer", Words("You may label 150 pictures. What do you do?", "你只能标注 150 张图片，怎么办？")),
        Part(6, "cost", Words("Which would you choose for a phone?", "在手机上你选哪一种？")),
        Part(7, "harm", Words("Would you let this network steer? What is missing?", "你会让这个网络开车吗？还缺什么？")),
    ),
}

MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        Words("The network understands the picture.", "网络理解图片。"),
        Words(
            "It gives scores that it has learned. A little noise, and the car is gone (Break it).", "它只给出学到的得分。加一点噪声，汽车就不见了（把它弄坏）。"
        ),
    ),
    Mistake(
        Words("95% of the pixels are right, so it is good.", "95% 的像素正确，所以很好。"),
        Words("Whoever calls everything background has that, too (Be the network).", "把一切都判为背景也能做到（扮演网络）。"),
    ),
    Mistake(
        Words("More training is always better.", "训练越久越好。"),
        Words("With one picture the loss on new ones rises (How it learns).", "只有一张图时，新图上的损失上升（它是怎样学习的）。"),
    ),
    Mistake(
        Words("A larger network sees more.", "网络越大，看到的越多。"),
        Words("What counts is the receptive field (What a pixel sees).", "起作用的是感受野（一个像素能看到什么）。"),
    ),
)

STORED = Words(
    "What is stored: nothing on the server; the place and the answers stay in the tab of the browser until it is closed. "
    "Without uploads: the lesson has its own pictures, and no step asks for one. With uploads: Segment takes pupils’ own pictures and deletes them within two hours.",
    "保存什么：服务器不保存任何内容；进度和答案只留在浏览器的标签页中，关闭即清除。"
    "不上传：课程自带图片，任何一步都不要求上传。上传：“分割”页可处理学生自己的图片，两小时内删除。",
)
