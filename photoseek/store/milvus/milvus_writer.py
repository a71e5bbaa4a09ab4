"""Writing rows to a collection of Milvus, some at a time."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any

from photoseek.store.milvus import milvus_rows
from photoseek.store.milvus.milvus_collection import MilvusCollection
from photoseek.store.milvus.milvus_keywords import KeywordFields
from photoseek.store.milvus.milvus_own_writes import OwnWrites
from photoseek.store.milvus.milvus_queries import MilvusQueries
from photoseek.store.milvus.milvus_server import STRONG

_REQUEST_BYTES = 16_000_000
"""What one request holds at most; servers take 64 MB."""

_KEYS_AT_ONCE = 1_000

LATEST = 300.0
"""Seconds from the time that rows say they were written at to the end of their writing, at most."""


class MilvusWriter:
    """Writes to one collection, and notes what this process has written."""

    def __init__(
        self,
        collection: MilvusCollection,
        queries: MilvusQueries,
        fields: KeywordFields,
        own_writes: OwnWrites,
        columns: Collection[str],
    ) -> None:
        """`columns` are those of the collection."""
        self._collection = collection
        self._queries = queries
        self._fields = fields
        self._own_writes = own_writes
        self._columns = columns

    def now(self) -> milvus_rows.Writing:
        """What rows are to be made by that are written next."""
        fields = self._fields.names() if milvus_rows.WORDS in self._columns else ()
        return milvus_rows.Writing(self._own_writes.next_time(), self._columns, fields)

    def write(self, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows, in the place of those with the same keys."""
        for batch in milvus_rows.in_batches(rows, _REQUEST_BYTES):
            while not self._is_in_time(batch):
                pass

    def write_reworded(self, keys: Iterable[str]) -> None:
        """Write the rows with these keys once more, with the words of the fields of now.

        They are read just before, so that nothing is brought back that others have changed or
        deleted since they were found.
        """
        some = list(keys)
        at, stored_in = self.now(), milvus_rows.stored_in
        rows = self._queries.rows_of(some, milvus_rows.ALL_BUT_WORDS, STRONG)
        self.write(milvus_rows.reworded(row, stored_in(row), at) for row in rows)
        self.follow(some, at)

    def follow(self, keys: Iterable[str], at: milvus_rows.Writing) -> None:
        """Give rows that were just written the words of the fields of now, if they have others.

        Who changes the fields notes that first. So what is written by then is reworded by them, and
        who has written later sees their note.
        """
        if milvus_rows.WORDS in self._columns and self._fields.names() != tuple(at.keyword_fields):
            self.write_reworded(keys)

    def _is_in_time(self, batch: list[dict[str, Any]]) -> bool:
        """Write rows; gives whether that ended soon after the time that they say.

        A process may be stopped for an hour in between. Whoever has asked meanwhile what was
        written by then would not hear of its rows.
        """
        at = self._own_writes.next_time()
        for row in batch:
            row["written_at"] = at
        self._own_writes.add(row["key"] for row in batch)
        self._collection.server.writes("upsert", self._collection.name, data=batch)
        return time.time_ns() // 1_000 - at < LATEST * 1e6

    def delete(self, keys: list[str]) -> None:
        """Delete the rows with these keys."""
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            self._own_writes.add(some)
            self._collection.delete(some)
