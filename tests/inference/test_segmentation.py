import math
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from PIL import Image

from segdemo.images import ImageError
from segdemo.inference.areas import Area
from segdemo.inference.segmentation import Segmentation, Segmenter, as_seen, class_logits, enlarge, labels, resize, resize_logits, seen_size, working_size
from segdemo.tasks import get_task

FACES = replace(get_task("faces"), pixels=64 * 96)
NUCLEI = replace(get_task("nuclei"), pixels=64 * 96)
BINARY = replace(NUCLEI, countable=False)


class Painter:
    """A stand-in for a network: the redder, greener or bluer a pixel, the more it is class 0, 1 or 2."""

    def __init__(self, num_outputs=6):
        self.num_outputs = num_outputs
        self.seen = []

    def __call__(self, images):
        self.seen.append(images)
        logits = np.full((*images.shape[:3], max(self.num_outputs, 3)), -9, np.float32)
        logits[..., :3] = images / 25.5
        return logits[..., : self.num_outputs]


# --- labels


def test_the_logits_are_resized_and_not_the_mask():
    # Pixel centres fall at -0.25, 0.25, 0.75 and 1.25 of the two logits: class 0 gets 4, 3, 1, 0 and class 1
    # 0, 1/4, 3/4, 1. A mask (0, 1) would have been resized to (0, 0, 1, 1).
    logits = np.array([[[4, 0], [0, 1]]], np.float32)
    mask, confidence = labels(logits, (1, 4))
    assert mask.dtype == np.uint8
    assert confidence.dtype == np.float32
    assert mask.tolist() == [[0, 0, 0, 1]]
    # softmax of two classes = sigmoid of the difference: 4, 2.75, 0.25, 1
    np.testing.assert_allclose(confidence, [[1 / (1 + math.exp(-d)) for d in (4, 2.75, 0.25, 1)]], rtol=1e-6)


def test_rows_are_resized_as_columns_are():
    logits = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    mask, confidence = labels(logits, (20, 8))
    turned_mask, turned_confidence = labels(logits.transpose(1, 0, 2), (8, 20))
    np.testing.assert_array_equal(mask, turned_mask.T)
    np.testing.assert_allclose(confidence, turned_confidence.T, atol=1e-6)


@pytest.mark.parametrize("size", [(7, 9), (61, 40), (5, 4), (1, 1), (1500, 1500)])
def test_labels_are_those_of_an_ordinary_bilinear_resize(size):
    # The largest is cut into strips, which must not show.
    logits = 3 * np.random.default_rng(1).normal(size=(7, 9, 3)).astype(np.float32)
    whole = cv2.resize(logits, size[::-1], interpolation=cv2.INTER_LINEAR).reshape(*size, 3)
    probabilities = np.exp(whole) / np.exp(whole).sum(axis=2, keepdims=True)
    mask, confidence = labels(logits, size)
    # Only where two classes tie may rounding decide otherwise.
    assert np.mean(mask == whole.argmax(axis=2)) > 0.9999
    np.testing.assert_allclose(confidence, probabilities.max(axis=2), atol=1e-4)


def test_one_logit_is_a_sigmoid():
    # sigmoid(log 3) = 3/4: foreground; sigmoid(-log 4) = 1/5: background, with 4/5; a tie is background.
    logits = np.array([[[math.log(3)], [-math.log(4)], [0]]], np.float32)
    mask, confidence = labels(class_logits(logits, BINARY), (1, 3))
    assert mask.tolist() == [[1, 0, 0]]
    np.testing.assert_allclose(confidence, [[3 / 4, 4 / 5, 1 / 2]], rtol=1e-6)


def test_huge_logits_give_confidence_one_and_equal_ones_a_share_each():
    logits = np.array([[[1e4, -1e4, 0, 0], [5, 5, 5, 5]]], np.float32)
    _, confidence = labels(logits, (1, 2))
    np.testing.assert_allclose(confidence, [[1, 1 / 4]])


def test_the_logits_given_are_left_as_they_were():
    logits = np.random.default_rng(0).normal(size=(4, 4, 3)).astype(np.float32)
    before = logits.copy()
    labels(logits, (4, 4))
    np.testing.assert_array_equal(logits, before)


