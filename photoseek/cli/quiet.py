"""A sentence where a task goes through photos, and nothing moves for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

QUIET_SECONDS = 30.0
"""Without a photo for as long, it is said; a large model may take as long for one batch."""

AGAIN_SECONDS = 60.0


class Quiet:
    """Watches, inside, whether something moves, and tells for how many seconds nothing did."""

    def __init__(
        self,
        tell: Callable[[float], object],
        seconds: float = QUIET_SECONDS,
        again: float = AGAIN_SECONDS,
    ) -> None:
        """It is told after `seconds`, and then every `again` seconds, in a thread of its own."""
        self._tell = tell
        self._seconds = seconds
        self._again = again
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self.moved()

    def moved(self) -> None:
        """Something was done just now."""
        with self._lock:
            self._moved_at = time.monotonic()
            self._next = self._seconds

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, name="quiet", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(min(1.0, self._seconds)):
            with self._lock:
                passed = time.monotonic() - self._moved_at
                is_due = passed >= self._next
                if is_due:
                    self._next = passed + self._again
            if is_due:
                self._tell(passed)
