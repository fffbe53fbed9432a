import keras
import numpy as np
import pytest

from segdemo.training.soup import greedy_soup


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (0, ("01",)),  # what is best alone, and any other makes it worse
        (1, ("01", "02")),
        (3.2, ("02", "start", "01")),  # 2, then 4, then 8/3: nearer every time
        (1.8, ("02",)),
        (9, ("start",)),
    ],
)
def test_the_greedy_soup_is_left_in_the_model(wanted, names):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    candidates = {name: [np.full((1, 1), value, np.float32), np.zeros(1, np.float32)] for name, value in (("01", 0), ("02", 2), ("start", 6))}
    assert greedy_soup(model, candidates, lambda: -abs(float(model.get_weights()[0][0, 0]) - wanted)) == names
    assert model.get_weights()[0][0, 0] == pytest.approx(np.mean([candidates[name][0] for name in names]))


def test_one_candidate_is_not_scored():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    assert greedy_soup(model, {"01": [np.ones((1, 1), np.float32), np.zeros(1, np.float32)]}, None) == ("01",)
    assert model.get_weights()[0][0, 0] == 1
