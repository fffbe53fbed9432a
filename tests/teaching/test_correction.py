"""What is learned on top of another segmenter's scores."""

import io
import json

import numpy as np
import pytest

import segdemo
from segdemo.inference.segmentation import Segmenter
from segdemo.languages import Words
from segdemo.tasks import ClassInfo, Task
from segdemo.teaching.correction import LEAST, Corrected, as_painted, matched
from segdemo.teaching.features import Eye, Map
from segdemo.teaching.strokes import TeachError
from segdemo.teaching.taught import look, read_taught, teach

EYE = Eye(lambda image: [image[::2, ::2].astype(np.float32)], made_of="colours")
WORDS = Words("x", "x")
TASK = Task("sides", WORDS, WORDS, WORDS, (ClassInfo("left", "左", (0, 0, 0)), ClassInfo("right", "右", (9, 9, 9)), ClassInfo("top", "上", (5, 5, 5))), 2400)


def sides(images: np.ndarray) -> np.ndarray:
    """A network that gives the left half of any picture the class 0, the right half 1."""
    logits = np.full((*images.shape[:3], 3), -9, np.float32)
    logits[:, :, : images.shape[2] // 2, 0] = logits[:, :, images.shape[2] // 2 :, 1] = 3
    return logits


SIDES = Segmenter(sides, TASK, "sides")


def picture() -> np.ndarray:
    """Red, with a blue square in the left half."""
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = 220
    image[10:30, 5:20] = (0, 0, 220)
    return image


def unpainted() -> np.ndarray:
    return np.full((40, 60), 255, np.uint8)


def corrected(strokes: np.ndarray, ids=(0, 1, 2), names=("left", "right", "top")):
    on = Corrected(SIDES, ids, "sides")
    return teach(EYE, [look(EYE, picture(), on)], [strokes], names, corrected=on)


def test_without_a_stroke_it_is_the_model():
    segmenter = corrected(unpainted())
    assert np.array_equal(segmenter(picture()).mask, SIDES(picture()).mask)
    assert segmenter.painted == (0, 0, 0) and segmenter.task.classes[1].color == (9, 9, 9)


def test_one_stroke_changes_what_looks_like_it_and_leaves_the_rest():
    strokes = unpainted()
    strokes[18:22, 8:16] = 2
    mask = corrected(strokes)(picture()).mask
    assert (mask[12:28, 7:18] == 2).mean() > 0.95
    assert (mask[:, 22:29] == 0).all() and (mask[:, 31:] == 1).all()


def test_a_new_class_is_learned_beside_those_of_the_model():
    strokes = unpainted()
    strokes[18:22, 8:16] = 2
    mask = corrected(strokes, (0, 1, None), ("left", "right", "blue"))(picture()).mask
    assert (mask[12:28, 7:18] == 2).mean() > 0.95 and (mask[:, 31:] == 1).all()


def test_a_class_of_the_model_that_is_not_taught_is_not_found():
    mask = corrected(unpainted(), (1, None), ("right", "new"))(picture()).mask
    assert (mask[:, 31:] == 0).all()


def test_names_of_the_task_in_either_language_are_its_classes():
    assert matched(["Right", " 左 ", "leaf"], SIDES) == (1, 0, None)


def test_the_start_of_a_new_class_is_as_unlikely_as_can_be():
    scores = Map(np.array([[[-0.1, -3, -4]]], np.float32), (1, 1))
    assert Corrected(SIDES, (1, None)).start(scores).values.tolist() == [[[-3, LEAST]]]


def test_where_one_painted_it_is_what_was_painted_at_any_size():
    strokes = np.full((20, 30), 255, np.uint8)
    strokes[0, :2] = 2
    result = as_painted(SIDES(picture()), strokes)
    assert (result.mask[:2, :4] == 2).all() and result.mask[2, 0] == 0 and result.confidence[0, 0] == 1
    assert as_painted(result, None) is result


def test_what_was_saved_corrects_the_same_model():
    strokes = unpainted()
    strokes[18:22, 8:16] = 2
    segmenter = corrected(strokes)
    found = lambda task, model, ids: Corrected({("sides", "sides"): SIDES}[task, model], ids, "sides")  # noqa: E731
    again = read_taught(segmenter.to_bytes(), EYE, found)
    assert np.array_equal(again(picture()).mask, segmenter(picture()).mask)
    with pytest.raises(TeachError, match="other networks"):
        read_taught(segmenter.to_bytes(), EYE, lambda task, model, ids: Corrected(SIDES, ids, "newer"))


@pytest.mark.parametrize(
    ("task", "ids"),
    [("scenes", (0, 1)), ("scenes", (0, 1, 99)), ("scenes", (0, 0, 1)), ("scenes", (0, 1, True)), ("scenes", None), ("/etc/x.segdemo", (0, 1, 2))],
)
def test_a_file_that_corrects_what_is_not_there_gets_a_sentence(task, ids):
    with np.load(io.BytesIO(corrected(unpainted()).to_bytes())) as file:
        parts = {key: file[key] for key in file.files}
    told = json.loads(parts["told"].tobytes()) | {"eye": segdemo.zoo.eye().made_of, "corrects": {"task": task, "model": "unet", "ids": ids, "made_of": ""}}
    stream = io.BytesIO()
    np.savez(stream, **{**parts, "told": np.frombuffer(json.dumps(told).encode(), np.uint8)})
    with pytest.raises(TeachError, match="x is not a classifier"):
        segdemo.zoo.read_taught(stream.getvalue(), "x")


def test_a_published_model_is_corrected():
    from segdemo.data import scenes

    image, _ = scenes.street(3, 480, 360)
    model = segdemo.load("unet", task="street")
    strokes = np.full(image.shape[:2], 255, np.uint8)
    same = segdemo.teach([image], [strokes], correct=model)
    assert (same(image).mask == model(image).mask).mean() > 0.99 and same.task.class_names == model.task.class_names
    strokes[20:40, 20:200] = 7
    assert (segdemo.teach([image], [strokes], correct=model)(image).mask[20:40, 20:200] == 7).mean() > 0.8


def test_what_is_no_model_of_one_task_cannot_be_corrected():
    with pytest.raises(TeachError, match="must be a model of one task"):
        segdemo.teach([picture()], [unpainted()], correct=SIDES)
