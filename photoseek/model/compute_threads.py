"""The threads that torch computes in, on a CPU.

OpenMP keeps helpers for each thread that has ever computed something, as long as it lives. As soon
as there are more of all of them than processors, helpers sleep between two steps instead of looking
for the next one, and to wake them takes longer than a step of a single text. Where they do look,
each step waits for the one that another program keeps from its processor. So one thread encodes
all texts, and photos are divided among threads, which all have no helpers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

import numpy as np
import torch

from photoseek.helpers.batching import Embeddings
from photoseek.helpers.deadlines import in_background
from photoseek.records import Pixels

T = TypeVar("T")

LEAST = 4
"""Photos that a thread gets: each thread reads all weights."""


class ComputeThreads:
    """Where a model computes, with as many processors as it may keep busy.

    What a thread starts is as urgent as the thread itself.
    """

    def __init__(self, processors: int, *, divides: bool) -> None:
        """`divides` is for what computes on these processors, and not on a GPU."""
        self._processors = processors
        self._most = processors if divides else 1
        self._texts = ThreadPoolExecutor(1, "texts", partial(torch.set_num_threads, 1))

    def for_texts(self, encode: Callable[[], T]) -> T:
        """What is encoded in the one thread for texts."""
        return self._texts.submit(encode).result()

    def for_photos(
        self, encode: Callable[[Sequence[Pixels]], Embeddings], batch: Sequence[Pixels]
    ) -> Embeddings:
        """The vectors of a batch, encoded in parts at the same time."""
        count = min(self._most, max(1, len(batch) // LEAST))
        size = -(-len(batch) // count)
        parts = [batch[start : start + size] for start in range(0, len(batch), size)]
        threads = self._processors // len(parts)
        running = [_alone(partial(encode, part), threads) for part in parts]
        wait(running)
        torch.set_num_threads(self._processors)  # for threads to come: the last who says it counts
        return np.concatenate([each.result() for each in running])


def _alone(work: Callable[[], T], threads: int) -> Future[T]:
    """Compute in a thread of its own, which is one of `threads` that all end with it."""

    def compute() -> T:
        torch.set_num_threads(threads)
        return work()

    return in_background(compute, "compute")
