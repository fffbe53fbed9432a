"""One picture's result as a page of its own: a single HTML file that asks nothing of any network and prints on one A4 page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.output.tables import encodable
from segdemo.output.templating import templates
from segdemo.output.visualization import jpeg, overlay, palette_png
from segdemo.output.words import COLUMNS, in_words

_templates = templates(Path(__file__).parent / "templates")

EN: dict[str, Any] = {
    "heading": "Semantic segmentation report",
    "title": "{name}: semantic segmentation report",
    "picture": "Picture",
    "mask": "Segmentation",
    "overlay": "Overlay",
    "picture_alt": "The picture {name}",
    "mask_alt": "Its segmentation, each class in its colour: {words}",
    "overlay_alt": "The colours of the classes over the picture {name}",
    "facts": "Facts",
    "made": "Created",
    "size": "Picture size",
    "size_value": "{width} × {height} pixels",
    "mean_confidence": "Mean confidence",
    "settings": {"task": "Task", "model": "Model", "runtime": "Runtime"},
    "time": "Time, {step}",
    "steps": {"decode": "decoding", "load": "loading the network", "network": "network", "labels": "mask"},
    "total": "Time, total",
    "milliseconds": "{value} ms",
    "classes": "Classes in the picture",
    **COLUMNS["en"],
    "chart": "Share of the picture, by class",
    "no_face": "No face was found; the whole picture was looked at. The result may well be wrong.",
    "unfamiliar": "This picture does not look like the training pictures: the model’s mean confidence in what it finds is {confidence}; "
    "usually it is {usual} or more. The result may well be wrong.",
    "note": "Confidence, from 0 to 1, says how sure the model is, not whether it is right.",
}

ZH: dict[str, Any] = {
    "heading": "语义分割报告",
    "title": "{name}：语义分割报告",
    "picture": "原图",
    "mask": "分割结果",
    "overlay": "叠加",
    "picture_alt": "原图：{name}",
    "mask_alt": "分割结果，每个类别一种颜色：{words}",
    "overlay_alt": "各类别的颜色叠加在原图上：{name}",
    "facts": "基本信息",
    "made": "生成时间",
    "size": "图片尺寸",
    "size_value": "{width} × {height} 像素",
    "mean_confidence": "平均置信度",
    "settings": {"task": "任务", "model": "模型", "runtime": "推理引擎"},
    "time": "用时（{step}）",
    "steps": {"decode": "解码", "load": "载入网络", "network": "网络", "labels": "生成掩码"},
    "total": "用时（合计）",
    "milliseconds": "{value} 毫秒",
    "classes": "图中的类别",
    **COLUMNS["zh"],
    "chart": "各类别占整幅图片的比例",
    "no_face": "没有找到人脸，因此分割了整张图片。结果很可能有错。",
    "unfamiliar": "与训练图片差别较大：模型对所找到内容的平均置信度为 {confidence}（通常不低于 {usual}），很可能有错。",
    "note": "置信度在 0 到 1 之间，表示模型有多确定，并不表示它是否正确。",
}

TEXT = {"en": EN, "zh": ZH}

LONGEST_SIDE = 1000  # of the pictures, in pixels


def report_html(name: str, result: Segmentation, settings: dict[str, str], language: str, made: str) -> str:
    """The whole page: picture, mask, overlay, the classes that are there as a table and as bars, and what made it.

    Args:
        name: the picture's file name.
        settings: what made the result, for example {"task": "Street scenes", "model": "U-Net"}; in this order on the page.
        language: "en" or "zh".
        made: date and time, as the page shall show it.

    Returns:
        HTML to be written as UTF-8.
    """
    text = TEXT[language]
    task = result.task
    present = sorted((s for s in result.statistics() if s.pixels), key=lambda s: -s.pixels)
    words = getattr(in_words(result), language)
    image, mask = shrink(result.image, result.separated, LONGEST_SIDE)
    page = _templates.get_template("report.html").render(
        language=language,
        text=text,
        title=text["title"].format(name=name),
        name=name,
        words=words,
        warning=_warning(result, text),
        picture=jpeg(image),
        picture_alt=text["picture_alt"].format(name=name),
        mask=palette_png(mask, task),
        mask_alt=text["mask_alt"].format(words=words),
        overlay=jpeg(overlay(result.image, result.separated, task, longest=LONGEST_SIDE)),
        overlay_alt=text["overlay_alt"].format(name=name),
        facts=_facts(result, settings, text, made),
        present=[(s, info, info.name_zh if language == "zh" else info.name) for s in present for info in [task.classes[s.id]]],
    )
    return encodable(page)


def _warning(result: Segmentation, text: dict) -> str:
    if not result.unfamiliar:
        return ""
    if result.located is not None:
        return text["no_face"]
    return text["unfamiliar"].format(confidence=f"{result.found_confidence:.2f}", usual=f"{result.usual_confidence:.2f}")


def _facts(result: Segmentation, settings: dict[str, str], text: dict, made: str) -> list[tuple[str, str]]:
    """What is said of the whole picture, as terms and values."""
    height, width = result.mask.shape
    times = [(text["time"].format(step=text["steps"].get(step, step)), seconds) for step, seconds in result.timings.items()]
    if times:
        times.append((text["total"], sum(result.timings.values())))
    return [
        (text["mean_confidence"], f"{result.confidence.mean():.2f}"),
        (text["size"], text["size_value"].format(width=width, height=height)),
        *((text["settings"].get(key, key), value) for key, value in settings.items()),
        *((term, text["milliseconds"].format(value=f"{1000 * seconds:.0f}")) for term, seconds in times),
        (text["made"], made),
    ]
