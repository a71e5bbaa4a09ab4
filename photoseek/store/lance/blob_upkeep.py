"""What an index keeps of its photos' pixels: thumbnails and originals, in step with the rows."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal

from photoseek.errors import DamagedStoreError, QueryError
from photoseek.records import EncodedPhoto, Keep, KnownPhoto
from photoseek.store.fields import in_sql
from photoseek.store.lance.layout import IndexHome

ORPHAN_AGE = timedelta(hours=1)
"""How old a file must be that no row refers to before it is swept: a writer may be at work."""

_LOOK_EVERY = timedelta(hours=1)  # a sweep lists every file that is kept

_KEEPS: dict[str, Sequence[Keep]] = {
    "thumbnail": ("thumbnail", "original"),
    "original": ("original",),
}


class KeptFiles:
    """The files beside a table; the photos' rows say which of them are kept."""

    def __init__(self, home: IndexHome, table: Any) -> None:
        self._home = home
        self._table = table
        self._look_at = 0.0
        self._contents = {"thumbnail": home.thumbnails, "original": home.originals}

    def put(self, photos: Iterable[EncodedPhoto]) -> None:
        """Write what is to be kept of photos, before the commit that refers to it."""
        shown = [photo for photo in photos if photo.keep in _KEEPS["thumbnail"]]
        whole = [photo for photo in shown if photo.keep in _KEEPS["original"]]
        self._home.thumbnails.put({photo.content_hash: photo.thumbnail for photo in shown})
        self._home.originals.put({photo.content_hash: photo.original for photo in whole})

    def read(
        self, photo_id: str, what: Literal["thumbnail", "original"], known: KnownPhoto | None
    ) -> bytes:
        """The bytes of a file. Raises `QueryError` and `DamagedStoreError` as the store does."""
        if known is None or known.keep not in _KEEPS[what]:
            raise not_kept(photo_id, what, known, self._home.location)
        data = self._contents[what].get(known.content_hash)
        if data is None:
            raise DamagedStoreError(
                f"The {what} of the photo '{photo_id}' is missing from the index at "
                f"{self._home.location}. Restore it from a backup, or index again."
            )
        return data

    def note_removal(self) -> None:
        """Note for a later sweep that rows go or change, where their files cannot go with them."""
        if self._home.removals is not None:
            self._home.removals.note()

    def remove_unused(self, content_hashes: Iterable[str]) -> None:
        """Remove those files of photos with these hashes that no row keeps any more."""
        hashes = sorted(set(content_hashes))
        for what, contents in self._contents.items() if hashes else ():
            contents.remove(self._unused(what, hashes))

    def sweep_is_due(self) -> bool:
        """Whether files wait to be removed that are old enough; looked at once in a while."""
        removals, now = self._home.removals, time.monotonic()
        if removals is None or now < self._look_at:
            return False
        self._look_at = now + _LOOK_EVERY.total_seconds()
        return bool(removals.older_than(ORPHAN_AGE))

    def sweep(self) -> None:
        """Remove the files that no row keeps and that no writer can be about to refer to.

        That is what writers left when they were killed before their commit, and what could not
        be removed with its row.
        """
        removals = self._home.removals
        notes = removals.older_than(ORPHAN_AGE) if removals is not None else []
        for what, contents in self._contents.items():
            contents.remove_parts(ORPHAN_AGE)
            kept = self._hashes(in_sql("keep", _KEEPS[what]))
            orphans = set(contents.older_than(ORPHAN_AGE)) - kept
            if orphans:
                # Asked again behind the lock: a writer may have come to refer to one since.
                with self._home.writer():
                    contents.remove(self._unused(what, orphans))
        if removals is not None:
            removals.done(notes)

    def _unused(self, what: str, hashes: Collection[str]) -> set[str]:
        used = f"{in_sql('content_hash', hashes)} AND {in_sql('keep', _KEEPS[what])}"
        return set(hashes) - self._hashes(used)

    def _hashes(self, predicate: str) -> set[str]:
        rows = self._table.search().where(predicate).select(["content_hash"]).to_arrow()
        return set(rows["content_hash"].to_pylist())


def not_kept(photo_id: str, what: str, known: KnownPhoto | None, location: str) -> QueryError:
    """What to raise for a photo that is not stored, or of which that is not kept."""
    if known is None:
        return QueryError(f"There is no photo '{photo_id}' in the index at {location}.")
    return QueryError(
        f"The index at {location} keeps no {what} of the photo '{photo_id}'. Index it again with "
        f"--keep {what}."
    )
