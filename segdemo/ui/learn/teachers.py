"""For teachers: two plans, what pupils usually think, pictures with truths, what is stored. The page and `docs/teach.md` are made from it."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile

import numpy as np

from segdemo.data.scenes import SCENES
from segdemo.languages import Words
from segdemo.output.visualization import jpeg, palette_png
from segdemo.tasks import TASKS, Task

NAME = "teachers"  # in addresses, beside the steps' names
WORKSHEET = "worksheet"  # in the place of a step's name: on paper
SETS = (("street", "street", (480, 360)), ("cells", "nuclei", (384,)))  # scene, task, size
EACH = 5


@dataclass(frozen=True)
class Part:
    """Some minutes of a lesson, with a step or on paper."""

    minutes: int
    step: str
    do: Words
    ask: Words


@dataclass(frozen=True)
class Mistake:
    """What pupils usually think, why it is wrong, and the step that shows it."""

    thought: Words
    instead: Words
    step: str


@dataclass(frozen=True)
class Advice:
    """A heading, what is said below it, and addresses with their words."""

    heading: Words
    text: Words
    links: tuple[tuple[str, Words], ...] = ()


PAINT = Words(
    "Everybody paints the cells, then the street. Write the scores of three pupils on the board.",
    "每人先涂细胞，再涂街景。把三位同学的得分写在黑板上。",
)
BEST = Words(
    "Who has the best pixel accuracy, and who the best mean IoU? Why is it not the same person?",
    "谁的像素准确率最高？谁的平均交并比最高？为什么不是同一个人？",
)
TYPE = Words(
    "Type a kernel of zeros with a 1 in the middle. Then take “Edges”. Then raise the rate.",
    "先输入一个中间是 1、其余是 0 的卷积核；再选“边缘”；然后加大扩张率。",
)
KERNEL = Words(
    "What does the first kernel do to the picture? How does the sum change when the nine points move apart?",
    "第一个卷积核对图片做了什么？九个点彼此分开后，和怎样变化？",
)
GUESS = Words(
    "Start with 8s. Before the switch to 32s, the pupils say what will vanish.",
    "从 8s 开始。切换到 32s 之前，让学生先说出什么会消失。",
)
POLES = Words("Why do the poles vanish first, and not the road?", "为什么先消失的是杆子，而不是道路？")
GROUPS = Words(
    "Four groups. Each cuts another skip connection and reports what is left of the vessels.",
    "分成四组，每组切断不同的一条跳跃连接，并汇报血管还剩下多少。",
)
NEED = Words(
    "Which skip connection do the vessels need most? Why can the deep layers not do its work?",
    "血管最需要哪一条跳跃连接？为什么深层不能代替它？",
)
TRAIN = Words(
    "First with 100 pictures, then with one. Then a learning rate that is too large, and at last plus instead of minus.",
    "先用 100 张图片训练，再只用一张。然后用过大的学习率，最后把减号换成加号。",
)
CURVES = Words(
    "Which of the two curves tells whether it has learned? Why two?",
    "两条曲线中，哪一条能说明它学会了没有？为什么要画两条？",
)
HARM = Words(
    "Every group takes another kind of harm and finds the first level at which a car is lost.",
    "每组选择一种干扰，找出汽车开始丢失的最低强度。",
)
SAFE = Words(
    "Which of these happens on a real road? How would you test for it?",
    "其中哪些会发生在真实的道路上？应当怎样测试？",
)
PAPER = Words("The worksheet: its first page now, the second at home.", "练习单：第一页现在做，第二页回家做。")
WHERE = Words(
    "Where would you never use such a mask without looking at it yourself?",
    "在哪些场合，你绝不会不加检查就使用这样的分割结果？",
)

PLANS: tuple[tuple[Part, ...], ...] = (
    (
        Part(10, "paint", PAINT, BEST),
        Part(8, "kernel", TYPE, KERNEL),
        Part(8, "fcn", GUESS, POLES),
        Part(9, "skips", GROUPS, NEED),
        Part(10, WORKSHEET, PAPER, WHERE),
    ),
    (
        Part(12, "paint", PAINT, BEST),
        Part(12, "kernel", TYPE, KERNEL),
        Part(12, "fcn", GUESS, POLES),
        Part(12, "skips", GROUPS, NEED),
        Part(18, "train", TRAIN, CURVES),
        Part(12, "harm", HARM, SAFE),
        Part(12, WORKSHEET, PAPER, WHERE),
    ),
)

MISTAKES = (
    Mistake(
        Words("“95% of the pixels are right, so it is very good.”", "“95% 的像素都对，所以很好。”"),
        Words(
            "Large classes decide pixel accuracy. Let them paint the largest class alone and read both numbers.",
            "像素准确率由大块的类别决定。让学生只涂最大的一类，再比较两个数。",
        ),
        "paint",
    ),
    Mistake(
        Words("“The network looks at the whole picture.”", "“网络看的是整张图片。”"),
        Words(
            "Each value sees a window, and what stands in its middle counts most.",
            "每个数值只看到一个窗口，而且窗口中间的影响最大。",
        ),
        "kernel",
    ),
    Mistake(
        Words("“A higher rate means more weights.”", "“扩张率越大，权重越多。”"),
        Words("Nine stay nine. They only stand farther apart.", "九个还是九个，只是彼此离得更远。"),
        "kernel",
    ),
    Mistake(
        Words("“Upsampling brings the details back.”", "“上采样能找回细节。”"),
        Words(
            "It only makes the map larger. Details come from finer features.",
            "上采样只是把图放大；细节来自更细的特征。",
        ),
        "fcn",
    ),
    Mistake(
        Words("“The longer it trains, the better it gets.”", "“训练越久越好。”"),
        Words(
            "With one picture it learns this picture by heart, and gets worse on new ones.",
            "只用一张图片训练时，它会把这张图背下来，对新图片反而越来越差。",
        ),
        "train",
    ),
    Mistake(
        Words("“It sees what we see.”", "“它看到的和我们一样。”"),
        Words(
            "Noise that hardly disturbs us can move the mask.",
            "几乎不影响我们的噪声，也能改变分割结果。",
        ),
        "harm",
    ),
)

ADVICE = (
    Advice(
        Words("A link for the class", "给全班的链接"),
        Words(
            "Open a step, set it as the class should find it, and press “Copy a link” at the top: the address holds step and settings. Two that are ready:",
            "打开一个步骤，按课堂需要设置好，再按页面上方的“复制链接”：地址包含步骤和设置。例如：",
        ),
        (
            ("tab=learn&step=paint&set=picture:street", Words("Paint the street", "涂街景")),
            (
                "tab=learn&step=train&set=pictures:1",
                Words("Train with one picture", "只用一张图片训练"),
            ),
        ),
    ),
    Advice(
        Words("Without and with uploads", "不上传与上传"),
        Words(
            "The lesson has pictures of its own, so nothing needs to be uploaded. If your school allows uploads, let the pupils segment a photograph of "
            "their own after the first step: of a street, a pet, a desk, but not of people who have not agreed.",
            "课程自带图片，不需要上传任何东西。如果学校允许上传，可在第一步之后让学生分割自己的照片："
            "街道、宠物、书桌都可以，但不要使用未经本人同意的人物照片。",
        ),
        (
            ("tab=learn&step=paint", Words("Without uploads", "不上传")),
            ("tab=segment", Words("With uploads", "上传")),
        ),
    ),
    Advice(
        Words("What is stored", "会保存什么"),
        Words(
            "No account, no name, no result. The place in the lesson and the right answers stay in the pupil’s own browser until this tab is closed. "
            "A picture of one’s own in “Too little computer” is answered and not stored; pictures uploaded on other tabs are deleted within two hours.",
            "无账号，不记姓名成绩。进度留在浏览器，关闭即消失。“算力不足”的图片不保存，其他页两小时内删除。",
        ),
    ),
    Advice(
        Words("In front of the class", "在教室投影"),
        Words(
            "“Projector view”, below the contents, shows one step in large type. Page Down and Page Up turn, Escape ends it.",
            "目录下方的“投影模式”用大字显示一个步骤。按 Page Down 和 Page Up 翻页，按 Esc 退出。",
        ),
    ),
)


def make(_: Mapping[str, object]) -> dict:
    """The ZIP, as an address that holds it."""
    return {"zip": "data:application/zip;base64," + base64.b64encode(pictures()).decode()}


def pictures() -> bytes:
    """A ZIP of ten drawn pictures (JPEG), their exact truths (indexed PNG of class ids) and a text that names the classes."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for scene, task, size in SETS:
            for seed in range(EACH):
                image, truth = SCENES[scene](seed, *size)
                mask = np.minimum(truth, TASKS[task].num_classes - 1).astype(np.uint8)  # cells are numbered
                archive.writestr(f"{scene}-{seed + 1}.jpg", jpeg(image, quality=92))
                archive.writestr(f"{scene}-{seed + 1}-truth.png", palette_png(mask, TASKS[task]))
        archive.writestr("classes.txt", "\n".join(_listed(scene, TASKS[task]) for scene, task, _ in SETS))
    return file.getvalue()


def _listed(scene: str, task: Task) -> str:
    return "\n".join(
        [
            f"{scene}-*-truth.png",
            *(f"{i}\t{info.name}\t{info.name_zh}" for i, info in enumerate(task.classes)),
            "",
        ]
    )
