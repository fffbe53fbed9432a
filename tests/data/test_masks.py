import numpy as np
import pytest
from PIL import Image, ImageFile

from segdemo.data.masks import MaskError, black_and_white, read_mask
from segdemo.inference.segmentation import Segmentation
from segdemo.output.visualization import colorize, palette_png
from segdemo.scoring.ground_truth import IGNORED, RIGHT, WRONG, error_map, score
from segdemo.tasks import get_task

FACES = get_task("faces")
MASK = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)


def save(path, array):
    Image.fromarray(array).save(path)
    return path


def test_ids_palette_and_colours_are_all_read(tmp_path):
    (tmp_path / "palette.png").write_bytes(palette_png(MASK, FACES))
    paths = [save(tmp_path / "ids.png", MASK), tmp_path / "palette.png", save(tmp_path / "colours.png", colorize(MASK, FACES))]
    for path in paths:
        found = read_mask(path, FACES, (2, 3))
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, MASK)


def test_255_and_white_are_ignored(tmp_path):
    ids = MASK.copy()
    ids[0, 0] = 255
    colors = colorize(MASK, FACES)
    colors[0, 0] = 255
    three = np.repeat(ids[..., None], 3, axis=2)
    for path in (save(tmp_path / "ids.png", ids), save(tmp_path / "colours.png", colors), save(tmp_path / "three.png", three)):
        np.testing.assert_array_equal(read_mask(path, FACES, (2, 3)), ids)


