"""What an architecture is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segdemo.languages import Words

if TYPE_CHECKING:
    import keras

BACKBONE_END = {"block_16_project_BN": Words("end of the backbone, stride 32", "骨干网络末端，步幅 32")}


@dataclass(frozen=True)
class Architecture:
    """An architecture: one file in this folder holds its layers and all that is said of it.

    Attributes:
        name: The id used in commands and file names.
        build: (num_outputs, pretrained) -> an untrained head on a (perhaps pretrained) backbone, a model from RGB to logits.
        title: As the paper writes it.
        sentence: The idea in one sentence.
        paper, url: Authors and year, and where to read it.
        backbone: What it stands on, for the model cards.
        layers: The layers whose features are worth a look, by their Keras names, with their titles; the first is the default.
        shown: Whether the page offers it where there are weights. Others are to be trained only: what an architecture was before it
            was pruned, and what shows the worth of a part.
        place: Where it stands in every list; equal ones by name.
        recipe: What its training does otherwise than the task's; see `Task.recipe`.
    """

    name: str
    build: Callable[..., keras.Model]
    title: str = ""
    sentence: Words = Words("", "")
    paper: str = ""
    url: str = ""
    backbone: str = "MobileNetV2, from ImageNet weights"
    layers: Mapping[str, Words] = field(default_factory=dict, hash=False)
    shown: bool = True
    place: int = 100
    recipe: Mapping[str, object] = field(default_factory=dict, hash=False)
