"""What the step "Who is it for?" claims."""

import pytest

from segdemo.tasks import TASKS
from segdemo.ui.learn.who import USES, best, worst


@pytest.mark.parametrize("name", USES)
def test_in_every_use_one_class_is_found_much_worse_than_the_mean_says(name):
    entry = best(USES[name])
    assert entry.split == "val" and entry.iou[worst(USES[name])] < entry.miou - 0.1


@pytest.mark.parametrize("name", USES)
def test_what_is_quoted_from_a_card_stands_there(name):
    assert USES[name].card.en in TASKS[USES[name].task].limits
