"""How fast work goes on, and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LOOK_BACK = 15.0
"""Seconds that count: what is unchanged goes by in no time, and says nothing of what is new."""

BEGINNING = 0.5
"""Seconds of which nothing is told: what came in so short a time says nothing."""


class Pace:
    """Photos a second, over the last seconds. For one thread that notes and many that ask."""

    def __init__(
        self, *, seconds: float = LOOK_BACK, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._now = now
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        """`done` photos are dealt with, in all. It begins with the first of them, as what these
        took is mostly the loading of a model.
        """
        if not done:
            return
        now = self._now()
        self._noted.append((now, done))
        while len(self._noted) > 2 and self._noted[1][0] <= now - self._seconds:
            self._noted.popleft()

    def per_second(self) -> float:
        """Photos a second; 0 while there is nothing to tell it by."""
        noted = tuple(self._noted)
        if len(noted) < 2:
            return 0.0
        (start, before), (_, after) = noted[0], noted[-1]
        seconds = self._now() - start
        return (after - before) / seconds if seconds >= BEGINNING else 0.0

    def seconds_left(self, rest: int) -> float | None:
        """How long `rest` photos will take; None while nobody knows."""
        rate = self.per_second()
        return rest / rate if rate else None
