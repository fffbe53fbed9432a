import cv2
import numpy as np
import pytest
from dice import Dice

from segdemo.data import augmentation
from segdemo.data.augmentation import FILL, Augmentation, augment, paste

HEIGHT, WIDTH = 48, 64
COLOURS = np.array([[250, 20, 30], [20, 240, 60], [30, 40, 230]], np.uint8)


@pytest.fixture
def pair():
    """A picture that shows its mask: one colour a class, in areas no mirror or turn leaves alike."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:20, 10:30] = 1
    mask[15:45, 40:] = 2
    return COLOURS[mask], mask


def views(pair, how, crop=(HEIGHT, WIDTH), count=20):
    return [augment(*pair, crop, how, np.random.default_rng(seed)) for seed in range(count)]


def test_nothing_varies_by_default(pair):
    image, mask = views(pair, Augmentation(), count=1)[0]
    np.testing.assert_array_equal(image, pair[0])
    np.testing.assert_array_equal(mask, pair[1])


@pytest.mark.parametrize("axis", [1, 0])
def test_a_flip_mirrors_picture_and_mask_exactly_and_half_of_the_time(pair, axis):
    how = Augmentation(flip=axis == 1, flip_vertical=axis == 0)
    flipped = 0
    for image, mask in views(pair, how, count=40):
        expected = pair
        if not np.array_equal(mask, pair[1]):
            expected = [np.flip(array, axis) for array in pair]
            flipped += 1
        np.testing.assert_array_equal(image, expected[0])
        np.testing.assert_array_equal(mask, expected[1])
    assert 8 <= flipped <= 32


def test_a_crop_is_a_window_of_the_picture_and_not_always_the_same(pair):
    seen = set()
    windows = np.lib.stride_tricks.sliding_window_view(pair[1], (30, 34))
    for image, mask in views(pair, Augmentation(), crop=(30, 34)):
        assert image.shape == (30, 34, 3)
        assert mask.shape == (30, 34)
        y, x = np.argwhere((windows == mask).all(axis=(2, 3)))[0]
        seen.add((y, x))
    assert len(seen) > 10


def test_scale_two_shows_half_of_the_picture_twice_as_large():
    mask = np.arange(64, dtype=np.uint8).reshape(8, 8)
    _, view = augment(np.zeros((8, 8, 3), np.uint8), mask, (16, 16), Augmentation(scale=(2, 2)), np.random.default_rng(0))
    np.testing.assert_array_equal(view, mask.repeat(2, axis=0).repeat(2, axis=1))


def test_a_crop_larger_than_the_picture_is_filled_with_grey_and_ignored():
    # 4x6 in the middle of 8x8: two rows above and below, one column left and right.
    image, mask = augment(np.full((4, 6, 3), 9, np.uint8), np.ones((4, 6), np.uint8), (8, 8), Augmentation(), np.random.default_rng(0))
    inside = np.zeros((8, 8), bool)
    inside[2:6, 1:7] = True
    np.testing.assert_array_equal(mask, np.where(inside, 1, 255))
    np.testing.assert_array_equal(image, np.where(inside[..., None], 9, FILL))


GEOMETRY = Augmentation(scale=(0.5, 2.0), rotation=180, flip=True, flip_vertical=True)


def test_picture_and_mask_stay_true_to_each_other(pair):
    colours = np.vstack([COLOURS, np.tile(np.array(FILL, np.uint8), (253, 1))])
    for image, mask in views(pair, GEOMETRY):
        difference = np.abs(image.astype(int) - colours[mask]).max(axis=2)
        # The picture is interpolated along the borders of the areas, the mask is not.
        assert np.mean(difference < 8) > 0.85
        assert np.median(difference) == 0


def test_class_ids_are_never_averaged(pair):
    sparse = pair[1] * 7
    for _, mask in views((pair[0], sparse), GEOMETRY):
        assert set(np.unique(mask)) <= {0, 7, 14, 255}


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation", "hue", "blur"])
def test_colour_changes_the_picture_and_not_the_mask(pair, name):
    changed = 0
    for image, mask in views(pair, Augmentation(**{name: 0.5})):
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(mask, pair[1])
        changed += not np.array_equal(image, pair[0])
    assert changed >= 5


@pytest.mark.parametrize(("at", "turns"), [(0, 1), (0.5, 0), (1, -1)])
def test_a_turn_reaches_its_bounds_either_way(at, turns):
    mask = np.arange(64, dtype=np.uint8).reshape(8, 8)
    _, view = augment(np.zeros((8, 8, 3), np.uint8), mask, (8, 8), Augmentation(rotation=90), Dice(at=at))
    np.testing.assert_array_equal(view, np.rot90(mask, turns))


@pytest.mark.parametrize(
    ("shape", "crop", "how", "chances", "at", "expected"),
    [
        # the crop's first pixel is at (0, 0), or at (20, 12) of x and y
        ((20, 30), (8, 10), {}, (), 0, [[1, 0, 0], [0, 1, 0]]),
        ((20, 30), (8, 10), {}, (), 1, [[1, 0, -20], [0, 1, -12]]),
        # half as large in the middle between a quarter and the whole; pixel 0 lies between the first two
        ((16, 16), (8, 8), {"scale": (0.25, 1)}, (), 0.5, [[0.5, 0, -0.25], [0, 0.5, -0.25]]),
        # three times as large: 10 of its 30 pixels are seen, the last ones 20 to 29
        ((30, 30), (30, 30), {"scale": (3, 3)}, (), 1, [[3, 0, -59], [0, 3, -59]]),
        ((8, 8), (8, 8), {"flip": True}, (0.49,), 0, [[-1, 0, 7], [0, 1, 0]]),
        ((8, 8), (8, 8), {"flip_vertical": True}, (0.49,), 0, [[1, 0, 0], [0, -1, 7]]),
        ((8, 8), (8, 8), {"flip": True, "flip_vertical": True}, (0.5, 0.5), 0, [[1, 0, 0], [0, 1, 0]]),
    ],
)
def test_where_a_pixel_goes(shape, crop, how, chances, at, expected):
    np.testing.assert_allclose(augmentation._random_view(shape, crop, Augmentation(**how), Dice(*chances, at=at)), expected, atol=1e-9)


RED, HALVES = np.full((2, 2, 3), (255, 0, 0), np.uint8), np.array([[[100] * 3, [200] * 3]], np.uint8)


@pytest.mark.parametrize(
    ("how", "at", "image", "expected"),
    [
        ({"hue": 0.25}, 0, RED, (132, 0, 255)),  # a quarter of the circle back and on
        ({"hue": 0.25}, 0.5, RED, (255, 0, 0)),
        ({"hue": 0.25}, 1, RED, (127, 255, 0)),
        ({"saturation": 0.5}, 0, RED, (165.6, 38.1, 38.1)),  # its grey is 76.245
        ({"saturation": 0.5}, 1, np.full((2, 2, 3), (140, 120, 120), np.uint8), (147, 117, 117)),  # 126 + 1.5 * 14, - 1.5 * 6
        ({"contrast": 0.4}, 0, HALVES, (120, 120, 120)),
        ({"contrast": 0.4}, 1, HALVES, (80, 80, 80)),
        ({"brightness": 0.1}, 0, HALVES, (74.5, 74.5, 74.5)),
        ({"brightness": 0.1}, 1, HALVES, (125.5, 125.5, 125.5)),
    ],
)
def test_colours_reach_their_bounds(how, at, image, expected):
    np.testing.assert_allclose(augmentation._jitter(image, Augmentation(**how), Dice(at=at))[0, 0], expected, atol=1.01)


def test_half_of_the_range_is_127_of_255():
    assert augmentation._jitter(np.zeros((1, 1, 3), np.uint8), Augmentation(brightness=0.5), Dice(at=1)).tolist() == [[[127, 127, 127]]]


@pytest.mark.parametrize(("chance", "at", "sigma"), [(0.2, 0, None), (0.19, 0, 0.3), (0.19, 1, 1.5)])
def test_some_are_blurred_a_little(monkeypatch, chance, at, sigma):
    sigmas = []
    monkeypatch.setattr(cv2, "GaussianBlur", lambda image, size, sigma: sigmas.append((size, sigma)) or image)
    augmentation._jitter(HALVES, Augmentation(blur=0.2), Dice(chance, at=at))
    assert sigmas == ([] if sigma is None else [((0, 0), sigma)])


def grey(value):
    return np.full((8, 8, 3), value, np.uint8), np.zeros((8, 8), np.uint8)


def test_brightness_is_within_its_share_of_the_range():
    # 0.1 of 255 is 25.5 either way.
    values = [int(image[0, 0, 0]) for image, _ in views(grey(100), Augmentation(brightness=0.1), crop=(8, 8), count=60)]
    assert 74 <= min(values) < 85
    assert 115 < max(values) <= 126


@pytest.mark.parametrize("how", [Augmentation(contrast=0.9), Augmentation(saturation=0.9), Augmentation(hue=0.5), Augmentation(blur=1)])
def test_a_grey_picture_has_no_contrast_saturation_hue_or_detail_to_change(how):
    for image, _ in views(grey(100), how, crop=(8, 8)):
        np.testing.assert_allclose(image, 100, atol=1)


def test_hue_turns_the_colour_circle_without_bleaching(pair):
    # Half a turn either way reaches every hue; the brightest and darkest channel keep their values.
    for image, _ in views(pair, Augmentation(hue=0.5)):
        np.testing.assert_allclose(image.max(axis=2), pair[0].max(axis=2), atol=1)
        np.testing.assert_allclose(image.min(axis=2), pair[0].min(axis=2), atol=3)


def test_extreme_changes_saturate_and_do_not_wrap(pair):
    for image, _ in views(grey(250), Augmentation(brightness=0.5), crop=(8, 8)):
        assert image.min() >= 250 - 128


def test_the_same_seed_gives_the_same_view(pair):
    how = Augmentation(scale=(0.5, 2), rotation=30, flip=True, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1, blur=0.5)
    for first, again in zip(views(pair, how), views(pair, how), strict=True):
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])


def test_a_teacher_s_opinion_moves_with_the_mask(pair):
    how = Augmentation(scale=(0.7, 1.4), rotation=20, flip=True)
    opinion = 255 * np.eye(3, dtype=np.uint8)[pair[1]]  # certain of the mask
    for seed in range(10):
        image, target = augment(*pair, (40, 50), how, np.random.default_rng(seed), opinion)
        alone = augment(*pair, (40, 50), how, np.random.default_rng(seed))
        np.testing.assert_array_equal(image, alone[0])
        np.testing.assert_array_equal(target[..., 0], alone[1])
        assert (target.shape, target.dtype) == ((40, 50, 4), np.uint8)
        sure = target[..., 1:].max(axis=2) > 180  # not where bilinear interpolation mixes neighbours
        assert sure.mean() > 0.3
        np.testing.assert_array_equal(target[sure, 1:].argmax(axis=1), alone[1][sure])
        assert not target[alone[1] == 255, 1:].max(initial=0) > 180  # outside nobody has one


def test_a_coarse_opinion_stands_for_the_whole_picture():
    opinion = np.zeros((2, 2, 1), np.uint8)
    opinion[:, 1] = 200
    mask = np.zeros((8, 8), np.uint8)
    _, target = augment(np.zeros((8, 8, 3), np.uint8), mask, (8, 8), Augmentation(), np.random.default_rng(0), opinion)
    # The halves' centres lie at 1.5 and 5.5, so that a pixel is a quarter of the step: 0 up to 1.5, then 25, 75, 125, 175, then 200.
    np.testing.assert_allclose(target[3, 2:6, 1], [25, 75, 125, 175], atol=1)
    assert target[3, 6, 1] == pytest.approx(175, abs=1)  # beyond the last centre it fades towards the outside
    _, upright = augment(np.zeros((8, 8, 3), np.uint8), mask, (8, 8), Augmentation(), np.random.default_rng(0), opinion.transpose(1, 0, 2))
    np.testing.assert_array_equal(upright[..., 1], target[..., 1].T)


@pytest.mark.parametrize("opinion", [None, np.full((HEIGHT, WIDTH, 3), 9, np.uint8)])
def test_the_objects_of_another_view_are_pasted_with_all_that_is_known_of_them(pair, opinion):
    other_mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    other_mask[30:, :20], other_mask[:5] = 1, 255
    target, other_target = pair[1], other_mask
    if opinion is not None:
        target, other_target = np.dstack([target, opinion]), np.dstack([other_mask, opinion + 1])
    image, pasted = paste((pair[0], target), (np.full((HEIGHT, WIDTH, 3), 77, np.uint8), other_target))
    np.testing.assert_array_equal(image[30:, :20], np.full((18, 20, 3), 77))
    np.testing.assert_array_equal(pasted[30:, :20], other_target[30:, :20])
    covered = other_mask == 1  # neither its background nor what nobody labelled
    np.testing.assert_array_equal(image[~covered], pair[0][~covered])
    np.testing.assert_array_equal(pasted[~covered], target[~covered])
