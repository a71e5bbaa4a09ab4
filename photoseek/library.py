"""One index, opened when it is first needed and shared by every thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from photoseek.encoding import UnchangedPhoto
from photoseek.errors import QueryError
from photoseek.records import (
    Condition,
    EncodedPhoto,
    Hit,
    IndexStatus,
    KnownPhoto,
    ModelIdentity,
    Vector,
)
from photoseek.store import PhotoStore, open_store, peek_model

MAINTAIN_EVERY = 256
"""Commits between two rounds of compaction during a long indexing run."""


class Library:
    """An index that may not be there yet: the first photo that is added makes it.

    Several processes may use the same index. Every method raises StoreError when the index
    cannot be read or written, and ModelMismatchError when it was made with another model.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._store: PhotoStore | None = None
        self._opening = threading.Lock()
        self._maintaining = threading.Lock()
        self._commits = 0

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What is stored of these photos; nothing while there is no index."""
        return self._open(None).known(ids) if self._exists() else {}

    def add(
        self,
        encoded: Sequence[EncodedPhoto],
        unchanged: Sequence[UnchangedPhoto],
        model: ModelIdentity,
    ) -> None:
        """Store photos with their vectors, and new descriptions of photos with the same bytes."""
        store = self._open(model)
        if encoded:
            store.upsert(encoded)
        if unchanged:
            store.describe([item.photo for item in unchanged])
        self._commits += 1
        if self._commits % MAINTAIN_EVERY == 0:
            self.maintain()

    def search(
        self,
        query: Vector | str,
        top_k: int,
        *,
        model: ModelIdentity | None,
        where: Sequence[Condition] = (),
        offset: int = 0,
    ) -> list[Hit]:
        """The photos nearest to a vector, or to the photo with an id, which is left out itself."""
        store = self._open(model)
        if not isinstance(query, str):
            return store.search(query, top_k, where=where, offset=offset)
        vector = store.vectors([query]).get(query)
        if vector is None:
            raise QueryError(f"No photo in the index has the id {query!r}.")
        elsewhere = (*where, Condition("id", "!=", query))
        return store.search(vector, top_k, where=elsewhere, offset=offset)

    def delete(self, ids: Sequence[str]) -> int:
        """Forget photos; returns how many were there."""
        return self._open(None).delete(ids)

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

    def _exists(self) -> bool:
        return self._store is not None or peek_model(self.location) is not None

    def _open(self, model: ModelIdentity | None) -> PhotoStore:
        with self._opening:
            if self._store is None or (model is not None and model != self._store.model):
                self._store = open_store(self.location, model)
            return self._store
