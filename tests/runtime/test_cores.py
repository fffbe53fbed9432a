import pytest

from segdemo.runtime import cores


@pytest.mark.parametrize(
    ("quota", "expected"), [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("1600000 100000", 8), (None, 8)]
)
def test_a_container_s_share_of_the_processor_counts(tmp_path, monkeypatch, quota, expected):
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(cores, "QUOTA", tmp_path / "cpu.max")
    if quota:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    assert cores.cores() == expected
