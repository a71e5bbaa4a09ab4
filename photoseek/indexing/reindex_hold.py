"""That writers wait while a reindex does its last step."""

from __future__ import annotations

import time

from photoseek.indexing.reindex_claim import Claim
from photoseek.store.failures import writing
from photoseek.store.naming import ReindexingEngine

HOLD_SECONDS = 60.0
"""How long writers wait for a reindex that was killed at its last step; renewed while it works."""

_RENEW_BEFORE = 40.0
_LAPSED = 10.0  # the clocks of two machines may differ by so much


class Hold:
    """Inside, those who write to an index wait."""

    def __init__(self, engine: ReindexingEngine, location: str, claim: Claim) -> None:
        self._engine = engine
        self._location = location
        self._claim = claim
        self._is_on = False
        self._begun = 0.0
        self._has_lapsed = False
        self.until = 0.0
        """Until which second of the epoch they wait; 0 before they do."""

        self.seconds = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter()
        self._is_on = True
        self.renew()

    def __exit__(self, *_: object) -> None:
        self._is_on = False
        if self._claim.is_mine():  # else another reindex may have them wait
            self.end()
        self.seconds = time.perf_counter() - self._begun

    def end(self) -> None:
        """Let writers go, whoever had them wait."""
        self._engine.hold(self._location, 0)

    def was_lifted(self) -> None:
        """A writer went on: have them wait once more."""
        self.until, self._has_lapsed = 0.0, True

    def is_kept(self) -> bool:
        """Whether writers have waited all the time since this was asked for the last time.

        They have not where this process, or its machine, was asleep.
        """
        self.renew(at_once=True)
        has_lapsed, self._has_lapsed = self._has_lapsed, False
        return not has_lapsed

    def check(self, *, at_once: bool = True) -> None:
        """Tell others that it goes on.

        Raises:
            StoreError: another reindex goes on instead.
        """
        with writing(self._location):
            self._claim.renew(at_once=at_once)

    def renew(self, *, at_once: bool = False) -> None:
        """Tell others that it goes on, and writers that they wait still, where they do.

        Raises:
            StoreError: another reindex goes on instead.
        """
        self.check(at_once=at_once)
        now = time.time()
        if not self._is_on or self.until - now >= _RENEW_BEFORE:
            return
        before, self.until = self.until, now + HOLD_SECONDS
        if before and not self._engine.hold(self._location, self.until, before):
            before, self._has_lapsed = 0.0, True  # a writer went on
        self._has_lapsed |= 0 < before < now + _LAPSED
        if not before:
            self._engine.hold(self._location, self.until)
