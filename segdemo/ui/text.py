"""Every word of the page, in one table per language. HTML made from it carries both; the page shows one by its `lang`."""

from __future__ import annotations

from html import escape

from segdemo.tasks import Words

LANGUAGES = {"en": "English", "zh": "中文"}

EN = {
    "title": "Semantic segmentation in the browser",
    "promise": "Choose a model, give it a picture, and see what it takes every pixel for.",
    "language": "Language",
    "tab_segment": "Segment",
    "tab_about": "About",
    "task": "What is in the picture?",
    "model": "Model",
    "pictures": "Pictures",
    "examples": "Or try one of these",
    "run": "Segment",
    "clear": "Clear",
    "empty_title": "Nothing segmented yet",
    "empty": "Drop a picture on the left, or click an example. Pictures are processed on this server, deleted within two hours, and sent nowhere else.",
    "no_pictures": "There is no picture yet: drop one on the left, or click an example.",
    "too_many": "{count} pictures at once are too many; the first {limit} are done.",
    "working": "picture {number} of {count}",
    "done": "{number} of {count} done.",
    "original": "Picture",
    "mask": "Segmentation",
    "overlay": "Overlay",
    "opacity": "Opacity",
    "class": "Class",
    "pixels": "Pixels",
    "share": "Share",
    "regions": "Regions",
    "confidence": "Confidence",
    "chart": "Share of the picture, by class",
    "share_axis": "share of the picture (%)",
    "absent": "Not found: {names}",
    "facts_time": "{total} ms: decode {decode}, network {network}, labels {labels}, drawing {drawing}",
    "facts_model": "{parameters:.2f} million parameters, {megabytes} MB, mIoU {miou} on {data} {split} ({pictures} pictures, {size})",
    "facts_picture": "{width}×{height} pixels",
    "unfamiliar": "This does not look like what the model knows. It was trained on {trained_on}; here its mean confidence is {confidence}, "
    "while on its own kind of picture it is {usual} or more. Do not trust the colours.",
    "about_task": "Trained on {trained_on}.",
    "failed": "{name} could not be segmented, through a fault of ours: {kind}. The other pictures are not affected.",
    "credits": "Weights, code and numbers: see the repository's README and model cards.",
}

ZH = {
    "title": "浏览器里的语义分割",
    "promise": "选一个模型，给它一张图片，看看它把每个像素认成了什么。",
    "language": "语言",
    "tab_segment": "分割",
    "tab_about": "说明",
    "task": "图片里有什么？",
    "model": "模型",
    "pictures": "图片",
    "examples": "或者试试这些",
    "run": "开始分割",
    "clear": "清空",
    "empty_title": "还没有结果",
    "empty": "把图片拖到左侧，或点击一个示例。图片只在这台服务器上处理，两小时内删除，不会发往别处。",
    "no_pictures": "还没有图片：请拖入一张，或点击一个示例。",
    "too_many": "一次 {count} 张太多了，只处理前 {limit} 张。",
    "working": "第 {number} 张，共 {count} 张",
    "done": "已完成 {number} / {count}。",
    "original": "原图",
    "mask": "分割结果",
    "overlay": "叠加",
    "opacity": "不透明度",
    "class": "类别",
    "pixels": "像素数",
    "share": "占比",
    "regions": "区域数",
    "confidence": "置信度",
    "chart": "各类别占比",
    "share_axis": "占整幅图片的比例 (%)",
    "absent": "未发现：{names}",
    "facts_time": "{total} 毫秒：解码 {decode}，网络 {network}，生成掩码 {labels}，绘制 {drawing}",
    "facts_model": "{parameters_wan:.0f} 万参数，{megabytes} MB，在 {data} {split} 上 mIoU 为 {miou}（{pictures} 张，{size}）",
    "facts_picture": "{width}×{height} 像素",
    "unfamiliar": "这张图片与训练图片差别较大：模型是用{trained_on}训练的；这里平均置信度为 {confidence}，而在同类图片上通常不低于 {usual}。分割结果不可信。",
    "about_task": "训练数据：{trained_on}。",
    "failed": "{name} 未能分割，这是程序自身的问题：{kind}。其他图片不受影响。",
    "credits": "权重、代码与数字的出处：见仓库的 README 与模型卡。",
}

# What images.ImageError says, in Chinese; the English is the exception's own text.
IMAGE_ERRORS_ZH = {
    "missing": "{name}：没有这个文件。",
    "empty": "{name} 是空文件（0 字节）。上传是否中断了？",
    "unreadable": "{name} 不是可以读取的图片。支持 JPEG、PNG、WebP、GIF、TIFF、BMP 和 HEIC。",
    "too_large": "{name} 太大：{size}。上限为 {limit_wan} 万像素，请先缩小。",
    "damaged": "{name} 已损坏或不完整。请重新保存或上传。",
    "array": "{name} 不是可用的图像数组。",
}

TEXT = {"en": EN, "zh": ZH}


def say(key: str, language: str, **values: object) -> str:
    """The text called ``key``, its places filled; a `Words` among the values gives its own language."""
    values = {k: getattr(v, language) if isinstance(v, Words) else v for k, v in values.items()}
    return TEXT[language][key].format(**values)


def both(key: str, **values: object) -> str:
    """HTML with the text in both languages, of which the page shows one."""
    return spans(Words(*(say(key, language, **values) for language in LANGUAGES)))


def spans(words: Words) -> str:
    """HTML with ``words`` in both languages, escaped."""
    return "".join(f'<span lang="{language}">{escape(getattr(words, language))}</span>' for language in LANGUAGES)
