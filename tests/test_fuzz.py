import fuzz
import numpy as np


def test_every_door_answers_damaged_files_with_a_result_or_a_sentence():
    report = fuzz.fuzz(seconds=60, seed=1, most=4000)
    assert not report.failures
    assert report.results and report.results < report.tried


def test_the_same_seed_brings_the_same_files(monkeypatch):
    one, other = ([file for file, _ in zip(fuzz.files(7), range(100), strict=False)] for _ in range(2))
    assert one == other and {door for door, _ in one} == set(fuzz.DOORS)


def test_what_fails_is_reported_with_its_door_and_number(monkeypatch):
    monkeypatch.setattr(fuzz, "DOORS", {"picture": lambda folder, data: 1 / 0})
    report = fuzz.fuzz(seconds=60, seed=0, most=3)
    assert [(door, number) for door, number, _ in report.failures] == [("picture", i) for i in range(3)]
    assert "ZeroDivisionError" in report.failures[0][2]


def test_damage_is_damage():
    whole = bytes(range(256)) * 4
    assert all(fuzz.damaged(whole, np.random.default_rng(i)) != whole for i in range(20))
