"""A training that ends in time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import keras


class Clock(keras.callbacks.Callback):
    """Ends a training in time, with a learning rate that falls to zero by then, as a cosine does, an epoch at a time; the first epoch warms up.

    The first epoch is no measure: it compiles, too.
    """

    def __init__(self, peak: float, seconds: float, now: Callable[[], float] = time.perf_counter):
        super().__init__()
        self.peak, self.now = peak, now
        self.end = now() + seconds
        self.began: list[float] = []  # the epochs

    def rate(self, done: float) -> float:
        """Once this share of the time after the first epoch is over."""
        return self.peak * 0.5 * (1 + math.cos(math.pi * min(done, 1))) if self.began else self.peak / 10

    def on_epoch_begin(self, epoch, logs=None):
        if self.began:
            start = self.began[1] if len(self.began) > 1 else self.now()
            middle = self.now() + self._usual() / 2
            self.model.optimizer.learning_rate = self.rate((middle - start) / max(self.end - start, 1e-6))
        self.began.append(self.now())

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = self.now() + self._usual() > self.end

    def _usual(self) -> float:
        """What the last epoch took; 0 if that is the first."""
        times = [*self.began[1:], self.now()]
        return times[-1] - times[-2] if len(times) > 1 else 0.0


class Bar(keras.callbacks.ProgbarLogger):
    """Keras's own, but that it tells the time left: nobody knows of how many epochs this is one."""

    def __init__(self, clock: Clock):
        super().__init__()
        self.clock = clock

    def set_params(self, params):
        super().set_params({**params, "epochs": 1})  # of one, it says nothing

    def on_epoch_begin(self, epoch, logs=None):
        print(f"Epoch {epoch + 1}, {max(self.clock.end - self.clock.now(), 0):.0f} seconds left", flush=True)
        super().on_epoch_begin(epoch, logs)
