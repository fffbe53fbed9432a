"""One picture's result as a piece of HTML: three views, opacity, legend, table, chart, facts.

The pictures are inside the HTML, so nothing of a visitor's is kept on disk for it, and the opacity slider moves one
CSS variable in the browser without asking the server.
"""

from __future__ import annotations

import base64
import secrets
import time
from html import escape

from segdemo.segmentation import Segmentation
from segdemo.statistics import ClassStatistics
from segdemo.tasks import Task, Words
from segdemo.ui.text import LANGUAGES, both, say, spans
from segdemo.visualization import jpeg, palette_png, share_charts, shrink
from segdemo.zoo import Entry

# The slider moves one CSS variable, in the browser. It stands on the whole component, so that it survives when the next picture arrives.
OPACITY_SCRIPT = """
let opacity = 55;
const show = () => {
  element.style.setProperty('--opacity', opacity / 100);
  element.querySelectorAll('.opacity input').forEach((slider) => { slider.value = opacity; });
};
element.addEventListener('input', (event) => { if (event.target.closest('.opacity')) { opacity = event.target.value; show(); } });
watch('value', show);
"""

LONGEST_SIDE = 1200  # of the pictures on the page, in pixels


def result_card(name: str, result: Segmentation, entry: Entry, title: str) -> str:
    """The card of one picture.

    Args:
        name: the file's name.
        result: its segmentation.
        entry: facts about the weights.
        title: the architecture's title.
    """
    start = time.perf_counter()
    task = result.task
    statistics = result.statistics()
    present = sorted((s for s in statistics if s.pixels), key=lambda s: -s.pixels)
    shown, shown_mask = shrink(result.image, result.mask, LONGEST_SIDE)
    photo = _data_uri("image/jpeg", jpeg(shown))
    mask = _data_uri("image/png", palette_png(shown_mask, task))
    charts = _charts(present, task)
    drawing = time.perf_counter() - start
    safe = escape(name, quote=True)
    heading = f"result-{secrets.token_hex(4)}"
    return f"""
<article class="result" aria-labelledby="{heading}">
  <header><h2 id="{heading}">{safe}</h2><p class="facts">{_facts(result, entry, title, drawing)}</p></header>
  {_unfamiliar(result, entry)}
  <div class="views">
    <figure><img src="{photo}" alt="{safe}"><figcaption>{both("original")}</figcaption></figure>
    <figure><img class="mask" src="{mask}" alt=""><figcaption>{both("mask")}<span class="unseen">{spans(_summary(present, task))}</span></figcaption></figure>
    <figure><div class="stack"><img src="{photo}" alt=""><img class="mask over" src="{mask}" alt=""></div>
      <figcaption>{both("overlay")}
        <label class="opacity">{both("opacity")}
          <input type="range" min="0" max="100" value="55">
        </label></figcaption></figure>
  </div>
  <ul class="legend">{"".join(_legend_item(s, task) for s in present)}</ul>
  <div class="numbers">
    <div class="table-frame" tabindex="0" role="region" aria-labelledby="{heading}">{_table(present, task)}</div>
    <figure class="chart">{charts}<figcaption>{both("chart")}</figcaption></figure>
  </div>
  {_absent(statistics, task)}
</article>"""


def error_card(name: str, words: Words) -> str:
    """The card of a picture that could not be segmented."""
    return f'<article class="result error"><h2>{escape(name)}</h2><p>{spans(words)}</p></article>'


def status(words: Words) -> str:
    """Says aloud how far the work is."""
    return f'<p class="unseen" role="status">{spans(words)}</p>'


def notice(words: Words) -> str:
    return f'<p class="notice" role="status">{spans(words)}</p>'


def empty_card() -> str:
    """What stands where results will be."""
    return f'<div class="empty"><h2>{both("empty_title")}</h2><p>{both("empty")}</p></div>'


def model_note(task: Task, sentence: Words, entry: Entry) -> str:
    """The sentences beside the pickers."""
    return (
        f'<div class="note"><p>{spans(task.sentence)} {both("about_task", trained_on=task.trained_on)}</p>'
        f"<p>{spans(sentence)}</p><p class='facts'>{both('facts_model', **_model_facts(entry))}</p></div>"
    )


def _facts(result: Segmentation, entry: Entry, title: str, drawing: float) -> str:
    height, width = result.mask.shape
    steps = {**result.timings, "drawing": drawing}
    milliseconds = {step: f"{1000 * seconds:.0f}" for step, seconds in steps.items()}
    return " · ".join(
        (
            escape(title),
            both("facts_picture", width=width, height=height),
            both("facts_time", total=f"{1000 * sum(steps.values()):.0f}", **milliseconds),
            both("facts_model", **_model_facts(entry)),
        )
    )


def _model_facts(entry: Entry) -> dict[str, object]:
    return {
        "parameters": entry.parameters / 1e6,
        "parameters_wan": entry.parameters / 1e4,
        "megabytes": f"{entry.bytes / 1e6:.1f}",
        "miou": f"{entry.miou:.3f}",
        "data": entry.data,
        "split": entry.split,
        "pictures": entry.pictures,
        "size": entry.size.replace("x", "×"),
    }


def _unfamiliar(result: Segmentation, entry: Entry) -> str:
    confidence = float(result.confidence.mean())
    if confidence >= entry.usual_confidence:
        return ""
    values = {"trained_on": result.task.trained_on, "confidence": f"{confidence:.2f}", "usual": f"{entry.usual_confidence:.2f}"}
    return f'<p class="warning" role="status">{both("unfamiliar", **values)}</p>'


def _swatch(class_id: int, task: Task) -> str:
    return '<i class="swatch" style="background: rgb({}, {}, {})"></i>'.format(*task.classes[class_id].color)


def class_words(class_id: int, task: Task) -> Words:
    info = task.classes[class_id]
    return Words(info.name, info.name_zh)


def _legend_item(s: ClassStatistics, task: Task) -> str:
    return f"<li>{_swatch(s.id, task)}{spans(class_words(s.id, task))}</li>"


def _table(present: list[ClassStatistics], task: Task) -> str:
    head = "".join(f'<th scope="col">{both(key)}</th>' for key in ("class", "pixels", "share", "regions", "confidence"))
    rows = "".join(
        f'<tr><th scope="row">{_swatch(s.id, task)}{spans(class_words(s.id, task))}</th>'
        f"<td>{s.pixels:,}</td><td>{s.share:.1%}</td><td>{s.regions}</td><td>{s.confidence:.2f}</td></tr>"
        for s in present
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _charts(present: list[ClassStatistics], task: Task) -> str:
    texts = [([getattr(class_words(s.id, task), language) for s in present], say("share_axis", language)) for language in LANGUAGES]
    pictures = zip(LANGUAGES, share_charts(present, task, texts), strict=True)
    return "".join(f'<img lang="{language}" src="{_data_uri("image/svg+xml", svg.encode())}" alt="">' for language, svg in pictures)


def _absent(statistics: list[ClassStatistics], task: Task) -> str:
    absent = [class_words(s.id, task) for s in statistics if not s.pixels]
    if not absent:
        return ""
    names = Words(", ".join(w.en for w in absent), "、".join(w.zh for w in absent))
    return f'<p class="absent">{both("absent", names=names)}</p>'


def _summary(present: list[ClassStatistics], task: Task) -> Words:
    """What the colours show, for somebody who hears the page."""
    parts = {language: [f"{getattr(class_words(s.id, task), language)} {s.share:.0%}" for s in present] for language in LANGUAGES}
    return Words(f": {', '.join(parts['en'])}", f"：{'、'.join(parts['zh'])}")


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
