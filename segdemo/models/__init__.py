"""The architectures, by the names the commands use. Each builder is (num_outputs, pretrained) -> keras.Model from RGB to logits."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import keras

from segdemo.models.deeplab import deeplabv3plus
from segdemo.models.fcn import fcn8s
from segdemo.models.unet import unet

WIDE_UNET = partial(unet, widths=(128, 64, 32, 16))
WIDE_DEEPLAB = partial(deeplabv3plus, branch=128, inner=128, low_level=48, expansion=960)
BUILDERS = {
    "fcn8s": fcn8s,
    "unet": unet,
    "deeplabv3plus": deeplabv3plus,
    # As they were trained before they were pruned:
    "unet-wide": WIDE_UNET,
    "deeplabv3plus-wide": WIDE_DEEPLAB,
    # For comparison only, to show what a part is worth:
    "fcn16s": partial(fcn8s, variant="16s"),
    "fcn32s": partial(fcn8s, variant="32s"),
    "unet-wide-without-skips": partial(WIDE_UNET, skips=False),
    "deeplabv3plus-wide-without-rates": partial(WIDE_DEEPLAB, rates=(1, 1, 1)),
}


def build(name: str, num_outputs: int, pretrained: str | Path | None = None) -> keras.Model:
    """An untrained head on a (perhaps pretrained) backbone; see the builder of that name.

    Raises:
        ValueError: if there is no such model; the message lists the known ones.
    """
    if name not in BUILDERS:
        raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(BUILDERS)}.")
    return BUILDERS[name](num_outputs, pretrained)
