"""A result in a notebook: the picture under its classes, and what there is of each."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from segdemo.images import shrink

if TYPE_CHECKING:
    from segdemo.inference.segmentation import Segmentation

LONGEST_SIDE = 640
OPACITY = 0.55


def html_of(result: Segmentation) -> str:
    """HTML with the picture and the classes inside of it, as Jupyter shows it."""
    image, mask = shrink(result.image, result.mask, LONGEST_SIDE)
    mixed = image * (1 - OPACITY) + result.task.palette[mask] * OPACITY
    if (background := result.task.background_id) is not None:
        mixed = np.where((mask == background)[..., None], image, mixed)
    found = sorted((s for s in result.statistics() if s.pixels), key=lambda s: -s.pixels)
    rows = "".join(
        f'<tr><td style="background: rgb{result.task.classes[s.id].color}">&emsp;</td><td style="text-align: left">{escape(s.name)}</td>'
        f"<td>{s.share:.1%}</td><td>{s.confidence:.2f}</td></tr>"
        for s in found
    )
    return (
        f'<div style="display: flex; flex-wrap: wrap; gap: 1em; align-items: start"><img alt="{escape(repr(result))}" src="{_data(mixed)}">'
        f"<table><thead><tr><th></th><th>{escape(result.task.title.en)}</th><th>share</th><th>confidence</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _data(image: np.ndarray) -> str:
    Image.fromarray(image.astype(np.uint8)).save(stream := io.BytesIO(), "JPEG", quality=90)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
