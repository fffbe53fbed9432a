"""How a model is trained: every choice in one table. What a task or an architecture does otherwise stands in its own file.

All choices were made on the validation split.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from segdemo.data.augmentation import Augmentation
from segdemo.models import ARCHITECTURES
from segdemo.tasks import Task


@dataclass(frozen=True)
class Recipe:
    """Attributes:
    crop: (height, width) of a training view, multiples of 32.
    batch: views a step.
    epochs: passes over the training split.
    peak_rate: AdamW's learning rate after one epoch of linear warm-up; a cosine then takes it to zero. `AGAIN` of it for a
        whole model that is gone on from.
    weight_decay: AdamW's.
    freeze_before: the backbone's layers before this one keep their ImageNet weights; "" freezes none. The
        first layers know edges and textures, which need no new lesson, and are most of the work.
    augmentation: what varies between views.
    average: of how many epochs the running mean of the weights is that is validated and kept.
    class_weights: whether rare classes weigh more (`losses.median_frequency_weights`).
    share: of the training pictures, 0 to 1.
    steps: an epoch's; by default those that show every picture once.
    head_epochs: before all others, with a new head on a trained body: in these only the new layers are trained. See `training.transfer`.
    """

    crop: tuple[int, int]
    batch: int
    epochs: int
    peak_rate: float
    augmentation: Augmentation
    weight_decay: float = 1e-4
    freeze_before: str = ""
    average: float = 1.1
    class_weights: bool = True
    share: float = 1.0
    steps: int | None = None
    head_epochs: int = 0


AGAIN = 0.4  # of the peak rate, for a model that is trained already: the whole of it would first undo what it knows
DEFAULT = Recipe(
    crop=(288, 288),
    batch=8,
    epochs=30,
    peak_rate=6e-4,
    freeze_before="block_1_expand",
    augmentation=Augmentation(scale=(0.6, 1.6), rotation=5, flip=True, brightness=0.15, contrast=0.3, saturation=0.3, hue=0.02),
)


def recipe_of(task: Task, model: str) -> Recipe:
    """`DEFAULT`, but for what the task and then the architecture called ``model`` do otherwise.

    Raises:
        ValueError: if either names something that a `Recipe` or an `Augmentation` does not have.
    """
    recipe = DEFAULT
    for owner, changes in ((task.name, task.recipe), (model, ARCHITECTURES[model].recipe)):
        try:
            recipe = _changed(recipe, changes)
        except TypeError as error:
            raise ValueError(f"The recipe of {owner!r} has a field that there is none of: {error}.") from error
    return recipe


def _changed(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    augmentation = replace(recipe.augmentation, **changes.get("augmentation", {}))
    return replace(recipe, **{**changes, "augmentation": augmentation})
