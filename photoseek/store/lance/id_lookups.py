"""Which of the ids of a batch are stored, for a writer while nobody else writes.

Where the writer knows all ids (`stored_ids`), the table is asked for none that is new. For others
the index on `id` is asked. But it lacks what came since the last upkeep, and to look through these
rows took most of a commit after some ten thousand of them. So their ids are kept in memory, as the
ones that this process has written since the index lacked none, or since a small table, which has no
index, had no photos. Where another process has written meanwhile, all rows are asked until the next
upkeep.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.idset import Seen, keys_of
from photoseek.records import KnownPhoto
from photoseek.store.lance.last_adder import LastAdder
from photoseek.store.lance.queries import Queries
from photoseek.store.lance.stored_ids import StoredIds


class IdLookups:
    """Look-ups in one table, of which `wrote` is told each change. Behind the writers' lock."""

    def __init__(self, table: Any, queries: Queries, last_adder: LastAdder) -> None:
        self._table = table
        self._queries = queries
        self._stored = StoredIds(table, queries, last_adder)
        self._version = 0
        self._unindexed: Seen | None = None  # None where nobody knows which these are

    def known(self, ids: Collection[str]) -> dict[str, KnownPhoto]:
        """What tells whether photos must be encoded, by the ids that are stored."""
        possible = self._stored.possible(ids)
        if not possible and self._version == self._table.version:
            return {}
        # After an upkeep that is looked at for new photos too: then the index may lack none.
        indexes = self._table.list_indices()
        index = next((each for each in indexes if each.columns == ["id"]), None)
        unindexed = self._ids_unindexed(
            self._table.count_rows() if index is None else index.num_unindexed_rows
        )
        if unindexed is None:
            return self._queries.known(possible)
        is_new = unindexed.having(keys_of(possible))
        new = [photo_id for photo_id, is_it in zip(possible, is_new, strict=True) if is_it]
        found = self._queries.known(new)
        if index is not None:
            found |= self._queries.known(set(possible).difference(new), only_indexed=True)
        return found

    def changing(self) -> None:
        """Look, before a change that `known` was not asked about, whether others made some."""
        self._stored.changing()

    def adding(self) -> None:
        """Let other writers know that this one is about to add photos."""
        self._stored.adding()

    def wrote(self, keys: NDArray[np.uint64]) -> None:
        """Take note that the newest version is one's own, with rows of the ids of these keys."""
        if self._unindexed is not None:
            self._unindexed.update(keys)
        self._stored.wrote(keys)
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
