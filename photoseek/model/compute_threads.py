"""The threads that torch computes in, on a CPU.

OpenMP keeps helpers for each thread that has ever computed something, as long as it lives. As soon
as there are more of all of them than processors, helpers sleep between two steps instead of looking
for the next one, and to wake them takes longer than a step of a single text. Where they do look,
each step waits for the one that another program keeps from its processor. So one thread encodes
all texts, with help where that is faster, and photos are divided among threads without helpers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from photoseek.helpers.batching import Embeddings
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.giving_way import may_pause_soon, pause_for_others, pausing_work
from photoseek.model.helper_places import HelperPlaces
from photoseek.model.layer_help import LayerHelp
from photoseek.records import Pixels

T = TypeVar("T")

LEAST = 4
"""Photos that a thread gets, or does in a small step: each time all weights are read."""


class ComputeThreads:
    """Where a model computes, with as many processors as it may keep busy.

    What a thread starts is as urgent as the thread itself.
    """

    def __init__(self, processors: int, *, divides: bool) -> None:
        """`divides` is for what computes on these processors, and not on a GPU."""
        self._processors = processors
        self._divides = divides
        self._texts = ThreadPoolExecutor(1, "texts", partial(_compute_in, 1))
        places = HelperPlaces()
        self._help = LayerHelp(processors if divides else 1, set_threads=places.compute_in)

    def help_with(self, layers: Iterable[nn.Module]) -> None:
        """Have other processors help with these layers of texts, where that is faster."""
        self._help.watch(layers)

    def for_texts(self, encode: Callable[[], T]) -> T:
        """What is encoded in the one thread for texts."""
        return self._texts.submit(self._with_help, encode).result()

    def _with_help(self, encode: Callable[[], T]) -> T:
        with self._help.text():
            return encode()

    def for_photos(
        self, encode: Callable[[Sequence[Pixels]], Embeddings], batch: Sequence[Pixels]
    ) -> Embeddings:
        """The vectors of a batch, encoded in parts at the same time."""
        most = self._processors if self._divides else 1
        parts = _split(batch, min(most, max(1, len(batch) // LEAST)))
        work = partial(_in_steps, encode) if self._divides else encode
        threads = self._processors // len(parts)
        running = [_alone(partial(work, part), threads) for part in parts]
        wait(running)
        torch.set_num_threads(self._processors)  # for threads to come: the last who says it counts
        return np.concatenate([each.result() for each in running])


def pause_between_layers(tower: nn.Module) -> None:
    """Have each layer of a tower wait for others before it begins, in threads that give way."""

    def pause(*_: object) -> None:
        pause_for_others()

    for layer in tower.modules():
        if not list(layer.children()):
            layer.register_forward_pre_hook(pause)


def _split(batch: Sequence[Pixels], count: int) -> list[Sequence[Pixels]]:
    """Parts of equal size, but for the last; no more of them than that."""
    size = -(-len(batch) // count)
    return [batch[start : start + size] for start in range(0, len(batch), size)]


def _in_steps(
    encode: Callable[[Sequence[Pixels]], Embeddings], batch: Sequence[Pixels]
) -> Embeddings:
    """The same vectors, by steps of few photos as long as pauses may come: these wait for no more
    than a layer of a step.
    """
    made, rest = [], batch
    while rest:
        step = _split(rest, -(-len(rest) // LEAST))[0] if may_pause_soon() else rest
        made.append(encode(step))
        rest = rest[len(step) :]
    return np.concatenate(made)


def _alone(work: Callable[[], T], threads: int) -> Future[T]:
    """Compute in a thread of its own, which is one of `threads` that all end with it."""

    def compute() -> T:
        _compute_in(threads)
        with pausing_work():
            return work()

    return in_background(compute, "compute")


def _compute_in(threads: int) -> None:
    """Have this thread compute in that number of threads, which are itself and its helpers.

    Torch sets what was said last, by any thread, when a thread first asks it for something.
    """
    torch.get_num_threads()
    torch.set_num_threads(threads)
