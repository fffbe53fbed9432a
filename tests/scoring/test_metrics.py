import numpy as np
import pytest
import sklearn.metrics

from segdemo.scoring.metrics import Scores, _outlines, boundary_f1, confusion_matrix

NAN = float("nan")
TARGET = np.array([[0, 0, 0, 1], [1, 1, 2, 255]], np.uint8)
PREDICTION = np.array([[0, 0, 1, 1], [1, 2, 2, 0]], np.uint8)
#          predicted 0  1  2  none
# target 0           2  1  0  0
# target 1           0  2  1  0
# target 2           0  0  1  0
MATRIX = [[2, 1, 0, 0], [0, 2, 1, 0], [0, 0, 1, 0]]


def test_confusion_matrix_counts_target_by_prediction_and_skips_ignored_pixels():
    np.testing.assert_array_equal(confusion_matrix(TARGET, PREDICTION, 3), MATRIX)


def test_scores_are_those_computed_by_hand():
    scores = Scores(np.array(MATRIX))
    # IoU: 2 / (3 + 2 - 2), 2 / (3 + 3 - 2), 1 / (1 + 2 - 1)
    np.testing.assert_allclose(scores.iou, [2 / 3, 2 / 4, 1 / 2])
    # Dice: 4 / (3 + 2), 4 / (3 + 3), 2 / (1 + 2)
    np.testing.assert_allclose(scores.dice, [4 / 5, 4 / 6, 2 / 3])
    assert scores.mean_iou == pytest.approx((2 / 3 + 1 / 2 + 1 / 2) / 3)
    # 5 of 7 pixels
    assert scores.pixel_accuracy == pytest.approx(5 / 7)
    # 2 of 3, 2 of 3, 1 of 1
    assert scores.class_accuracy == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


@pytest.fixture
def random_pair():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 6, (40, 50)).astype(np.uint8)
    prediction = np.where(rng.random(target.shape) < 0.6, target, rng.integers(0, 6, target.shape))
    target[rng.random(target.shape) < 0.1] = 255
    return target, prediction


def test_random_masks_score_as_scikit_learn_scores_them(random_pair):
    target, prediction = random_pair
    t, p = target[target != 255], prediction[target != 255]
    matrix = confusion_matrix(target, prediction, 6)
    scores = Scores(matrix)
    np.testing.assert_array_equal(matrix[:, :6], sklearn.metrics.confusion_matrix(t, p))
    np.testing.assert_allclose(scores.iou, sklearn.metrics.jaccard_score(t, p, average=None))
    np.testing.assert_allclose(scores.dice, sklearn.metrics.f1_score(t, p, average=None))
    assert scores.pixel_accuracy == pytest.approx(sklearn.metrics.accuracy_score(t, p))
    assert scores.class_accuracy == pytest.approx(sklearn.metrics.balanced_accuracy_score(t, p))


def test_dice_and_iou_are_two_faces_of_one_number(random_pair):
    scores = Scores(confusion_matrix(*random_pair, 6))
    np.testing.assert_allclose(scores.dice, 2 * scores.iou / (1 + scores.iou))


def test_matrices_of_pictures_add_up_to_that_of_the_split(random_pair):
    target, prediction = random_pair
    halves = [confusion_matrix(target[rows], prediction[rows], 6) for rows in (slice(0, 20), slice(20, 40))]
    np.testing.assert_array_equal(sum(halves), confusion_matrix(target, prediction, 6))


@pytest.mark.parametrize("stray", [2, 11, 255, -1])
def test_predictions_that_are_no_class_count_as_errors(stray):
    # Two of the four pixels of class 0 are called something else: IoU 2 / 4, not 2 / 2.
    target = np.array([0, 0, 0, 0, 1])
    matrix = confusion_matrix(target, np.array([0, 0, stray, stray, 1]), 2)
    np.testing.assert_array_equal(matrix, [[2, 0, 2], [0, 1, 0]])
    scores = Scores(matrix)
    np.testing.assert_allclose(scores.iou, [2 / 4, 1])
    np.testing.assert_allclose(scores.dice, [4 / 6, 1])
    assert scores.pixel_accuracy == pytest.approx(3 / 5)
    assert scores.class_accuracy == pytest.approx((2 / 4 + 1) / 2)


def test_an_absent_class_has_no_score_and_no_part_in_the_mean():
    scores = Scores(confusion_matrix(np.array([0, 0, 2]), np.array([0, 0, 2]), 4))
    np.testing.assert_array_equal(scores.iou, [1, NAN, 1, NAN])
    np.testing.assert_array_equal(scores.dice, [1, NAN, 1, NAN])
    assert scores.mean_iou == scores.class_accuracy == 1


def test_a_class_that_is_only_predicted_scores_zero():
    # Class 1 is nowhere in the target: IoU 0 / 1; its accuracy is undefined and left out: 2 of 3.
    scores = Scores(confusion_matrix(np.array([0, 0, 0]), np.array([0, 0, 1]), 2))
    np.testing.assert_allclose(scores.iou, [2 / 3, 0])
    assert scores.mean_iou == pytest.approx(1 / 3)
    assert scores.class_accuracy == pytest.approx(2 / 3)


def test_a_target_without_valid_pixels_has_no_scores():
    scores = Scores(confusion_matrix(np.full((3, 3), 255), np.zeros((3, 3)), 2))
    assert np.isnan([scores.mean_iou, scores.pixel_accuracy, scores.class_accuracy, *scores.iou]).all()


def test_masks_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        confusion_matrix(np.zeros((2, 3), int), np.zeros((3, 2), int), 2)