# --- sizes


@pytest.mark.parametrize(
    ("size", "pixels", "expected"),
    [
        ((360, 480), 360 * 480, (360, 480)),
        ((400, 533), 360 * 480, (400, 533)),  # a factor 0.900: just left as it is
        ((328, 437), 360 * 480, (328, 437)),  # and 1.098
        ((404, 539), 360 * 480, (360, 480)),
        ((100, 100), 8100, (100, 100)),  # 0.9
        ((100, 100), 12100, (100, 100)),  # 1.1
        ((480, 640), 360 * 480, (360, 480)),
        ((720, 960), 360 * 480, (360, 480)),
        ((180, 240), 360 * 480, (360, 480)),
        ((3000, 4000), 256 * 256, (222, 296)),  # sqrt(65536 / 12e6) = 0.0739
        ((1, 1), 256 * 256, (256, 256)),
        ((20, 20_000), 256 * 256, (32, 4096)),  # at most twice the area
        ((20_000, 20), 256 * 256, (4096, 32)),
        ((10, 6000), 256 * 256, (32, 4096)),  # the right area, but too thin
    ],
)
def test_working_size_has_the_right_area_and_the_picture_s_shape(size, pixels, expected):
    assert working_size(*size, pixels) == expected


@pytest.mark.parametrize("task", ["street", "animals", "nuclei", "faces"])
def test_working_size_stays_within_bounds_for_any_picture(task):
    pixels = get_task(task).pixels
    rng = np.random.default_rng(0)
    for height, width in np.exp(rng.uniform(0, np.log(20_000), (500, 2))).astype(int).tolist():
        h, w = working_size(height, width, pixels)
        assert min(h, w) >= 32
        assert h * w <= 2 * pixels
        if min(h, w) > 32:
            assert h * w >= pixels / 2
            assert h / w == pytest.approx(height / width, rel=1 / 32)


def test_shrinking_takes_means_of_areas():
    image = np.array([[0, 100, 7, 7], [100, 200, 7, 7]], np.uint8)[..., None].repeat(3, axis=2)
    assert resize(image, (1, 2))[..., 0].tolist() == [[100, 7]]


def test_enlarging_interpolates():
    # 0 and 100 at -0.25, 0.25, 0.75 and 1.25: 0, 25, 75, 100
    image = np.array([[0, 100]], np.uint8)[..., None].repeat(3, axis=2)
    assert resize(image, (1, 4))[..., 0].tolist() == [[0, 25, 75, 100]]


@pytest.mark.parametrize(
    ("shape", "size", "how"),
    [
        ((8, 2), (3, 3), cv2.INTER_AREA),
        ((4, 9), (5, 6), cv2.INTER_AREA),
        ((2, 8), (4, 4), cv2.INTER_LINEAR),  # as many pixels: nothing is lost
        ((9, 4), (7, 6), cv2.INTER_LINEAR),
    ],
)
def test_what_counts_is_the_number_of_pixels(shape, size, how):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    np.testing.assert_array_equal(resize(image, size), cv2.resize(image, size[::-1], interpolation=how))


def test_a_picture_of_the_right_size_is_not_resampled():
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3)).astype(np.uint8)
    assert resize(image, (9, 7)) is image


def test_a_picture_is_seen_at_its_working_size_and_a_part_in_steps_of_32():
    image = np.zeros((100, 300, 3), np.uint8)
    assert as_seen(image, 64 * 64).shape == (37, 111, 3) == (*working_size(100, 300, 64 * 64), 3)
    assert seen_size(Area(0, 100, 0, 300), image, 64 * 64) == (37, 111)
    assert seen_size(Area(0, 100, 0, 299), image, 64 * 64) == (32, 96)  # 37 and 111, to the next step
    assert seen_size(Area(0, 10, 0, 280), image, 64 * 64) == (32, 352)  # 12 and 339: one step at least


def test_logits_are_enlarged_bilinearly_in_every_class():
    logits = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
    np.testing.assert_allclose(resize_logits(logits, (7, 8)), cv2.resize(logits, (8, 7), interpolation=cv2.INTER_LINEAR), atol=1e-5)


# --- Segmenter

