import keras
import numpy as np
import pytest

from segdemo.soup import best_mean


@pytest.mark.parametrize(
    ("wanted", "names"),
    [(0, ("best",)), (1, ("best", "last")), (3, ("best", "start")), (8 / 3, ("best", "last", "start")), (9, ("best", "start")), (-9, ("best",))],
)
def test_the_mean_that_scores_best_is_left_in_the_model(wanted, names):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    candidates = {name: [np.full((1, 1), value, np.float32), np.zeros(1, np.float32)] for name, value in (("best", 0), ("last", 2), ("start", 6))}
    assert best_mean(model, candidates, lambda: -abs(float(model.get_weights()[0][0, 0]) - wanted)) == names
    assert model.get_weights()[0][0, 0] == pytest.approx(np.mean([candidates[name][0] for name in names]))
