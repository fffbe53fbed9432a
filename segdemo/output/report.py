"""One picture's result as a page of its own: a single HTML file that asks nothing of any network and prints on one A4 page."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

from segdemo.images import shrink
from segdemo.inference.segmentation import Segmentation
from segdemo.inference.statistics import ClassStatistics
from segdemo.output.tables import encodable
from segdemo.output.visualization import jpeg, overlay, palette_png
from segdemo.output.words import in_words
from segdemo.tasks import Task

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
    "class": "Class",
    "pixels": "Pixels",
    "share": "Share",
    "regions": "Regions",
    "confidence": "Confidence",
    "chart": "Share of the picture, by class",
    "unfamiliar": "This picture does not look like the training pictures: the model’s mean confidence in what it finds is {confidence}; usually it is {usual} "
    "or more. The result may well be wrong.",
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
    "class": "类别",
    "pixels": "像素数",
    "share": "占比",
    "regions": "区域数",
    "confidence": "置信度",
    "chart": "各类别占整幅图片的比例",
    "unfamiliar": "这张图片与训练图片差别较大：模型对图中找到的内容平均置信度为 {confidence}，而通常不低于 {usual}。结果很可能有错。",
    "note": "置信度在 0 到 1 之间，表示模型有多确定，并不表示它是否正确。",
}

TEXT = {"en": EN, "zh": ZH}

LONGEST_SIDE = 1000  # of the pictures, in pixels

# Two pictures beside each other, the third beside the facts, the table beside the bars; at 62 mm upright pictures, and a name of three lines,
# stay on the sheet.
CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: #ffffff; color: #1a1a1a; font: 1rem/1.45 system-ui, -apple-system, "Segoe UI",
  "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; font-variant-numeric: tabular-nums; }
header { border-bottom: 2px solid #0f766e; padding-bottom: .5em; margin-bottom: 1em; }
header p { margin: 0; }
header .warning { margin-top: .4em; padding-left: .6em; border-left: 4px solid #b45309; }
.kind { color: #0f766e; font-weight: 600; }
h1 { font-size: 1.6em; line-height: 1.2; margin: .1em 0 .2em; overflow-wrap: anywhere; }
h2 { font-size: 1.05em; margin: 0 0 .4em; }
.views, .numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1em 1.2em; margin-bottom: 1.2em; align-items: start; }
figure { margin: 0; break-inside: avoid; }
img { display: block; width: 100%; height: auto; max-height: 36rem; object-fit: contain; object-position: left; }
.mask { image-rendering: pixelated; }
figcaption, thead th, dt, .note { color: #595959; font-size: .9em; font-weight: 400; }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 1em; padding: .18em 0; border-bottom: 1px solid #d4d4d4; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }
table { width: 100%; border-collapse: collapse; font-size: .93em; }
th, td { padding: .18em .3em; text-align: right; font-weight: 400; border-bottom: 1px solid #d4d4d4; }
th:first-child { text-align: left; padding-left: 0; overflow-wrap: anywhere; }
tr, .row { break-inside: avoid; }
.swatch, .bar { border: 1px solid #6b6b6b; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.swatch { display: inline-block; width: .95em; height: .95em; border-radius: 3px; margin-right: .45em; vertical-align: -.1em; }
.row { display: grid; grid-template-columns: 7em minmax(0, 1fr) 4em; gap: .5em; align-items: center; padding: .18em 0; font-size: .93em;
  border-bottom: 1px solid transparent; }
.row > :last-child { text-align: right; }
.name { overflow-wrap: anywhere; }
.bar { display: block; height: .95em; min-width: 3px; border-radius: 2px; }
.note { margin: 0; }
@media (max-width: 40rem) { .views, .numbers { grid-template-columns: minmax(0, 1fr); } }
@page { size: A4; margin: 12mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  .views, .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 3mm 5mm; margin-bottom: 4mm; }
  img { max-height: 62mm; }
  header { margin-bottom: 3mm; padding-bottom: 1.5mm; }
}
"""


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
    page = f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>{escape(text["title"].format(name=name))}</title>
<style>{CSS}</style>
</head>
<body>
<header>
<p class="kind">{text["heading"]}</p>
<h1><bdi>{escape(name)}</bdi></h1>
<p>{escape(words)}</p>{_warning(result, text)}
</header>
<main>
<div class="views">
{_figure(text["picture"], text["picture_alt"].format(name=name), "image/jpeg", jpeg(image))}
{_figure(text["mask"], text["mask_alt"].format(words=words), "image/png", palette_png(mask, task))}
{_figure(text["overlay"], text["overlay_alt"].format(name=name), "image/jpeg", jpeg(overlay(image, mask, task)))}
<section>
<h2>{text["facts"]}</h2>
<dl>{"".join(f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>" for term, value in _facts(result, settings, text, made))}</dl>
</section>
</div>
<div class="numbers">
<section>
<h2>{text["classes"]}</h2>
{_table(present, task, language)}
</section>
<section>
<h2>{text["chart"]}</h2>
{_bars(present, task, language)}
</section>
</div>
<p class="note">{text["note"]}</p>
</main>
</body>
</html>
"""
    return encodable(page)


def _warning(result: Segmentation, text: dict) -> str:
    if not result.unfamiliar:
        return ""
    sentence = text["unfamiliar"].format(confidence=f"{result.found_confidence:.2f}", usual=f"{result.usual_confidence:.2f}")
    return f'\n<p class="warning">{sentence}</p>'


def _figure(caption: str, alternative: str, kind: str, data: bytes) -> str:
    look = ' class="mask"' if kind == "image/png" else ""
    source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    return f'<figure><img{look} src="{source}" alt="{escape(alternative)}"><figcaption>{caption}</figcaption></figure>'


def _facts(result: Segmentation, settings: dict[str, str], text: dict, made: str) -> list[tuple[str, str]]:
    """What is said of the whole picture, as terms and values, not escaped."""
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


def _table(present: list[ClassStatistics], task: Task, language: str) -> str:
    head = "".join(f'<th scope="col">{TEXT[language][key]}</th>' for key in ("class", "pixels", "share", "regions", "confidence"))
    rows = "".join(
        f'<tr><th scope="row"><i class="swatch" style="background: {_color(s, task)}"></i>{_name(s, task, language)}</th>'
        f"<td>{s.pixels:,}</td><td>{_share(s)}</td><td>{s.regions:,}</td><td>{s.confidence:.2f}</td></tr>\n"
        for s in present
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>"


def _bars(present: list[ClassStatistics], task: Task, language: str) -> str:
    """A bar a class, the largest class over the whole width."""
    largest = present[0].share
    return "\n".join(
        f'<div class="row"><span class="name">{_name(s, task, language)}</span>'
        f'<span><i class="bar" style="width: {s.share / largest:.2%}; background: {_color(s, task)}"></i></span><span>{_share(s)}</span></div>'
        for s in present
    )


def _name(s: ClassStatistics, task: Task, language: str) -> str:
    info = task.classes[s.id]
    return escape(info.name_zh if language == "zh" else info.name)


def _color(s: ClassStatistics, task: Task) -> str:
    return "rgb({}, {}, {})".format(*task.classes[s.id].color)


def _share(s: ClassStatistics) -> str:
    return f"{s.share:.1%}" if s.share >= 0.0005 else "&lt;0.1%"
