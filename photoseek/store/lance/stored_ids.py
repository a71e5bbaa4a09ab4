"""All ids of a table, kept by the writer that alone adds photos to it.

The index on `id` compares a batch with all ids of each page that one of them may be in: of a
thousand new photos with those of every page, so that to look them up took longer the more photos
there were. Keys of 8 bytes in memory tell which ones are new. A writer that begins with an empty
table knows them without a read. Another one reads them after it has asked for an eighth as many ids
as there are photos: one that adds a few photos to a million never does.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.idset import Seen, keys_of
from photoseek.store.lance.last_adder import LastAdder
from photoseek.store.lance.queries import Queries

ROWS_FOR_EACH = 8
"""Ids that are read for each one that was asked for. To read one takes about 1 µs of CPU time, and
to look one up 10 to 20."""


class StoredIds:
    """The ids of one table, of which `wrote` is told each change. Behind the writers' lock."""

    def __init__(self, table: Any, queries: Queries, last_adder: LastAdder) -> None:
        self._table = table
        self._queries = queries
        self._last_adder = last_adder
        self._keys: Seen | None = None  # None where nobody knows them
        self._rows = 0
        self._asked = 0

    def possible(self, ids: Collection[str]) -> list[str]:
        """Those of the ids that may be stored: all where nobody knows, few more than there are.

        Ids of photos that were deleted stay among the keys: to ask the table for one does no harm.
        """
        self.changing()
        if self._keys is None:
            rows = int(self._table.count_rows())
            self._asked += len(ids)
            if self._asked * ROWS_FOR_EACH < rows:
                return list(ids)
            self._last_adder.be_me()
            self._keys, self._rows, self._asked = Seen(self._queries.id_keys()), rows, 0
        is_possible = self._keys.having(keys_of(ids))
        return [photo_id for photo_id, is_it in zip(ids, is_possible, strict=True) if is_it]

    def changing(self) -> None:
        """Forget the ids, before a change, where it is not sure that nobody else has added any."""
        if self._keys is not None and not (
            # Others may change and delete; the rows tell of a photoseek that notes no adder.
            self._last_adder.is_me() and self._rows == self._table.count_rows()
        ):
            self._keys = None

    def adding(self) -> None:
        """Let other writers know that this one is about to add photos."""
        if not self._last_adder.is_me():
            self._keys = None
            self._last_adder.be_me()

    def wrote(self, keys: NDArray[np.uint64]) -> None:
        """Take note that this writer has changed the table, and put rows of these ids."""
        if self._keys is not None:
            self._keys.update(keys)
            self._rows = int(self._table.count_rows())
