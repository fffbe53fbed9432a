"""A result in other people's programs."""

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segdemo
from segdemo.data.examples import examples
from segdemo.inference.segmentation import Segmentation
from segdemo.languages import Words
from segdemo.tasks import TASKS

NOTEBOOK = Path(__file__).parents[2] / "docs/notebook.ipynb"


def result_of(mask, task, instances=None):
    confidence = np.where(mask > 0, 0.75, 0.5).astype(np.float32)
    return Segmentation(np.full((*mask.shape, 3), 100, np.uint8), mask, confidence, task, np.zeros((*mask.shape, task.num_classes), np.float32), instances)


MASK = np.array([[0, 0, 1, 1], [0, 0, 1, 0], [3, 0, 0, 0]], np.uint8)


def test_a_class_is_a_detection_and_the_background_is_none():
    pytest.importorskip("supervision")
    found = segdemo.detections(result_of(MASK, TASKS["animals"]))
    assert found.xyxy.tolist() == [[2, 0, 4, 2], [0, 2, 1, 3]] and found.class_id.tolist() == [1, 3]
    assert np.array_equal(found.mask, [MASK == 1, MASK == 3]) and found.confidence.tolist() == [0.75, 0.75]
    assert found.data["class_name"].tolist() == [TASKS["animals"].class_names[i] for i in (1, 3)]
    assert len(segdemo.detections(result_of(np.zeros((3, 4), np.uint8), TASKS["animals"]))) == 0


def test_an_object_is_a_detection_where_objects_are_counted():
    pytest.importorskip("supervision")
    mask = np.array([[1, 1, 0, 1]], np.uint8)
    found = segdemo.detections(result_of(mask, TASKS["nuclei"], np.array([[1, 2, 0, 3]], np.int32)))
    assert found.xyxy.tolist() == [[0, 0, 1, 1], [1, 0, 2, 1], [3, 0, 4, 1]] and found.class_id.tolist() == [1, 1, 1]


def test_a_notebook_shows_the_picture_and_the_classes():
    html = result_of(MASK, TASKS["animals"])._repr_html_()
    shown = np.array(Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]))).convert("RGB"))
    assert shown.shape == (3, 4, 3) and html.index(">background<") < html.index(f">{TASKS['animals'].class_names[1]}<")
    assert "<td>66.7%</td><td>0.50</td>" in html and "<td>25.0%</td><td>0.75</td>" in html


def test_classes_are_laid_over_the_picture_and_the_background_is_left_clear():
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 1
    html = result_of(mask, TASKS["animals"])._repr_html_()
    shown = np.array(Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]))).convert("RGB"))
    np.testing.assert_allclose(shown[:, :24].mean(axis=(0, 1)), 100, atol=4)
    np.testing.assert_allclose(shown[:, 40:].mean(axis=(0, 1)), 0.45 * 100 + 0.55 * TASKS["animals"].palette[1], atol=4)


def test_a_name_in_it_is_no_html():
    task = replace(TASKS["animals"], title=Words("<script>", "<script>"))
    assert "<script>" not in result_of(MASK, task)._repr_html_()


def test_a_large_picture_is_shown_smaller():
    mask = np.zeros((900, 1800), np.uint8)
    html = result_of(mask, TASKS["animals"])._repr_html_()
    assert Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]))).size == (640, 320)


def test_the_notebook_runs_from_top_to_bottom():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient").NotebookClient(nbformat.read(NOTEBOOK, 4), timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parents[1])}})
    cells = [cell for cell in client.execute().cells if cell.cell_type == "code"]
    outputs = [cell.outputs[-1].get("data", cell.outputs[-1]) for cell in cells]
    assert "'animals'" in outputs[0]["text/plain"] and "<table>" in outputs[1]["text/html"] and "cat, confidence" in outputs[2]["text"]
    assert "image/png" in outputs[3] and "image/png" in outputs[4] and str(list(examples("animals")[0].image.shape[:2])) in outputs[5]["text/plain"]


def test_the_notebook_is_kept_without_what_it_made():
    nbformat = pytest.importorskip("nbformat")
    assert all(cell.outputs == [] and cell.execution_count is None for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code")
