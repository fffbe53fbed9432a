from dataclasses import replace

import numpy as np

from segdemo.inference.segmentation import Segmentation
from segdemo.output.words import in_words
from segdemo.tasks import get_task


def result(mask, confidence, task, instances=None):
    return Segmentation(np.zeros((*mask.shape, 3), np.uint8), mask, confidence, task, np.zeros((1, 1, task.num_classes), np.float32), instances)


def test_shares_and_doubts_are_said_in_both_languages():
    mask = np.array([[3, 3, 3, 3, 3, 0, 0, 0, 8, 8]], np.uint8)
    confidence = np.array([[1, 1, 1, 1, 1, 0.9, 0.9, 0.9, 0.4, 0.6]], np.float32)
    words = in_words(result(mask, confidence, get_task("street")))
    assert words.en == "Road 50%, sky 30%, car 20%; least sure about the car (0.50)."
    assert words.zh == "道路 50%，天空 30%，汽车 20%；最不确定的是汽车（0.50）。"


def test_objects_are_counted_aloud_and_a_speck_is_less_than_a_percent():
    mask = np.zeros((20, 20), np.uint8)
    mask[0, 0] = 1
    words = in_words(result(mask, np.full((20, 20), 0.8, np.float32), get_task("nuclei"), mask.astype(np.int32)))
    assert words.en.startswith("Background 100%, nucleus <1% (1 counted)")
    assert "细胞核 <1%（共 1 个）" in words.zh


def test_a_single_class_raises_no_doubt_and_many_are_cut():
    task = get_task("street")
    assert in_words(result(np.zeros((2, 2), np.uint8), np.ones((2, 2), np.float32), task)).en == "Sky 100%."
    many = np.arange(11, dtype=np.uint8)[None]
    words = in_words(result(many, np.ones((1, 11), np.float32), replace(task)))
    assert "and 5 more" in words.en and "另有 5 类" in words.zh