RED_GREEN = np.zeros((200, 300, 3), np.uint8)
RED_GREEN[:, :150, 0] = 255
RED_GREEN[:, 150:, 1] = 255


def test_a_picture_gives_a_mask_and_a_confidence_of_its_size():
    result = Segmenter(Painter(), FACES, "painter")(RED_GREEN)
    assert (result.mask.shape, result.mask.dtype) == ((200, 300), np.uint8)
    assert (result.confidence.shape, result.confidence.dtype) == ((200, 300), np.float32)
    assert result.task is FACES
    np.testing.assert_array_equal(result.mask, np.repeat([[0] * 150 + [1] * 150], 200, axis=0))


def test_the_network_sees_one_picture_at_the_working_size():
    network = Painter()
    Segmenter(network, FACES)(RED_GREEN)
    # 200x300 to an area of 64 * 96 = 6144: a factor sqrt(6144 / 60000) = 0.32
    (batch,) = network.seen
    assert (batch.shape, batch.dtype) == ((1, 64, 96, 3), np.uint8)
    assert batch[0, 5, 5].tolist() == [255, 0, 0]


def test_confidence_is_between_one_over_the_classes_and_one():
    picture = np.random.default_rng(0).integers(0, 256, (80, 90, 3)).astype(np.uint8)
    confidence = Segmenter(Painter(), FACES)(picture).confidence
    assert confidence.min() >= 1 / 6
    assert confidence.max() <= 1


def test_a_network_of_one_logit_tells_foreground_from_background():
    network = Painter(1)
    result = Segmenter(lambda images: network(images) - 5, BINARY)(RED_GREEN)
    assert result.mask[0, 0] == 1  # red: logit 10 - 5
    assert result.mask[0, -1] == 0  # green: logit 0 - 5
    assert result.confidence.min() >= 0.5


def test_a_network_of_background_rim_and_core_tells_objects_apart():
    picture = np.zeros((128, 192, 3), np.uint8)  # twice the working size either way
    picture[..., 0] = 200  # the background
    picture[20:100, 20:160] = (0, 200, 0)  # one area of rim
    picture[40:80, 40:80] = picture[40:80, 100:140] = (0, 0, 200)  # with two cores
    result = Segmenter(Painter(3), NUCLEI)(picture)
    assert result.instances.shape == result.mask.shape == (128, 192)
    assert result.instances.dtype == np.int32
    assert np.unique(result.instances).tolist() == [0, 1, 2]
    assert result.instances[60, 50] != result.instances[60, 130]
    assert not result.instances[result.mask == 0].any()
    gap = (result.separated == 0) & (result.mask == 1)
    assert gap.any() and not gap[60, 45] and set(np.unique(result.separated)) == {0, 1}
    assert [s.regions for s in result.statistics()] == [1, 2]


def test_objects_are_enlarged_without_new_ids_and_stay_inside_the_mask():
    mask = np.array([[0, 1, 1, 1]], np.uint8)
    assert enlarge(np.array([[3, 8]], np.int32), mask).tolist() == [[0, 3, 8, 8]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (33, 45), (700, 20), (2, 70_000), (70_000, 2)])
def test_pictures_of_any_shape_are_segmented(shape):
    result = Segmenter(Painter(), FACES)(np.full((*shape, 3), (0, 0, 255), np.uint8))
    np.testing.assert_array_equal(result.mask, np.full(shape, 2))


@pytest.mark.parametrize(
    "convert",
    [
        Image.fromarray,
        lambda rgb: np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]),
        lambda rgb: Image.fromarray(rgb).convert("P"),
        np.asfortranarray,
    ],
    ids=["PIL", "RGBA", "palette", "Fortran order"],
)
def test_every_kind_of_picture_gives_the_same_mask(convert):
    segmenter = Segmenter(Painter(), FACES)
    np.testing.assert_array_equal(segmenter(convert(RED_GREEN)).mask, segmenter(RED_GREEN).mask)


