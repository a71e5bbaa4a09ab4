"""One line of the log for a trouble, and not one for each request that meets it."""

from __future__ import annotations

import logging
import time

QUIET_SECONDS = 60.0


class Complaints:
    """Writes what goes wrong, the same kind once in `QUIET_SECONDS`, and when it is over."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._written: dict[str, float] = {}
        self._is_open = False

    def hear(self, kind: str, sentence: str) -> None:
        """Write a warning, unless one of its kind stands there already."""
        now = time.monotonic()
        if now < self._written.get(kind, -QUIET_SECONDS) + QUIET_SECONDS:
            return
        self._written[kind] = now
        self._is_open = True
        self._log.warning("%s", sentence)

    def resolved(self, sentence: str) -> None:
        """Write that it is over, where that was written."""
        if self._is_open:
            self._log.warning("%s", sentence)
        self._is_open = False
