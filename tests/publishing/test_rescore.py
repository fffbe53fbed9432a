"""What is published, made anew on drawn pictures."""

import re
import shutil
from dataclasses import replace

import pytest

from segdemo.data.shapes import write_folder
from segdemo.publishing.requantize import requantized
from segdemo.publishing.rescore import rescored
from segdemo.runtime.files import file_sha256
from segdemo.zoo import WEIGHTS, entries


def test_the_boundary_score_is_replaced_only_if_the_pictures_are_those_that_were_scored(tmp_path):
    write_folder(tmp_path / "drawn", train=1, val=2, size=(64, 64))
    entry = replace(entries()["faces", "fcn8s"], data="drawn", boundary_f1=-1.0, miou=2.0)
    with pytest.raises(ValueError, match=r"faces fcn8s: mIoU is .* published is 2\.0000") as refused:
        rescored(entry, tmp_path)
    entry = replace(entry, miou=float(re.search(r"mIoU is ([\d.]+)", str(refused.value))[1]))
    new = rescored(entry, tmp_path)
    assert 0 <= new.boundary_f1 <= 1 and replace(new, boundary_f1=-1.0) == entry


def test_an_int8_network_is_made_anew_and_only_what_is_told_of_it_changes(tmp_path):
    write_folder(tmp_path / "drawn", train=2, val=2, size=(64, 64))
    entry = replace(entries()["faces", "fcn8s"], data="drawn")
    weights = tmp_path / "weights"
    weights.mkdir()
    shutil.copy(WEIGHTS / entry.file, weights)
    new = requantized(entry, tmp_path, weights)
    facts = new.runtimes["litert-int8"]
    assert facts["sha256"] == file_sha256(weights / facts["file"]) != entry.runtimes["litert-int8"]["sha256"]
    assert replace(new, runtimes=entry.runtimes) == entry and new.runtimes["litert"] == entry.runtimes["litert"]
