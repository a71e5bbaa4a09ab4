"""How many queries this process is answering."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class UnderWay:
    """Counts queries, and lets somebody wait for them to become fewer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How many are being answered; those that wait for a thread are not among them."""
        return self._count

    @contextmanager
    def one(self) -> Iterator[None]:
        """A block that answers one."""
        with self._changed:
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def tell(self) -> None:
        """Have those that wait look again."""
        with self._changed:
            self._changed.notify_all()

    def wait(self, until: Callable[[], bool], seconds: float) -> None:
        """Come back when it is true, or the seconds are over."""
        with self._changed:
            self._changed.wait_for(until, seconds)


UNDER_WAY = UnderWay()
"""Those of this process."""
