"""Results to take home: the numbers as CSV and JSON, and everything as a ZIP."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from segdemo.inference.segmentation import Segmentation
from segdemo.inference.statistics import ClassStatistics
from segdemo.output.tables import cell, csv_text, encodable, number
from segdemo.output.visualization import jpeg, overlay, palette_png
from segdemo.tasks import Task

COLUMNS = ("picture", "id", "class", "class_zh", "pixels", "share", "regions", "confidence")

LONGEST_STEM = 200  # bytes; with its ending a name stays within the 255 of most file systems
RESERVED = '<>:"|?*'  # in file names, by Windows, as are the names of its devices
DEVICE = re.compile("(con|prn|aux|nul|(com|lpt)[0-9¹²³])", re.IGNORECASE)


def statistics_csv(name: str, result: Segmentation) -> str:
    """One row a class, present or not, under the names in `COLUMNS`, as in RFC 4180; starts with a byte order mark.

    Args:
        name: the picture's file name.

    Returns:
        Text to be written as UTF-8. The confidence of an absent class is empty; text that a spreadsheet would take for a formula starts with an apostrophe.
    """
    return csv_text(COLUMNS, _rows(name, result.task, result.statistics()))


def statistics_json(name: str, result: Segmentation, settings: dict[str, str]) -> str:
    """The same and more as a JSON object: "settings", "picture", "width", "height", "mean_confidence", "unfamiliar", "located", "seconds" a step, "classes".

    The confidence of an absent class is null.
    """
    return _json({"settings": settings, "picture": name, **_record(result, result.statistics())})


class Archive:
    """A ZIP file of NAME.mask.png and NAME.overlay.jpg of each picture, and the statistics of all in statistics.csv and statistics.json.

    Args:
        settings: what made them, for example {"model": "unet", "task": "street"}.
        report: makes a page of HTML of a picture's name and result, which becomes NAME.report.html; see `report.report_html`.
        overlays: whether they are wanted.

    NAME is the file name's stem, made safe by `safe_name`; equal ones get -2, -3 and so on. The statistics call the picture by the same name, and
    statistics.json gives "settings" and, in "pictures", objects as of `statistics_json` with the names "mask" and "overlay" of its files.
    """

    def __init__(self, settings: dict[str, str], report: Callable[[str, Segmentation], str] | None = None, overlays: bool = True):
        self.settings, self.report, self.overlays = settings, report, overlays
        self.rows: list[tuple] = []
        self.records: list[dict] = []
        self._taken: set[str] = set()
        self._file = io.BytesIO()
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, result: Segmentation) -> None:
        """One picture's files, by its file name; the result is not held on to."""
        name = _unused(safe_name(name), self._taken)
        stem = PurePosixPath(name).stem
        files = {"mask": f"{stem}.mask.png"}
        self._zip.writestr(files["mask"], palette_png(result.mask, result.task), zipfile.ZIP_STORED)
        if self.overlays:
            files["overlay"] = f"{stem}.overlay.jpg"
            self._zip.writestr(files["overlay"], jpeg(overlay(result.image, result.separated, result.task)), zipfile.ZIP_STORED)
        if self.report:
            self._zip.writestr(f"{stem}.report.html", encodable(self.report(name, result)))
        statistics = result.statistics()
        self.rows += _rows(name, result.task, statistics)
        self.records.append({"picture": name, **files, **_record(result, statistics)})

    def write(self, name: str, text: str) -> None:
        """A text file of one's own."""
        self._zip.writestr(name, encodable(text))

    def finish(self) -> bytes:
        """The file, with the statistics; nothing can be added afterwards."""
        self._zip.writestr("statistics.csv", csv_text(COLUMNS, self.rows))
        self._zip.writestr("statistics.json", _json({"settings": self.settings, "pictures": self.records}))
        self._zip.close()
        return self._file.getvalue()


def safe_name(name: str) -> str:
    """A file name that every system can write: no folders, no "..", no control or reserved characters, not too long."""
    name = unicodedata.normalize("NFC", encodable(name)).replace("\\", "/").rpartition("/")[2]
    name = "".join(c if c.isprintable() and c not in RESERVED else "_" for c in name)
    path = PurePosixPath(re.sub(r"\.{2,}", ".", name).strip(". "))
    stem = path.stem.encode()[:LONGEST_STEM].decode(errors="ignore").rstrip(". ") or "picture"
    if DEVICE.fullmatch(stem.partition(".")[0].rstrip()):
        stem = f"_{stem}"
    return stem + path.suffix


def names_apart(names: Iterable[str]) -> list[str]:
    """File names of which no two are the same, see `Archive`: phones call every picture image.jpg."""
    taken: set[str] = set()
    return [_unused(name, taken) for name in names]


def _unused(name: str, taken: set[str]) -> str:
    """The name, its stem numbered if another has it, be it in capitals: Windows and macOS would not tell them apart."""
    path = PurePosixPath(name)
    stem, number = path.stem, 1
    while stem.casefold() in taken:
        number += 1
        stem = f"{path.stem}-{number}"
    taken.add(stem.casefold())
    return stem + path.suffix


def _rows(name: str, task: Task, statistics: list[ClassStatistics]) -> list[tuple]:
    return [
        (cell(name), s.id, cell(s.name), cell(task.classes[s.id].name_zh), s.pixels, s.share, s.regions, number(s.confidence))  # in the order of COLUMNS
        for s in statistics
    ]


def _record(result: Segmentation, statistics: list[ClassStatistics]) -> dict[str, object]:
    height, width = result.mask.shape
    names = [info.name_zh for info in result.task.classes]
    return {
        "width": width,
        "height": height,
        "mean_confidence": number(result.mean_confidence),
        "unfamiliar": result.unfamiliar,
        "located": result.located_boxes,
        "seconds": {step: number(seconds) for step, seconds in result.timings.items()},
        "classes": [{**vars(s), "name_zh": names[s.id], "confidence": number(s.confidence)} for s in statistics],
    }


def _json(content: dict[str, object]) -> str:
    return encodable(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)) + "\n"