def test_a_palette_of_the_tasks_colours_in_another_order_is_read_by_its_colours(tmp_path):
    picture = Image.fromarray(5 - MASK, "P")
    picture.putpalette(FACES.palette[::-1].tobytes())
    picture.save(tmp_path / "reversed.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "reversed.png", FACES, (2, 3)), MASK)


def test_such_a_palette_may_hold_white(tmp_path):
    picture = Image.fromarray(np.array([[6, 5, 4], [3, 2, 1], [0, 0, 0]], np.uint8), "P")
    picture.putpalette(bytes([255] * 3) + FACES.palette[::-1].tobytes())
    picture.save(tmp_path / "reversed.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "reversed.png", FACES, (3, 3)), [[0, 1, 2], [3, 4, 5], [255, 255, 255]])


def test_a_palette_of_other_colours_is_read_by_its_ids(tmp_path):
    picture = Image.fromarray(MASK, "P")
    picture.putpalette(bytes(range(60, 78)))
    picture.save(tmp_path / "greys.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "greys.png", FACES, (2, 3)), MASK)


def test_a_mask_of_another_size_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    path = save(tmp_path / "large.png", np.zeros((300, 300), np.uint8))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("The mask was decoded."))
    with pytest.raises(MaskError, match="is 300×300 pixels"):
        read_mask(path, FACES, (2, 3))


@pytest.mark.parametrize(
    ("array", "english", "chinese"),
    [
        (np.zeros((4, 5), np.uint8), "is 5×4 pixels, the picture 3×2", "为 5×4 像素"),
        (np.full((2, 3), 9, np.uint8), "contains the id 9; the ids of faces are 0 to 5", "编号 9"),
        (np.full((2, 3, 3), 6, np.uint8), r"contains the colour \(6, 6, 6\)", "(6, 6, 6)"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(tmp_path, array, english, chinese):
    with pytest.raises(MaskError, match=english) as refused:
        read_mask(save(tmp_path / "mask.png", array), FACES, (2, 3))
    assert chinese in refused.value.words.zh


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "notes.png").write_text("hello")
    with pytest.raises(MaskError, match="notes.png is not a picture"):
        read_mask(tmp_path / "notes.png", FACES, (2, 3))


def test_right_wrong_and_ignored_have_their_colours_and_scores():
    target = np.array([[0, 1, 255]], np.uint8)
    mask = np.array([[0, 2, 2]], np.uint8)
    assert error_map(target, mask).tolist() == [[list(RIGHT), list(WRONG), list(IGNORED)]]
    result = Segmentation(np.zeros((1, 3, 3), np.uint8), mask, np.ones((1, 3), np.float32), FACES, np.zeros((1, 1, 6), np.float32))
    assert score(target, result).pixel_accuracy == 0.5


NUCLEI = get_task("nuclei")
OBJECTS = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)


@pytest.mark.parametrize(
    "array",
    [
        OBJECTS * 255,
        np.repeat(OBJECTS[..., None] * 255, 3, axis=2),
        np.repeat(OBJECTS[..., None], 3, axis=2),
        np.array([[0, 1, 2], [700, 0, 0]], np.uint16),
        np.array([[0, 1, 2], [7, 0, 0]], np.uint8),
        np.array([[0, 1, 2], [2, 0, 0]], np.uint8),
    ],
    ids=["0 and 255", "black and white, RGB", "ids in three channels", "object ids", "object ids of eight bits", "two objects"],
)
def test_masks_of_two_classes_are_read_as_other_programs_save_them(tmp_path, array):
    np.testing.assert_array_equal(read_mask(save(tmp_path / "mask.png", array), NUCLEI, (2, 3)), OBJECTS)


def test_of_sixteen_bits_the_255th_object_is_an_object(tmp_path):
    assert read_mask(save(tmp_path / "mask.png", np.array([[0, 255, 300]], np.uint16)), NUCLEI, (1, 3)).tolist() == [[0, 1, 1]]


def test_255_beside_both_classes_is_ignored(tmp_path):
    mask = np.array([[0, 1, 255]], np.uint8)
    np.testing.assert_array_equal(read_mask(save(tmp_path / "mask.png", mask), NUCLEI, (1, 3)), mask)


def test_black_and_white_masks_of_two_classes_are_background_and_object():
    assert black_and_white(np.array([[0, 255]]), NUCLEI).tolist() == [[0, 1]]
    for mask, task in (([[0, 1, 255]], NUCLEI), ([[255, 255]], NUCLEI), ([[0, 255]], FACES)):
        assert black_and_white(np.array(mask), task).tolist() == mask


def turned(path, shape, orientation):
    """A picture of stored (H, W) that EXIF turns."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.zeros((*shape, 3), np.uint8)).save(path, exif=exif)
    return path


def test_a_mask_drawn_on_the_stored_pixels_of_a_turned_picture_is_turned_like_it(tmp_path):
    """Orientation 6: the row that is stored first is the right column of what is seen."""
    picture = turned(tmp_path / "a.jpg", (2, 3), 6)
    stored = save(tmp_path / "stored.png", MASK)
    assert read_mask(stored, FACES, (3, 2), picture).tolist() == [[3, 0], [4, 1], [5, 2]]
    upright = save(tmp_path / "upright.png", np.rot90(MASK, -1))
    assert read_mask(upright, FACES, (3, 2), picture).tolist() == [[3, 0], [4, 1], [5, 2]]
    with pytest.raises(MaskError, match="is 3×2 pixels, the picture 2×3"):
        read_mask(stored, FACES, (3, 2), save(tmp_path / "plain.png", MASK))


def test_a_mask_is_turned_only_as_exif_turns_its_picture(tmp_path):
    stored = save(tmp_path / "stored.png", MASK)
    assert read_mask(stored, FACES, (3, 2), turned(tmp_path / "mirrored.jpg", (2, 3), 5)).tolist() == MASK.T.tolist()
    with pytest.raises(MaskError, match="is 3×2 pixels, the picture 2×3"):
        read_mask(stored, FACES, (3, 2), turned(tmp_path / "upside-down.jpg", (2, 3), 4))


@pytest.mark.parametrize(
    ("orientation", "size", "said"),
    [(3, (2, 3), 1), (4, (2, 3), 1), (1, (2, 3), 0), (5, (2, 3), 0), (6, (2, 2), 1)],
    ids=["half a turn", "upside down", "as stored", "only one fits", "square"],
)
def test_where_both_readings_fit_it_is_said_once(tmp_path, caplog, orientation, size, said):
    mask = MASK[: size[0], : size[1]]
    picture = turned(tmp_path / "a.jpg", size, orientation)
    for name in ("a.png", "b.png"):
        np.testing.assert_array_equal(read_mask(save(tmp_path / name, mask), FACES, size, picture), mask)
    assert len([record for record in caplog.records if "would fit either way" in record.message]) == said
