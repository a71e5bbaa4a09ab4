"""What has vanished from a source, and taking it out of the index."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol
from unicodedata import normalize

import numpy as np

from photoseek.helpers.idset import key_of, keys_of
from photoseek.helpers.path_rules import parent_of
from photoseek.indexing.indexer import LOOK_UP, Indexer
from photoseek.indexing.inventory import Inventory, Listed
from photoseek.records import Photo, Skip
from photoseek.sources.source import photo_id


class PrunableIndex(Indexer, Protocol):
    """Where photos are sent and taken out again: `photoseek.PhotoSearch`, `photoseek.Client`."""

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source stay out of later runs.
        """


@dataclass(frozen=True, slots=True)
class Vanished:
    """What a source has listed once and lists no more, or why that cannot be told this time."""

    ids: frozenset[str] = frozenset()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many photos were taken out of the index, and sentences about those that stay."""

    removed: int = 0
    remarks: tuple[str, ...] = ()


class Listing:
    """One pass over a source that notes each photo in the inventory before handing it on.

    When the pass is over it can tell what has vanished. It takes 8 bytes for each photo.
    """

    def __init__(self, entries: Iterable[Photo | Skip], inventory: Inventory) -> None:
        self._entries = entries
        self._inventory = inventory
        self._before = inventory.keys()
        self._seen = array("Q")
        self._skipped: set[str] = set()
        self._unclear: Skip | None = None

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield what the source yields."""
        entries = iter(self._entries)
        while some := list(islice(entries, LOOK_UP)):
            chunk = [self._named(entry) if isinstance(entry, Photo) else entry for entry in some]
            self._note_photos([entry for entry in chunk if isinstance(entry, Photo)])
            self._note_skips([entry for entry in chunk if isinstance(entry, Skip)])
            yield from chunk
        self._inventory.tidy()

    def vanished(self) -> Vanished:
        """What the inventory held before the pass and the pass did not meet.

        What was skipped is there. Nothing has vanished from a source that is all empty (a disk
        that is not mounted), or where something was skipped that may stand for any photo.
        """
        missing = set(np.setdiff1d(self._before, np.array(self._seen, np.uint64)).tolist())
        ids = frozenset(
            listed.id
            for listed in (self._inventory.listed() if missing else ())
            if key_of(listed.id) in missing and not self._is_skipped(listed)
        )
        stay = f"Photos that may have vanished: {len(ids):,}. They stay in the index"
        if ids and self._unclear is not None:
            return Vanished(doubt=f"{stay}, because of {self._unclear.uri}: {self._unclear.reason}")
        if ids and not self._seen:
            return Vanished(doubt=f"{stay}, because nothing else is there either.")
        return Vanished(ids)

    def _named(self, photo: Photo) -> Photo:
        """The photo under the id that it has in an index of a version before.

        There the letters and accents of a path counted as they were written.
        """
        if photo.uri.isascii() or photo.id == (before := photo_id(photo.uri)):
            return photo
        if photo.id != photo_id(normalize("NFC", photo.uri)) or not self._listed_before(before):
            return photo
        return replace(photo, id=before)

    def _listed_before(self, photo_id: str) -> bool:
        key = np.uint64(key_of(photo_id))
        place = int(self._before.searchsorted(key))
        return place < len(self._before) and bool(self._before[place] == key)

    def _note_photos(self, photos: Sequence[Photo]) -> None:
        keys = keys_of(photo.id for photo in photos)
        self._seen.frombytes(keys.tobytes())
        known = self._before.searchsorted(keys, "right") > self._before.searchsorted(keys)
        new = [
            Listed(photo.id, photo.uri)
            for photo, is_known in zip(photos, known, strict=True)
            if not is_known
        ]
        if new:
            self._inventory.add(new)

    def _note_skips(self, skips: Sequence[Skip]) -> None:
        for skip in skips:
            if skip.unclear:
                self._unclear = skip
            elif skip.id:
                self._seen.append(key_of(skip.id))
            else:
                self._skipped.add(skip.uri)

    def _is_skipped(self, listed: Listed) -> bool:
        """Whether the photo, or a folder that it lies in, could not be looked at."""
        place = listed.uri
        while place and place not in self._skipped:
            place = parent_of(place)
        return bool(place)


def prune(vanished: Iterable[str], inventory: Inventory, indexer: PrunableIndex) -> Pruned:
    """Take vanished photos out of the index, except for those that another source lists as well.

    Raises:
        ServiceError, StoreError, StorageError: it cannot go on; the next run finds them again.
    """
    ids = frozenset(vanished)
    if not ids:
        return Pruned()
    elsewhere = inventory.listed_elsewhere(ids)
    gone = sorted(ids - elsewhere.keys())
    removed = 0
    for start in range(0, len(gone), LOOK_UP):
        removed += indexer.delete(gone[start : start + LOOK_UP], vanished=True)
    inventory.remove(ids)
    if removed:
        indexer.maintain()
    places = sorted(set(elsewhere.values()))
    remark = f"Vanished photos that stay, as {', '.join(places)} lists them: {len(elsewhere):,}."
    return Pruned(removed, (remark,) if elsewhere else ())
