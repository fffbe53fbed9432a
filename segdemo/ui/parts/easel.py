"""The part of Teach that lives in the browser: what is painted on, and its scripts."""

from __future__ import annotations

from markupsafe import Markup

from segdemo.languages import Words
from segdemo.teaching.strokes import MOST_CLASSES
from segdemo.teaching.taught import COLORS
from segdemo.ui.parts.assets import Script, scripts
from segdemo.ui.parts.templating import render
from segdemo.ui.text import words_of

SCRIPTS = ("lesson", "ink", "found", "palette", "corrects", "server", "painting", "clicks", "controls", "keep", "begin")
SAID = ("start", "wrong", "correcting", "other", "strokes", "area", "called", "color", "name", "remove", "add", "class")


TAKEN = ("overlay", "mask", "cutout", "csv", "classifier", "folder")
"""What there is to take; `text` says "take_KIND" of each."""


def easel(alone: bool = False) -> Markup:
    """Its HTML; see `assets/teach/`. ``alone``: whether there is no server beside it, which has Batch and a network that has learned nothing."""
    said = {key: vars_of(words_of(f"teach_{key}")) for key in SAID}
    names = [vars_of(words_of("teach_this")), vars_of(words_of("teach_rest"))]
    colors = ["#{:02x}{:02x}{:02x}".format(*color) for color in COLORS]
    return render("teach", colors=colors, names=names, said=said, most=MOST_CLASSES, kinds=TAKEN, alone=alone)


def easel_script() -> Script:
    """What brings it to life, with `element` and `trigger`."""
    return scripts("teach", SCRIPTS)


def vars_of(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}
