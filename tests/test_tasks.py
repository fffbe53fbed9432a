import json

import numpy as np
import pytest

from segdemo.tasks import IGNORE_ID, TASKS, get_task, task_from_folder

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


def test_names_are_given_once_each_in_both_languages(task):
    assert len(set(task.class_names)) == len({c.name_zh for c in task.classes}) == task.num_classes
    for words in (task.title, task.sentence, task.trained_on):
        assert words.en and words.zh and words.en != words.zh


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
        ("not json", "JSONDecodeError"),
        ([], "TypeError"),
        ({"classes": CAT_AND_DOG}, "KeyError.'name'"),
        ({"name": "pets"}, "KeyError.'classes'"),
        ({"name": "pets", "classes": ["cat", "dog"]}, "TypeError"),
        ({"name": "pets", "pixels": "many", "classes": CAT_AND_DOG}, "many"),
        ({"name": "pets", "pixels": 0, "classes": CAT_AND_DOG}, "pixels.* 0;"),
        ({"name": "pets", "classes": CAT_AND_DOG[:1]}, "lists 1 classes"),
        ({"name": "pets", "classes": CAT_AND_DOG * 128}, "lists 256 classes"),
        ({"name": "pets", "classes": [CAT_AND_DOG[0]] * 2}, "'cat' twice"),
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