@pytest.mark.parametrize("stray", [3, 254, -1])
def test_a_target_with_an_unknown_class_is_refused(stray):
    with pytest.raises(ValueError, match=rf"class id {stray};.*0 to 2"):
        confusion_matrix(np.array([0, stray]), np.array([0, 0]), 3)


def rows(text):
    return np.array([[int(c) for c in row] for row in text.split()], np.uint8)


def test_equal_outlines_score_one_and_absent_classes_nan():
    mask = rows("0000 0110 0110 0000")
    np.testing.assert_array_equal(boundary_f1(mask, mask, 3), [1, 1, np.nan])


def test_the_boundary_score_is_that_computed_by_hand():
    # The target's right half is class 1, the prediction's right three columns are: of 6 columns, the outlines of class 1
    # are column 3 and column 2, a pixel apart; those of class 0 columns 2 and 1.
    target, prediction = rows("000111 000111"), rows("001111 001111")
    np.testing.assert_allclose(boundary_f1(target, prediction, 2, tolerance=1 / np.hypot(2, 6)), [1, 1])
    np.testing.assert_allclose(boundary_f1(target, prediction, 2, tolerance=0.9 / np.hypot(2, 6)), [0, 0])
    # Half of the prediction's outline is right, all of the target's is found: precision 1/2, recall 1, F1 2/3.
    target, prediction = rows("00000 00000 01000 00000 00000"), rows("00000 00000 01010 00000 00000")
    assert boundary_f1(target, prediction, 2, tolerance=1 / np.hypot(5, 5))[1] == pytest.approx(2 / 3)

    assert boundary_f1(prediction, target, 2, tolerance=1 / np.hypot(5, 5))[1] == pytest.approx(2 / 3)  # precision 1, recall 1/2
    dot = rows("000 010 000")
    assert boundary_f1(dot, dot, 2, tolerance=0).tolist() == [1, 1]


def test_an_outline_is_where_one_of_four_neighbours_is_another_class():
    mask = np.random.default_rng(0).choice(np.array([0, 0, 0, 1, 2, 255], np.uint8), (9, 12))
    inside = {(y, x): mask[y, x] for y in range(9) for x in range(12)}
    for (y, x), found in np.ndenumerate(_outlines(mask)):
        around = {inside.get(place, 255) for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1))} - {255, mask[y, x]}
        assert found == (mask[y, x] if around else 255)


def test_a_class_seen_by_only_one_side_scores_zero():
    assert boundary_f1(rows("00 00"), rows("01 00"), 2).tolist() == [0, 0]


def drawn(size=0):
    """A square object in a picture of 40x50, smaller (or larger) by ``size`` pixels all round."""
    mask = np.zeros((40, 50), np.uint8)
    mask[12 + size : 28 - size, 15 + size : 35 - size] = 1
    return mask


@pytest.mark.parametrize("width", [1, 3, 5])
@pytest.mark.parametrize("inside", [0, 0.5, 1])
def test_with_a_void_border_an_outline_anywhere_in_it_is_exact(width, inside):
    void = np.where(drawn() != drawn(-width), 255, drawn()).astype(np.uint8)
    prediction = drawn(-round(width * inside))
    assert boundary_f1(void, prediction, 2).tolist() == [1, 1]


def test_with_a_void_border_an_outline_beside_it_is_wrong():
    void = np.where(drawn() != drawn(-5), 255, drawn()).astype(np.uint8)
    assert boundary_f1(void, drawn(5), 2, tolerance=0).tolist() == [0, 0]
    assert boundary_f1(void, drawn(-9), 2, tolerance=0).tolist() == [0, 0]


def test_what_is_found_in_a_void_within_one_class_counts_neither_way():
    void = np.where(drawn() == 1, 255, 0).astype(np.uint8)
    assert np.isnan(boundary_f1(void, drawn(), 2)).all() and np.isnan(boundary_f1(void, drawn(3), 2)).all()
    assert boundary_f1(void, drawn(-3), 2).tolist() == [0, 0]


def test_a_target_that_is_all_void_has_no_boundary_score():
    assert np.isnan(boundary_f1(np.full((40, 50), 255, np.uint8), drawn(), 2)).all()


@pytest.mark.parametrize(("shift", "score"), [(3, 1), (4, 0)])
def test_the_usual_tolerance_is_three_quarters_of_a_percent_of_the_diagonal(shift, score):
    halves = np.tile(np.arange(400) >= 200, (300, 1)).astype(np.uint8)  # the diagonal is 500: near is 3.75 pixels
    moved = np.tile(np.arange(400) >= 200 + shift, (300, 1)).astype(np.uint8)
    assert boundary_f1(halves, moved, 2).tolist() == [score, score]


def test_near_is_three_quarters_of_a_hundredth_of_the_diagonal():
    """Of 300 x 400 pixels the diagonal is 500: a boundary 3 pixels off is near, one 4 pixels off is not."""
    halves = [np.broadcast_to(np.arange(400) >= place, (300, 400)).astype(np.uint8) for place in (200, 203, 204)]
    assert boundary_f1(halves[0], halves[1], 2).tolist() == [1, 1]
    assert boundary_f1(halves[0], halves[2], 2).tolist() == [0, 0]


def test_beside_a_void_of_one_pixel_an_outline_may_lie_a_diagonal_step_away_and_no_more():
    void, moved = (np.zeros((9, 14), np.uint8) for _ in range(2))
    void[:, 6], void[:, 7:], moved[:, 4:] = 255, 1, 1
    assert boundary_f1(void, moved, 2, tolerance=0.3 / np.hypot(9, 14)).tolist() == [0, 0]  # two pixels away; near is 1.41 + 0.3


def test_what_is_absent_is_not_divided_by():
    with np.errstate(all="raise"):
        assert np.isnan(Scores(np.array([[3, 0, 0], [0, 0, 0]])).iou[1])
