"""What `evaluate --picture` shows."""

import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmenter
from segdemo.scoring.evaluation import evaluate
from segdemo.scoring.plots import plot_evaluation
from segdemo.tasks import get_task


def grey_levels(outputs):
    """A network that takes dark for the first class, and bright for the last."""
    return lambda images: 5 * np.eye(outputs, dtype=np.float32)[(images[..., 0].astype(int) * outputs) // 256]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_an_evaluation_becomes_a_picture_that_names_the_classes(tmp_path, suffix):
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    target = np.random.default_rng(1).integers(0, 6, (64, 64)).astype(np.uint8)
    path = tmp_path / f"scores.{suffix}"
    plot_evaluation(evaluate(Segmenter(grey_levels(6), get_task("faces")), [(image, target)]), path)
    if suffix == "png":
        picture = np.asarray(Image.open(path).convert("RGB"))
        assert min(picture.shape[:2]) > 300 and picture.std() > 10
    else:
        text = path.read_text()
        assert all(f">{name}</text>" in text for name in get_task("faces").class_names)
