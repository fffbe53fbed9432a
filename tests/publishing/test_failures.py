"""What the model cards show."""

import numpy as np
import pytest
from PIL import Image

from segdemo.inference.segmentation import Segmenter
from segdemo.publishing.failures import CHANGES, failure_picture, plot_failures
from segdemo.tasks import TASKS


def first_class(outputs):
    """A network that takes everything for the first class."""
    return lambda images: np.broadcast_to(np.eye(outputs, dtype=np.float32)[0], (*images.shape[:3], outputs))


@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_every_task_has_pictures_on_which_it_fails(task, tmp_path):
    cases = task.failures
    assert len({case.reason for case in cases}) == 3
    assert all(case.change in CHANGES for case in cases)
    assert all(failure_picture(case).dtype == np.uint8 and failure_picture(case).ndim == 3 for case in cases)
    plot_failures(Segmenter(first_class(task.num_outputs), task), tmp_path / "failures.jpg")
    assert np.asarray(Image.open(tmp_path / "failures.jpg")).shape[1] > 600
