"""One index, opened when it is first needed and shared by every thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from photoseek.confidence import Background
from photoseek.encoding import UnchangedPhoto
from photoseek.records import (
    DELETED,
    Condition,
    EncodedPhoto,
    Facets,
    IndexStatus,
    KnownPhoto,
    ModelIdentity,
    StoredPhoto,
)
from photoseek.searching import Answer, Search, search
from photoseek.store import PhotoStore, open_store, peek_model
from photoseek.store.tombstones import Tombstones

MAINTAIN_EVERY = 256
"""Commits between two rounds of compaction during a long indexing run."""

SAMPLE = 2_000
"""Photos that stand for a library's scores."""

REFRESH_SHARE = 0.1
"""How much a library may grow or shrink before its scores are looked at again."""


NOTHING = Answer(hits=(), total=0, more=False, confidence=None)


class Library:
    """An index that may not be there yet: the first photo that is added makes it.

    Until then there is nothing to find. Several processes may use the same index. Every method
    raises StoreError when the index cannot be read or written, and ModelMismatchError when it was
    made with another model.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._store: PhotoStore | None = None
        self._opening = threading.Lock()
        self._maintaining = threading.Lock()
        self._commits = 0
        self._background: tuple[int, Background | None] | None = None
        self._tombstones = Tombstones(location)

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What is stored of these photos, and which of the others were deleted on purpose.

        Nothing while there is no index.
        """
        if not self._exists():
            return {}
        stored = self._open(None).known(ids)
        others = [photo_id for photo_id in ids if photo_id not in stored]
        return stored | dict.fromkeys(self._tombstones.among(others), DELETED)

    def add(
        self,
        encoded: Sequence[EncodedPhoto],
        unchanged: Sequence[UnchangedPhoto],
        model: ModelIdentity,
    ) -> None:
        """Store photos with their vectors, and new descriptions of photos with the same bytes.

        Photos that had been deleted are back then, for good.
        """
        store = self._open(model)
        if encoded:
            store.upsert(encoded)
            self._tombstones.forget([each.photo.id for each in encoded])
        if unchanged:
            store.describe([item.photo for item in unchanged])
        self._commits += 1
        if self._commits % MAINTAIN_EVERY == 0:
            self.maintain()

    def search(self, asked: Search, model: ModelIdentity | None) -> Answer:
        """Answer a search with vectors of that model; None where there are only photos by id.

        Raises QueryError where what is asked makes no sense.
        """
        if not self._exists():
            return NOTHING
        store = self._open(model)
        return search(store, asked, self._background_of(store))

    def photos(self, ids: Sequence[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids."""
        found = self._open(None).get(ids) if self._exists() else {}
        return [found[photo_id] for photo_id in ids if photo_id in found]

    def browse(
        self, top_k: int, *, where: Sequence[Condition] = (), offset: int = 0
    ) -> tuple[list[StoredPhoto], int]:
        """A page of the photos that satisfy all conditions, newest first, and how many do."""
        if not self._exists():
            return [], 0
        store = self._open(None)
        return store.browse(top_k, where=where, offset=offset), store.count(where)

    def facets(self, where: Sequence[Condition] = ()) -> Facets:
        """What the photos that satisfy all conditions have in common."""
        return self._open(None).facets(where) if self._exists() else Facets()

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a photo's thumbnail. Raises QueryError where none is kept."""
        return self._open(None).thumbnail(photo_id)

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source are deleted on purpose: that is noted, so
        that later runs leave them out.
        """
        store = self._open(None)
        if not vanished and (meant := store.get(ids)):
            self._tombstones.note(stored.photo for stored in meant.values())
        return store.delete(ids)

    def original(self, photo_id: str) -> bytes:
        """The bytes of a photo whose original is kept. Raises QueryError where none is."""
        return self._open(None).original(photo_id)

    def maintain(self) -> None:
        """Compact, and bring the ANN index up to date; nothing while another round runs."""
        if not self._exists() or not self._maintaining.acquire(blocking=False):
            return
        try:
            self._open(None).maintain()
        finally:
            self._maintaining.release()

    def status(self) -> IndexStatus | None:
        """What the index holds, or None while there is none."""
        return self._open(None).status() if self._exists() else None

    def size(self) -> int:
        """The bytes that the index takes on its disk."""
        return self._open(None).size()

    def _background_of(self, store: PhotoStore) -> Background | None:
        """How scores are spread over this library, found out again when it has changed much."""
        count = store.count()
        known = self._background
        if known is None or abs(count - known[0]) > REFRESH_SHARE * known[0]:
            sample = store.sample(SAMPLE)
            known = self._background = (count, Background(sample) if len(sample) else None)
        return known[1]

    def _exists(self) -> bool:
        return self._store is not None or peek_model(self.location) is not None

    def _open(self, model: ModelIdentity | None) -> PhotoStore:
        with self._opening:
            if self._store is None or (model is not None and model != self._store.model):
                self._store = open_store(self.location, model)
            return self._store
