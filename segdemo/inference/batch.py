"""Many pictures, one after the other: each step of one beside another step of the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

import numpy as np

from segdemo.images import ImageError, read_image
from segdemo.inference.areas import Area
from segdemo.inference.segmentation import Segmentation, Segmenter, timed

Source = TypeVar("Source")
AHEAD = 3  # pictures that are decoded, run or decided while the consumer has another


def segment_many(segmenter: Segmenter, sources: Iterable[Source]) -> Iterator[tuple[Source, Segmentation | ImageError]]:
    """Segments pictures in their order; decoding, the network, the decision and the consumer's work each have a thread.

    Args:
        segmenter: what segments them.
        sources: pictures as `Segmenter` takes them; gone through no further than `AHEAD` pictures before the consumer.

    Yields:
        Each source with its result, or with the reason why it cannot be read. Closing the iterator waits for the steps
        that have begun, and begins no other.
    """
    sources = iter(sources)
    waiting: deque[tuple[Source, Future[Segmentation]]] = deque()
    with ExitStack() as stack:
        reader, runner, decider = (stack.enter_context(ThreadPoolExecutor(1)) for _ in range(3))
        for pool in (reader, runner, decider):  # the last is stopped first
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)

        def run(decoded: Future) -> tuple[np.ndarray, np.ndarray, float, float, tuple[Area, ...] | None]:
            image, seconds = decoded.result()
            located, search = timed(segmenter.locate, image)
            outputs, network = timed(segmenter.logits, image, located)
            return image, outputs, search + network, seconds, located

        def decide(ran: Future) -> Segmentation:
            image, outputs, network, decode, located = ran.result()
            return segmenter.decide(image, outputs, {"decode": decode, "network": network}, located)

        def begin() -> None:
            for source in sources:
                waiting.append((source, decider.submit(decide, runner.submit(run, reader.submit(timed, read_image, source)))))
                return

        for _ in range(AHEAD):
            begin()
        while waiting:
            source, result = waiting.popleft()
            outcome: Segmentation | ImageError
            try:
                outcome = result.result()
            except ImageError as error:
                outcome = error
            begin()
            yield source, outcome
