import re

import numpy as np
import pytest

from segdemo.analysis.regions import METHODS, PIXELS, agreement, find_regions, get_method, mean_colors, outlines, vote

methods = pytest.mark.parametrize("method", METHODS)
RED, BLUE = (200, 60, 50), (50, 90, 200)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def plain(height, width, color=(128, 128, 128)):
    return np.full((height, width, 3), color, np.uint8)


def two_colors(shape, height=48, width=64):
    """A red picture with a blue part, and where that is, (H, W) bool."""
    y, x = np.indices((height, width))
    blue = {"right": x >= 25, "below": y >= 31, "corner": 3 * x + 4 * y >= 190, "disc": np.hypot(y - 24, x - 32) < 15}[shape]
    return np.where(blue[..., None], BLUE, RED).astype(np.uint8), blue


def ids_without_gaps(regions):
    return regions.dtype == np.int32 and np.unique(regions).tolist() == list(range(regions.max() + 1))


@pytest.mark.parametrize("name", ["slic", "felzenszwalb", "kmeans"])
def test_every_method_is_explained_in_both_languages(name):
    method = METHODS[name]
    assert method.name == name and method.count > 1
    assert re.fullmatch(r".+ \d{4}", method.paper) and method.url.startswith("https://doi.org/10.")
    assert method.sentence.en.endswith(".") and method.sentence.zh.endswith("。")
    assert all(re.findall(r"[\u4e00-\u9fff]", words.zh) for words in (method.title, method.sentence))
    assert not re.findall(r"[\u4e00-\u9fff][,.:;?!(]", method.title.zh + method.sentence.zh)


def test_an_unknown_method_is_an_error_that_lists_the_known_ones():
    for call in (lambda: find_regions(plain(4, 4), "snakes"), lambda: find_regions(plain(4, 4), "snakes", 5), lambda: get_method("snakes")):
        with pytest.raises(ValueError, match="'snakes'. Choose one of: slic, felzenszwalb, kmeans."):
            call()


@methods
@pytest.mark.parametrize("count", [0, -3])
def test_there_is_at_least_one_region(method, count):
    with pytest.raises(ValueError, match=f"{count} regions are not possible"):
        find_regions(plain(4, 4), method, count)


@methods
@pytest.mark.filterwarnings("error::UserWarning", "error::RuntimeWarning")  # not what other tests left open
@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 5), (1, 40), (40, 1), (7, 300), (33, 47)])
@pytest.mark.parametrize("make", [plain, noise])
def test_pictures_of_any_size_have_regions(method, size, make):
    for count in (None, 1, 1000):
        regions = find_regions(make(*size), method, count)
        assert regions.shape == size and ids_without_gaps(regions)


@methods
def test_one_pixel_is_one_region(method):
    assert find_regions(noise(1, 1), method).tolist() == [[0]]


@methods
def test_a_picture_of_one_color_is_divided_by_place_or_not_at_all(method):
    regions = find_regions(plain(60, 80), method, 12)
    assert regions.max() + 1 == {"slic": 12, "felzenszwalb": 1, "kmeans": 12}[method]
    np.testing.assert_array_equal(mean_colors(plain(60, 80), regions), plain(60, 80))


@methods
@pytest.mark.parametrize("count", [None, 8])
@pytest.mark.parametrize("shape", ["right", "below", "corner"])
def test_no_region_crosses_the_edge_between_two_colors(method, shape, count):
    image, blue = two_colors(shape)
    regions = find_regions(image, method, count)
    assert not set(regions[blue].tolist()) & set(regions[~blue].tolist())
    np.testing.assert_array_equal(mean_colors(image, regions), image)


@methods
def test_round_edges_are_exact_or_one_pixel_off_where_the_picture_is_smoothed(method):
    image, blue = two_colors("disc")
    wrong = vote(find_regions(image, method, 8), blue.astype(np.uint8), 2) != blue
    padded = np.pad(blue, 1, mode="edge")
    neighbors = [padded[1 + y : 49 + y, 1 + x : 65 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)]
    at_the_edge = np.any(neighbors, axis=0) & ~np.all(neighbors, axis=0)
    assert not wrong[~at_the_edge].any()
    assert not wrong.any() or method == "felzenszwalb"


@methods
def test_two_halves_are_two_regions(method):
    image, blue = two_colors("right", 30, 50)
    regions = find_regions(image, method, 2)
    np.testing.assert_array_equal(regions == regions[0, -1], blue)
    assert regions.max() == 1


@methods
def test_the_same_picture_has_the_same_regions_and_stays_as_it_is(method):
    image = noise(90, 120)
    image[20:60, 30:90] //= 4
    before = image.copy()
    first = find_regions(image, method)
    np.random.random(7)  # no method draws from the common generator
    np.testing.assert_array_equal(find_regions(image, method), first)
    np.testing.assert_array_equal(image, before)


@methods
def test_a_read_only_picture_and_a_view_will_do(method):
    image, _ = two_colors("disc")
    image.flags.writeable = False
    expected = find_regions(np.ascontiguousarray(image[:, ::-1]), method)
    np.testing.assert_array_equal(find_regions(image[:, ::-1], method), expected)


def enlarged(pixels, factor):
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


@methods
def test_a_large_picture_has_the_regions_of_the_shrunk_one_enlarged(method):
    image = two_colors("disc", 360, 480)[0] // 2 + enlarged(noise(36, 48), 10) // 4
    regions = find_regions(enlarged(image, 3), method)
    assert ids_without_gaps(regions)
    np.testing.assert_array_equal(regions, enlarged(find_regions(image, method), 3))


