"""Thumbnails and originals beside a Lance table, in step with its rows."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from photoseek.store.blobs import KEEPS, BlobKind
from photoseek.store.lance.lance_errors import cause_of
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.predicates import in_sql

_LOOK_EVERY = timedelta(hours=1)  # a sweep lists every file that is kept, and reads every hash


class BlobUpkeep:
    """Removes the blobs of a table's photos when no row keeps them any more."""

    def __init__(self, layout: IndexLayout, table: Any, orphan_age: timedelta) -> None:
        """A blob that no row refers to is removed when it is `orphan_age` old."""
        self._layout = layout
        self._orphan_age = orphan_age
        self._table = table
        self._look_at = self._sweep_at = 0.0

    def note_leftovers(self) -> None:
        """Note for a later sweep that rows go or change, where their blobs cannot go with them."""
        if self._layout.leftovers is not None:
            self._layout.leftovers.note()

    def remove_unused(self, content_hashes: Iterable[str]) -> None:
        """Remove those blobs of photos with these hashes that no row keeps any more."""
        hashes = sorted(set(content_hashes))
        for kind in KEEPS if hashes else ():
            self._layout.blobs.of(kind).remove(self._unused(kind, hashes))

    def sweep_is_due(self, *, tidied: bool) -> bool:
        """Whether blobs wait to be removed that are old enough; looked at once in a while.

        So they may, of writers that were killed, when the table was just `tidied`.
        """
        leftovers, now = self._layout.leftovers, time.monotonic()
        if tidied and now >= self._sweep_at:
            return True
        if leftovers is None or now < self._look_at:
            return False
        self._look_at = now + _LOOK_EVERY.total_seconds()
        return bool(leftovers.older_than(self._orphan_age))

    def sweep(self) -> None:
        """Remove the blobs that no row keeps and that no writer can be about to refer to.

        That is what writers left when they were killed before their commit, and what could not
        be removed with its row.
        """
        leftovers = self._layout.leftovers
        notes = leftovers.older_than(self._orphan_age) if leftovers is not None else []
        for kind in KEEPS:
            blobs = self._layout.blobs.of(kind)
            blobs.remove_parts(self._orphan_age)
            kept = self._hashes(in_sql("keep", KEEPS[kind]))
            orphans = set(blobs.older_than(self._orphan_age)) - kept
            if orphans:
                # Asked again behind the lock: a writer may have come to refer to one since.
                with self._layout.writer():
                    blobs.remove(self._unused(kind, orphans))
        if leftovers is not None:
            leftovers.done(notes)
        self._sweep_at = time.monotonic() + _LOOK_EVERY.total_seconds()

    def _unused(self, kind: BlobKind, hashes: Collection[str]) -> set[str]:
        used = f"{in_sql('content_hash', hashes)} AND {in_sql('keep', KEEPS[kind])}"
        return set(hashes) - self._hashes(used)

    def _hashes(self, predicate: str) -> set[str]:
        """Those of photos that satisfy it, in this table or in another one of the place."""
        tables = self._layout.tables()
        names = {tables.current, *tables.others} - {self._layout.table}
        others = map(self._opened, sorted(names))
        found = (_hashes(table, predicate) for table in (self._table, *others) if table is not None)
        return set().union(*found)

    def _opened(self, name: str) -> Any:
        """Another table; None where it is being made, or removed, just now."""
        try:
            return self._layout.connect().open_table(name)
        except ValueError as error:
            if cause_of(error).unreachable:
                raise
            return None


def _hashes(table: Any, predicate: str) -> set[str]:
    table.checkout_latest()
    rows = table.search().where(predicate).select(["content_hash"]).to_arrow()
    return set(rows["content_hash"].to_pylist())
