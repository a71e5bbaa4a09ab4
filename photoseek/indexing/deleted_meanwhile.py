"""Photos that somebody deletes on purpose while a run works on them: they stay deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from photoseek.indexing.tombstones import Tombstones
from photoseek.store import PhotoStore


@contextmanager
def deleted_meanwhile(
    store: PhotoStore, tombstones: Tombstones, ids: Sequence[str], known: Collection[str]
) -> Iterator[set[str]]:
    """Inside, photos of these ids are stored, but those that it gives.

    These are the ones that the index had when they were sent, as is `known`, and that were deleted
    since. Whoever deletes a photo notes that first: so one of which that was noted inside is taken
    out again, and is among those given afterwards.
    """
    noted = tombstones.among(ids, writes=True)
    sent = noted.intersection(known)
    gone = sent - store.known(sent).keys() if sent else set()
    yield gone
    if late := tombstones.among(ids, writes=True) - noted:
        store.delete(late)
        gone |= late
