"""A run goes on after a kill as if nothing had been, and only as it was begun."""

from dataclasses import replace

import numpy as np
import pytest
from small_training import THREE, TWO, WHOLE, Killed, draw, killed_in, train_small

from segdemo.data.folder import open_split
from segdemo.training import loop as training
from segdemo.training.backup import Backup, read_log
from segdemo.training.loop import train


def killed_in_validation(epoch):
    """Killed when the epoch is trained, but neither scored nor logged."""

    def on_epoch_end(self, current, logs=None, on_epoch_end=training.Validation.on_epoch_end):
        if current == epoch:
            raise Killed
        on_epoch_end(self, current, logs)

    return on_epoch_end


@pytest.mark.parametrize(
    ("callback", "method", "kill"),
    [(Backup, "on_epoch_begin", killed_in(2)), (training.Validation, "on_epoch_end", killed_in_validation(3))],
    ids=["between epochs", "in the last validation"],
)
def test_a_killed_run_ends_as_an_uninterrupted_one(tmp_path, small, monkeypatch, callback, method, kill):
    # Every batch is the whole split without change, so the two runs see the same data whatever their order.
    whole = train_small(tmp_path, THREE, WHOLE, "whole")
    with monkeypatch.context() as patch:
        patch.setattr(callback, method, kill)
        with pytest.raises(Killed):
            train_small(tmp_path, THREE, WHOLE, "killed")
    resumed = train_small(tmp_path, THREE, WHOLE, "killed")
    assert [row["epoch"] for row in resumed] == [0, 1, 2, 3]
    for row, expected in zip(resumed, whole, strict=True):
        assert {**row, "seconds": 0} == pytest.approx({**expected, "seconds": 0}, abs=1e-3)
    for weight, expected in zip(small[2].get_weights(), small[0].get_weights(), strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-4)


def test_a_finished_run_is_left_alone_and_cannot_be_made_longer(tmp_path, small, capsys):
    log = train_small(tmp_path, TWO, replace(WHOLE, epochs=1))
    assert train_small(tmp_path, TWO, replace(WHOLE, epochs=1)) == log
    assert "already has its 1 epochs" in capsys.readouterr().out
    with pytest.raises(ValueError, match="finished run of 1 epochs"):
        train_small(tmp_path, TWO, replace(WHOLE, epochs=2))


def test_what_a_finished_run_was_stays_known(tmp_path, small):
    splits = draw(tmp_path / "data", TWO)
    for command, epochs in (("the first", 2), ("too late", 1)):
        train("small", TWO, *splits, replace(WHOLE, epochs=epochs), tmp_path / "run", None, progress=False, command=command)
    assert (tmp_path / "run/command.txt").read_text() == "the first\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"batch": 2}, "whose batch is 4, not 2"), ({"epochs": 9}, "in the middle of a run of 4 epochs, not 9"), ({"crop": (32, 32)}, "whose crop is")],
)
def test_a_run_goes_on_only_as_it_was_begun(tmp_path, small, monkeypatch, changed, message):
    with monkeypatch.context() as patch:
        patch.setattr(Backup, "on_epoch_begin", killed_in(2))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    with pytest.raises(ValueError, match=message):
        train_small(tmp_path, TWO, replace(WHOLE, **changed))
    assert len(train_small(tmp_path, TWO, WHOLE)) == WHOLE.epochs


def test_a_finished_run_of_another_model_is_not_taken_for_this_one(tmp_path, small):
    train_small(tmp_path, TWO, replace(WHOLE, epochs=1))
    splits = [open_split(tmp_path / "data", split, TWO) for split in ("train", "val")]
    with pytest.raises(ValueError, match="whose model is small, not large"):
        train("large", TWO, *splits, replace(WHOLE, epochs=1), tmp_path / "run", None, progress=False)


def test_a_run_killed_after_its_last_epoch_is_finished_without_another(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(training, "plot_curves", lambda log, picture: killed_in(0)(None, 0))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    log = read_log(tmp_path / "run/log.csv")
    assert train_small(tmp_path, TWO, WHOLE) == log
    assert (tmp_path / "run/curves.svg").is_file() and (tmp_path / "run/backbone.weights.h5").is_file()
    assert not (tmp_path / "run/backup").exists()


def test_a_run_killed_before_its_first_backup_starts_over(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", lambda *_, **__: killed_in(0)(None, 0))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    assert len(read_log(tmp_path / "run/log.csv")) == 1
    assert len(train_small(tmp_path, TWO, WHOLE)) == WHOLE.epochs


def test_of_two_backups_a_damaged_one_is_passed_over_with_a_line(tmp_path, small, monkeypatch, capsys):
    whole = train_small(tmp_path, THREE, WHOLE, "whole")
    with monkeypatch.context() as patch:
        patch.setattr(Backup, "on_epoch_begin", killed_in(3))
        with pytest.raises(Killed):
            train_small(tmp_path, THREE, WHOLE)
    backups = sorted((tmp_path / "run/backup").iterdir())
    assert [path.name for path in backups] == ["00002.npz", "00003.npz"]
    content = bytearray(backups[1].read_bytes())
    content[len(content) // 2] ^= 1
    backups[1].write_bytes(content)
    log = train_small(tmp_path, THREE, WHOLE)
    assert "00003.npz is damaged" in (printed := capsys.readouterr().out) and "has 2 of its 4 epochs; going on" in printed
    assert [(row["epoch"], pytest.approx(row["loss"], abs=1e-3)) for row in whole] == [(row["epoch"], row["loss"]) for row in log]


def test_a_worse_epoch_after_a_kill_does_not_replace_the_best_weights(tmp_path, small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Backup, "on_epoch_begin", killed_in(3))
        with pytest.raises(Killed):
            train_small(tmp_path, TWO, WHOLE)
    log = tmp_path / "run/log.csv"
    header, *rows = log.read_text().splitlines()
    place = header.split(",").index("val_miou")
    cells = rows[0].split(",")
    cells[place] = "1.0"  # as if the first epoch could not be beaten
    log.write_text("\n".join([header, ",".join(cells), *rows[1:]]) + "\n")
    train_small(tmp_path, TWO, WHOLE)
    assert (tmp_path / "run/best.weights.h5").read_bytes() == (tmp_path / "run/epochs/01.weights.h5").read_bytes()


def test_what_cannot_begin_leaves_nothing(tmp_path, small):
    (tmp_path / "wrong.weights.h5").write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"wrong.weights.h5' do not fit .* with 1 outputs: they are another model's, or damaged"):
        train("small", TWO, *draw(tmp_path / "data", TWO), WHOLE, tmp_path / "run", None, weights=tmp_path / "wrong.weights.h5")
    assert not (tmp_path / "run").exists()
