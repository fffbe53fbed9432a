"""The networks that only the lesson needs: small, whole, and what their card says."""

import numpy as np
import pytest

from benchmarks.lesson_networks import CARD, DRAWN, PLANS, card
from segdemo.errors import WeightsError
from segdemo.ui.learn import networks
from segdemo.ui.learn.networks import lesson_network, made
from segdemo.ui.learn.step import drawn_street
from segdemo.zoo import WEIGHTS


def test_they_are_small_and_the_card_says_how_they_were_made():
    files = [each["file"] for facts in made().values() for each in (facts, *facts.get("runtimes", {}).values())]
    sizes = [(WEIGHTS / file).stat().st_size for file in files]
    assert made().keys() == {*PLANS, *DRAWN} and max(sizes) < 10_000_000 and sum(sizes) < 40_000_000
    assert card(made()) == CARD.read_text(encoding="utf-8"), "run: python -m benchmarks.tables"


@pytest.mark.parametrize("name", [*PLANS, *DRAWN])
def test_each_gives_a_mask_and_is_loaded_once(name):
    network = lesson_network(name)
    mask = network(np.full((64, 96, 3), 127, np.uint8)).mask
    assert mask.shape == (64, 96) and mask.max() < network.task.num_classes and lesson_network(name) is network


@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.pruned])
def test_a_narrow_one_says_the_same_as_it_would_serve(name):
    image = drawn_street()[0]
    keras, litert, int8 = (lesson_network(name, runtime)(image).mask for runtime in ("keras", "litert", "litert-int8"))
    assert (keras == litert).mean() > 0.999 and (keras == int8).mean() > 0.95


def test_a_damaged_or_missing_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "lesson-fcn32s.weights.h5").write_bytes(b"half of it")
    monkeypatch.setattr(networks, "WEIGHTS", tmp_path)
    for name in ("fcn32s", "fcn16s"):
        with pytest.raises(WeightsError, match=rf"lesson-{name}.weights.h5 is (missing|damaged).* Install segdemo again"):
            lesson_network.__wrapped__(name)
