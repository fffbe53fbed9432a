"""What the scores of the network that suggests a task count."""

import json

import numpy as np
import pytest
from PIL import Image

from segdemo.data import unknown
from segdemo.scoring import suggestion
from segdemo.scoring.suggestion import Answers, calibrated, card, fit, scores, views
from segdemo.zoo import WEIGHTS


def answers(rows):
    """Logits of street, animals and none, and which are right, from rows of (probabilities, right)."""
    logits = np.log([probabilities for probabilities, _ in rows])[:, None]
    return Answers(logits, np.array([right for _, right in rows], bool), np.zeros(len(rows), bool))


ASKED = {
    "street": answers([((0.8, 0.1, 0.1), (1, 0, 0)), ((0.6, 0.3, 0.1), (1, 0, 0)), ((0.2, 0.1, 0.7), (1, 0, 0)), ((0.8, 0.1, 0.1), (1, 0, 0))]),
    "animals": answers([((0.7, 0.2, 0.1), (1, 1, 0)), ((0.8, 0.1, 0.1), (0, 1, 0))]),
    "photographs": answers([((0.1, 0.1, 0.8), (0, 0, 1)), ((0.5, 0.1, 0.4), (0, 0, 1))]),
}


def test_each_task_counts_the_same_and_any_right_task_is_right():
    found = scores(ASKED, 1.0, 0.0)
    assert found.pictures == {"street": 4, "animals": 2, "photographs": 2}
    assert found.right == {"street": 0.75, "animals": 0.5} and found.top1 == pytest.approx(0.625)
    assert found.refused == pytest.approx(0.125) and found.none == {"photographs": 0.5}
    # bins of 1/15: 0.6 (9th) right; three of 0.8 (12th), two right; 0.7 twice (11th), one right
    assert found.ece == pytest.approx((0.4 + abs(2 - 2.4) + abs(1 - 1.4)) / 6)


def test_what_is_added_moves_only_that():
    assert scores(ASKED, 1.0, np.log([1, 1, 1.3])).none == {"photographs": 1.0} and scores(ASKED, 1.0, np.array([0, 0, -9.0])).refused == 0


def test_a_picture_with_a_face_is_not_refused_and_other_answers_are_kept():
    found = ASKED["street"]
    with_faces = Answers(found.logits, found.right, np.array([True, False, True, False]))
    assert calibrated(found, 2.0, 1.0) == pytest.approx((found.logits[:, 0] + 1) / 2)
    shares = np.exp(calibrated(with_faces, 1.0, 0.0))
    assert shares == pytest.approx(np.array([(0.8, 0.1, 0.1), (0.6, 0.3, 0.1), (0.2, 0.1, 0), (0.8, 0.1, 0.1)]))
    assert scores({"street": with_faces}, 1.0, 0.0).right == {"street": 1.0}


def test_the_fit_finds_what_was_done_to_honest_answers():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    drawn = (rng.random((len(shares), 1)) > shares.cumsum(axis=1)).sum(axis=1)
    boastful = 3 * logits - np.array([0.3, 0, 1.5])
    temperature, added = fit({"street": Answers(boastful[:, None], np.eye(3, dtype=bool)[drawn], np.zeros(len(drawn), bool))})
    assert added.mean() == pytest.approx(0) and temperature == pytest.approx(3, rel=0.1) and added - added[1] == pytest.approx([0.3, 0, 1.5], abs=0.2)


def test_the_views_of_a_picture_show_what_it_shows():
    image = np.arange(40 * 60, dtype=np.uint32).astype(np.uint8).reshape(40, 60, 1).repeat(3, axis=2)
    whole, mirrored, middle, on_grey, inside = views(image)
    assert np.array_equal(whole, image) and np.array_equal(mirrored[:, ::-1], image) and np.array_equal(middle, image[:, 10:50])
    assert on_grey.shape == (60, 60, 3) and np.array_equal(on_grey[10:50], image) and np.array_equal(inside, image[4:36, 6:54])
    assert (on_grey[:10] == 127).all() and (on_grey[50:] == 127).all()
    _, _, middle, on_grey, _ = views(image.transpose(1, 0, 2))
    assert np.array_equal(middle, image[:, 10:50].transpose(1, 0, 2)) and np.array_equal(on_grey[:, 10:50], image.transpose(1, 0, 2))
    assert on_grey.shape == (60, 60, 3)


def test_the_card_is_made_of_the_published_facts():
    facts = json.loads((WEIGHTS / "suggest.json").read_text(encoding="utf-8"))
    assert card(facts) == (WEIGHTS / "suggest.md").read_text(encoding="utf-8"), "run: python -m segdemo.scoring.suggestion --data DIR --publish"


