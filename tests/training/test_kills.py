"""A training is killed at any moment, and the disk may be full: it goes on, or says what is missing. At thirty moments:

python -m pytest -p no:xdist -o addopts="" -q tests/training/test_kills.py -m many
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_training import THREE, draw

ROOT = Path(__file__).parent.parent.parent
EPOCHS = 8


def begin(folder, *options):
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, ROOT / "tests/small_training.py", folder, *map(str, options)]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def rows(run):
    """The lines of the log as they are: none may be there twice, or half."""
    header, *lines = (run / "log.csv").read_text().splitlines()
    place = header.split(",").index("loss")
    return [(int(line.split(",")[0]), float(line.split(",")[place])) for line in lines]


def wait_for_its_beginning(process):
    assert any("begins" in line for line in process.stdout), "it ended before"


def killed_and_gone_on_with(folder, moments, seed):
    """Kills as often, each time at a random moment of what an uninterrupted run took; then lets it come to its end."""
    rng = random.Random(seed)
    draw(folder / "data", THREE)
    run, whole = folder / "run", begin(folder)
    wait_for_its_beginning(whole)
    start = time.monotonic()
    printed = whole.communicate()[0]
    assert whole.returncode == 0, printed
    lasts, expected = time.monotonic() - start, rows(run)
    run.rename(folder / "whole")
    for _ in range(moments):
        process = begin(folder)
        wait_for_its_beginning(process)
        time.sleep(rng.uniform(0, lasts))
        process.kill()
        process.communicate()
        if (run / "backbone.weights.h5").exists():  # it came to its end before
            run.rename(folder / f"ended-{time.monotonic_ns()}")
    last = begin(folder)
    printed = last.communicate()[0]
    assert last.returncode == 0, printed
    ended = [path / "log.csv" for path in (run, *folder.glob("ended-*"))]
    assert ended and not list(run.rglob(".*")) and not (run / "backup").exists()
    for log in ended:
        assert [(epoch, pytest.approx(loss, abs=1e-3)) for epoch, loss in expected] == rows(log.parent)


def test_a_training_that_is_killed_at_three_moments_goes_on(tmp_path):
    killed_and_gone_on_with(tmp_path, 3, seed=time.time_ns())


@pytest.mark.many
@pytest.mark.parametrize("seed", range(6))
def test_a_training_that_is_killed_at_thirty_moments_goes_on(tmp_path, seed):
    killed_and_gone_on_with(tmp_path, 5, seed)


def test_a_full_disk_ends_a_training_with_a_sentence_and_it_goes_on_when_there_is_room(tmp_path):
    """Weights fit into so many bytes, the backup, with the optimizer's averages, does not."""
    draw(tmp_path / "data", THREE)
    full = begin(tmp_path, 20_000)
    printed = full.communicate()[0]
    assert full.returncode == 1 and "OSError" in printed and "Make room, then give the same command again" in printed, printed
    assert not list((tmp_path / "run").rglob(".*"))
    again = begin(tmp_path)
    printed = again.communicate()[0]
    assert again.returncode == 0, printed
    assert [epoch for epoch, _ in rows(tmp_path / "run")] == [*range(EPOCHS)]
