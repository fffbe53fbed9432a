"""Published boundary scores, measured anew on drawn pictures."""

import re
from dataclasses import replace

import pytest

from segdemo.data.shapes import write_folder
from segdemo.publishing.rescore import rescored
from segdemo.zoo import entries


def test_the_boundary_score_is_replaced_only_if_the_pictures_are_those_that_were_scored(tmp_path):
    write_folder(tmp_path / "drawn", train=1, val=2, size=(64, 64))
    entry = replace(entries()["faces", "fcn8s"], data="drawn", boundary_f1=-1.0, miou=2.0)
    with pytest.raises(ValueError, match=r"faces fcn8s: mIoU is .* published is 2\.0000") as refused:
        rescored(entry, tmp_path)
    entry = replace(entry, miou=float(re.search(r"mIoU is ([\d.]+)", str(refused.value))[1]))
    new = rescored(entry, tmp_path)
    assert 0 <= new.boundary_f1 <= 1 and replace(new, boundary_f1=-1.0) == entry
