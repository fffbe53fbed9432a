import json
from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from segdemo.tasks import IGNORE_ID, TASKS, get_task, task_from_folder
from segdemo.training.recipes import recipe_of

CAT_AND_DOG = [{"name": "cat", "name_zh": "猫", "color": [255, 0, 0]}, {"name": "dog", "color": [0, 0, 255]}]


@pytest.fixture(params=TASKS.values(), ids=TASKS)
def task(request):
    return request.param


def test_class_ids_fit_below_the_ignore_id(task):
    assert 2 <= task.num_classes <= IGNORE_ID


def test_palette_is_one_colour_a_class_and_no_two_alike(task):
    assert task.palette.dtype == np.uint8
    assert task.palette.shape == (task.num_classes, 3)
    assert len(np.unique(task.palette, axis=0)) == task.num_classes


# What remains of linear RGB without one kind of cone: Machado, Oliveira and Fernandes 2009, table 1, severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen(colors: np.ndarray, vision: str) -> np.ndarray:
    """(..., 3) sRGB in [0, 1] as such eyes see it."""
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.transpose(VISION[vision]), 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_who_sees_no_red_takes_it_for_a_dark_yellow_and_leaves_grey_alone():
    red = seen(np.array([1.0, 0, 0]), "protanopia")
    assert red[0] == pytest.approx(red[1], abs=0.1) and red.max() < 0.5 and red[2] == 0
    for vision in VISION:
        np.testing.assert_allclose(seen(np.full(3, 0.5), vision), 0.5, atol=1e-3)


# About as far as a dozen classes can be: a search for the street's colours ended here, and one for twenty-one at three quarters of it.
@pytest.mark.parametrize(("vision", "least"), [("normal", 25), ("protanopia", 14), ("deuteranopia", 14), ("tritanopia", 14)])
def test_any_two_classes_stay_apart_for_every_kind_of_eye(task, vision, least):
    lab = rgb2lab(seen(task.palette / 255, vision))
    least *= 1 if task.num_classes <= 12 else 0.75
    for i, j in zip(*np.triu_indices(task.num_classes, 1), strict=True):
        assert deltaE_ciede2000(lab[i], lab[j]) >= least, (task.class_names[i], task.class_names[j])


def test_names_are_given_once_each_in_both_languages(task):
    assert len(set(task.class_names)) == len({c.name_zh for c in task.classes}) == task.num_classes
    for words in (task.title, task.sentence, task.trained_on):
        assert words.en and words.zh and words.en != words.zh


@pytest.mark.parametrize("row", ["title", "sentence", "trained_on", "examples", "failures", "data", "licence", "limits", "asked_first"])
def test_no_row_of_a_task_is_missing(task, row):
    assert getattr(task, row), f"segdemo/tasks/{task.name}.py lacks {row}"


def test_what_a_task_names_is_there(task):
    assert task.asked_first in task.class_names
    assert len({example.name for example in task.examples}) == len(task.examples)
    assert recipe_of(task, "unet").epochs > 0  # ValueError if it names a field that a recipe does not have


def test_what_a_task_borrows_are_classes_of_both(task):
    for owner, same in task.borrows.items():
        assert set(same) <= {"*", *TASKS[owner].class_names}
        assert set(same.values()) <= set(task.class_names)


def test_a_field_that_no_recipe_has_is_named():
    for changes in ({"epoch": 3}, {"augmentation": {"colour": 1}}):
        with pytest.raises(ValueError, match="recipe of 'faces'.*(epoch|colour)"):
            recipe_of(replace(TASKS["faces"], recipe=changes), "unet")


@pytest.mark.parametrize(("name", "outputs"), [("street", 11), ("animals", 7), ("nuclei", 3), ("faces", 6)])
def test_there_is_one_logit_a_class_and_three_to_tell_objects_apart(name, outputs):
    assert get_task(name).num_outputs == outputs


def test_tasks_are_listed_under_their_own_names():
    assert [task.name for task in TASKS.values()] == list(TASKS)
    assert get_task("street") is TASKS["street"]


def test_an_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="'moon'.*street, animals, nuclei, faces"):
        get_task("moon")


def write(folder, data):
    (folder / "classes.json").write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")


def test_a_folder_names_its_classes_in_id_order(tmp_path):
    write(tmp_path, {"name": "pets", "pixels": 10_000, "classes": CAT_AND_DOG})
    task = task_from_folder(tmp_path)
    assert (task.name, task.pixels, task.num_outputs) == ("pets", 10_000, 1)
    assert task.class_names == ("cat", "dog")
    assert [c.name_zh for c in task.classes] == ["猫", "dog"]
    assert task.palette.tolist() == [[255, 0, 0], [0, 0, 255]]


def test_a_folder_may_leave_the_working_area_out(tmp_path):
    write(tmp_path, {"name": "pets", "classes": CAT_AND_DOG})
    assert task_from_folder(tmp_path).pixels == 172_800


def coloured(color):
    return {"name": "pets", "classes": [CAT_AND_DOG[0], {"name": "dog", "color": color}]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "does not exist"),
        ("not json", "not JSON: Expecting value: line 1"),
        ([], "not a class list. It should look like"),
        ({"classes": CAT_AND_DOG}, "lacks 'name'. It should look like"),
        ({"name": "pets"}, "lacks 'classes'"),
        ({"name": "pets", "classes": ["cat", "dog"]}, "not a class list"),
        ({"name": "pets", "pixels": "many", "classes": CAT_AND_DOG}, "pixels.* 'many';"),
        ({"name": "pets", "pixels": 0, "classes": CAT_AND_DOG}, "pixels.* 0;"),
        ({"name": "pets", "classes": CAT_AND_DOG[:1]}, "lists 1 classes"),
        ({"name": "pets", "classes": CAT_AND_DOG * 128}, "lists 256 classes"),
        ({"name": "pets", "classes": [CAT_AND_DOG[0]] * 2}, "'cat' twice"),
        ({"name": 7, "classes": CAT_AND_DOG}, "the name 7"),
        ({"name": "pets", "classes": [CAT_AND_DOG[0], {"name": ["b"], "color": [0, 0, 0]}]}, r"the name \['b'\]"),
        ({"name": "pets", "classes": [CAT_AND_DOG[0], {"name": "b", "name_zh": None, "color": [0, 0, 0]}]}, "the name None"),
        ({"name": "../pets", "classes": CAT_AND_DOG}, "'../pets'.* no slash"),
        (coloured([0, 0]), r"'dog' is \[0, 0\]"),
        (coloured([0, 0, 256]), r"'dog' is \[0, 0, 256\]"),
        (coloured([0, 0, 0.5]), r"'dog' is \[0, 0, 0.5\]"),
    ],
)
def test_a_faulty_class_list_is_refused_with_its_fault(tmp_path, data, message):
    if data is not None:
        write(tmp_path, data)
    with pytest.raises(ValueError, match=message) as error:
        task_from_folder(tmp_path)
    assert "classes.json" in str(error.value)
