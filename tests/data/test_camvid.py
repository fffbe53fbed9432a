import numpy as np
import pytest
from PIL import Image

from segdemo.data.camvid import convert
from segdemo.data.folder import open_split
from segdemo.tasks import TASKS

STREET = TASKS["street"]


def test_the_segnet_authors_folder_becomes_a_dataset(tmp_path):
    for split in ("train", "val", "test"):
        for kind, picture in (("", np.full((3, 4, 3), 77, np.uint8)), ("annot", np.array([[0, 1, 10, 11]] * 3, np.uint8))):
            (tmp_path / f"in/{split}{kind}").mkdir(parents=True)
            Image.fromarray(picture).save(tmp_path / f"in/{split}{kind}/a.png")
    convert(tmp_path / "in", tmp_path / "out")
    for split in ("train", "val", "test"):
        ((image, mask),) = open_split(tmp_path / "out", split, STREET)
        assert image.shape == (3, 4, 3) and mask.tolist() == [[0, 1, 10, 255]] * 3


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no pictures in .*train"):
        convert(tmp_path, tmp_path / "out")
