"""What a service does for its index again and again: upkeep, and reading ahead."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from photoseek.errors import PhotoseekError
from photoseek.helpers.deadlines import in_background

_log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
"""From one time to the next. Where nothing is due, it takes some milliseconds."""


class Recurring:
    """Does some work again and again in a thread of its own, until it is closed."""

    def __init__(
        self, work: Callable[[], object], name: str, every: float, *, ahead: bool = False
    ) -> None:
        """`every` is in seconds, and the first time comes when they are over.

        What is done `ahead`, before somebody needs it, comes at once, and gives way to others.
        """
        self._work = work
        self._name = name
        self._every = every
        self._ahead = ahead
        self._closed = threading.Event()
        in_background(self._run, name, gives_way=ahead)

    def close(self) -> None:
        """Do it no more. What has begun goes on, since nobody may break it off."""
        self._closed.set()

    def _run(self) -> None:
        if self._ahead:
            self._try()
        while not self._closed.wait(self._every):
            self._try()

    def _try(self) -> None:
        try:
            self._work()
        except PhotoseekError as error:  # who asks for something is told, and it may come back
            if not self._closed.is_set():
                _log.info("Nothing came of %s: %s", self._name, error)
        except Exception:
            _log.exception("Nothing came of %s", self._name)
