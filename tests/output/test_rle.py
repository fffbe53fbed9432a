import numpy as np
import pytest

from segdemo.output.rle import coco_rle


def decoded(rle):
    """As maskApi.c's rleFrString and rleDecode do, written down again here from their description."""
    counts, place, text = [], 0, rle["counts"]
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            bits = ord(text[place]) - 48
            value |= (bits & 31) << shift
            more, place, shift = bool(bits & 32), place + 1, shift + 5
            if not more and bits & 16:
                value |= -1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    pixels = np.repeat(np.arange(len(counts)) % 2, counts)
    return pixels.reshape(rle["size"], order="F").astype(bool)


MASKS = {
    "nothing": np.zeros((3, 5), bool),
    "all": np.ones((3, 5), bool),
    "one": np.eye(1, dtype=bool),
    "first pixel": np.eye(4, 7, dtype=bool),
    "noise": np.random.default_rng(0).random((61, 47)) < 0.4,
    "large": np.arange(900 * 700).reshape(900, 700) % 100_000 < 51_000,
}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_comes_back_as_it_was(name):
    rle = coco_rle(MASKS[name])
    assert rle["size"] == list(MASKS[name].shape) and np.array_equal(decoded(rle), MASKS[name])


def test_two_columns_by_hand():
    # Down the columns: 0 0 1 1, two zeros and two ones; 2 + 48 is "2".
    assert coco_rle(np.array([[0, 1], [0, 1]], bool)) == {"size": [2, 2], "counts": "22"}


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        (np.zeros((2, 3, 4), bool), r"of the shape \(2, 3, 4\), bool;"),
        (np.array([["a"]]), "<U1; it must be an array"),
        ("mask.png", "The mask is str; it must be an array"),
        (None, "The mask is NoneType;"),
    ],
)
def test_what_is_no_mask_is_told_what_a_mask_is(mask, told):
    with pytest.raises(ValueError, match=told):
        coco_rle(mask)
    assert coco_rle([[0, 1], [0, 1]])["size"] == [2, 2]


@pytest.mark.parametrize("name", MASKS)
def test_it_is_what_cocos_own_library_writes(name):
    theirs = pytest.importorskip("pycocotools.mask").encode(np.asfortranarray(MASKS[name], np.uint8))
    assert coco_rle(MASKS[name])["counts"] == theirs["counts"].decode()
