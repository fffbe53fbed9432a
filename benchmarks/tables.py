"""Writes the score tables of README.md and README.zh-CN.md from weights/manifest.json, the model cards, and their pictures of failures.

python -m benchmarks.tables
"""

from __future__ import annotations

import re
from pathlib import Path

from segdemo import MODELS, TASKS
from segdemo.model_card import model_card
from segdemo.plots import plot_failures
from segdemo.zoo import entries, load

ROOT = Path(__file__).resolve().parent.parent
HEADS = {
    "README.md": ("task", "model", "mIoU", "mIoU, int8", "pixel accuracy", "boundary F1", "count error", "scored on", "parameters", "file"),
    "README.zh-CN.md": ("任务", "模型", "mIoU", "mIoU（int8）", "像素准确率", "边界 F1", "计数误差", "评测数据", "参数量", "文件"),
}


def table(readme: str) -> str:
    """The Markdown table for one README."""
    language = "zh" if "zh" in readme else "en"
    rows = [HEADS[readme], ("---",) * len(HEADS[readme])]
    for (task, model), e in sorted(entries().items(), key=lambda item: (list(TASKS).index(item[0][0]), list(MODELS).index(item[0][1]))):
        scores = [
            f"{value:.3f}" if value is not None else "" for value in (e.miou, e.runtimes["litert-int8"]["miou"], e.pixel_accuracy, e.boundary_f1, e.count_error)
        ]
        scored = f"{e.data} {e.split}, {e.pictures} × {e.size}"
        title = getattr(TASKS[task].title, language)
        rows.append((title, MODELS[model].title, *scores, scored, f"{e.parameters / 1e6:.2f} M", f"{e.bytes / 1e6:.1f} MB"))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def filled(readme: str) -> str:
    """The README with its table renewed."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    return re.sub(r"(<!-- scores: [^>]*-->\n).*?(<!-- /scores -->)", lambda m: f"{m[1]}\n{table(readme)}\n\n{m[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    for name in HEADS:
        (ROOT / name).write_text(filled(name), encoding="utf-8")
    for (task, model), entry in entries().items():
        plot_failures(load(model, task), ROOT / "docs" / "failures" / f"{task}-{model}.jpg")
        (ROOT / "weights" / f"{task}-{model}.md").write_text(model_card(entry), encoding="utf-8")
