"""What `evaluate --picture` shows."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmenter
from segdemo.scoring import plots
from segdemo.scoring.evaluation import evaluate
from segdemo.scoring.plots import plot_evaluation
from segdemo.tasks import get_task
from segdemo.tasks.task import classes


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


CHINESE = replace(get_task("nuclei"), classes=classes(("背景", "背景", (0, 0, 0)), ("猫", "猫", (255, 0, 0))))


def evaluation_in_chinese():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    return evaluate(Segmenter(grey_levels(CHINESE.num_outputs), CHINESE), [(image, (image[..., 0] > 99).astype(np.uint8))])


def test_names_that_no_font_has_are_drawn_as_ids_with_a_line(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(plots, "_fonts", lambda: ("DejaVu Sans",))
    plot_evaluation(evaluation_in_chinese(), tmp_path / "scores.svg")
    assert ">1</text>" in (tmp_path / "scores.svg").read_text() and "猫" not in (tmp_path / "scores.svg").read_text()
    assert "No font of this machine has Chinese" in caplog.text


@pytest.mark.skipif(len(plots._fonts()) == 1, reason="no font of this machine has Chinese")
@pytest.mark.filterwarnings("error:Glyph")
def test_chinese_names_are_drawn_in_a_font_that_has_them(tmp_path):
    plot_evaluation(evaluation_in_chinese(), tmp_path / "scores.png")
    plot_evaluation(evaluation_in_chinese(), tmp_path / "scores.svg")
    assert "猫</text>" in (tmp_path / "scores.svg").read_text()
