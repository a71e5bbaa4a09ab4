"""Thumbnails and originals of indexes in an engine: in a folder or a bucket of their own.

All indexes of a server share them, so that a name which is switched to another index finds them as
well; the place itself says which indexes those are. Nothing keeps the writers of an engine apart,
so what one of them lets go may be what another one is about to refer to. Blobs are removed when
they are old and no photo of any of the indexes keeps them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import islice

from photoseek.errors import StorageError, StoreError
from photoseek.files.filestore import FileStore, open_files
from photoseek.helpers.idset import key_of
from photoseek.helpers.uri import is_s3
from photoseek.records import Keep
from photoseek.store.blobs import KEEPS, ORIGINALS, THUMBNAILS, Blobs
from photoseek.store.leftovers import Leftovers

DEFAULT_PLACE = "data/blobs"
"""Where thumbnails and originals lie whose index is in an engine, unless a setting says where."""

ORPHAN_AGE = timedelta(days=1)
_LOOK_EVERY = timedelta(hours=1)
_CONNECTIONS = 16
_AT_ONCE = 500

Used = Callable[[str, Sequence[str], Sequence[Keep]], set[str] | None]
"""Tells which of some content hashes a photo of an index has that keeps one of some things; None
where that index is gone."""


class BlobPlace:
    """What is kept of the photos of one server. Methods raise `StorageError` as the place does."""

    def __init__(self, server: str, place: str | None, age: timedelta = ORPHAN_AGE) -> None:
        """`server` is the one spelling of its address, and `place` a folder or s3:// prefix for
        many servers, each in a folder of its own. A blob is old when it has that `age`.

        Raises:
            StoreError: `place` can be no place.
        """
        self._below = f"{(place or DEFAULT_PLACE).rstrip('/')}/{key_of(server):016x}"
        names = (THUMBNAILS, ORIGINALS, "indexes", "removals")
        try:
            self._places = [self.folder(name) for name in names]
        except StorageError as error:
            raise StoreError(str(error)) from error
        threads = _CONNECTIONS if is_s3(self._below) else 1
        self.blobs = Blobs(*self._places[:2], threads=threads)
        self._indexes = self._places[2]
        self._leftovers = Leftovers(self._places[3])
        self._age = age
        self._look_at = 0.0

    def folder(self, name: str) -> FileStore:
        """A folder in this place, which may not be there yet."""
        return open_files(f"{self._below}/{name}")

    def join(self, index: str) -> None:
        """Make the folders, and note that this index, by its real name, keeps blobs in them."""
        for place in self._places:
            place.prepare()
        self._indexes.write(index, b"")

    def note_leftovers(self) -> None:
        """Note for a later sweep that photos go or change."""
        self._leftovers.note()

    def sweep(self, used: Used) -> None:
        """Remove what no photo keeps, once it is old; looked at once in a while.

        Nothing is removed where `used` raises: whether an index that cannot be read keeps a blob,
        nobody knows.
        """
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
            old = blobs.older_than(self._age)
            while some := list(islice(old, _AT_ONCE)):
                blobs.remove(set(some) - self._used(used, some, keeps))
        self._leftovers.done(notes)

    def size(self) -> int:
        """The bytes of all blobs."""
        return sum(self.blobs.of(kind).size() for kind in KEEPS)

    def _used(self, used: Used, hashes: Sequence[str], keeps: Sequence[Keep]) -> set[str]:
        """Those of the hashes that any index uses. An index that is gone is forgotten."""
        found: set[str] = set()
        gone: list[str] = []
        for index in self._names():
            here = used(index, hashes, keeps)
            if here is None:
                gone.append(index)
            else:
                found |= here
        self._indexes.remove(gone)
        return found

    def _names(self) -> Iterable[str]:
        return [entry.name for entry in self._indexes.entries()]
