from dataclasses import replace

import numpy as np
import pytest

from segdemo.inference.segmentation import Segmenter
from segdemo.tasks import TASKS
from segdemo.training.distillation import corrected, opinions, remembered, teachers

FACES = TASKS["faces"]


def says(logits, temperature=1.0):
    """A model that gives every pixel these logits."""
    return Segmenter(lambda images: np.broadcast_to(np.float32(logits), (*images.shape[:3], len(logits))), FACES, temperature=temperature)


def test_the_opinion_is_the_models_mean_at_a_quarter_of_the_size():
    # softmax of (0, 0, log 2) is (1/4, 1/4, 1/2); of (2 log 3, 0, 0) at temperature 2 it is (3/5, 1/5, 1/5)
    models = [says([0, 0, np.log(2)]), says([2 * np.log(3), 0, 0], temperature=2)]
    (opinion,) = opinions(models, [np.zeros((10, 16, 3), np.uint8)])
    assert (opinion.shape, opinion.dtype) == ((3, 4, 3), np.uint8)
    np.testing.assert_array_equal(opinion[1, 2], np.round([255 * 0.425, 255 * 0.225, 255 * 0.35]))


def test_where_a_borrowed_mask_knows_the_class_the_models_are_not_asked():
    opinion = np.full((1, 2, 3), 85, np.uint8)
    mask = np.array([[2] * 4 + [255] * 4] * 4, np.uint8)
    assert corrected(opinion, mask).tolist() == [[[0, 0, 255], [85, 85, 85]]]
    assert (opinion == 85).all()


def test_the_teachers_are_the_task_s_published_models():
    assert {segmenter.model for segmenter in teachers(FACES)} == {"fcn8s", "unet", "deeplabv3plus"}
    assert {segmenter.task.name for segmenter in teachers(FACES)} == {"faces"}


def test_without_published_models_there_is_no_teacher():
    with pytest.raises(ValueError, match="task 'pets' with its classes to learn from"):
        teachers(replace(FACES, name="pets"))
    with pytest.raises(ValueError, match="task 'faces' with its classes to learn from"):
        teachers(replace(FACES, classes=FACES.classes[:4]))


def test_opinions_are_asked_for_once(tmp_path):
    rng = np.random.default_rng(0)
    given = [rng.integers(0, 256, shape, np.uint8) for shape in ((3, 4, 7), (5, 2, 7))]
    assert remembered(None, 2, lambda: given) is given
    remembered(tmp_path / "opinions.npz", 2, lambda: given)
    for ours, theirs in zip(remembered(tmp_path / "opinions.npz", 2, list), given, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="opinions on 2 pictures, not on these 3"):
        remembered(tmp_path / "opinions.npz", 3, list)