def test_the_published_network_reaches_what_it_should():
    facts = json.loads((WEIGHTS / "suggest.json").read_text(encoding="utf-8"))
    found = facts["scores"]
    assert set(facts["tasks"]) == set(found["right"]) and facts["bytes"] < 3_000_000
    assert found["top1"] >= 0.97 and min(found["right"].values()) >= 0.93 and found["ece"] < 0.03
    assert min(found["none"].values()) >= 0.9 and found["refused"] <= 0.02
    suggestion, _, one_pass = facts["seconds"]
    assert suggestion < one_pass / 4


class Bright:
    """A stand-in for the network: a white picture shows clothes, a black one a face, and a grey one neither."""

    tasks, temperature, added = ("clothes", "faces"), 1.0, 0.0

    def logits(self, view):
        return np.array([[0, 5, 0], [0, 0, 5], [5, 0, 0]][int(view.mean() / 86)], float)

    def has_face(self, image):
        return image.mean() < 20


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """How the command is called: three pictures of clothes, two of them white; one of a face; of none three photographs, one black, and two drawings."""
    grey, shades = 128, {"clothes": (255, 255, 128), "faces": (0,)}
    for task, values in shades.items():
        for i, value in enumerate(values):
            for kind, array in (("images", np.full((40, 40, 3), value, np.uint8)), ("masks", np.zeros((40, 40), np.uint8))):
                (tmp_path / task / "val" / kind).mkdir(parents=True, exist_ok=True)
                Image.fromarray(array).save(tmp_path / task / "val" / kind / f"{i}.png")
    (tmp_path / "suggest.json").write_text('{"tasks": ["clothes", "faces"], "bytes": 2500000, "command": "train", "input": 1}')
    monkeypatch.setattr(suggestion, "WEIGHTS", tmp_path)
    monkeypatch.setattr(suggestion, "suggester", Bright)
    monkeypatch.setattr(suggestion, "DRAWN", 2)
    monkeypatch.setattr(suggestion, "load", lambda model: None)
    monkeypatch.setattr(suggestion, "time_suggester", lambda *_: (0.001234567, 0.002, 0.1))
    monkeypatch.setattr(unknown, "drawn", lambda rng: np.full((40, 40, 3), grey, np.uint8))
    monkeypatch.setattr(unknown, "held_out", lambda packages: ((str(i), np.full((40, 40, 3), value, np.uint8)) for i, value in enumerate((grey, grey, 0))))
    return lambda *options: monkeypatch.setattr("sys.argv", ["suggestion", "--data", str(tmp_path), *options]) or suggestion.main()


def test_the_command_tells_every_score(asked, capsys):
    asked()
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "clothes         3  right 0.667  face 0.000" and told[1] == "faces           1  right 1.000  face 1.000"
    assert told[2] == "photographs     3  none  0.667  face 0.333" and told[3] == "drawings        2  none  1.000  face 0.000"
    assert told[4].startswith("top-1 0.8333, refused 0.1667, expected calibration error 0.")
    assert told[5].startswith("a suggestion 1.2 ms, a look for faces 2.0 ms, a pass of DeepLabV3+ 100.0 ms, ")


def test_what_is_published_is_fitted_scored_and_told_on_a_card(asked, tmp_path, capsys):
    asked("--publish")
    text = (tmp_path / "suggest.json").read_text()
    facts = json.loads(text)
    assert text.startswith('{\n "tasks"') and text.endswith("}\n") and capsys.readouterr().out.startswith('{\n "pictures"')
    assert facts["seconds"] == [0.00123, 0.002, 0.1] and facts["input"] == 1
    for number in (facts["temperature"], *facts["added"], *facts["scores"]["right"].values(), facts["scores"]["ece"]):
        assert round(number, 4) == number
    assert facts["scores"]["right"]["faces"] == 1 and len(facts["added"]) == 3
    told = (tmp_path / "suggest.md").read_text()
    assert told == card(facts) and ": 2.5 MB." in told and "One is found in 20% of" in told  # one of five pictures of none
    assert "A suggestion takes 1.2 ms, the look for faces 2.0 ms" in told


# --- what it is trained on


@pytest.mark.parametrize("draw", dict.fromkeys(unknown.DRAWN))
def test_what_belongs_to_no_task_is_drawn_anew_each_time(draw):
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (unknown.SIDE, unknown.SIDE, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_thing_is_laid_on_a_ground():
    stamp = np.zeros((40, 60, 4), np.uint8)
    stamp[..., 0], stamp[10:30, 10:50, 3] = 255, 255
    grass = np.full((9, 9, 3), (0, 90, 0), np.uint8)
    views = [unknown.stamped(stamp, np.random.default_rng(seed), [grass]) for seed in range(20)]
    assert all((view == (255, 0, 0)).all(axis=2).any() for view in views)
    on_grass = sum((view == grass[0, 0]).all(axis=2).any() for view in views)
    assert 2 <= on_grass <= 14  # three in eight lie on one of the grounds
