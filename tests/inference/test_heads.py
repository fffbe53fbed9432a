from dataclasses import replace

import cv2
import numpy as np
import pytest

import segdemo
from segdemo.analysis.explanation import occlusion
from segdemo.data.examples import picture_of
from segdemo.images import shrink
from segdemo.inference.areas import Area
from segdemo.inference.batch import segment_many
from segdemo.inference.heads import MOST, HeadFinder, distinct, head_area, largest
from segdemo.inference.segmentation import Segmenter
from segdemo.tasks import TASKS, get_task
from segdemo.tasks.pictures import ASTRONAUT, CHELSEA, COFFEE, HOPPER, Photograph
from segdemo.zoo import locator

FACES = get_task("faces")
HEADS = (Photograph("skimage", "data/astronaut.png", (0, 230, 120, 330)), Photograph("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", (0, 420, 80, 440)))


@pytest.fixture(scope="module")
def finder():
    return locator(FACES)


def group():
    """Five heads of several sizes on a plain wall, and the (y, x) of each one's nose or nearly."""
    wall, noses = np.full((700, 1400, 3), (170, 185, 190), np.uint8), []
    for i, (who, longest, top) in enumerate(((0, 230, 200), (1, 250, 150), (0, 160, 350), (1, 190, 300), (0, 280, 100))):
        head = picture_of(HEADS[who])
        head = shrink(head, head[..., 0], longest)[0]
        height, width = head.shape[:2]
        left = 20 + 275 * i
        wall[top : top + height, left : left + width] = head
        noses.append((top + height // 2, left + width // 2))
    return wall, noses


# --- geometry, by hand


def test_a_head_reaches_above_below_and_beside_its_face():
    # A face of 100 with its middle at (500, 600): 1.15 up, 0.68 down, 0.88 to each side.
    assert head_area(np.array([550, 450, 650, 550]), (2000, 2000)) == Area(385, 568, 512, 688)


def test_an_area_that_reaches_out_of_the_picture_is_moved_into_it():
    assert head_area(np.array([0, 0, 100, 100]), (2000, 2000)) == Area(0, 183, 0, 176)
    assert head_area(np.array([1900, 1900, 2000, 2000]), (2000, 2000)) == Area(1817, 2000, 1824, 2000)


def test_an_area_is_no_larger_than_the_picture():
    assert head_area(np.array([50, 10, 150, 110]), (120, 1000)) == Area(0, 120, 12, 188)


def test_a_face_that_fills_the_picture_leaves_it_whole():
    assert head_area(np.array([100, 100, 196, 196]), (200, 200)) == Area(0, 200, 0, 200)  # .48 of the side
    assert head_area(np.array([50, 50, 145, 145]), (200, 200)) != Area(0, 200, 0, 200)


def test_of_two_boxes_on_one_face_the_surer_stays():
    boxes = np.array([[0, 0, 10, 10], [2, 2, 8, 8], [20, 0, 30, 10], [8, 0, 18, 10]], float)
    # the second lies on the first; the last shares 2 of 10 with it
    assert distinct(boxes, np.array([0.7, 0.9, 0.6, 0.5])).tolist() == [[2, 2, 8, 8], [20, 0, 30, 10], [8, 0, 18, 10]]


def test_the_largest_twenty_come_first():
    boxes = np.array([[0, 0, n, n] for n in range(1, 31)], float)
    assert [box[2] for box in largest(boxes)] == list(range(30, 30 - MOST, -1))


@pytest.mark.parametrize(("sure", "expected"), [(0.59, []), (0.61, [[430, 430, 570, 570]])])
def test_a_detector_is_asked_again_from_near_and_must_then_be_sure(sure, expected):
    # The face of 400 to 600 is looked at in a square of 700 from 150; its .4 to .6 are 430 to 570.
    looks = []

    def detector(square):
        looks.append(square.shape)
        return np.array([[0.4, 0.4, 0.6, 0.6]]), np.array([{1: 0.5, 7: sure}.get(len(looks), 0)])

    found = HeadFinder(detector).faces(np.zeros((1000, 1000, 3), np.uint8))
    assert looks == [(192, 192, 3)] * 7  # whole, half, four parts, and the second look
    np.testing.assert_allclose(found, np.reshape(expected, (-1, 4)))


class Views(HeadFinder):
    """Notes where it looks, and sees there what it is told: boxes and scores."""

    def __init__(self, boxes=(), scores=()):
        self.looks, self.told = [], (np.array(boxes, float).reshape(-1, 4), np.array(scores, float))

    def _view(self, image, left, top, side):
        self.looks.append((left, top, side))
        return self.told


@pytest.mark.parametrize(
    ("shape", "looks"),
    [
        # the whole, the same at half the size in the middle of black, and four parts of 0.6 of the sides
        ((100, 200), [(0, 0, 200), (-100, -50, 400), (0, 0, 120), (80, 0, 120), (0, 40, 120), (80, 40, 120)]),
        ((1, 1), [(0, 0, 1), (-1, -1, 2), *[(0, 0, 1)] * 4]),
    ],
)
def test_a_picture_is_looked_at_whole_from_afar_and_in_four_parts(shape, looks):
    finder = Views()
    finder._candidates(np.zeros((*shape, 3), np.uint8))
    assert finder.looks == looks


def test_of_the_parts_only_small_faces_count():
    boxes = [[10, 0, 89, 79], [10, 0, 90, 80]]  # 79 wide, and 80: 0.4 of 200
    found, scores = Views(boxes, [0.5, 0.7])._candidates(np.zeros((100, 200, 3), np.uint8))
    assert found.tolist() == 2 * boxes + 4 * boxes[:1] and scores.tolist() == [0.5, 0.7, 0.5, 0.7, 0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("boxes", "scores", "expected"),
    [
        ([[6, 0, 16, 10]], [0.6], [[6, 0, 16, 10]]),  # just sure, and 0.4 of it on the face
        ([[6.1, 0, 16, 10]], [0.9], []),
        ([[0, 0, 10, 10], [1, 0, 11, 10]], [0.7, 0.8], [[1, 0, 11, 10]]),
    ],
)
def test_the_second_look_takes_the_surest_on_the_same_place(boxes, scores, expected):
    finder = Views(boxes, scores)
    assert finder._second_look(np.zeros((50, 50, 3), np.uint8), np.array([0.0, 0, 10, 10]))[0].tolist() == expected
    assert finder.looks == [(-12, -12, 35)]
    finder._second_look(np.zeros((50, 50, 3), np.uint8), np.array([5.0, 5, 5.1, 5.1]))
    assert finder.looks[1][2] == 1


def seen(image, left, top, side):
    """The square that a detector is shown."""
    squares = []
    HeadFinder(lambda square: squares.append(square) or (np.empty((0, 4)), np.empty(0)))._view(image, left, top, side)
    return squares[0]


def test_beside_the_picture_a_view_is_black():
    white = np.full((100, 200, 3), 255, np.uint8)
    expected = np.zeros((192, 192, 3), np.uint8)
    expected[24:72, 48:144] = 255  # 0.48 of the picture's sizes and places
    np.testing.assert_array_equal(seen(white, -100, -50, 400), expected)
    assert np.count_nonzero(seen(white[:1, :1], -500, -500, 1000)) == 3  # a pixel stays one
    corner = np.zeros((2, 2, 3), np.uint8)
    corner[0, 0] = 255
    assert seen(corner, 0, 0, 1).min() == 255


def test_a_view_is_enlarged_bilinearly():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    np.testing.assert_array_equal(seen(noise, 0, 0, 128), cv2.resize(noise, (192, 192), interpolation=cv2.INTER_LINEAR))


def test_a_view_tells_faces_in_pixels_and_leaves_out_what_is_none():
    boxes = np.array([[0.1, 0.5, 0.3, 0.9], [0.2, 0.1, 0.2, 0.5], [0.1, 0.2, 0.5, 0.2], [0.1, 0.1, 0.5, 0.5]])
    found, scores = HeadFinder(lambda square: (boxes, np.array([0.4, 0.9, 0.9, 0.39])))._view(np.zeros((50, 50, 3), np.uint8), 5, -3, 100)
    np.testing.assert_allclose(found, [[15, 47, 35, 87]])  # no width, no height, and a score below 0.4
    assert scores.tolist() == [0.4]


def test_faces_side_by_side_do_not_overlap_and_four_tenths_are_one_face():
    boxes = np.array([[10, 10, 20, 20], [30, 10, 40, 20], [36, 10, 46, 20]], float)
    assert distinct(boxes, np.array([0.9, 0.8, 0.7])).tolist() == boxes[[0, 1]].tolist()


def test_the_head_of_a_dot_has_a_pixel():
    assert head_area(np.array([5.0, 5, 5.1, 5.1]), (100, 100)) == Area(5, 6, 5, 6)


# --- pictures


@pytest.mark.parametrize("picture", [ASTRONAUT, HOPPER])
def test_the_head_of_a_portrait_is_found(finder, picture):
    (area,) = finder(picture_of(picture))
    assert area.height < 0.8 * picture_of(picture).shape[0]


def test_each_of_five_is_found(finder):
    wall, noses = group()
    areas = finder(wall)
    assert len(areas) == 5
    assert all(any(area.has(*nose) for area in areas) for nose in noses)
    assert [area.height for area in areas] == sorted((area.height for area in areas), reverse=True)


@pytest.mark.parametrize("image", [picture_of(CHELSEA), picture_of(COFFEE), np.zeros((1, 1, 3), np.uint8), np.full((3, 900, 3), 255, np.uint8)])
def test_no_face_is_found_where_there_is_none(finder, image):
    assert finder(image) == ()


def test_a_face_at_the_picture_s_edge_is_found(finder):
    whole = picture_of(ASTRONAUT)
    (area,) = finder(whole[40:])  # the hair is cut
    assert area.top == 0


# --- the task


@pytest.mark.parametrize("model", ["fcn8s", "unet", "deeplabv3plus"])
def test_five_faces_have_their_parts(model):
    wall, noses = group()
    result = segdemo.load(model, task="faces")(wall)
    for y, x in noses:
        around = result.mask[y - 45 : y + 45, x - 45 : x + 45]
        assert {1, 2, 3, 4} <= set(np.unique(around).tolist())
    assert result.mask.shape == result.confidence.shape == wall.shape[:2] and result.entropy.shape == wall.shape[:2]
    assert sum(s.share for s in result.statistics()) == pytest.approx(1) and sum(s.pixels for s in result.statistics()) == wall[..., 0].size
    far = np.ones(wall.shape[:2], bool)
    for area in result.located:
        far[area.slices] = False
    assert not result.mask[far].any() and result.confidence[far].min() > 0.999 and result.entropy[50:80, 600:700].max() < 0.01


def test_a_picture_that_a_head_fills_gives_what_it_gave_before():
    segmenter = segdemo.load("unet", task="faces")
    picture = picture_of(FACES.examples[-1].picture)
    found, plain = segmenter(picture), Segmenter(segmenter.network, segmenter.task, temperature=segmenter.temperature)(picture)
    assert found.located == (Area(0, 190, 0, 140),) and plain.located is None
    np.testing.assert_array_equal(found.mask, plain.mask)
    np.testing.assert_array_equal(found.confidence, plain.confidence)
    np.testing.assert_array_equal(found.logits, plain.logits)


def test_without_a_face_the_whole_picture_is_looked_at_and_it_is_said():
    segmenter = segdemo.load("unet", task="faces")
    found, plain = segmenter(picture_of(CHELSEA)), Segmenter(segmenter.network, segmenter.task, temperature=segmenter.temperature)(picture_of(CHELSEA))
    assert (found.located, found.located_boxes, found.unfamiliar) == ((), [], True)
    np.testing.assert_array_equal(found.mask, plain.mask)


@pytest.mark.parametrize("model", ["fcn8s", "unet", "deeplabv3plus"])
def test_no_example_is_unfamiliar(model):
    for example in FACES.examples:
        assert not segdemo.load(model, task="faces")(picture_of(example.picture)).unfamiliar


def test_both_runtimes_see_the_same_heads():
    litert, keras = (segdemo.load("unet", task="faces", runtime=runtime)(picture_of(ASTRONAUT)) for runtime in ("litert", "keras"))
    assert litert.located == keras.located
    assert np.mean(litert.mask == keras.mask) > 0.999


def test_a_batch_sees_what_one_picture_sees():
    segmenter = segdemo.load("unet", task="faces")
    pictures = [picture_of(ASTRONAUT), picture_of(COFFEE)]
    for (_, together), alone in zip(segment_many(segmenter, pictures), map(segmenter, pictures), strict=True):
        assert together.located == alone.located
        np.testing.assert_array_equal(together.mask, alone.mask)


def test_other_tasks_look_for_no_face():
    assert [task.name for task in TASKS.values() if task.faces_first] == ["faces"]
    assert segdemo.load("unet", task="animals")(picture_of(ASTRONAUT)).located is None
    assert FACES.background_id == 0 and FACES.num_outputs == FACES.num_classes


# --- explanations


def red_is_skin(images):
    logits = np.zeros((*images.shape[:3], 6), np.float32)
    logits[..., 1] = images[..., 0] / 25.5 - 5
    return logits


def test_the_head_asked_about_is_explained_and_nothing_beside_it():
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 150:] = 255
    areas = Area(0, 100, 0, 60), Area(20, 80, 130, 190)
    segmenter = Segmenter(red_is_skin, replace(FACES, pixels=64 * 64), locator=lambda picture: areas)
    for where in (None, (50, 170)):  # only the second head has the class
        drops = occlusion(segmenter, image, 1, where)
        assert drops.shape == (100, 200) and drops[40:60, 155:185].max() > 0.01
        beside = np.ones((100, 200), bool)
        beside[areas[1].slices] = False
        assert not drops[beside].any()


def test_a_pixel_outside_of_all_heads_is_explained_by_the_whole_picture():
    image = np.full((100, 200, 3), 255, np.uint8)
    segmenter = Segmenter(red_is_skin, replace(FACES, pixels=64 * 64), locator=lambda picture: (Area(0, 40, 0, 40),))
    assert occlusion(segmenter, image, 1, (90, 190)).max() > 0.1
