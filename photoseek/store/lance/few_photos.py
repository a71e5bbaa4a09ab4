"""Searches by vector of a Lance table that has few photos: in memory.

LanceDB takes some milliseconds to plan a search, whatever it finds, and more for each small file
that a commit leaves. Without an index it compares all vectors in any case. So these are kept from
one version to the next, with what photos are given back from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from photoseek.helpers.deadlines import is_hurried, seconds_left
from photoseek.records import Vector
from photoseek.store.lance.addressed_rows import AddressedRows, Addresses, TooLargeError, is_in
from photoseek.store.lance.ranking import Found, Page
from photoseek.store.lance.vector_rows import COLUMNS, VectorRows, vector_rows
from photoseek.store.lance.wanted import Wanted

MOST_BYTES = 64 << 20
"""Of vectors and records. 10,000 photos with 512 dimensions have 20 MB of the one, and some 10 of
the other; a record with the text of a whole page may have half a megabyte."""

_CHOICES_KEPT = 16


class _Chosen(NamedTuple):
    """The rows of a version that are wanted."""

    version: int
    addresses: Addresses


class FewPhotos:
    """The photos of one table, which has few of them, unless these turn out to be large."""

    def __init__(
        self,
        table: Any,
        told: Callable[[int, Wanted], Addresses | None],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """`told` gives the rows of a version that are wanted, where it knows them at once."""
        self._table = table
        self._told = told
        self._most_bytes = most_bytes
        self._rows = AddressedRows(table, most_bytes)
        self._kept: VectorRows | None = None
        self._are_large = False
        self._chosen = lru_cache(_CHOICES_KEPT)(self._choose)
        self._lock = Lock()

    def nearest(self, version: int, query: Vector, page: Page, wanted: Wanted) -> Found | None:
        """Photos of that version or a newer one; None where too much would be kept for it."""
        while True:
            if (kept := self.brought_up(version)) is None:
                return None
            if not wanted.predicate:
                return kept.nearest(query, page, None)
            chosen = self._chosen(kept.version, wanted)
            if chosen.version == kept.version:
                return kept.nearest(query, page, is_in(kept.addresses, chosen.addresses))
            version = chosen.version  # another thread has brought the table to it meanwhile

    def count(self, version: int, wanted: Wanted) -> int:
        """How many photos are wanted, in that version or a newer one."""
        return len(self._chosen(version, wanted).addresses)

    def brought_up(self, version: int) -> VectorRows | None:
        """The rows of that version or a newer one; None where they are too large to keep."""
        kept = self._kept
        if (kept and kept.version == version) or self._are_large:
            return kept
        with self._alone():
            kept, present = self._kept, self._table.version
            if (kept and kept.version == present) or self._are_large:
                return kept
            try:
                later = self._later(kept) if kept and kept.version < present else None
                kept = later or vector_rows(self._rows.read(COLUMNS))
            except TooLargeError:
                kept = None
            self._are_large = kept is None or kept.size > self._most_bytes
            self._kept = None if self._are_large else kept
            return self._kept

    def forget(self) -> None:
        """Keep nothing any more, as there are many photos now."""
        self._kept = None
        self._chosen.cache_clear()

    def _later(self, kept: VectorRows) -> VectorRows | None:
        return kept.after(self._rows.changes(kept.addresses, COLUMNS))

    def _choose(self, version: int, wanted: Wanted) -> _Chosen:
        told = self._told(version, wanted)
        if told is not None:
            return _Chosen(version, told)
        rows = self._rows.read(predicate=wanted.predicate)
        return _Chosen(rows.version, rows.addresses)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A block that one thread is in; others wait for as long as they have time."""
        if not self._lock.acquire(timeout=max(0.0, seconds_left()) if is_hurried() else -1):
            raise TimeoutError
        try:
            yield
        finally:
            self._lock.release()
