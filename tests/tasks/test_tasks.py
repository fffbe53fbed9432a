import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks.colors import VISION, facts, measure, oklab, seen, shortfalls
from segdemo.models import ARCHITECTURES, MODELS
from segdemo.tasks import IGNORE_ID, TASKS, get_task, task_from_folder
from segdemo.tasks.task import Task, classes
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


def test_who_sees_no_red_takes_it_for_a_dark_yellow_and_leaves_grey_alone():
    red = seen(np.array([1.0, 0, 0]), "protanopia")
    assert red[0] == pytest.approx(red[1], abs=0.1) and red.max() < 0.5 and red[2] == 0
    for vision in VISION:
        np.testing.assert_allclose(seen(np.full(3, 0.5), vision), 0.5, atol=1e-3)


def test_black_white_and_red_are_where_oklab_has_them():
    np.testing.assert_allclose(oklab(np.array([[0, 0, 0], [1, 1, 1]])), [[0, 0, 0], [1, 0, 0]], atol=1e-3)
    np.testing.assert_allclose(oklab(np.array([1.0, 0, 0])), [0.628, 0.225, 0.126], atol=1e-3)  # Ottosson's own table


@pytest.mark.parametrize("name", facts())
def test_colours_stay_apart_for_every_kind_of_eye_and_from_what_they_are_laid_over(name):
    task = TASKS[name]
    assert [f"{each.missing:.0%} short: {each.names}, {each.vision}" for each in shortfalls(task.palette / 255, task, facts()[name])] == []


def test_every_published_task_is_measured(task):
    """By `python -m benchmarks.colors measure`, with its data."""
    assert tuple(facts()[task.name]["photo"]) == task.class_names


def test_what_a_palette_lacks_is_named():
    """Two classes of one colour, which touch, and one of the colour of its photographs."""
    pets = Task("pets", *[TASKS["animals"].title] * 3, classes(("cat", "猫", (0, 0, 0)), ("dog", "狗", (0, 0, 0)), ("cow", "牛", (255, 255, 0))), 1000)
    photo = {"cat": [255, 0, 0], "dog": [255, 0, 0], "cow": [255, 255, 0]}
    lacks = shortfalls(pets.palette / 255, pets, {"photo": photo, "more": {}, "touch": [["cat", "dog"]]})
    assert {(each.names, each.vision) for each in lacks} == {*((("cat", "dog"), vision) for vision in VISION), (("cow",), "normal")}
    assert len(lacks) == 9 and all(each.missing == pytest.approx(1) for each in lacks)


def test_classes_that_touch_and_their_mean_colours_are_measured(tmp_path):
    """Squares side by side: cat, dog, cow; cat and cow have no border."""
    pets = Task("pets", *[TASKS["animals"].title] * 3, classes(("cat", "猫", (0, 0, 0)), ("dog", "狗", (0, 0, 0)), ("cow", "牛", (255, 255, 0))), 90 * 30)
    for kind in ("images", "masks"):
        (tmp_path / "train" / kind).mkdir(parents=True)
    mask = np.repeat([[0, 1, 2]], 30, 0).repeat(30, 1).astype(np.uint8)
    Image.fromarray(np.array([[10, 20, 30], [90, 80, 70], [200, 0, 200]], np.uint8)[mask]).save(tmp_path / "train/images/a.png")
    Image.fromarray(mask).save(tmp_path / "train/masks/a.png")
    assert measure(pets, tmp_path) == {
        "photo": {"cat": [10, 20, 30], "dog": [90, 80, 70], "cow": [200, 0, 200]},
        "more": {},
        "touch": [["cat", "dog"], ["dog", "cow"]],
    }


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


def test_what_stands_behind_a_name_is_an_architecture(task):
    assert set(task.forms) <= set(MODELS) and {task.form(model) for model in MODELS} <= set(ARCHITECTURES)


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
