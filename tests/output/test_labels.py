"""Masks as other labelling programs read them."""

import cv2
import numpy as np

from segdemo.languages import Words
from segdemo.output.labels import coco, ilastik, labelme
from segdemo.tasks import ClassInfo, Task

WORDS = Words("x", "x")
CLASSES = (ClassInfo("ground", "地", (0, 0, 0)), ClassInfo("ring", "环", (1, 1, 1)), ClassInfo("core", "芯", (2, 2, 2)))
TASK = Task("rings", WORDS, WORDS, WORDS, CLASSES, 100)


def ring() -> np.ndarray:
    """A ring of class 1 with a core of class 2 and, inside of that, ground again."""
    mask = np.zeros((40, 60), np.uint8)
    mask[5:35, 10:50], mask[10:30, 20:40], mask[15:25, 25:35] = 1, 2, 0
    return mask


def test_coco_has_a_run_length_mask_of_each_class():
    told = coco([("train/images/a.jpg", ring()), ("val/images/b.jpg", np.ones((2, 3), np.uint8))], TASK)
    assert [(each["image_id"], each["category_id"], each["area"]) for each in told["annotations"]] == [(1, 1, 1300), (1, 2, 800), (1, 3, 300), (2, 2, 6)]
    assert told["annotations"][1]["bbox"] == [10, 5, 40, 30]
    assert told["annotations"][3]["segmentation"] == {"size": [2, 3], "counts": "06"}
    assert told["categories"][2] == {"id": 3, "name": "core"} and told["images"][1] == {"id": 2, "file_name": "val/images/b.jpg", "height": 2, "width": 3}


def test_polygons_of_labelme_drawn_in_their_order_are_the_mask_again():
    mask, told = ring(), labelme("../a.jpg", ring(), TASK)
    drawn = np.full(mask.shape, 255, np.uint8)
    for shape in told["shapes"]:
        cv2.fillPoly(drawn, [np.array(shape["points"], np.int32)], TASK.class_names.index(shape["label"]))
    assert np.array_equal(drawn, mask)
    assert (told["imagePath"], told["imageHeight"], told["imageWidth"]) == ("../a.jpg", 40, 60)


def test_ilastik_has_strokes_from_one_on_and_nothing_where_nothing_is_painted():
    assert ilastik(np.array([[255, 0], [1, 255]], np.uint8), (2, 4)).tolist() == [[0, 0, 1, 1], [2, 2, 0, 0]]
