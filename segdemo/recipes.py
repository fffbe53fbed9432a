"""How each task is trained: every choice in one table. All were made on the validation split."""

from __future__ import annotations

from dataclasses import dataclass

from segdemo.data.augmentation import Augmentation


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


AGAIN = 0.4  # of the peak rate, for a model that is trained already: the whole of it would first undo what it knows
COLOR = {"brightness": 0.15, "contrast": 0.3, "saturation": 0.3, "hue": 0.02}

RECIPES: dict[str, Recipe] = {
    # A dash-cam is never upside down: no vertical flip.
    "street": Recipe(
        crop=(288, 384),
        batch=8,
        epochs=24,
        peak_rate=8e-4,
        freeze_before="block_1_expand",
        augmentation=Augmentation(scale=(0.6, 1.5), rotation=3, flip=True, blur=0.1, **COLOR),
    ),
    "animals": Recipe(
        crop=(320, 320),
        batch=8,
        epochs=15,
        peak_rate=5e-4,
        freeze_before="block_1_expand",
        class_weights=False,
        augmentation=Augmentation(scale=(0.57, 1.5), rotation=5, flip=True, paste=0.5, **COLOR),
    ),
    # Cells have no up: any rotation, either flip, and strong changes of colour, for stains differ. Most pictures are
    # held at nearly twice their size (`tasks.NUCLEI`): the scales reach from less than the original to more than twice.
    "nuclei": Recipe(
        crop=(256, 256),
        batch=8,
        epochs=30,
        peak_rate=8e-4,
        augmentation=Augmentation(
            scale=(0.45, 1.5), rotation=180, flip=True, flip_vertical=True, brightness=0.2, contrast=0.4, saturation=0.5, hue=0.1, blur=0.1
        ),
    ),
    # Very few people: everything that a photographer may change is changed.
    "faces": Recipe(
        crop=(320, 320),
        batch=8,
        epochs=60,
        peak_rate=8e-4,
        freeze_before="block_1_expand",
        augmentation=Augmentation(scale=(0.6, 1.4), rotation=20, flip=True, brightness=0.25, contrast=0.4, saturation=0.5, hue=0.04, blur=0.2),
    ),
}
DEFAULT = Recipe(
    crop=(288, 288),
    batch=8,
    epochs=30,
    peak_rate=6e-4,
    freeze_before="block_1_expand",
    augmentation=Augmentation(scale=(0.6, 1.6), rotation=5, flip=True, **COLOR),
)
