"""Photos that somebody deletes on purpose while a run works on them: they stay deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from photoseek.indexing.tombstones import Tombstones


class Rows(Protocol):
    """What is asked of the store: `photoseek.store.PhotoStore`."""

    def known(self, ids: Collection[str]) -> Collection[str]:
        """Those of the ids that are stored."""

    def delete(self, ids: Collection[str]) -> object:
        """Remove photos."""


@contextmanager
def deleted_meanwhile(
    rows: Rows, tombstones: Tombstones, ids: Sequence[str], known: Collection[str]
) -> Iterator[set[str]]:
    """Inside, photos of these ids are stored, but those that it gives.

    These are the ones that the index had when they were sent, as is `known`, and that were deleted
    since. Whoever deletes a photo notes that first: so one of which that was noted inside is taken
    out again, and is among those given afterwards.
    """
    before = tombstones.look(ids)
    sent = before.ids & set(known)
    gone = set(sent).difference(rows.known(sent)) if sent else set()
    try:
        yield gone
    finally:  # some may be stored, whatever failed
        if late := tombstones.since(before, ids):
            rows.delete(late)
            gone |= late