@methods
def test_a_large_picture_of_any_shape_keeps_its_size(method):
    regions = find_regions(two_colors("corner", 701, 1213)[0], method)
    assert regions.shape == (701, 1213) and ids_without_gaps(regions)


@methods
@pytest.mark.parametrize("size", [(1, PIXELS + 12345), (PIXELS + 12345, 1), (2, 400_000)])
def test_a_very_long_picture_is_shrunk_too(method, size):
    regions = find_regions(plain(*size), method)
    assert regions.shape == size and ids_without_gaps(regions)


@pytest.mark.parametrize("method, neighbors", [("slic", 4), ("felzenszwalb", 8)])
def test_a_region_is_in_one_piece(method, neighbors):
    from scipy import ndimage

    image = two_colors("disc", 96, 128)[0] // 2 + noise(96, 128) // 4
    regions = find_regions(image, method)
    around = np.ones((3, 3)) if neighbors == 8 else None
    assert regions.max() > 0
    assert all(ndimage.label(regions == i, around)[1] == 1 for i in range(regions.max() + 1))


def test_regions_of_k_means_may_be_in_several_pieces():
    image = plain(40, 90, RED)
    image[:, 30:60] = BLUE
    regions = find_regions(image, "kmeans", 2)
    assert regions[0, 0] == regions[0, 89] != regions[0, 45]


@methods
def test_more_regions_on_demand(method):
    image = two_colors("disc", 96, 128)[0] // 2 + noise(96, 128) // 4
    few, many = (find_regions(image, method, count).max() + 1 for count in (10, 100))
    assert few < many
    if method == "kmeans":
        assert (few, many) == (10, 100)


def test_mean_colors_by_hand():
    image = np.array([[[0, 10, 255], [1, 20, 255]], [[3, 30, 255], [9, 9, 9]]], np.uint8)
    regions = np.array([[0, 0], [0, 2]], np.int32)
    # 4 / 3 = 1.33, 60 / 3 = 20; id 1 is not in use.
    np.testing.assert_array_equal(mean_colors(image, regions), [[[1, 20, 255], [1, 20, 255]], [[1, 20, 255], [9, 9, 9]]])
    assert mean_colors(image, regions).dtype == np.uint8


def test_mean_colors_are_rounded_to_the_nearest():
    image = np.array([[[0, 0, 254], [1, 3, 255], [1, 0, 255]]], np.uint8)
    assert mean_colors(image, np.zeros((1, 3), np.int32))[0, 0].tolist() == [1, 1, 255]  # 0.67, 1, 254.67


def test_outlines_by_hand():
    regions = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 2, 2]], np.int32)
    lines = outlines(regions)
    assert lines.dtype == bool
    assert lines.astype(int).tolist() == [[0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]]


def test_one_region_has_no_outlines():
    assert not outlines(np.zeros((3, 4), np.int32)).any()
    assert outlines(np.zeros((1, 1), np.int32)).tolist() == [[False]]


def test_the_vote_by_hand():
    regions = np.array([[0, 0, 0, 1], [2, 2, 1, 1]], np.int32)
    mask = np.array([[4, 4, 1, 0], [3, 2, 2, 2]], np.uint8)
    # Region 0: 4 twice, 1 once. Region 1: 2 twice, 0 once. Region 2: a tie of 2 and 3.
    voted = vote(regions, mask, 5)
    assert voted.tolist() == [[4, 4, 4, 2], [2, 2, 2, 2]]
    assert voted.dtype == np.uint8
    assert agreement(mask, voted) == 5 / 8


def test_a_region_has_one_class_and_ids_may_have_gaps():
    regions = np.array([[7, 7, 3]], np.int32)
    assert vote(regions, np.array([[1, 1, 0]], np.uint8), 2).tolist() == [[1, 1, 0]]
    assert vote(np.zeros((1, 1), np.int32), np.array([[254]], np.uint8), 255).tolist() == [[254]]


def test_many_regions_and_classes_do_not_overflow():
    regions = np.arange(400, dtype=np.int32).reshape(20, 20)
    mask = (regions % 200).astype(np.uint8)
    np.testing.assert_array_equal(vote(regions, mask, 200), mask)


@methods
def test_regions_mend_a_mask_that_is_a_little_wrong(method):
    image, blue = two_colors("right")
    mask = blue.astype(np.uint8)
    mask[::5, ::5] ^= 1
    voted = vote(find_regions(image, method, 8), mask, 2)
    np.testing.assert_array_equal(voted, blue)
    assert agreement(mask, voted) == 1 - 10 * 13 / (48 * 64)


def test_the_vote_wants_one_picture_and_known_classes():
    regions = np.zeros((2, 3), np.int32)
    with pytest.raises(ValueError, match=r"size \(2, 3\), the mask \(3, 2\)"):
        vote(regions, np.zeros((3, 2), np.uint8), 2)
    with pytest.raises(ValueError, match="holds the id 255, but there are 2 classes"):
        vote(regions, np.full((2, 3), 255, np.uint8), 2)


def test_agreement_by_hand():
    mask = np.array([[0, 1], [2, 3]], np.uint8)
    assert agreement(mask, mask) == 1
    assert agreement(mask, np.array([[0, 1], [2, 0]], np.uint8)) == 0.75
    assert agreement(mask, mask + 1) == 0
    assert isinstance(agreement(mask, mask), float)
