"""Thumbnails and originals of an index in an engine: in a folder or a bucket of their own.

Nothing keeps the writers of an engine apart, so what one of them lets go may be what another one is
about to refer to. Blobs are removed when they are old and no photo keeps them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from photoseek.files.filestore import FileStore, open_files
from photoseek.helpers.idset import key_of
from photoseek.store.blobs import KEEPS, ORIGINALS, THUMBNAILS, Blobs
from photoseek.store.leftovers import Leftovers

DEFAULT_PLACE = "data/blobs"
"""Where thumbnails and originals lie whose index is in an engine, unless a setting says where."""

ORPHAN_AGE = timedelta(days=1)
_LOOK_EVERY = timedelta(hours=1)
_THREADS = 16
_AT_ONCE = 1_000

Used = Callable[[Sequence[str], Sequence[str]], set[str]]
"""Tells which of some content hashes a photo has that keeps one of some things."""


class BlobPlace:
    """What is kept of the photos of one index, and notes on what waits to be removed."""

    def __init__(self, location: str, place: str | None, age: timedelta = ORPHAN_AGE) -> None:
        """`place` is a folder or s3:// prefix for many indexes, each in a folder of its own."""
        below = f"{(place or DEFAULT_PLACE).rstrip('/')}/{key_of(location):016x}"
        self._places: list[FileStore] = [
            open_files(f"{below}/{name}") for name in (THUMBNAILS, ORIGINALS, "removals")
        ]
        self.blobs = Blobs(*self._places[:2], threads=_THREADS)
        self._leftovers = Leftovers(self._places[2])
        self._age = age
        self._look_at = 0.0

    def prepare(self) -> None:
        """Make the folders."""
        for place in self._places:
            place.prepare()

    def note_leftovers(self) -> None:
        """Note for a later sweep that photos go or change."""
        self._leftovers.note()

    def sweep(self, used: Used) -> None:
        """Remove what no photo keeps, once it is old; looked at once in a while."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY.total_seconds()
        notes = self._leftovers.older_than(self._age)
        if not notes:
            return
        for kind, keeps in KEEPS.items():
            blobs = self.blobs.of(kind)
            blobs.remove_parts(self._age)
            old = sorted(blobs.older_than(self._age))
            for start in range(0, len(old), _AT_ONCE):
                some = old[start : start + _AT_ONCE]
                blobs.remove(set(some) - used(some, keeps))
        self._leftovers.done(notes)

    def size(self) -> int:
        """The bytes of all blobs."""
        return sum(self.blobs.of(kind).size() for kind in KEEPS)
