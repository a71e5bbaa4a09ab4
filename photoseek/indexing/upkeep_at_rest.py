"""The upkeep of an index to which nobody writes: what was too young to go then is old by now."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from photoseek.errors import PhotoseekError
from photoseek.helpers.deadlines import in_background

_log = logging.getLogger(__name__)

EVERY_SECONDS = 600.0
"""From one look to the next. Where nothing is due, it takes some milliseconds."""


class UpkeepAtRest:
    """Does upkeep again and again in a thread of its own, until it is closed."""

    def __init__(self, maintain: Callable[[], None], every: float = EVERY_SECONDS) -> None:
        """`maintain` is that of an index; the first time comes when `every` seconds are over."""
        self._maintain = maintain
        self._every = every
        self._closed = threading.Event()
        in_background(self._run, "upkeep")

    def close(self) -> None:
        """Do it no more. What has begun goes on, since nobody may break it off."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self._every):
            try:
                self._maintain()
            except PhotoseekError as error:  # who asks for something is told, and it may come back
                if not self._closed.is_set():
                    _log.info("The index was not put in order: %s", error)
            except Exception:
                _log.exception("The index was not put in order")
