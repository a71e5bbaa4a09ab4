"""Work that is tried again, with pauses that grow, while that can help and there is time."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from photoseek.helpers.deadlines import seconds_left

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses between attempts, in seconds: `first`, then twice as long each, up to `longest`.

    Each is drawn at random from `spread` (0 to 1) of itself less to as much more, so that those
    who met once do not meet again.
    """

    first: float
    longest: float = math.inf
    spread: float = 0.0

    def after(self, attempt: int) -> float:
        """The pause after an attempt; the first one is 1."""
        pause = min(self.longest, self.first * 2 ** (attempt - 1))
        return float(pause * random.uniform(1 - self.spread, 1 + self.spread))


SHORT = Pauses(first=0.25, longest=10.0)
"""For one photo among many: a server that asks for a longer pause is not waited for."""


class Attempts:
    """Counts the attempts at a piece of work, and waits before each one after the first.

        attempts = Attempts(3, Pauses(first=0.25))
        while True:
            try:
                return work()
            except PassingError as error:
                attempts.failed(error)

    A failure ends them when it was the last attempt, when the deadline of the thread comes before
    the next one, or when somebody asks for a longer pause than the longest.
    """

    def __init__(
        self, most: int, pauses: Pauses, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """`most` attempts in all. `sleep` waits for its seconds, or raises to end it."""
        self._most = most
        self._pauses = pauses
        self._sleep = sleep
        self._failed = 0

    def failed(self, error: Exception, *, wait: float | None = None) -> None:
        """Wait until the next attempt: `wait` seconds where somebody asks for it.

        Raises:
            Exception: the error itself, when there is no other attempt.
        """
        self._failed += 1
        pause = self._pauses.after(self._failed) if wait is None else wait
        too_long = wait is not None and wait > self._pauses.longest
        if self._failed >= self._most or too_long or pause >= seconds_left():
            raise error
        self._sleep(pause)
