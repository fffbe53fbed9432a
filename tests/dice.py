"""A random generator of which every draw is known."""

import numpy as np


class Dice:
    """As a `numpy.random.Generator`, as far as the project draws: ``random()`` gives the chances, one by one; all else lies so far between its bounds.

    Args:
        chances: in the order in which they are asked for.
        at: 0 for the lower bound, 1 for the upper.
    """

    def __init__(self, *chances, at=0.0):
        self.chances, self.at = iter(chances), at

    def random(self):
        return next(self.chances)

    def uniform(self, low, high, size=None):
        value = low + (high - low) * self.at
        return value if size is None else np.full(size, value)

    def integers(self, low, high=None, size=None):
        low, high = (0, low) if high is None else (low, high)
        value = min(int(low + (high - low) * self.at), high - 1)
        return np.int64(value) if size is None else np.full(size, value)

    def choice(self, options):
        return options[self.integers(len(options))]

    def permutation(self, count):
        return np.arange(count)[::-1]
