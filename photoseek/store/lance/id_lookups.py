"""Which of the ids of a batch are stored, for a writer while nobody else writes.

The index on `id` tells that in the same time however many photos there are. But it lacks what came
since the last upkeep, and to look through these rows took most of a commit after some ten thousand
of them. So their ids are kept in memory, as the ones that this process has written since the index
lacked none, or since a small table, which has no index, had no photos. Where another process has
written meanwhile, all rows are asked until the next upkeep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from photoseek.helpers.idset import Seen, key_of
from photoseek.records import KnownPhoto
from photoseek.store.lance.queries import Queries


class IdLookups:
    """Look-ups in one table, of which `wrote` is told each change. Behind the writers' lock."""

    def __init__(self, table: Any, queries: Queries) -> None:
        self._table = table
        self._queries = queries
        self._version = 0
        self._unindexed: Seen | None = None  # None where nobody knows which these are

    def known(self, ids: Collection[str]) -> dict[str, KnownPhoto]:
        """What tells whether photos must be encoded, by the ids that are stored."""
        indexes = self._table.list_indices()
        index = next((each for each in indexes if each.columns == ["id"]), None)
        unindexed = self._ids_unindexed(
            self._table.count_rows() if index is None else index.num_unindexed_rows
        )
        if unindexed is None:
            return self._queries.known(ids)
        new = [photo_id for photo_id in ids if key_of(photo_id) in unindexed]
        found = self._queries.known(new)
        if index is not None:
            found |= self._queries.known(set(ids).difference(new), only_indexed=True)
        return found

    def wrote(self, ids: Iterable[str]) -> None:
        """Take note that the newest version is one's own, with rows of these ids."""
        if self._unindexed is not None:
            for photo_id in ids:
                self._unindexed.add(key_of(photo_id))
        self._version = self._table.version

    def _ids_unindexed(self, lacking: int | None) -> Seen | None:
        """Those of rows that the index lacks, and perhaps some more: upkeep makes them fewer."""
        if lacking == 0:
            self._unindexed = Seen()
        elif (
            lacking is None
            or self._unindexed is None
            or self._version != self._table.version
            or lacking > len(self._unindexed)
        ):
            self._unindexed = None
        return self._unindexed
