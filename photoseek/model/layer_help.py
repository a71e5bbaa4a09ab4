"""Other processors that help with the layers of a text, as long as that is faster.

A text alone at a quiet machine takes two thirds of the time with two threads. Where another program
wants a processor, each of the hundreds of steps of a text waits for the thread that was put aside,
and it takes up to ten times as long. Nobody tells beforehand; the layers of a tower are
alike, though, so each of them tells how the next one will be computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from torch import nn

from photoseek.helpers.pausing import PAUSES, Pauses
from photoseek.helpers.under_way import UNDER_WAY, UnderWay

MOST = 4
"""Threads that compute a layer at most: its matrices are small."""

LEAST_LAYER = 0.002
"""Seconds that a layer takes alone where it is to have help. To share a shorter one brings nothing,
and between two steps helpers keep processors busy that the rest of a search waits for.
"""

LONGEST_WAIT = 16
"""Texts after which help is tried again at the latest, however often it made a text slower."""

GRACE = 0.25
"""Of the time of a layer that help may lose before it ends: threads that sleep have to wake up, and
what else a quiet machine does now and then makes a layer slower, though all of them gain.
"""


class LayerHelp:
    """Chooses, between the layers of a text, in how many threads the next ones are computed.

    The first layers are computed in one thread, as long as photos have not paused, and the next
    ones in several until they have taken longer altogether, which is looked at within a layer too.
    Then the rest has one thread again, and so have the next texts: twice as many each time that a
    text was slower. Where other queries are under way, these have the processors; and short layers
    have no help.
    """

    def __init__(
        self,
        threads: int,
        *,
        set_threads: Callable[[int], None],
        clock: Callable[[], float] = time.perf_counter,
        under_way: UnderWay = UNDER_WAY,
        pauses: Pauses = PAUSES,
    ) -> None:
        """`set_threads` is for the thread that calls it, which has one thread at first."""
        self._threads = min(threads, MOST)
        self._set_threads = set_threads
        self._clock = clock
        self._under_way = under_way
        self._pauses = pauses
        self._is_wanted = self._has_help = False  # wanted until it is there
        self._began = self._alone = self._gained = 0.0  # seconds, of this text
        self._left_out = 0
        self._wait = 1

    def watch(self, layers: Iterable[nn.Module]) -> None:
        """Choose before each of these, in their order; they do not keep each other in memory."""
        for number, layer in enumerate(layers):
            layer.register_forward_pre_hook(partial(self._before, number))
            for part in layer.children():
                for step in part.modules():
                    step.register_forward_pre_hook(self._within)

    @contextmanager
    def text(self) -> Iterator[None]:
        """A block in which this thread encodes texts, in which layers may have help."""
        self._is_wanted = self._is_due()
        try:
            yield
        finally:
            if self._has_help:
                self._end_help(slower=self._gained < 0)
            self._is_wanted = False

    def _before(self, number: int, *_: object) -> None:
        self._within()
        now = self._clock()
        if self._has_help:
            self._gained += self._alone - (now - self._began)
        elif self._is_wanted and number and self._pauses.all_is_still:
            self._is_wanted = False
            self._alone = now - self._began
            if self._alone >= LEAST_LAYER:
                self._gained = 0.0
                self._use(help_=True)
        self._began = now

    def _within(self, *_: object) -> None:
        if self._has_help:
            may_take = (1 + GRACE) * self._alone + self._gained
            if self._clock() - self._began >= may_take:
                self._end_help(slower=True)

    def _end_help(self, *, slower: bool) -> None:
        self._use(help_=False)
        if slower:
            self._left_out, self._wait = self._wait, min(2 * self._wait, LONGEST_WAIT)
        else:
            self._wait = 1

    def _is_due(self) -> bool:
        if self._threads < 2 or self._under_way.count > 1:
            return False
        self._left_out = max(0, self._left_out - 1)
        return not self._left_out

    def _use(self, *, help_: bool) -> None:
        self._has_help = help_
        self._set_threads(self._threads if help_ else 1)
