"""Work that pauses for a moment while somebody waits for an answer of the same process.

Priorities do not do that alone: two processors are often the two halves of one core, and a thread
takes half as long again when the other half is busy, with whatever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST = 0.1
"""Seconds that a pause takes at most."""

SHARE = 1 / 2
"""Of the time that pauses take at most, however many ask."""

MAY_ASK_AGAIN = 10.0
"""Seconds after an answer: who searches looks at what was found, and asks for something else."""


class Pauses:
    """Tells work that is done step by step when to pause between two steps."""

    def __init__(
        self,
        longest: float = LONGEST,
        share: float = SHARE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What is not used of the `share` is kept for later, up to `longest` seconds of pause."""
        self._longest = longest
        self._gain = share / (1 - share)
        self._clock = clock
        self._changed = threading.Condition()
        self._asking = self._pausing = self._going_on = 0
        self._this_thread = threading.local()
        self._left = longest  # seconds of pause, as they were at `_since`
        self._since = self._until = clock()  # the pause that goes on, or was the last
        self._expected_until = clock()

    @contextmanager
    def asked(self, after: float = 0.0) -> Iterator[None]:
        """A block that is waited for: work pauses until it ends, or has paused for too long.

        It goes on pausing for `after` seconds where an answer is made elsewhere of what the block
        gives.
        """
        with self._changed:
            if not (self._asking and self.wanted):
                self._begin()
            self._asking += 1
        try:
            yield
        finally:
            with self._changed:
                self._asking -= 1
                self._expected_until = self._clock() + MAY_ASK_AGAIN
                if not self._asking:
                    self._until = min(self._until, self._clock() + after)
                    self._changed.notify_all()

    @property
    def wanted(self) -> bool:
        """Whether work is to pause now."""
        return self._clock() < self._until

    @property
    def expected(self) -> bool:
        """Whether a pause is likely to be wanted soon: somebody asks, or did a moment ago."""
        return self._asking > 0 or self._clock() < self._expected_until

    @property
    def pausing(self) -> int:
        """How many threads pause now."""
        return self._pausing

    @contextmanager
    def work(self) -> Iterator[None]:
        """A block of work that pauses between its steps; such blocks do not lie in each other."""
        self._go_on(1)
        self._this_thread.works = True
        try:
            yield
        finally:
            self._this_thread.works = False
            self._go_on(-1)

    @property
    def all_is_still(self) -> bool:
        """Whether no such work goes on: it pauses now, or there is none."""
        return self._going_on == 0

    def pause(self) -> None:
        """Come back as soon as no pause is wanted, at once where none is."""
        if not self.wanted:
            return
        works = getattr(self._this_thread, "works", False)
        with self._changed:
            self._pausing += 1
            self._going_on -= works
            while self.wanted:
                self._changed.wait(max(0.0, self._until - self._clock()))
            self._pausing -= 1
            self._going_on += works

    def _go_on(self, more: int) -> None:
        with self._changed:
            self._going_on += more

    def _begin(self) -> None:
        self._end()  # of one that took as long as it may, while somebody asked on
        now = self._clock()
        self._left = min(self._longest, self._left + (now - self._since) * self._gain)
        self._since, self._until = now, now + self._left

    def _end(self) -> None:
        ended = min(self._clock(), self._until)
        self._left -= ended - self._since
        self._since = self._until = ended


PAUSES = Pauses()
"""Those of this process: for photos, while a text is searched for."""
