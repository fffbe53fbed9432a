import numpy as np
import pytest

from segdemo.analysis.agreement import compare_masks

A = np.array([[0, 0, 1, 2]], np.uint8)
B = np.array([[0, 1, 1, 3]], np.uint8)
C = np.array([[0, 0, 1, 4]], np.uint8)


def test_the_shares_are_those_counted_by_hand():
    agreement = compare_masks({"a": A, "b": B, "c": C})
    assert agreement.everywhere == 2 / 4
    assert agreement.pairs == {("a", "b"): 2 / 4, ("a", "c"): 3 / 4, ("b", "c"): 2 / 4}
    assert agreement.answers.tolist() == [[1, 2, 1, 3]]


def test_equal_masks_agree_everywhere():
    assert compare_masks({"a": A, "b": A.copy()}).everywhere == 1


@pytest.mark.parametrize(("masks", "message"), [({"a": A}, "1 mask"), ({"a": A, "b": B[:, :2]}, r"\(1, 4\), \(1, 2\)")])
def test_what_cannot_be_compared_is_refused(masks, message):
    with pytest.raises(ValueError, match=message):
        compare_masks(masks)
