"""Keeping a Lance table fast: joining its files, dropping its old versions, indexing it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from photoseek.store.lance.index_upkeep import IndexUpkeep
from photoseek.store.lance.lance_errors import is_conflict
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS, UpkeepLimits

logger = logging.getLogger(__name__)

_ATTEMPTS = 3


class Upkeep:
    """The upkeep of one table, by one process at a time; other writers wait for parts of it."""

    def __init__(
        self, layout: IndexLayout, table: Any, limits: UpkeepLimits = DEFAULT_LIMITS
    ) -> None:
        self._layout = layout
        self._table = table
        self._limits = limits
        self._indexes = IndexUpkeep(table, limits)
        self._pruned_version, self._pruned_at = 0, 0.0

    def is_due(self) -> bool:
        """Whether there is enough to do; takes a millisecond or two."""
        self._table.checkout_latest()
        stats = self._table.stats()
        rows, fragments = stats["num_rows"], stats["fragment_stats"]["num_fragments"]
        return (
            fragments > self._limits.fragments + rows // self._limits.rows_to_a_fragment
            or self._indexes.are_due(rows)
            or self._pruning_is_due()
        )

    def run(self) -> None:
        """Do it. Writers wait while files are joined, not while an index is built.

        Where writers are quicker than the building every time, the next run tries again.
        """
        # Joining loses against any writer that replaces a row meanwhile, and what it wrote until
        # then stays on the disk for a week.
        with self._layout.writer():
            self._try(lambda: self._table.optimize(cleanup_older_than=self._prune_age()))
        self._try(self._indexes.make)
        self._pruned_version, self._pruned_at = self._table.version, time.monotonic()

    def _try(self, action: Callable[[], object]) -> None:
        for _ in range(_ATTEMPTS):
            self._table.checkout_latest()
            try:
                action()
            except (RuntimeError, OSError) as error:
                if not is_conflict(error):
                    raise
                logger.info("Upkeep is begun again, a writer was quicker: %s", error)
            else:
                return

    def has_vector_index(self) -> bool:
        """Whether searches go through an approximate index."""
        self._table.checkout_latest()
        return self._indexes.has_vector_index()

    def _pruning_is_due(self) -> bool:
        limits, rested = self._limits, time.monotonic() - self._pruned_at
        if self._table.version == self._pruned_version and rested < limits.old_age.total_seconds():
            return False  # what could not be removed then cannot be removed yet
        moments, now = self._moments(), datetime.now().astimezone()
        replaced = _before(moments, keep_from(moments, now, limits.grace))
        long_ago = _before(moments, keep_from(moments, now, limits.old_age))
        return replaced >= limits.old_versions or long_ago > 0

    def _prune_age(self) -> timedelta:
        now = datetime.now().astimezone()
        kept_from = keep_from(self._moments(), now, self._limits.grace)
        return (now - kept_from if kept_from else self._limits.grace) + self._limits.clock_margin

    def _moments(self) -> list[datetime]:
        """When the versions were made: to have Lance list them reads a file for each."""
        entries = self._layout.place.entries(f"{self._layout.manifests}/")
        return sorted(each.modified for each in entries if each.name.endswith(".manifest"))


def keep_from(moments: Sequence[datetime], now: datetime, grace: timedelta) -> datetime | None:
    """The version that was the newest one `grace` ago, by its moment; all before it may go.

    What counts is when a version was replaced and not when it was made: a table that rested
    for a week has one old version, and queries are running on it when it is replaced.
    """
    return max((moment for moment in moments if moment <= now - grace), default=None)


def _before(moments: Sequence[datetime], kept_from: datetime | None) -> int:
    return sum(moment < kept_from for moment in moments) if kept_from else 0
