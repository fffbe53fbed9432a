import math
from dataclasses import replace

import numpy as np
import pytest

from segdemo.evaluation import evaluate
from segdemo.segmentation import Segmenter
from segdemo.tasks import get_task

NUCLEI = replace(get_task("nuclei"), pixels=32 * 32)


def brightness(images):
    """A network that calls a white pixel a nucleus, with logit log 3, and a black one background, with -log 4."""
    return np.where(images[..., :1] > 127, math.log(3), -math.log(4)).astype(np.float32)


def pair(white_rows, target_rows, ignored_rows=0):
    """A 32x32 picture white in its first rows, and a mask that is 1 in its first rows and 255 in its last."""
    image = np.zeros((32, 32, 3), np.uint8)
    image[:white_rows] = 255
    mask = np.zeros((32, 32), np.uint8)
    mask[:target_rows] = 1
    mask[32 - ignored_rows :] = 255
    return image, mask


def test_one_matrix_is_summed_over_the_whole_split():
    pairs = [pair(8, 8), pair(4, 16, ignored_rows=10)]
    seen = []
    scores, confidences = evaluate(Segmenter(brightness, NUCLEI), iter(pairs), seen.append)
    # In rows: 24 right background and 8 right nucleus; then 4 right nucleus, 12 missed, 6 right background.
    np.testing.assert_array_equal(scores.matrix / 32, [[24 + 6, 0, 0], [12, 8 + 4, 0]])
    # IoU 30 / 42 and 12 / 24, not the mean of the pictures' own
    assert scores.mean_iou == pytest.approx((30 / 42 + 12 / 24) / 2)
    # Confidence is 3/4 where white and 4/5 where black, ignored or not.
    np.testing.assert_allclose(confidences, [(8 * 3 / 4 + 24 * 4 / 5) / 32, (4 * 3 / 4 + 28 * 4 / 5) / 32], rtol=1e-6)
    assert seen == [1, 2]


def test_pictures_are_scored_at_their_own_size():
    image = np.zeros((300, 200, 3), np.uint8)
    scores, _ = evaluate(Segmenter(brightness, NUCLEI), [(image, np.zeros((300, 200), np.uint8))])
    assert scores.matrix.sum() == 300 * 200
    assert scores.pixel_accuracy == 1


def test_a_target_of_another_size_than_its_picture_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        evaluate(Segmenter(brightness, NUCLEI), [(np.zeros((32, 32, 3), np.uint8), np.zeros((30, 32), np.uint8))])
