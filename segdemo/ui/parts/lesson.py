"""What the browser sends of a visitor's lesson, checked, and what is learned of it."""

from __future__ import annotations

import base64
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np

from segdemo.images import read_to_show
from segdemo.inference.segmentation import Segmentation
from segdemo.teaching.clicks import Click, Looks, extents
from segdemo.teaching.correction import Corrected, as_painted
from segdemo.teaching.features import Eye
from segdemo.teaching.strokes import MOST_CLASSES, UNPAINTED, TeachError, check_names
from segdemo.teaching.taught import Seen, TaughtSegmenter, look, teach
from segdemo.ui.parts.pickers import named
from segdemo.zoo import eye, unseeing_eye, what_is_corrected

LONGEST_SIDE = 1000  # pixels at which a picture is painted on
MOST_CLICKS = 100  # on a picture
MOST_PAGES = 12  # pictures of a lesson
KEPT = 40  # pictures of all visitors, the latest, whose features stay: some ten megabytes each

_kept: OrderedDict[tuple[str, str], tuple[np.ndarray, Seen]] = OrderedDict()
_looking = threading.Lock()


@dataclass(frozen=True)
class Lesson:
    """What was painted on which pictures.

    Attributes:
        serial: the number that the browser gave it. page: the picture that is shown.
        paths: of the pictures. titles: their names, of which no two are the same. strokes: of each (h, w) uint8, or None where nothing is painted.
        names, colors: of the classes. unseeing: whether the network shall be one that has learned nothing.
        clicks: on objects of each picture.
        corrected: whose results the strokes correct, or None.
        all: whether the results of all pictures are asked for, not only of the one that is shown.
    """

    serial: int
    page: int
    paths: tuple[Path, ...]
    titles: tuple[str, ...]
    strokes: tuple[np.ndarray | None, ...]
    names: tuple[str, ...]
    colors: tuple[tuple[int, ...], ...]
    unseeing: bool
    clicks: tuple[tuple[Click, ...], ...] = ()
    corrected: Corrected | None = None
    all: bool = False

    @classmethod
    def of(cls, paths: Sequence[tuple[str, Any]] | None, asked: object) -> Self:
        """The lesson in what `assets/teach/` sent: it comes from the browser, where anybody can write anything.

        Raises:
            TeachError: if it makes no sense.
        """
        there = named((paths or [])[:MOST_PAGES])
        try:
            assert isinstance(asked, dict)
            titles = tuple(name for name in there if name in asked["pictures"])  # those that could be read are shown
            serial, page, names, colors, strokes = (asked[key] for key in ("serial", "page", "names", "colors", "strokes"))
            assert isinstance(serial, int) and page in range(len(titles)) and len(strokes) <= len(titles)
            assert asked["pictures"] == [*titles]
            assert len(colors) == len(names) and all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)
        except (AssertionError, KeyError, TypeError) as error:
            raise _senseless() from error
        chosen = tuple(there[name] for name in titles)
        rgb = tuple(tuple(int(color[i : i + 2], 16) for i in (1, 3, 5)) for color in colors)
        painted = tuple(_strokes(letters, path) for letters, path in zip(strokes, chosen, strict=False))
        corrected = _corrected(asked.get("corrects"), len(names))
        most = MOST_CLASSES + (corrected.segmenter.task.num_classes if corrected else 0)
        clicks = _clicks(asked.get("clicks", []), len(chosen), len(names))
        return cls(
            serial, page, chosen, titles, painted, check_names(names, most), rgb, asked.get("unseeing") is True, clicks, corrected, asked.get("all") is True
        )

    def learned(self) -> TaughtSegmenter:
        """See `segdemo.teach`; what was clicked counts as painted."""
        painted = {number: strokes for number in range(len(self.paths)) if (strokes := self.strokes_of(number)) is not None}
        if self.corrected and not painted:  # nothing is wrong yet
            painted = {self.page: np.full(self.shown()[0].shape[:2], UNPAINTED, np.uint8)}
        if not painted:
            raise TeachError("Nothing is painted yet: paint a stroke of each class.", "还没有任何笔画：请为每个类别画一笔。")
        looked = [self.seen(number) for number in painted]
        return teach(_eye(self.unseeing), looked, list(painted.values()), self.names, self.colors, self.corrected)

    def seen(self, number: int) -> Seen:
        """What is seen of a picture."""
        return _seen(self.paths[number], self.unseeing, self.corrected)[1]

    def shown(self) -> tuple[np.ndarray, Seen]:
        """The picture that is shown, as it is painted on, and what is seen of it."""
        return _seen(self.paths[self.page], self.unseeing, self.corrected)

    def result(self, segmenter: TaughtSegmenter, number: int) -> Segmentation:
        """Of a picture, as large as it is painted on; where somebody painted, it is what was painted."""
        image, seen = _seen(self.paths[number], self.unseeing, self.corrected)
        return as_painted(segmenter.decide(image, segmenter.network.of_seen(seen), {}), self.strokes_of(number))

    def strokes_of(self, number: int) -> np.ndarray | None:
        """What is painted on a picture, and beside it what was clicked; if that is one class only, all the rest is another."""
        strokes = self.strokes[number] if number < len(self.strokes) else None
        clicks = self.clicks[number] if number < len(self.clicks) else ()
        if not clicks:
            return strokes
        taken = _extents(self.paths[number], self.unseeing, clicks)
        if strokes is not None:
            taken = np.where(strokes == UNPAINTED, taken, strokes)
        if not self.corrected and len(ids := self._ids()) == 1:
            taken = np.where(taken == UNPAINTED, np.uint8(0 if ids != {0} else 1), taken)
        return taken.astype(np.uint8)

    def _ids(self) -> set[int]:
        """Of the classes of which anything is painted or clicked."""
        painted = {int(i) for each in self.strokes if each is not None for i in np.unique(each)} - {UNPAINTED}
        return painted | {click.id for each in self.clicks for click in each}


