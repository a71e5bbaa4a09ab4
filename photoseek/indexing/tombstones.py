"""Which photos were deleted on purpose, so that no later run brings them back unasked.

They are noted where an inventory is, by several processes at once and without a lock. A photo that
is in the index is there, whatever is noted of it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass

import numpy as np

from photoseek.helpers.deadlines import held
from photoseek.helpers.idset import key_of
from photoseek.indexing.inventory import Inventory, Keys, Listed
from photoseek.records import Photo
from photoseek.store.beside import TOMBSTONES
from photoseek.store.failures import reading, writing
from photoseek.store.run_state import run_state

_DELETED = "deleted on purpose"


@dataclass(frozen=True, slots=True)
class Noted:
    """Those of some photos that were noted at one moment, and all that was noted then."""

    ids: Set[str]
    segments: Set[str]


class Tombstones:
    """The photos that were deleted from an index on purpose. May be used by many threads.

    Methods raise `StoreError` (and below) as those of the index itself do.
    """

    def __init__(self, index: str, state: str | None = None) -> None:
        """`index` is a location, `state` as `run_state` takes it; nothing is touched yet."""
        self._index = index
        self._state = state
        self._noted: Inventory | None = None
        self._turn = threading.Lock()

    def among(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that were deleted on purpose."""
        with reading(self._index), held(self._turn):
            return self._among(list(ids))

    def look(self, ids: Collection[str]) -> Noted:
        """What is noted by now, for who writes the index and asks later what was noted `since`."""
        with writing(self._index), held(self._turn):
            segments = self._open().segments()  # before they are read: so nothing is missed later
            return Noted(self._among(list(ids)), segments)

    def since(self, before: Noted, ids: Collection[str]) -> set[str]:
        """Those of the ids that were deleted on purpose since, for the first time or once more.

        One that was noted before and once more is missed where that note was joined with others by
        now, or was made by a version of photoseek that did not mark what is new.
        """
        some = list(ids)
        with writing(self._index), held(self._turn):
            again = self._those_in(self._open().added_since(before.segments), some)
            return (self._among(some) - before.ids) | again

    def note(self, photos: Iterable[Photo]) -> None:
        """Remember that these are about to be deleted; it is stored when this returns."""
        with writing(self._index), held(self._turn):
            self._open().add(Listed(photo.id, photo.uri) for photo in photos)
            self._open().tidy()

    def forget(self, ids: Collection[str]) -> None:
        """These are wanted again."""
        with writing(self._index), held(self._turn):
            if again := self._among(list(ids)):
                self._open().remove(again)

    def _among(self, ids: list[str]) -> set[str]:
        return self._those_in(self._open().keys(), ids) if ids else set()

    @staticmethod
    def _those_in(noted: Keys, ids: list[str]) -> set[str]:
        if not len(noted):
            return set()
        keys = np.fromiter(map(key_of, ids), np.uint64, len(ids))
        return {ids[place] for place in np.flatnonzero(np.isin(keys, noted))}

    def _open(self) -> Inventory:
        if self._noted is None:
            self._noted = Inventory(run_state(self._index, self._state), _DELETED, TOMBSTONES)
        return self._noted
