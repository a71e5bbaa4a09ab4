"""Keeping a Lance table fast: joining its files, dropping its old versions, indexing it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from photoseek.helpers.allocator import give_back
from photoseek.store.lance.index_upkeep import IndexUpkeep
from photoseek.store.lance.lance_caches import Caches, caches_of, versions_for
from photoseek.store.lance.lance_errors import is_conflict
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.saved_counts import SavedCounts
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS, UpkeepLimits

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

AT_ONCE = timedelta(milliseconds=1)
"""The age of versions that go although they are new; Lance warns of none at all."""

_ATTEMPTS = 3


class Upkeep:
    """The upkeep of one table, by one process at a time; other writers wait for parts of it."""

    def __init__(
        self, layout: IndexLayout, table: Any, limits: UpkeepLimits = DEFAULT_LIMITS
    ) -> None:
        self._layout = layout
        self._table = table
        self._saved = SavedCounts(layout, table)
        self._limits = limits
        self._indexes = IndexUpkeep(table, limits)
        self._pruned_version, self._pruned_at = 0, 0.0
        self._caches, self._opened_at = caches_of(table), int(table.version)

    def is_due(self) -> bool:
        """Whether there is enough to do; takes a millisecond or two."""
        self._table.checkout_latest()
        stats = self._table.stats()
        rows, files = stats["num_rows"], stats["fragment_stats"]
        fragments = files["num_fragments"]
        return (
            fragments > self._limits.fragments + rows // self._limits.rows_to_a_fragment
            or self._has_many_deleted(rows, written=fragments * files["lengths"]["mean"])
            or self._indexes.are_due(rows)
            or (self._has_many(rows) and not self._saved.are_there())
            or self._pruning_is_due()
        )

    def run_if_due(self) -> bool:
        """Do what there is to do, and say whether there was enough of it; then let go of memory."""
        caches = caches_of(self._table)
        if not self._caches.hold(caches):
            self._open_again(caches)
        if is_due := self.is_due():
            self.run()
        has_left_much = self._versions_seen() >= versions_for(self._table.count_rows())
        if has_left_much:
            self._open_again(caches)
        if has_left_much or is_due:
            give_back()
        return is_due

    def _versions_seen(self) -> int:
        """How many the table has had since it was opened; each leaves something in its caches."""
        return int(self._table.version) - self._opened_at

    def _open_again(self, caches: Caches) -> None:
        from photoseek.compat.lance import moved

        with self._layout.writer():  # a commit tells its version by the table that made it
            moved(self._table, self._layout.opened())
        self._caches, self._opened_at = caches, int(self._table.version)

    def run(self) -> None:
        """Do it. Nobody waits while files are joined and indexes are built.

        Where writers are quicker than the building every time, the next run tries again.
        """
        joined = self._join()
        if self._try(self._indexes.make):
            joined = self._join()  # what was apart: the index had some of it and not the rest
        if self._has_many(self._table.count_rows()):
            joined += self._try(partial(self._saved.bring_up, self._limits.orphan_age)) or 0
        self._prune(joined)
        self._pruned_version, self._pruned_at = self._table.version, time.monotonic()

    def _join(self) -> int:
        """Join small files, and bring what is new into the indexes; gives the version after that.

        Joining loses against a writer that replaces a row meanwhile; then writers wait for it.
        """
        if not self._try(self._optimized, attempts=1):
            with self._layout.writer():
                self._try(self._optimized)
        return int(self._table.version)

    def _optimized(self) -> bool:
        self._table.optimize()
        return True

    def _prune(self, joined: int) -> None:
        """Drop old versions: all of them where nobody writes or reads, else those of some age.

        Then what no version has is of killed writers, or of a joining that lost, and goes as well;
        it would stay for a week. What is half written Lance never removes. `joined` is the version
        that joining has left.
        """
        with self._layout.writer():
            # Lance joins before it drops: it might make a version, and drop what is read meanwhile.
            is_alone = self._is_settled(joined) and self._layout.is_unread()
            older_than = AT_ONCE if is_alone else self._prune_age()
            prune = partial(self._table.optimize, cleanup_older_than=older_than)
            self._try(partial(prune, delete_unverified=is_alone))
            limits = self._limits
            self._layout.remove_unfinished(limits.clock_margin if is_alone else limits.orphan_age)

    def _is_settled(self, version: int) -> bool:
        """Whether that is still the newest version, and to join what it has makes no other."""
        for _ in range(_ATTEMPTS if self._layout.excludes_writers else 0):
            self._table.checkout_latest()
            if self._table.version != version:
                return False  # while somebody writes, indexes would be written twice each time
            if not self._try(self._optimized):
                return False
            if self._table.version == version:
                return True
            version = self._table.version
        return False

    def _try(self, action: Callable[[], Result], attempts: int = _ATTEMPTS) -> Result | None:
        """What it gives; None where other writers were quicker each time."""
        for _ in range(attempts):
            self._table.checkout_latest()
            try:
                return action()
            except (RuntimeError, OSError) as error:
                if not is_conflict(error):
                    raise
                logger.info("Upkeep is begun again, a writer was quicker: %s", error)
        return None

    def has_vector_index(self) -> bool:
        """Whether searches go through an approximate index."""
        self._table.checkout_latest()
        return self._indexes.has_vector_index()

    def _has_many(self, rows: int) -> bool:
        """Whether there are enough to save what facets count."""
        return rows >= self._limits.index_from_rows

    def _has_many_deleted(self, rows: int, *, written: int) -> bool:
        """Whether many of the rows that files hold, which are `written`, are deleted."""
        limits = self._limits
        return written - rows > max(limits.deleted_rows, written * limits.deleted_share)

    def _pruning_is_due(self) -> bool:
        limits, rested = self._limits, time.monotonic() - self._pruned_at
        if self._table.version == self._pruned_version and rested < limits.old_age.total_seconds():
            return False  # what could not be removed then cannot be removed yet
        moments, now = self._moments(), datetime.now().astimezone()
        replaced = _before(moments, keep_from(moments, now, limits.grace))
        long_ago = _before(moments, keep_from(moments, now, limits.old_age))
        return (
            replaced >= limits.old_versions
            or long_ago > 0
            or self._layout.has_unfinished(limits.orphan_age)
        )

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
