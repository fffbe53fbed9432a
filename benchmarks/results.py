"""What was measured, against what it must reach."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions, version
from pathlib import Path

import numpy as np
import psutil

from benchmarks.faults import AT_ONCE, MOST_RATIO
from segdemo.models import MODELS
from segdemo.output.markdown import wrapped
from segdemo.scoring.speed import machine
from segdemo.tasks import TASKS

SLOPE = 2  # megabytes a hundred requests that count as no growth: 10 MB over the 500, what the allocator's own unrest amounts to
MORE_AFTER = 100  # megabytes, as after a thousand visits
INT8 = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp")
PACKAGES = ("keras", "tensorflow", "ai_edge_litert", "gradio", "numpy")
RUNTIMES = {"predict": "model.predict", "keras": "tf.function", "litert": "LiteRT", "litert-int8": "LiteRT int8"}


@dataclass(frozen=True)
class Row:
    """One line of the table: the measured ``value``, how it came about, and the most (or the least) it may be."""

    what: str
    value: float
    details: str
    limit: float
    at_least: bool = False
    digits: int = 2

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def cells(self) -> tuple[str, ...]:
        measured = f"{self.value:.{self.digits}f}" + (f" ({self.details})" if self.details else "")
        return self.what, measured, f"{'≥' if self.at_least else '≤'} {self.limit:g}", "yes" if self.met else "**no**"


def describe_machine() -> dict:
    """Processor, cores, its instructions for eight-bit integers, memory, system and the versions that matter."""
    gigabytes = round(psutil.virtual_memory().total / 1e9, 1)
    distributions = packages_distributions()
    versions = {"python": platform.python_version(), **{name: version(distributions[name][0]) for name in PACKAGES}}
    return {"processor": machine(), "int8": _int8_instructions(), "memory": f"{gigabytes} GB", "system": platform.platform(), "versions": versions}


def _int8_instructions() -> list[str]:
    """Those of `INT8` that the processor has, as far as the system tells: without them int8 is hardly faster than float32."""
    cpuinfo = Path("/proc/cpuinfo")
    words = set(cpuinfo.read_text(encoding="utf-8").split()) if cpuinfo.is_file() else set()
    return [name for name in INT8 if name in words]


def rows(parts: dict[str, dict]) -> list[Row]:
    """The lines for the parts that were measured."""
    makers = {
        "network": _network,
        "serving": _serving,
        "browser": _browser,
        "startup": _startup,
        "memory": _memory,
        "batches": _batches,
        "visitors": _visitors,
        "pupils": _pupils,
        "painters": _painters,
        "faults": _faults,
    }
    return [row for name, make in makers.items() if name in parts for row in make(parts[name])]


def _network(part: dict) -> Iterator[Row]:
    for row in part["asked"]:
        title, s, gflop = MODELS[row["model"]].title, row["seconds"], row["flops"] / 1e9
        at_peak = row["flops"] / part["peak"]
        details = f"{ms(s['litert'])} / {ms(s['predict'])}; its FLOPs at the matrix peak alone would be {at_peak / s['predict']:.2f}"
        yield Row(f"{title}: LiteRT / `model.predict`", s["litert"] / s["predict"], details, 0.25)
        details = f"{ms(s['litert'])} / {ms(at_peak)} for {gflop:.2f} GFLOP at {part['peak'] / 1e9:.0f} GFLOP/s"
        yield Row(f"{title}: LiteRT / its FLOPs at the machine's matrix peak", s["litert"] / at_peak, details, 2)
        yield Row(f"{title}: int8 / float32", s["litert-int8"] / s["litert"], f"{ms(s['litert-int8'])} / {ms(s['litert'])}", 0.65)
    worst = max(part["models"], key=_lost)
    yield Row("mIoU lost by int8, at worst", _lost(worst), f"{MODELS[worst['model']].title}, {TASKS[worst['task']].title.en.lower()}", 0.01, digits=4)


def _lost(row: dict) -> float:
    return row["miou"]["keras"] - row["miou"]["litert-int8"]


def _serving(part: dict) -> Iterator[Row]:
    s = part["seconds"]
    for name, what in (("page", "the page"), ("endpoint", "`/segment`")):
        yield Row(f"1920x1080 upload to result: {what} / plain app", s[name] / s["plain"], f"{ms(s[name])} / {ms(s['plain'])}", 0.45)
    yield Row("Upload to result on the page: 4000x3000 / 1920x1080", s["phone"] / s["page"], f"{ms(s['phone'])} / {ms(s['page'])}", 2)
    more, peak = part["peak"]["phone"] - part["peak"]["page"], part["peak"]
    yield Row("The same, MB more at the peak", more, f"{peak['phone']:.0f} - {peak['page']:.0f} MB", 250, digits=0)


def _browser(part: dict) -> Iterator[Row]:
    for name, milliseconds in part["milliseconds"].items():
        yield Row(f"In the browser, {name}: milliseconds of the page's thread a frame", milliseconds, "", 16, digits=1)


def _startup(part: dict) -> Iterator[Row]:
    ours, plain = part["ours"], part["plain"]
    for key, what, unit in (("seconds", "start to a page that answers", "s"), ("megabytes", "memory at that moment", "MB")):
        digits = 1 if unit == "s" else 0
        yield Row(f"Cold start, {what}: ours / plain app", ours[key] / plain[key], f"{ours[key]:.{digits}f} / {plain[key]:.{digits}f} {unit}", 0.5)


def _memory(part: dict) -> Iterator[Row]:
    yield Row("Memory after serving every model, MB", part["served"], "", 500, digits=0)
    number, megabytes = part["over"][-1]
    details = f"{part['served']:.0f} MB, after {number} requests {megabytes:.0f} MB"
    yield Row("Memory growth in the second half, MB a hundred requests", growth(part["over"]), details, SLOPE)


def growth(over: list[tuple[int, float]]) -> float:
    """Slope of the line through the second half of (requests, megabytes), in megabytes a hundred requests."""
    requests, megabytes = np.transpose(over[len(over) // 2 :])
    return float(100 * np.polyfit(requests, megabytes, 1)[0])


def _batches(part: dict) -> Iterator[Row]:
    s = part["seconds"]
    yield Row(f"{part['pictures']} files in a batch / the network alone", s["batch"] / s["network"], f"{ms(s['batch'])} / {ms(s['network'])}", 1.2)


def _visitors(part: dict) -> Iterator[Row]:
    people, together, alone = part["people"], part["together"], part["alone"]
    yield Row(f"{people} visitors at once: errors", len(part["errors"]), "", 0, digits=0)
    yield Row(f"{people} visitors at once: told their place in the queue", part["told"], "", people, at_least=True, digits=0)
    yield Row(f"{people} visitors at once: throughput / one visitor's", together / alone, f"{together:.1f} / {alone:.1f} results a second", 0.9, at_least=True)


def _pupils(part: dict) -> Iterator[Row]:
    pupils, details = part["pupils"], f"the longest {part['longest']:.1f} s; one pupil alone: {ms(part['alone'])}"
    yield Row(f"{pupils} pupils in one step of the lesson at once: median seconds to an answer", part["median"], details, 3)
    yield Row(f"{pupils} pupils in one step of the lesson at once: errors", len(part["errors"]), "", 0, digits=0)


def _painters(part: dict) -> Iterator[Row]:
    people, details = part["people"], f"the longest {part['longest']:.1f} s"
    yield Row(f"{people} people teach at once: median seconds from a stroke to its mask", part["median"], details, 2)
    yield Row(f"{people} people teach at once: MB at the peak", part["megabytes"], "", 1500, digits=0)
    yield Row(f"{people} people teach at once: masks that are not theirs", part["others"], "", 0, digits=0)
    yield Row(f"{people} people teach at once: errors", len(part["errors"]), "", 0, digits=0)


def _faults(part: dict) -> Iterator[Row]:
    alone, trouble, once = part["alone"], part["with_trouble"], part["at_once"]
    who, groups = f"{part['clients']} clients for {part['minutes']:g} minutes", (alone, trouble, once)
    slow, usual = trouble["median_seconds"], alone["median_seconds"]
    beside = "median beside slow readers, cut-off uploads, broken files and a flood / without"
    yield Row(f"{who}: {beside}", slow / usual, f"{slow:.1f} / {usual:.1f} s", MOST_RATIO)
    answers = sum(each["answers"] for each in groups)
    yield Row(f"{who}, then {AT_ONCE} at once: wrong masks", sum(each["wrong"] for each in groups), f"of {answers}", 0, digits=0)
    yield Row("The same: answers lost", sum(each["lost"] for each in groups), "", 0, digits=0)
    served = f"{once['answers']} were answered, the last after {once['longest_seconds'] or 0:.1f} s, the others told when to come back"
    yield Row(f"{AT_ONCE} at once: neither answered nor told", AT_ONCE - once["answers"] - once["told_to_come_back"], served, 0, digits=0)
    before, after = part["megabytes"]["before"], part["megabytes"]["after"]
    yield Row("MB more after all of them", after - before, f"{after} - {before} MB", MORE_AFTER, digits=0)


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.{0 if seconds >= 0.1 else 1}f} ms"


def table(parts: dict[str, dict]) -> str:
    """What, measured, target, met or not."""
    return _table(("what", "measured", "target", "met"), [row.cells() for row in rows(parts)])


def markdown(results: dict) -> str:
    """docs/benchmarks.md."""
    facts, parts = results["machine"], results["parts"]
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    dates = " to ".join(sorted({min(p["date"] for p in parts.values()), max(p["date"] for p in parts.values())}))
    texts = [
        "# How fast it is",
        f"Made by `make bench` on {facts['processor']} ({facts['memory']}, {facts['system']}), {dates}, with {versions}. The numbers behind "
        "this are in [`benchmarks/results.json`](../benchmarks/results.json). Times are medians, the things compared taking turns; memory is "
        "read once at each step, and the matrix peak is the best of several products by NumPy and by TensorFlow. The plain app is "
        "[`benchmarks/plain_app.py`](../benchmarks/plain_app.py): the same weights, `model.predict`, arrays. "
        f"Instructions for eight-bit integers ({', '.join(INT8)}), without which int8 gains little: {', '.join(facts['int8']) or 'none'}.",
        table(parts),
    ]
    if "network" in parts:
        texts += [
            "## The network alone",
            "![mIoU on val against the network's time](accuracy_time.svg)",
            _table(("task", "model", "size", "GFLOP", *RUNTIMES.values(), "mIoU", "mIoU, int8"), [_model_cells(row) for row in parts["network"]["models"]]),
            "A batch of one, of the area at which the network sees the pictures of its scores; the targets above are for 480x360. The scores are "
            "those of the networks that are published now. A multiply-add is two "
            "FLOP; those of all convolutions are counted, at the padded size. The time has also what is not counted: "
            "scaling and padding the picture, bilinear resizing, sums, activations.",
        ]
    if "startup" in parts:
        first = {name: f"{parts['startup'][name]['first_result']:.1f} s" for name in ("ours", "plain")}
        texts.append(f"From `python app.py` to the first visitor's finished result: {first['ours']}; the plain app: {first['plain']}.")
    if "memory" in parts:
        over = [(str(number), f"{megabytes:.0f}") for number, megabytes in parts["memory"]["over"]]
        texts += ["## Memory over the requests", "Each read a second after the same last answers.", _table(("requests", "MB"), over)]
    return wrapped("\n\n".join(texts)) + "\n"


def _model_cells(row: dict) -> tuple[str, ...]:
    height, width = row["size"]
    names = (TASKS[row["task"]].title.en, MODELS[row["model"]].title, f"{width}x{height}", f"{row['flops'] / 1e9:.2f}")
    return *names, *(ms(row["seconds"][runtime]) for runtime in RUNTIMES), *(f"{row['miou'][runtime]:.3f}" for runtime in ("keras", "litert-int8"))


def _table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *lines))
