from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segdemo.data.augmentation import Augmentation
from segdemo.data.folder import borrow, open_split
from segdemo.inference.instances import core_and_rim
from segdemo.output.visualization import palette_png
from segdemo.tasks import get_task, task_from_folder
from segdemo.training.batches import RandomBatches

# A working size of that of the pictures below.
SMALL = replace(get_task("faces"), pixels=36 * 48)
FACES, NUCLEI = get_task("faces"), get_task("nuclei")


def write(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def picture(value=0, shape=(36, 48)):
    return np.full((*shape, 3), value, np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Four pictures whose grey says which they are, and their masks."""
    for i, name in enumerate(["b.png", "a.png", "d.png", "c.PNG"]):
        write(tmp_path / "train/images" / name, picture(10 * i))
        write(tmp_path / f"train/masks/{name[0]}.png", np.full((36, 48), i, np.uint8))
    return tmp_path


def test_a_split_pairs_pictures_with_masks_in_the_order_of_their_names(folder):
    split = open_split(folder, "train", FACES)
    assert len(split) == 4
    assert [path.name for path in split.images] == ["a.png", "b.png", "c.PNG", "d.png"]
    assert [(int(image[0, 0, 0]), int(mask[0, 0])) for image, mask in split] == [(10, 1), (0, 0), (30, 3), (20, 2)]
    image, mask = split[0]
    assert (image.shape, image.dtype, mask.shape, mask.dtype) == ((36, 48, 3), np.uint8, (36, 48), np.uint8)


def test_files_that_are_no_pictures_are_passed_over_and_of_two_masks_a_png_is_taken(folder):
    for kind in ("images", "masks"):
        (folder / f"train/{kind}/notes.txt").write_text("not a picture")
    write(folder / "train/masks/a.tif", picture())
    assert [path.name for path in open_split(folder, "train", FACES).masks] == ["a.png", "b.png", "c.png", "d.png"]


def test_instances_of_another_size_are_refused(tmp_path):
    write(tmp_path / "train/images/a.png", picture(shape=(10, 20)))
    write(tmp_path / "train/instances/a.png", np.zeros((11, 21), np.uint16))
    with pytest.raises(ValueError, match=r"instances.*a\.png is 21x11, its picture 20x10; they must match"):
        open_split(tmp_path, "train", NUCLEI)[0]


@pytest.mark.parametrize("index", [4, -1])
def test_an_index_outside_the_split_is_refused(folder, index):
    with pytest.raises(IndexError):
        open_split(folder, "train", FACES)[index]


def test_instances_become_a_binary_mask(tmp_path):
    write(tmp_path / "train/images/a.png", picture(shape=(1, 4)))
    write(tmp_path / "train/instances/a.png", np.array([[0, 1, 256, 65535]], np.uint16))
    _, mask = open_split(tmp_path, "train", NUCLEI)[0]
    assert mask.dtype == np.uint8
    assert mask.tolist() == [[0, 1, 1, 1]]


def test_the_objects_of_a_countable_task_are_counted_and_their_cores_are_the_target(tmp_path):
    ids = np.zeros((20, 40), np.uint16)
    ids[2:18, 2:18], ids[2:18, 18:34] = 7, 900  # they touch
    write(tmp_path / "train/images/a.png", picture(shape=(20, 40)))
    write(tmp_path / "train/instances/a.png", ids)
    split = open_split(tmp_path, "train", NUCLEI)
    assert split.counts() == [2]
    np.testing.assert_array_equal(split.instances(0), ids)
    np.testing.assert_array_equal(next(split.training_pairs())[1], core_and_rim(ids))
    assert open_split(tmp_path, "train", replace(NUCLEI, countable=False)).counts() is None


def test_of_a_mask_without_instances_the_connected_areas_are_the_objects(tmp_path):
    mask = np.zeros((20, 40), np.uint8)
    mask[2:18, 2:18], mask[2:18, 20:34], mask[0] = 1, 1, 255
    write(tmp_path / "train/images/a.png", picture(shape=(20, 40)))
    write(tmp_path / "train/masks/a.png", mask)
    split = open_split(tmp_path, "train", NUCLEI)
    assert split.counts() == [2]
    target = next(split.training_pairs())[1]
    assert (target[0] == 255).all()
    np.testing.assert_array_equal(target[1:] > 0, mask[1:] == 1)


def test_a_palette_mask_gives_its_ids(folder):
    (folder / "train/masks/a.png").write_bytes(palette_png(np.full((36, 48), 4, np.uint8), FACES))
    assert (open_split(folder, "train", FACES)[0][1] == 4).all()


ANIMALS, CLOTHES = get_task("animals"), get_task("clothes")


def test_another_task_s_pictures_are_borrowed_with_what_is_known_of_them(tmp_path):
    pets = replace(ANIMALS, borrows={"faces": {"background": "background", "eyes": "cat", "nose": "dog"}})
    write(tmp_path / "train/images/a.png", picture(shape=(1, 5)))
    write(tmp_path / "train/masks/a.png", np.array([[0, 1, 3, 4, 255]], np.uint8))  # background, skin, eyes, nose, ignored
    write(tmp_path / "train/images/b.png", picture(shape=(1, 5)))
    write(tmp_path / "train/masks/b.png", np.array([[1, 1, 5, 2, 255]], np.uint8))  # nothing that pets know
    split = borrow(tmp_path, FACES, pets, most=9)
    assert [mask.tolist() for _, mask in split] == [[[0, 255, 2, 4, 255]]]


def test_of_borrowed_pictures_there_are_at_most_so_many_and_a_star_is_every_other_class(folder):
    person = replace(CLOTHES, borrows={"faces": {"background": "background", "*": "skin"}})
    split = borrow(folder, FACES, person, most=2)  # of four, whose ids are 1, 0, 3, 2
    assert [int(mask[0, 0]) for _, mask in split] == [1, 1]
    assert len(borrow(folder, FACES, person, most=9)) == 4


def test_what_is_not_borrowed_is_refused(folder):
    with pytest.raises(ValueError, match="animals borrows no classes from faces; it does from: clothes, scenes"):
        borrow(folder, FACES, ANIMALS, most=9)


def test_borrowed_pictures_follow_the_own_at_the_own_working_size(tmp_path):
    for name, shape in (("own", (36, 48)), ("other", (72, 96))):
        write(tmp_path / name / "train/images/a.png", picture(shape=shape))
        write(tmp_path / name / "train/masks/a.png", np.full(shape, 1, np.uint8))
    task = replace(SMALL, borrows={"clothes": {"skin": "nose"}})
    own, other = open_split(tmp_path / "own", "train", task), borrow(tmp_path / "other", CLOTHES, task, most=1)
    batches = RandomBatches(own, 1, (32, 32), Augmentation(), borrowed=[other])
    assert [(mask.shape, int(mask[0, 0])) for _, mask in batches.pairs] == [((36, 48), 1), ((36, 48), 4)]
    assert len(batches) == 2


def test_masks_are_preferred_to_instances(tmp_path):
    write(tmp_path / "train/images/a.png", picture(shape=(1, 2)))
    write(tmp_path / "train/instances/a.png", np.array([[1, 1]], np.uint16))
    write(tmp_path / "train/masks/a.png", np.array([[1, 255]], np.uint8))
    assert open_split(tmp_path, "train", NUCLEI)[0][1].tolist() == [[1, 255]]


def test_a_missing_split_is_refused_with_the_folder_expected(folder):
    with pytest.raises(ValueError, match="no pictures in .*test"):
        open_split(folder, "test", FACES)


def test_instances_are_not_enough_for_more_than_two_classes(tmp_path):
    write(tmp_path / "train/images/a.png", picture())
    write(tmp_path / "train/instances/a.png", np.zeros((36, 48), np.uint16))
    with pytest.raises(ValueError, match="no masks/.*faces has 6"):
        open_split(tmp_path, "train", FACES)


def test_pictures_without_a_mask_are_counted_and_the_first_is_named(folder):
    for name in "bd":
        (folder / f"train/masks/{name}.png").unlink()
    with pytest.raises(ValueError, match=r"2 of 4 .*masks/b\.png"):
        open_split(folder, "train", FACES)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((36, 48), 6, np.uint8), "the id 6; the ids of faces are 0 to 5"),
        (np.full((36, 48), 300, np.uint16), "the id 300"),
        (np.zeros((35, 48), np.uint8), "48×35 pixels, the picture 48×36"),
        (np.full((36, 48, 3), 7, np.uint8), r"the colour \(7, 7, 7\)"),
        (None, "not a picture"),
    ],
)
def test_a_mask_that_does_not_fit_is_refused_by_name(folder, mask, message):
    path = folder / "train/masks/a.png"
    path.write_text("not a picture") if mask is None else write(path, mask)
    with pytest.raises(ValueError, match=rf"masks.*a\.png.*{message}"):
        open_split(folder, "train", FACES)[0]


def batches(folder, seed=0, batch=2):
    return RandomBatches(open_split(folder, "train", SMALL), batch, (4, 4), Augmentation(flip=True, brightness=0.01), seed)


def test_a_batch_is_stacked_crops(folder):
    images, masks = batches(folder)[0]
    assert (images.shape, images.dtype) == ((2, 4, 4, 3), np.uint8)
    assert (masks.shape, masks.dtype) == ((2, 4, 4), np.uint8)


def pictures_seen(data):
    return [int(mask[0, 0]) for i in range(len(data)) for mask in data[i][1]]


def test_an_epoch_shows_every_picture_once_in_an_order_of_its_own(folder):
    data = batches(folder)
    assert len(data) == 2
    orders = []
    for epoch in range(5):
        data.epoch = epoch
        orders.append(tuple(pictures_seen(data)))
        assert sorted(orders[-1]) == [0, 1, 2, 3]
    assert len(set(orders)) > 1


def test_a_new_epoch_begins_with_new_views(folder):
    data = batches(folder)
    first = data[0][0]
    data.on_epoch_end()
    assert data.epoch == 1
    assert not np.array_equal(data[0][0], first)


def test_a_split_smaller_than_a_batch_is_repeated_to_fill_it(folder):
    data = batches(folder, batch=6)
    assert len(data) == 1
    seen = pictures_seen(data)
    assert len(seen) == 6
    assert set(seen) == {0, 1, 2, 3}


def test_the_seed_decides_the_batches(folder):
    same, again, other = batches(folder), batches(folder), batches(folder, seed=1)
    np.testing.assert_array_equal(same[1][0], again[1][0])
    assert not np.array_equal(same[1][0], other[1][0])


def test_class_counts_are_of_the_whole_split_without_ignored_pixels(folder):
    mask = np.zeros((36, 48), np.uint8)
    mask[0] = 255
    write(folder / "train/masks/b.png", mask)
    # 36 x 48 = 1728 pixels a picture; b has a row of 48 ignored.
    assert batches(folder).class_counts().tolist() == [1680, 1728, 1728, 1728, 0, 0]


def test_pictures_are_held_at_the_working_size(folder):
    task = replace(SMALL, pixels=72 * 96)
    (image, mask), *_ = RandomBatches(open_split(folder, "train", task), 2, (4, 4), Augmentation()).pairs
    assert image.shape == (72, 96, 3) and mask.shape == (72, 96)


@pytest.mark.parametrize(("share", "names"), [(1.0, "abcd"), (0.5, "ac"), (0.75, "abc"), (0.01, "a")])
def test_a_part_is_spread_evenly_over_the_names(folder, share, names):
    part = open_split(folder, "train", FACES).part(share)
    assert "".join(path.stem for path in part.images) == "".join(path.stem for path in part.masks) == names


def test_an_epoch_may_have_any_number_of_steps_and_then_sees_pictures_again(folder):
    split = open_split(folder, "train", SMALL)
    batches = RandomBatches(split, 2, (36, 48), Augmentation(), steps=5)
    assert len(batches) == 5
    seen = [int(image[0, 0, 0]) for i in range(5) for image in batches[i][0]]
    assert sorted(seen[:4]) == sorted(seen[4:8]) == [0, 10, 20, 30]


@pytest.mark.parametrize(("share", "background"), [(0.0, 1 / 4), (0.5, 5 / 32), (1.0, 1 / 16)])
def test_a_view_gets_the_objects_of_another_picture_as_often_as_asked(folder, share, background):
    data = RandomBatches(open_split(folder, "train", SMALL), 4, (4, 4), Augmentation(paste=share), steps=50)
    masks = np.concatenate([data[i][1] for i in range(50)])
    # Of the four pictures, each of one class all over, one is background: a view with another pasted shows it if both are.
    assert (masks == 0).mean() == pytest.approx(background, abs=0.04)


def test_folders_from_macs_cameras_and_windows_are_read(tmp_path):
    """Hidden files of a Mac, suffixes in capitals, another format than JPEG, and a byte order mark before the list of classes."""
    for kind in ("images", "masks"):
        (tmp_path / "train" / kind).mkdir(parents=True)
        (tmp_path / "train" / kind / "._a.png").write_bytes(b"Mac OS X")
    for name in ("a.PNG", "b.tif"):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "train" / "images" / name)
        Image.fromarray(np.ones((8, 8), np.uint8)).save(tmp_path / "train" / "masks" / f"{name[0]}.PNG")
    classes = '{"name": "two", "classes": [{"name": "a", "color": [0, 0, 0]}, {"name": "b", "color": [255, 0, 0]}]}'
    (tmp_path / "classes.json").write_text(classes, encoding="utf-8-sig")
    split = open_split(tmp_path, "train", task_from_folder(tmp_path))
    assert [path.name for path in split.images] == ["a.PNG", "b.tif"]
    assert all((mask == 1).all() for _, mask in split)


def test_masks_go_by_other_names_and_in_other_clothes_too(tmp_path):
    """The picture's whole name before .png, another exact format, and the colours of the classes."""
    classes = '{"name": "two", "classes": [{"name": "a", "color": [9, 9, 9]}, {"name": "b", "color": [255, 0, 0]}]}'
    write(tmp_path / "train/images/a.jpg", picture(shape=(1, 2)))
    write(tmp_path / "train/images/a.png", picture(shape=(1, 2)))
    write(tmp_path / "train/images/b.png", picture(shape=(1, 2)))
    write(tmp_path / "train/masks/a.jpg.png", np.array([[0, 1]], np.uint8))
    write(tmp_path / "train/masks/a.png", np.array([[1, 1]], np.uint8))
    write(tmp_path / "train/masks/b.tif", np.array([[[255, 0, 0], [9, 9, 9]]], np.uint8))
    (tmp_path / "classes.json").write_text(classes)
    split = open_split(tmp_path, "train", task_from_folder(tmp_path))
    assert [mask.tolist() for _, mask in split] == [[[0, 1]], [[1, 1]], [[1, 0]]]
    (tmp_path / "train/masks/a.jpg.png").unlink()
    with pytest.raises(ValueError, match=r"a\.jpg and a\.png would have the same mask. Call their masks a\.jpg\.png and a\.png\.png"):
        open_split(tmp_path, "train", task_from_folder(tmp_path))
