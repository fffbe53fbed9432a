import keras
import numpy as np
import pytest

from segdemo.training.losses import binary_cross_entropy, cross_entropy, distilled, median_frequency_weights

LOG = np.log


def evaluated(loss, target, logits):
    return float(loss(np.array(target, np.uint8), np.array(logits, np.float32)))


# One row of two pixels whose softmaxes are (1/2, 1/4, 1/4) and (1/6, 2/6, 3/6).
PIXELS = [[[[LOG(2), 0, 0], [0, LOG(2), LOG(3)]]]]


@pytest.mark.parametrize(
    ("target", "weights", "expected"),
    [
        # -log 1/2 = log 2 and -log 3/6 = log 2: mean log 2
        ([0, 2], None, LOG(2)),
        # -log 1/4 = log 4 and -log 1/6 = log 6: mean log(24) / 2
        ([1, 0], None, LOG(24) / 2),
        # the second pixel counts nothing, in the sum and in the mean
        ([1, 255], None, LOG(4)),
        # weight 3 on class 1, 1 on class 0: (3 log 4 + 1 log 6) / (3 + 1)
        ([1, 0], [1, 3, 1], (3 * LOG(4) + LOG(6)) / 4),
        # one pixel left: its weight divides out
        ([1, 255], [1, 3, 1], LOG(4)),
        # nothing left: no error, not NaN
        ([255, 255], None, 0),
    ],
)
def test_cross_entropy_is_the_weighted_mean_over_valid_pixels(target, weights, expected):
    loss = cross_entropy(None if weights is None else np.array(weights))
    assert evaluated(loss, [[target]], PIXELS) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        # sigmoid(0) = 1/2 and sigmoid(log 3) = 3/4: -log 1/2, -log 3/4
        ([1, 1], (LOG(2) + LOG(4 / 3)) / 2),
        # -log 1/2, -log (1 - 3/4)
        ([0, 0], (LOG(2) + LOG(4)) / 2),
        ([255, 0], LOG(4)),
        ([255, 255], 0),
    ],
)
def test_binary_cross_entropy_is_the_mean_over_valid_pixels(target, expected):
    logits = [[[[0], [LOG(3)]]]]
    assert evaluated(binary_cross_entropy(), [[target]], logits) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("share", "opinions", "expected"),
    [
        # the mask alone: -log 1/4 = log 4 and ignored
        (0, [[255, 0, 0], [0, 0, 255]], LOG(4)),
        # the teacher alone: -log 1/2 = log 2 and -log 3/6 = log 2
        (1, [[255, 0, 0], [0, 0, 255]], LOG(2)),
        # half sure of two classes: (log 2 + log 4) / 2 = log 8 / 2; nothing seen of the second
        (1, [[100, 100, 0], [0, 0, 0]], LOG(8) / 2),
        (0.25, [[255, 0, 0], [0, 0, 255]], 0.75 * LOG(4) + 0.25 * LOG(2)),
        (1, [[0, 0, 0], [0, 0, 0]], 0),
    ],
)
def test_distillation_is_so_much_of_the_teacher_and_the_rest_of_the_mask(share, opinions, expected):
    target = [[[[1, *opinions[0]], [255, *opinions[1]]]]]
    assert evaluated(distilled(cross_entropy(), share), target, PIXELS) == pytest.approx(expected, abs=1e-6)


def test_half_precision_logits_give_a_single_precision_loss():
    logits = np.array(PIXELS, np.float16)
    assert float(cross_entropy()(np.array([[[0, 2]]]), logits)) == pytest.approx(LOG(2), abs=1e-3)


def gradient(loss, target, logits):
    """Of the loss with respect to C logits shared by all pixels, as `fit` computes it: the step of SGD at rate 1."""
    layer = keras.layers.Conv2D(len(logits), 1, use_bias=False)
    model = keras.Sequential([keras.Input((None, None, 1)), layer])
    start = np.array(logits, np.float32).reshape(1, 1, 1, -1)
    layer.set_weights([start])
    model.compile(keras.optimizers.SGD(1.0), loss=loss, run_eagerly=True)
    target = np.array(target, np.uint8)
    model.train_on_batch(np.ones((*target.shape, 1), np.float32), target)
    return (start - layer.get_weights()[0]).ravel()


@pytest.mark.parametrize(
    ("loss", "target", "logits", "expected"),
    [
        # softmax (1, 0, 0) minus one-hot (0, 1, 0)
        (cross_entropy(), 1, [1e4, -1e4, 0], [1, -1, 0]),
        (cross_entropy(), 0, [1e4, -1e4, 0], [0, 0, 0]),
        # sigmoid minus target
        (binary_cross_entropy(), 0, [1e4], [1]),
        (binary_cross_entropy(), 1, [-1e4], [-1]),
        (binary_cross_entropy(), 1, [1e4], [0]),
    ],
)
def test_gradient_is_finite_and_right_at_huge_logits(loss, target, logits, expected):
    np.testing.assert_allclose(gradient(loss, np.full((3, 4, 5), target), logits), expected, atol=2e-3)


def test_ignored_pixels_have_no_gradient():
    # Half of the pixels are ignored: the mean over the others is their sigmoid 1/2 minus 1.
    target = np.full((2, 4, 6), 1)
    target[:, :2] = 255
    np.testing.assert_allclose(gradient(binary_cross_entropy(), target, [0.0]), [-0.5], atol=1e-6)
    np.testing.assert_array_equal(gradient(cross_entropy(), np.full((2, 4, 6), 255), [1.0, 2.0]), [0, 0])


@pytest.mark.parametrize(
    ("counts", "options", "expected"),
    [
        # median of 100, 400, 1600 is 400: 4, 1, 1/4, and their square roots
        ([100, 400, 1600], {"power": 1, "limits": (0, 9)}, [4, 1, 0.25]),
        ([100, 400, 1600], {}, [2, 1, 0.5]),
        # 100 and 0.01 times the median, clipped to 0.3 and 4
        ([4, 40_000, 4_000_000], {}, [4, 1, 0.3]),
        # an absent class is no part of the median (of 100 and 400: 250) and gets the largest weight
        ([0, 100, 400], {"power": 1}, [4, 2.5, 0.625]),
    ],
)
def test_median_frequency_weights_are_median_over_frequency(counts, options, expected):
    weights = median_frequency_weights(np.array(counts), **options)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
