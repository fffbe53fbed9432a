"""What the network that suggests a task is trained on, with every draw known."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from dice import Dice
from PIL import Image

from segdemo.data import views
from segdemo.data.views import LONGEST, Pool
from segdemo.suggestion import SIDE, as_suggested
from segdemo.tasks import TASKS

PLACES = np.dstack([*np.indices((200, 250)), np.zeros((200, 250))]).astype(np.uint8)  # a pixel's red is its row, its green its column


def of(name):
    """Of a split, all that is looked at."""
    return SimpleNamespace(task=TASKS[name])


def box_of(cut):
    """(top, left, bottom, right) of what was cut out of `PLACES`."""
    return int(cut[0, 0, 0]), int(cut[0, 0, 1]), int(cut[-1, -1, 0]) + 1, int(cut[-1, -1, 1]) + 1


def filled(shape, *areas, inside=1, outside=0):
    """A mask with areas of (top, left, bottom, right)."""
    mask = np.full(shape, outside, np.uint8)
    for top, left, bottom, right in areas:
        mask[top:bottom, left:right] = inside
    return mask


# --- where a view is cut out


@pytest.mark.parametrize(("at", "expected"), [(0, (0, 0, 100, 125)), (0.5, (25, 32, 175, 219)), (1, (0, 0, 200, 250))])
def test_a_part_has_at_least_half_of_each_side_and_lies_anywhere(at, expected):
    assert box_of(views._part(PLACES)(Dice(at=at))) == expected


@pytest.mark.parametrize(
    ("chance", "area", "expected"),
    [
        (0.79, (0, 0, 10, 10), (0, 0, 120, 150)),  # six tenths of each side, with the cat in it
        (0.79, (0, 137, 10, 157), (0, 0, 120, 150)),  # 13 of its 20 columns
        (0.79, (0, 138, 10, 158), (0, 0, 200, 250)),  # 12: no cut keeps it
        (0.8, (0, 0, 10, 10), (0, 0, 200, 250)),  # one in five is whole
    ],
)
def test_a_cut_keeps_most_of_what_is_not_background(chance, area, expected):
    mask = filled((200, 250), area)
    mask[150:] = 255  # nobody knows what
    assert box_of(views._crop_with(PLACES, mask, of("animals"))(Dice(chance))) == expected


@pytest.mark.parametrize(("name", "outside"), [("street", 3), ("animals", 0)])
def test_of_a_street_all_counts_and_a_picture_of_nothing_stays_whole(name, outside):
    mask = filled((200, 250), outside=outside)
    assert box_of(views._crop_with(PLACES, mask, of(name))(Dice(0.1))) == (0, 0, 200, 250)  # 0.36 of a street are too little


@pytest.mark.parametrize(("at", "turns"), [(0, 0), (0.25, 1), (1, 3)])
def test_retinas_and_nuclei_are_cut_anywhere_and_turned(at, turns):
    mask = filled((200, 250), (190, 240, 200, 250))
    expected = views._part(PLACES, 0.4)(Dice(at=at))
    assert box_of(views._part(PLACES, 0.4)(Dice())) == (0, 0, 80, 100)
    np.testing.assert_array_equal(views._crop_with(PLACES, mask, of("vessels"))(Dice(0.1, at=at)), np.rot90(expected, turns))
    plain = views._crop_with(PLACES, mask, of("nuclei"))(Dice(0.1, 0.4, at=at))
    np.testing.assert_array_equal(plain, np.rot90(expected, turns))
    tinted = views._crop_with(PLACES, mask, of("nuclei"))(Dice(0.1, 0.39, at=at))
    np.testing.assert_array_equal(tinted, np.rot90(views._tinted(expected, Dice(at=at)), turns))


@pytest.mark.parametrize(
    ("at", "expected"),
    [(0, (200, 0, 0)), (0.25, (100, 200, 0)), (0.5, (0, 200, 200))],  # 64 and 128 of 256 steps
)
def test_another_stain_is_another_hue(at, expected):
    tinted = views._tinted(np.full((2, 2, 3), (200, 0, 0), np.uint8), Dice(at=at))
    np.testing.assert_allclose(tinted[0, 0], expected, atol=4)


@pytest.mark.parametrize(
    ("box", "at", "expected"),
    [
        ((80, 100, 120, 140), 0, (72, 96, 120, 144)),  # 0.6 of 40 from the middle (100, 120), 4 higher
        ((80, 100, 120, 130), 1, (68, 71, 156, 159)),  # 1.1 of 40, the longer side, from (100, 115), 12 lower
        ((0, 0, 40, 40), 1, (0, 0, 76, 64)),
        ((95, 95, 105, 105), 0, (93, 94, 109, 110)),  # at least 16
        ((190, 240, 200, 250), 0, (188, 239, 200, 250)),
    ],
)
def test_a_head_is_seen_from_near_or_with_its_shoulders(box, at, expected):
    assert box_of(views._near(PLACES, box)(Dice(at=at))) == expected


def test_the_head_of_a_scene_is_its_face_if_there_is_enough_of_it():
    face = TASKS["scenes"].class_names.index("face")
    assert views._head(filled((100, 90), (20, 30, 30, 55), inside=face), of("scenes")) == (20, 30, 29, 54)
    mask = filled((100, 90), (20, 30, 30, 55), inside=face)
    mask[20, 30] = 0
    assert views._head(mask, of("scenes")) is None  # 249 pixels


@pytest.mark.parametrize(
    ("hair", "height", "expected"),
    [
        ((10, 20, 30, 50), 200, (10, 20, 43, 49)),  # of flat hair 24: skin counts to row 10 + 33
        ((10, 20, 50, 50), 201, (10, 20, 64, 49)),  # 39 of hair: to row 10 + 54
        ((10, 20, 50, 50), 200, None),  # 54 are not under 0.27 of 200
        ((10, 20, 46, 50), 200, (10, 20, 58, 49)),  # 35 of hair: the rows before 10 + 49
        ((0, 0, 0, 0), 200, None),
    ],
)
def test_the_head_of_somebody_with_clothes_is_hair_and_the_skin_below_it(hair, height, expected):
    names = TASKS["clothes"].class_names
    mask = filled((height, 80), (30, 30, 150, 40), inside=names.index("skin"))
    mask[hair[0] : hair[2], hair[1] : hair[3]] = names.index("hair")
    assert views._head(mask, of("clothes")) == expected


def test_a_wide_head_is_too_near_as_well():
    names = TASKS["clothes"].class_names
    assert views._head(filled((200, 80), (10, 10, 30, 65), inside=names.index("hair")), of("clothes")) is None
    assert views._head(filled((201, 80), (10, 10, 30, 65), inside=names.index("hair")), of("clothes")) == (10, 10, 29, 64)


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ((0, 0, 30, 130), (30, 0, 100, 200)),
        ((0, 0, 31, 130), (0, 130, 100, 200)),
        ((0, 0, 31, 131), None),
        ((0, 0, 100, 131), None),
        ((80, 0, 100, 200), (0, 0, 80, 200)),
        ((80, 150, 100, 200), (0, 0, 100, 150)),
        ((0, 0, 0, 0), None),
    ],
)
def test_what_is_free_of_classes_is_the_widest_strip_along_an_edge(area, expected):
    assert views._free(filled((100, 200), area), of("animals")) == expected
    assert views._free(filled((100, 200), area, outside=255), of("street")) == expected


# --- what is right for it


@pytest.mark.parametrize(("rows", "expected"), [(2, {"scenes", "animals"}), (1, {"scenes"})])
def test_a_cat_counts_from_a_fiftieth_of_the_picture(rows, expected):
    cat = TASKS["scenes"].class_names.index("cat")
    assert views.right_for("scenes", filled((100, 10), (0, 0, rows, 10), inside=cat), of("scenes")) == expected


def test_a_sheep_is_no_class_of_the_other_task():
    assert views.right_for("scenes", filled((10, 10), (0, 0, 2, 10), inside=TASKS["scenes"].class_names.index("sheep")), of("scenes")) == {"scenes"}
    assert views.right_for("scenes", filled((10, 10), (0, 0, 2, 10), inside=TASKS["scenes"].class_names.index("cow")), of("scenes")) == {"scenes", "animals"}


@pytest.mark.parametrize(("rows", "class_id", "expected"), [(5, 1, {"animals"}), (4, 1, {"animals", "scenes"}), (9, 255, {"animals", "scenes"})])
def test_an_animal_that_is_lost_in_the_picture_makes_it_a_scene_as_well(rows, class_id, expected):
    mask = filled((100, 10), (0, 0, rows, 10), inside=class_id)
    assert views._right_to_learn("animals", mask, of("animals")) == expected
    assert views._right_to_learn("clothes", mask, of("clothes")) == {"clothes"}


def test_every_picture_is_seen_as_often_as_any_other(monkeypatch):
    monkeypatch.setattr(views, "disguised", lambda image, rng: f"{image}, disguised")
    monkeypatch.setattr(views, "as_suggested", lambda image: f"{image}, small")
    pool = Pool("animals", [(lambda rng: "cat", frozenset("c")), (lambda rng: "dog", frozenset("d"))])
    found = list(pool.views(5, Dice()))
    assert [view.partition(",")[0] for view, _ in found] == ["dog", "cat", "dog", "cat", "dog"]
    assert found[0] == ("dog, disguised, small", frozenset("d"))
    assert len(list(pool.views(2, Dice()))) == 2


def write(data, task, image, mask):
    for kind, array in (("images", image), ("masks", mask)):
        folder = data / views.FOLDERS.get(task, task) / "train" / kind
        folder.mkdir(parents=True)
        Image.fromarray(array).save(folder / "a.png")


@pytest.mark.parametrize("is_scene", [True, False])
def test_the_pools_are_a_task_each_and_what_belongs_to_none(tmp_path, monkeypatch, is_scene):
    """One picture a task: left half of a class, right half background; a face in scenes, hair in clothes."""
    image = np.zeros((200, 300, 3), np.uint8)
    image[:, 150:] = 90
    inside = {"scenes": TASKS["scenes"].class_names.index("face"), "clothes": TASKS["clothes"].class_names.index("hair")}
    for name, task in TASKS.items():
        area = (50, 0, 90, 300) if name == "clothes" else (0, 0, 200, 150)
        write(tmp_path, name, image, filled((200, 300), area, inside=inside.get(name, 1), outside=task.background_id or 0))
    asked, drawn, parts, part = [], [], [], views._part
    monkeypatch.setattr(views, "DRAWN", 2)
    monkeypatch.setattr(views, "_part", lambda image, least=0.5: parts.append((image.shape, least)) or part(image, least))
    for scene in ("street", "cells"):
        monkeypatch.setattr(views.scenes, scene, lambda *how: drawn.append(how) or (np.zeros((5, 6, 3), np.uint8), None))
    monkeypatch.setattr(views, "_head", lambda mask, split: (0, 0, 100, 100) if split.task.name in inside else None)
    monkeypatch.setattr(views.unknown, "photographs", lambda packages, grounds: asked.append((packages, grounds)) or ["photograph"])

    def judge(beside):
        asked.append(beside)
        return is_scene

    made = {pool.name: [right for _, right in pool.makers] for pool in views.pools(tmp_path, Path("debian"), judge)}
    assert set(made) == {*TASKS, None}
    assert made["faces"] == [{"faces"}] * 3 and made["street"] == [{"street"}] * 3 and made["nuclei"] == [{"nuclei"}] * 3
    assert made["scenes"] == [{"scenes"}] and made["animals"] == [{"animals"}] and made["vessels"] == [{"vessels"}]
    assert drawn == [(100, 320, 240), (101, 320, 240), (100, 320), (101, 320)] and parts[-4:] == [((5, 6, 3), 0.6)] * 4
    *besides, (packages, grounds) = asked
    assert [beside.shape for beside in besides] == [(200, 150, 3), (110, 300, 3)]  # beside the animal; below the hair
    assert packages == Path("debian") and len(grounds) == (2 if is_scene else 0)
    assert made[None] == [frozenset(["scenes" if is_scene else None])] * 2 + [{None}] * 301


# --- how it was taken

HALVES = np.full((320, 160, 3), 100, np.uint8)
HALVES[:, 80:] = 200


@pytest.fixture
def taken(monkeypatch):
    """The picture and the quality that are stored, and how strongly it is blurred."""
    monkeypatch.setattr(views, "stored", lambda image, quality: (image, quality))
    monkeypatch.setattr(cv2, "GaussianBlur", lambda image, size, sigma: np.full_like(image, 10 * sigma if size == (0, 0) else 0))
    return views.disguised


def test_a_usual_view_is_only_a_little_other(taken):
    image, quality = taken(HALVES, Dice(0.5, 0.12, 0.1, 0.3, 0.15, at=0.5))
    # 0.95 of the contrast about 150: 102.5 and 197.5; 1.025 of each side, but no more than 320.
    assert image.shape == (320, 164, 3) and (image[:, :80] == 102).all() and (image[:, 85:] == 197).all()
    assert quality == 68


def test_at_its_least_a_view_is_mirrored_pale_and_small(taken):
    image, quality = taken(HALVES, Dice(0.49, 0.12, 0.1, 0.29, 0.15, at=0))
    # 0.6 of the contrast: 120 and 180, less 0.3 of 150: 75 and 135, times 0.88: 66 and 118.8; mirrored. 0.8 times 0.25 of the sides.
    assert image.shape == (64, 32, 3) and (image[:, :15] == 118).all() and (image[:, 17:] == 66).all()
    assert quality == 40


def test_few_pixels_are_at_most_eight_tenths_and_at_least_sixteen(taken):
    assert taken(HALVES, Dice(0.5, 0.12, 0.1, 0.29, 0.15, at=1))[0].shape == (320, 160, 3)  # 1.25 times 0.8
    assert taken(np.zeros((320, 4, 3), np.uint8), Dice(0.5, 0.12, 0.1, 0.3, 0.15))[0].shape == (256, 16, 3)


def test_at_its_most_a_view_is_bright_and_has_a_frame(taken):
    image, quality = taken(HALVES[:, :80], Dice(0.5, 0.11, 0.1, 0.3, 0.15, at=1))
    # 53 pixels of 255 on every side: (100 * 320 * 80 + 255 * (426 * 186 - 320 * 80)) / (426 * 186) is the mean, 204.9.
    mean = (100 * 320 * 80 + 255 * (426 * 186 - 320 * 80)) / (426 * 186)
    middle = (mean + (100 - mean) * 1.3 + 0.3 * mean) * 1.12
    assert image.shape == (320, int(186 * 1.25 * 320 / 426), 3) and (image[0] == 255).all()
    assert image[160, 80].tolist() == [int(middle)] * 3
    assert quality == 95


@pytest.mark.parametrize(("chance", "at", "expected"), [(0.14, 0, 5), (0.14, 1, 20)])
def test_some_views_are_blurred(taken, chance, at, expected):
    assert (taken(HALVES, Dice(0.5, 0.12, 0.1, 0.3, chance, at=at))[0] == expected).all()


def test_a_frame_is_grey_black_or_white_and_as_wide_as_drawn(taken):
    image = taken(np.full((60, 60, 3), 100, np.uint8), Dice(0.5, 0.11, 0.1, 0.3, 0.15, at=0.5))[0]
    # 5 of at most 10 on each side; 0.95 of the contrast moves 127 by less than 2.
    assert image.shape == (320, 320, 3) and abs(int(image[0, 0, 0]) - 127) <= 2 and abs(int(image[160, 160, 0]) - 100) <= 2
    assert abs(int(image[21, 160, 0]) - 127) <= 2 and image[24, 160, 0] == 100


@pytest.mark.parametrize(("chance", "at", "saturation", "contrast", "light", "tint"), [(0.09, 1, 0, 1.3, 0.3, 1.12), (0.1, 0, 0.6, 0.6, -0.3, 0.88)])
def test_colours_are_paler_or_gone(chance, at, saturation, contrast, light, tint):
    """Red of 255 has the grey 76.2, that of a picture of nothing else; its three channels have the mean 85."""
    x = 76.245 + (np.array([255, 0, 0]) - 76.245) * saturation
    mean = 76.245 + (85 - 76.245) * saturation
    expected = (mean + (x - mean) * contrast + mean * light) * tint
    found = views._coloured(np.full((4, 4, 3), (255, 0, 0), np.uint8), Dice(chance, at=at))
    np.testing.assert_allclose(found[0, 0], expected.clip(0, 255), atol=1.01)


def test_colours_are_stronger():
    # (140, 120, 120) has the grey 126: 145.6, 117.6, 117.6; mean 126.9, times 1.3: 151.2, 114.8; 0.3 of 126.9 more; times 1.12.
    found = views._coloured(np.full((4, 4, 3), (140, 120, 120), np.uint8), Dice(0.1, at=1))[0, 0]
    np.testing.assert_allclose(found, [212, 171, 171], atol=1.01)


def test_black_stays_black_and_of_a_pixel_a_part_is_that_pixel():
    black = np.zeros((1, 1, 3), np.uint8)
    assert not views._coloured(black, Dice(0.1)).any()
    assert views._part(black)(Dice()).shape == (1, 1, 3)


def test_the_longest_side_is_the_same_for_all():
    assert views.small([(np.zeros((400, 800, 3), np.uint8), np.zeros((400, 800), np.uint8))], 0)[1].shape == (LONGEST // 2, LONGEST)


def test_a_view_keeps_its_picture_small_and_changes_how_it_was_taken():
    image = np.random.default_rng(0).integers(0, 256, (600, 900, 3), np.uint8)
    small = views.stored(image)
    assert small.shape == (213, LONGEST, 3) and as_suggested(small).shape == (SIDE, SIDE, 3)
    seen = [views.disguised(small, np.random.default_rng(seed)) for seed in range(20)]
    assert all(max(view.shape) <= LONGEST and view.dtype == np.uint8 for view in seen) and len({view.shape for view in seen}) > 10