def test_a_path_is_read(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(RED_GREEN).save(path)
    segmenter = Segmenter(Painter(), FACES)
    for source in (path, str(path)):
        np.testing.assert_array_equal(segmenter(source).mask, segmenter(RED_GREEN).mask)


@pytest.mark.parametrize(
    "picture",
    [RED_GREEN / 255, RED_GREEN.astype(int), np.zeros((4, 4, 2), np.uint8), b"text", "gone.png", None, [RED_GREEN]],
    ids=["floats", "int64", "two channels", "text", "missing file", "nothing", "a list"],
)
def test_what_is_no_picture_is_refused_before_the_network_runs(picture):
    network = Painter()
    with pytest.raises(ImageError):
        Segmenter(network, FACES)(picture)
    assert not network.seen


def test_a_result_says_in_short_what_was_found():
    assert repr(Segmenter(Painter(), FACES)(RED_GREEN)) == "<Segmentation 300x200: background 50.0%, skin 50.0%>"
    assert repr(Segmenter(Painter(), FACES)(RED_GREEN[:, 50:])) == "<Segmentation 250x200: skin 60.0%, background 40.0%>"


def test_logits_are_divided_by_the_temperature_and_by_default_nothing_is_changed():
    plain, cool = Segmenter(Painter(), FACES), Segmenter(Painter(), FACES, temperature=2.0)
    assert (plain.temperature, plain.usual_confidence) == (1, 0)
    np.testing.assert_array_equal(cool(RED_GREEN).logits, plain(RED_GREEN).logits / 2)
    assert plain(RED_GREEN).logits.max() == 10


def test_the_logits_of_located_areas_are_no_coarser_than_those_of_a_whole_picture():
    image = np.zeros((100, 200, 3), np.uint8)
    segmenter = Segmenter(Painter(), replace(FACES, pixels=64 * 64), locator=lambda picture: (Area(0, 100, 0, 199),))
    assert segmenter(image).logits.shape[:2] == (45, 91) == working_size(100, 200, 64 * 64)  # the area is seen at 32x96


def test_a_picture_is_unfamiliar_if_what_is_found_there_is_less_sure_than_usual():
    mask, confidence = np.array([[0, 1, 1, 2]], np.uint8), np.array([[1, 0.5, 0.75, 0.25]], np.float32)
    result = partial(Segmentation, np.zeros((1, 4, 3), np.uint8), logits=np.zeros((1, 4, 6), np.float32))
    found = result(mask, confidence, FACES, usual_confidence=0.51)
    assert (found.mean_confidence, found.found_confidence, found.unfamiliar) == (0.625, 0.5, True)  # id 0 is the background
    assert not replace(found, usual_confidence=0.5).unfamiliar
    assert result(mask, confidence, get_task("street")).found_confidence == 0.625  # id 0 is the sky
    nothing = result(0 * mask, confidence / 10, FACES, usual_confidence=0.9)
    assert (nothing.found_confidence, nothing.unfamiliar) == (1, False)


def test_every_step_is_timed():
    timings = Segmenter(Painter(), FACES)(RED_GREEN).timings
    assert list(timings) == ["decode", "load", "network", "labels"]
    assert all(0 <= seconds < 60 for seconds in timings.values())


def test_statistics_are_of_the_result_s_own_mask_and_confidence():
    result = Segmenter(Painter(), FACES)(RED_GREEN)
    records = result.statistics()
    assert [r.share for r in records] == [0.5, 0.5, 0, 0, 0, 0]
    assert records[0].confidence == pytest.approx(float(result.confidence[:, :150].mean()))


def test_entropy_is_that_of_the_probabilities_over_a_guess():
    # Probabilities (1, 0, 0), (1/3, 1/3, 1/3) and (1/2, 1/2, 0), of which the last is log 2 / log 3.
    logits = np.array([[[50, 0, 0], [7, 7, 7], [50, 50, 0]]], np.float32)
    task = replace(FACES, classes=FACES.classes[:3])
    result = Segmentation(np.zeros((1, 3, 3), np.uint8), np.zeros((1, 3), np.uint8), np.ones((1, 3), np.float32), task, logits)
    np.testing.assert_allclose(result.entropy, [[0, 1, math.log(2) / math.log(3)]], atol=1e-5)


def test_a_mask_to_look_at_is_decided_again_at_another_size():
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    result = Segmenter(Painter(), FACES)(image)
    assert result.separated_at((64, 96)) is result.mask
    np.testing.assert_array_equal(result.separated_at((150, 200)), labels(result.logits, (150, 200))[0])
