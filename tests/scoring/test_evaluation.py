import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from segdemo.inference.segmentation import Segmenter
from segdemo.scoring.evaluation import evaluate
from segdemo.tasks import get_task

NUCLEI = replace(get_task("nuclei"), pixels=32 * 32, countable=False)


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
    result = evaluate(Segmenter(brightness, NUCLEI), iter(pairs), on_picture=seen.append)
    scores = result.scores
    # In rows: 24 right background and 8 right nucleus; then 4 right nucleus, 12 missed, 6 right background.
    np.testing.assert_array_equal(scores.matrix / 32, [[24 + 6, 0, 0], [12, 8 + 4, 0]])
    # IoU 30 / 42 and 12 / 24, not the mean of the pictures' own
    assert scores.mean_iou == pytest.approx((30 / 42 + 12 / 24) / 2)
    assert result.as_dict()["mIoU"] == 0.6071  # four digits of 17 / 28
    assert not np.isnan(result.boundary_f1).any() and np.isnan(evaluate(Segmenter(brightness, NUCLEI), pairs, boundaries=False).boundary_f1).all()
    np.testing.assert_allclose(result.confidences, [3 / 4, 3 / 4], rtol=1e-6)  # 3/4 where white; the black background, of 4/5, does not count
    assert seen == [1, 2]


def test_a_picture_without_outlines_has_no_part_in_their_mean():
    pairs = [pair(8, 8), pair(0, 0)]
    assert evaluate(Segmenter(brightness, NUCLEI), pairs).boundary_f1.tolist() == [1, 1]


def test_pictures_are_scored_at_their_own_size():
    image = np.zeros((300, 200, 3), np.uint8)
    scores = evaluate(Segmenter(brightness, NUCLEI), [(image, np.zeros((300, 200), np.uint8))]).scores
    assert scores.matrix.sum() == 300 * 200
    assert scores.pixel_accuracy == 1


def test_a_target_of_another_size_than_its_picture_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        evaluate(Segmenter(brightness, NUCLEI), [(np.zeros((32, 32, 3), np.uint8), np.zeros((30, 32), np.uint8))])


def test_a_split_without_a_labelled_pixel_is_refused():
    with pytest.raises(ValueError, match="every pixel of the masks is 255"):
        evaluate(Segmenter(brightness, NUCLEI), [(np.zeros((32, 32, 3), np.uint8), np.full((32, 32), 255, np.uint8))])


def test_the_same_numbers_as_scikit_learn():
    rng = np.random.default_rng(0)
    task = get_task("faces")
    target, prediction = rng.integers(0, 6, (2, 40, 50)).astype(np.uint8)
    target[:5] = 255
    network = lambda images: 9 * np.eye(6, dtype=np.float32)[prediction][None]  # noqa: E731
    segmenter = Segmenter(network, replace(task, pixels=40 * 50))
    report = evaluate(segmenter, [(np.zeros((40, 50, 3), np.uint8), target)]).as_dict()
    t, p = target[5:].ravel(), prediction[5:].ravel()
    assert report["confusion_matrix"] == metrics.confusion_matrix(t, p, labels=range(6)).tolist()
    assert report["mIoU"] == pytest.approx(metrics.jaccard_score(t, p, average="macro"), abs=1e-4)
    assert list(report["iou"].values()) == pytest.approx(metrics.jaccard_score(t, p, average=None), abs=1e-4)
    assert list(report["dice"].values()) == pytest.approx(metrics.f1_score(t, p, average=None), abs=1e-4)
    assert report["pixel_accuracy"] == pytest.approx(metrics.accuracy_score(t, p), abs=1e-4)
    assert report["class_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(t, p), abs=1e-4)


def blobs(images):
    """A network that sees a nucleus' core where the picture is white, its rim where it is grey."""
    return 9 * np.eye(3, dtype=np.float32)[np.digitize(images[..., 0], [64, 192])]


def test_objects_are_counted_one_by_one():
    # Two white cores in one grey area are two nuclei of one connected region; the truth says four, then one.
    image = np.zeros((40, 64, 3), np.uint8)
    image[8:32, 8:56] = 128
    image[14:26, 14:26] = image[14:26, 38:50] = 255
    task = replace(get_task("nuclei"), pixels=40 * 64)
    pairs = [(image, (image[..., 0] > 0).astype(np.uint8))] * 2
    result = evaluate(Segmenter(blobs, task), pairs, counts=[4, 1])
    assert result.scores.mean_iou == 1
    assert result.count_error == pytest.approx((2 / 4 + 1 / 1) / 2)
    statistics = Segmenter(blobs, task)(image).statistics()[1]
    assert (statistics.regions, statistics.pixels) == (2, 24 * 48)


def test_plain_tasks_have_no_count_error_and_nan_is_null():
    report = evaluate(Segmenter(brightness, NUCLEI), [pair(0, 0)]).as_dict()
    assert report["count_error"] is None
    assert report["iou"] == {"background": 1.0, "nucleus": None}