@lru_cache(KEPT)
def _extents(path: Path, unseeing: bool, clicks: tuple[Click, ...]) -> np.ndarray:
    image, seen = _seen(path, unseeing)
    return extents(seen, clicks, image.shape[:2])


def looks_of(path: Path) -> Looks:
    """How the cells of a picture look, so that the browser can light what is under the pointer."""
    return Looks.of(_seen(path, False)[1].maps)


def _clicks(asked: object, pages: int, classes: int) -> tuple[tuple[Click, ...], ...]:
    try:
        assert isinstance(asked, list) and len(asked) <= pages and all(len(each) <= MOST_CLICKS for each in asked)
        clicks = tuple(tuple(Click(float(y), float(x), i) for y, x, i in each) for each in asked)
        assert all(0 <= c.y < 1 and 0 <= c.x < 1 and type(c.id) is int and c.id in range(classes) for each in clicks for c in each)
    except (AssertionError, TypeError, ValueError) as error:
        raise _senseless() from error
    return clicks


def _corrected(asked: object, classes: int) -> Corrected | None:
    if asked is None:
        return None
    try:
        assert isinstance(asked, dict) and len(asked["ids"]) == classes and all(i is None or type(i) is int for i in asked["ids"])
        return what_is_corrected(str(asked["task"]), str(asked["model"]), tuple(asked["ids"]))
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise _senseless() from error


def picture_to_paint(path: Path) -> np.ndarray:
    """(h, w, 3) uint8: the picture as large as it is painted on."""
    return read_to_show(path, LONGEST_SIDE)[0]


def look_beforehand(path: Path) -> None:
    """So that the first stroke need not wait."""
    _seen(path, False)


def least_sure(confidence: np.ndarray, strokes: np.ndarray | None) -> tuple[float, float] | None:
    """Where a stroke would teach most: (y, x) in shares of the sides, or None where it is sure of all; not where something is painted already."""
    size = (64, 64)
    doubt = cv2.resize(1 - confidence, size, interpolation=cv2.INTER_AREA)
    doubt = cv2.GaussianBlur(doubt, (0, 0), 2)
    if strokes is not None:
        painted = cv2.resize((strokes != UNPAINTED).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        doubt[cv2.dilate(painted.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0
    y, x = np.unravel_index(doubt.argmax(), size)
    return ((float(y) + 0.5) / size[0], (float(x) + 0.5) / size[1]) if doubt[y, x] > SURE else None


SURE = 0.1  # a doubt that is not worth a stroke


def _eye(unseeing: bool) -> Eye:
    return unseeing_eye() if unseeing else eye()


def _seen(path: Path, unseeing: bool, corrected: Corrected | None = None) -> tuple[np.ndarray, Seen]:
    key = str(path), f"{unseeing} {corrected.made_of if corrected else ''}"
    with _looking:
        if key not in _kept:
            image = picture_to_paint(path)
            _kept[key] = image, look(_eye(unseeing), image, corrected)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _strokes(letters: object, path: Path) -> np.ndarray | None:
    """(h, w) uint8 of what the browser packed; no more is unpacked than the picture has pixels."""
    if letters is None:
        return None
    image = _seen(path, False)[0]
    height, width = image.shape[:2]
    try:
        unpacker = zlib.decompressobj()
        ids = unpacker.decompress(base64.b64decode(str(letters), validate=True), height * width + 1)
    except (ValueError, zlib.error) as error:
        raise _senseless() from error
    if len(ids) != height * width:
        raise _senseless()
    return np.frombuffer(ids, np.uint8).reshape(height, width)


def _senseless() -> TeachError:
    return TeachError("These strokes are not of these pictures. Load the page again.", "这些笔画与当前图片不符，请重新载入页面。")
