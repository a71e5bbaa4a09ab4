"""Keeping a Lance table fast: joining its files, dropping its old versions, indexing it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from photoseek.store.lance.lance_errors import is_conflict

logger = logging.getLogger(__name__)

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class UpkeepLimits:
    """From when on there is something to do, and what is too young to be removed."""

    index_from_rows: int = 10_000
    """Rows from which indexes pay. Measured at 512 dimensions: at 2,000 they gain nothing, at
    10,000 a search takes a third of the time and they are built within a second."""

    partition_rows: int = 4096
    """Vectors to a partition of the index: large enough that few of them cover a library."""

    unindexed_rows: int = 2_000
    """Rows that the index may lack: they are read one by one in less than 10 ms."""

    unindexed_share: float = 0.05
    fragments: int = 32
    """With 100 of them, to look up 2,000 ids took 350 ms instead of 44."""

    rows_to_a_fragment: int = 10_000
    """So that a large table, which is expensive to rewrite, is joined less often."""

    old_versions: int = 64
    grace: timedelta = timedelta(minutes=10)
    """How long a version stays readable after a newer one replaced it; no query takes as long."""

    clock_margin: timedelta = timedelta(minutes=1)
    """Lance counts a version's age at a moment of its own, and to the millisecond."""

    orphan_age: timedelta = timedelta(hours=1)
    """How old a blob must be that no row refers to before it is swept: a writer may be at work."""


DEFAULT_LIMITS = UpkeepLimits()


class Upkeep:
    """The upkeep of one table, by one process at a time; `writer` keeps other writers waiting."""

    def __init__(
        self,
        table: Any,
        writer: Callable[[], AbstractContextManager[None]],
        limits: UpkeepLimits = DEFAULT_LIMITS,
    ) -> None:
        self._table = table
        self._limits = limits
        self._writer = writer
        self._looked_at_version = 0

    def is_due(self) -> bool:
        """Whether there is enough to do; takes a millisecond or two."""
        self._table.checkout_latest()
        stats = self._table.stats()
        rows, fragments = stats["num_rows"], stats["fragment_stats"]["num_fragments"]
        return (
            fragments > self._limits.fragments + rows // self._limits.rows_to_a_fragment
            or self._index_is_due("vector", rows, self._limits.index_from_rows)
            or self._index_is_due("words", rows, 0)
            or self._pruning_is_due()
        )

    def run(self) -> None:
        """Do it. Writers wait while files are joined, not while an index is built.

        Where writers are quicker than the building every time, the next run tries again.
        """
        # Joining loses against any writer that replaces a row meanwhile, and what it wrote until
        # then stays on the disk for a week.
        with self._writer():
            self._try(lambda: self._table.optimize(cleanup_older_than=self._prune_age()))
        self._try(self._make_indexes)

    def _try(self, action: Callable[[], object]) -> None:
        for _ in range(_ATTEMPTS):
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
        return self._index_name("vector") is not None

    def _index_is_due(self, column: str, rows: int, from_rows: int) -> bool:
        name = self._index_name(column)
        if name is None:
            return rows >= from_rows
        # None when another process has just replaced the index.
        stats = self._table.index_stats(name)
        limit = max(self._limits.unindexed_rows, rows * self._limits.unindexed_share)
        return stats is not None and stats["num_unindexed_rows"] > limit

    def _pruning_is_due(self) -> bool:
        # To list versions reads a file for each of them, so it waits for as many new ones.
        version = self._table.version
        if version - self._looked_at_version < self._limits.old_versions:
            return False
        self._looked_at_version = version
        moments = self._moments()
        kept_from = keep_from(moments, datetime.now().astimezone(), self._limits.grace)
        old = [moment for moment in moments if kept_from and moment < kept_from]
        return len(old) >= self._limits.old_versions

    def _prune_age(self) -> timedelta:
        now = datetime.now().astimezone()
        kept_from = keep_from(self._moments(), now, self._limits.grace)
        return (now - kept_from if kept_from else self._limits.grace) + self._limits.clock_margin

    def _moments(self) -> list[datetime]:
        # LanceDB gives local time without saying so.
        return sorted(version["timestamp"].astimezone() for version in self._table.list_versions())

    def _make_indexes(self) -> None:
        if self._index_name("words") is None:
            index_words(self._table)
        rows = self._table.count_rows()
        if rows < self._limits.index_from_rows:
            return
        from lancedb.index import BTree, IvfSq

        if self._index_name("id") is None:
            self._table.create_index("id", config=BTree())
        if self._index_name("vector") is None:
            partitions = rows // self._limits.partition_rows
            config = IvfSq(distance_type="cosine", num_partitions=max(1, partitions))
            self._table.create_index("vector", config=config)

    def _index_name(self, column: str) -> str | None:
        for index in self._table.list_indices():
            if list(index.columns) == [column]:
                return str(index.name)
        return None


def index_words(table: Any) -> None:
    """Make the full-text index, on an empty table too.

    Rows that are not in it yet are found as well, but what a word is, it alone knows.
    """
    from lancedb.index import FTS

    table.create_index("words", config=FTS())


def keep_from(moments: Sequence[datetime], now: datetime, grace: timedelta) -> datetime | None:
    """The version that was the newest one `grace` ago, by its moment; all before it may go.

    What counts is when a version was replaced and not when it was made: a table that rested
    for a week has one old version, and queries are running on it when it is replaced.
    """
    return max((moment for moment in moments if moment <= now - grace), default=None)
