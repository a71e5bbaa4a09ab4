"""What was written to a collection since some moment: rows say when they were written.

They say so by the clock of their writer, and a little earlier than it was done. So what was
written in some minutes before a moment counts as written after it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from typing_extensions import override

from photoseek.store.marks import Marks
from photoseek.store.milvus.milvus_collection import MilvusCollection
from photoseek.store.milvus.milvus_queries import MilvusQueries
from photoseek.store.milvus.milvus_server import reading
from photoseek.store.milvus.milvus_writer import LATEST

APART = 60.0
"""Seconds between the clocks of two machines, at most."""


class MilvusMarks(Marks):
    """Times of one collection, in microseconds."""

    def __init__(self, location: str, collection: MilvusCollection, queries: MilvusQueries) -> None:
        """`location` is for messages."""
        self._location = location
        self._collection = collection
        self._queries = queries

    @override
    def now(self) -> str:
        at = time.time_ns() // 1_000 - int(1e6 * (LATEST + APART))
        with reading(self._location):
            self._collection.see_all()
        return str(at)

    @override
    def changed_since(self, mark: str) -> Iterator[list[str]]:
        with reading(self._location):
            self._collection.see_all()
            yield from self._queries.ids(f"written_at >= {int(mark)}")
