"""Looks at a whole bucket now and then, for what no message told of; one worker of many does it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from photoseek.files.filestore import FileStore
from photoseek.helpers.idset import key_of
from photoseek.store.beside import SWEEPS


class Sweeps:
    """Notes when a source was last looked at as a whole, where all its workers see it.

    Two workers that ask in the same moment may both be told to sweep: that costs a listing, and
    does no harm.
    """

    def __init__(
        self, place: FileStore, source: str, *, now: Callable[[], float] = time.time
    ) -> None:
        """`place` is where runs note what they must know; `source` is a location."""
        self._place = place
        self._name = f"{SWEEPS}/{key_of(source):016x}.json"
        self._now = now

    def take_turn(self, seconds: float) -> bool:
        """Whether the last sweep began so long ago; then it is noted that one begins now."""
        if self._now() - self._last() < seconds:
            return False
        document = json.dumps({"began": self._now()}).encode()
        self._place.write(self._name, document, "application/json")
        return True

    def give_back(self) -> None:
        """Have another worker sweep, since this one could not."""
        self._place.remove([self._name])

    def _last(self) -> float:
        try:
            began = json.loads(self._place.read(self._name) or b"{}")["began"]
            return float(min(began, self._now()))  # a clock that was wrong holds nothing up
        except (ValueError, KeyError, TypeError):
            return 0.0
