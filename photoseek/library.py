"""One index, opened when it is first needed and shared by every thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from photoseek.errors import DamagedStoreError, MissingStoreError, StoreError, StoreWriteError
from photoseek.helpers.deadlines import held
from photoseek.identity import same_vectors
from photoseek.indexing.encoding import UnchangedPhoto
from photoseek.indexing.tombstones import Tombstones
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
from photoseek.search.answer import Answer, Search, search
from photoseek.search.confidence import Background
from photoseek.store import PhotoStore, missing_index, open_store, peek_model
from photoseek.store.lance.lance_errors import reading

T = TypeVar("T")

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
    raises StoreError when the index cannot be read or written, SilentStoreError where it takes
    longer than `photoseek.helpers.deadlines.within` allows, and ModelMismatchError when it was made
    with another model.

    An index that was open and is gone, because it was removed or its disk is away, is not taken for
    an empty one. What reads raises MissingStoreError, until it is there again or a photo that is
    added makes it anew.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._store: PhotoStore | None = None
        self._opening = threading.Lock()
        self._maintaining = threading.Lock()
        self._commits = 0
        self._is_lost = False
        self._background: tuple[int, Background | None] | None = None
        self._tombstones = Tombstones(location)

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What is stored of these photos, and which of the others were deleted on purpose.

        Nothing while there is no index, or no longer one.
        """
        try:
            if not self._exists():
                return {}
            stored = self._use(lambda store: store.known(ids))
        except MissingStoreError:
            return {}
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

        def add(store: PhotoStore) -> None:
            if encoded:
                store.upsert(encoded)
            if unchanged:
                store.describe([item.photo for item in unchanged])

        try:
            self._use(add, model)
        except MissingStoreError:  # noticed just now; from here on it is made anew
            self._use(add, model)
        self._commits += 1
        if self._commits % MAINTAIN_EVERY == 0:
            self.maintain()

    def search(self, asked: Search, model: ModelIdentity | None) -> Answer:
        """Answer a search with vectors of that model; None where there are only photos by id.

        Raises QueryError where what is asked makes no sense.
        """
        return self._ask(
            lambda store: search(store, asked, self._background_of(store)), NOTHING, model
        )

    def photos(self, ids: Sequence[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of the ids."""
        nothing: dict[str, StoredPhoto] = {}
        found = self._ask(lambda store: store.get(ids), nothing)
        return [found[photo_id] for photo_id in ids if photo_id in found]

    def browse(
        self, top_k: int, *, where: Sequence[Condition] = (), offset: int = 0
    ) -> tuple[list[StoredPhoto], int]:
        """A page of the photos that satisfy all conditions, newest first, and how many do."""
        nothing: tuple[list[StoredPhoto], int] = ([], 0)
        return self._ask(
            lambda store: (store.browse(top_k, where=where, offset=offset), store.count(where)),
            nothing,
        )

    def facets(self, where: Sequence[Condition] = ()) -> Facets:
        """What the photos that satisfy all conditions have in common."""
        return self._ask(lambda store: store.facets(where), Facets())

    def thumbnail(self, photo_id: str) -> bytes:
        """The JPEG bytes of a photo's thumbnail. Raises QueryError where none is kept."""
        return self._use(lambda store: store.thumbnail(photo_id))

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there.

        Those that have not `vanished` from their source are deleted on purpose: that is noted, so
        that later runs leave them out.
        """

        def delete(store: PhotoStore) -> int:
            there = store.get(ids)
            if vanished:  # some may be back after they were deleted on purpose
                self._tombstones.forget(there)
            elif there:
                self._tombstones.note(stored.photo for stored in there.values())
            return store.delete(ids)

        return self._use(delete)

    def original(self, photo_id: str) -> bytes:
        """The bytes of a photo whose original is kept. Raises QueryError where none is."""
        return self._use(lambda store: store.original(photo_id))

    def maintain(self) -> None:
        """Compact, and bring the ANN index up to date; nothing while another round runs."""
        if not self._exists() or not self._maintaining.acquire(blocking=False):
            return
        try:
            self._use(lambda store: store.maintain())
        finally:
            self._maintaining.release()

    def status(self) -> IndexStatus | None:
        """What the index holds, or None while there is none."""
        nothing: IndexStatus | None = None
        return self._ask(lambda store: store.status(), nothing)

    def size(self) -> int:
        """The bytes that the index takes on its disk."""
        return self._use(lambda store: store.size())

    def _background_of(self, store: PhotoStore) -> Background | None:
        """How scores are spread over this library, found out again when it has changed much."""
        count = store.count()
        known = self._background
        if known is None or abs(count - known[0]) > REFRESH_SHARE * known[0]:
            sample = store.sample(SAMPLE)
            known = self._background = (count, Background(sample) if len(sample) else None)
        return known[1]

    def _ask(
        self, ask: Callable[[PhotoStore], T], nothing: T, model: ModelIdentity | None = None
    ) -> T:
        """What the index answers, or `nothing` where there never was one."""
        return self._use(ask, model) if self._exists() else nothing

    def _use(self, use: Callable[[PhotoStore], T], model: ModelIdentity | None = None) -> T:
        try:
            return use(self._open(model))
        except (DamagedStoreError, StoreWriteError) as error:
            if self._has_gone():
                raise missing_index(self.location) from error
            raise

    def _exists(self) -> bool:
        if self._store is not None or peek_model(self.location) is not None:
            return True
        if self._is_lost:
            raise missing_index(self.location)
        return False

    def _has_gone(self) -> bool:
        """Whether the index that is open is not there any more; then it is open no longer."""
        with suppress(StoreError):
            if self._store is not None and peek_model(self.location) is None:
                self._store, self._background, self._is_lost = None, None, True
        return self._store is None and self._is_lost

    def _open(self, model: ModelIdentity | None) -> PhotoStore:
        with reading(self.location), held(self._opening):
            if self._store is None or (model and not same_vectors(self._store.model, model)):
                if model is None and self._is_lost:
                    self._exists()
                self._store = open_store(self.location, model)
                self._is_lost = False
            return self._store
