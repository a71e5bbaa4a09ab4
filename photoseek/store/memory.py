"""A store in memory: the contract in plain NumPy, for tests and for small experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import RLock

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.files.filestore import FileStore
from photoseek.files.memory_files import MemoryFiles
from photoseek.records import (
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    KnownPhoto,
    ModelIdentity,
    Place,
    Sort,
    StoredPhoto,
    Vector,
)
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import KEEPS, Blobs
from photoseek.store.facets import facets_of_photos
from photoseek.store.filters import check, matches
from photoseek.store.fulltext import bm25, words_of
from photoseek.store.index_errors import no_index
from photoseek.store.own_columns import OwnColumns
from photoseek.store.record_json import stored_of
from photoseek.store.sorting import part_of
from photoseek.store.store_engine import StoreEngine
from photoseek.store.validation import (
    check_page,
    checked_query,
    latest_by_id,
    spread,
    unit,
)

_PAGE = 1_000


class MemoryStore(PhotoStore):
    """Compares every vector on every search, and forgets everything with its process."""

    def __init__(self, model: ModelIdentity, location: str = "memory:") -> None:
        """`location` is what messages call it; `MemoryEngine` opens it by that again."""
        self._model = model
        self._location = location
        self._blobs = Blobs(MemoryFiles(location), MemoryFiles(location))
        self._photos: dict[str, EncodedPhoto] = {}
        self._written = datetime.min.replace(tzinfo=UTC)  # a time of its own for each write
        self._keyword_fields: tuple[str, ...] = ()
        self._lock = RLock()

    @property
    def location(self) -> str:
        """What it is called, such as memory:holiday."""
        return self._location

    @property
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""
        return self._model

    @property
    @override
    def blobs(self) -> Blobs:
        return self._blobs

    @override
    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        return {
            photo_id: KnownPhoto(encoded.photo.fingerprint, encoded.content_hash, encoded.keep)
            for photo_id, encoded in self._present(ids).items()
        }

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        batch = latest_by_id(photos, self._model)
        with self._lock:
            self._written = max(datetime.now(UTC), self._written + timedelta(microseconds=1))
            copies = {key: self._kept(each) for key, each in batch.items()}
            replaced = self._present(batch).values()
            self._blobs.put(batch.values())
            self._photos.update(copies)
            self._remove_unused({each.content_hash for each in replaced})

    @override
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        with self._lock:
            found = self._present(ids)
            made = {key: revised(stored_of(encoded)) for key, encoded in found.items()}
            changed = {key: stored for key, stored in made.items() if stored is not None}
            for key, stored in changed.items():
                self._photos[key] = replace(
                    found[key], photo=stored.photo, traits=stored.traits, text=stored.text
                )
        return len(changed)

    @override
    def search(
        self,
        vector: Vector,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        exact: bool = False,
    ) -> list[Hit]:
        query = checked_query(vector, top_k, offset, self._model)
        # Row by row and not by matrix product, whose sums differ with a row's place: equal
        # vectors must have equal scores.
        scored = [
            (float(np.clip(unit(encoded.vector) @ query, -1, 1)), stored_of(encoded))
            for encoded in self._matching(where)
        ]
        scored.sort(key=lambda answer: (-answer[0], answer[1].photo.id))
        page = enumerate(scored[offset : offset + top_k], start=offset + 1)
        return [Hit(rank, score, stored) for rank, (score, stored) in page]

    @override
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        check_page(top_k)
        photos = {encoded.photo.id: encoded for encoded in self._matching(where)}
        texts = {
            photo_id: words_of(stored_of(encoded), self._keyword_fields)
            for photo_id, encoded in photos.items()
        }
        scores = bm25(text, texts)
        best = sorted(scores, key=lambda photo_id: (-scores[photo_id], photo_id))
        return [stored_of(photos[photo_id]) for photo_id in best[:top_k]]

    @property
    @override
    def keyword_fields(self) -> tuple[str, ...]:
        return self._keyword_fields

    @override
    def use_keyword_fields(self, names: Sequence[str]) -> int:
        before, self._keyword_fields = self._keyword_fields, tuple(names)
        photos = map(stored_of, self._matching(()))
        return sum(words_of(each, before) != words_of(each, names) for each in photos)

    @override
    def listed(
        self,
        sort: Sort,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        after: Place | None = None,
    ) -> list[StoredPhoto]:
        check_page(top_k, offset)
        return part_of(sort, map(stored_of, self._matching(where)), top_k, offset, after)

    @override
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        photos = list(map(stored_of, self._matching(where)))
        return facets_of_photos(photos, self._own_columns().facets())

    @override
    def own_columns(self) -> Sequence[str]:
        return self._own_columns().names()

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        check_page(count)
        photos = self._matching(())
        vectors = [photos[row].vector for row in spread(len(photos), count)]
        return np.array(vectors, np.float32).reshape(len(vectors), self._model.dimensions)

    @override
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        found = self._present(ids)
        return {key: replace(stored_of(each), keep=each.keep) for key, each in found.items()}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        return {key: encoded.vector.copy() for key, encoded in self._present(ids).items()}

    @override
    def ids(self) -> Iterator[list[str]]:
        with self._lock:
            ids = list(self._photos)
        return (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))

    @override
    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        found = self._present(ids)
        return {key: replace(each, vector=each.vector.copy()) for key, each in found.items()}

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with self._lock:
            found = self._present(ids)
            for photo_id in found:
                del self._photos[photo_id]
            self._remove_unused({each.content_hash for each in found.values()})
        return len(found)

    @override
    def count(self, where: Sequence[Filter] = ()) -> int:
        return len(self._matching(where))

    @override
    def size(self) -> int:
        photos = self._matching(())
        held = (self._blobs.of(kind).size() for kind in KEEPS)
        return sum(encoded.vector.nbytes for encoded in photos) + sum(held)

    def _kept(self, given: EncodedPhoto) -> EncodedPhoto:
        """What is kept of a photo, with a copy of the array, which its caller may go on to use."""
        when = given.indexed_at or self._written
        return replace(
            given, vector=given.vector.copy(), thumbnail=b"", original=b"", indexed_at=when
        )

    def _own_columns(self) -> OwnColumns:
        columns = OwnColumns()
        columns.add_photos(map(stored_of, self._matching(())))
        return columns

    def _present(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        with self._lock:
            return {key: self._photos[key] for key in ids if key in self._photos}

    def _remove_unused(self, content_hashes: set[str]) -> None:
        for kind, keeps in KEEPS.items():
            used = {each.content_hash for each in self._photos.values() if each.keep in keeps}
            self._blobs.of(kind).remove(content_hashes - used)

    def _matching(self, where: Sequence[Filter]) -> list[EncodedPhoto]:
        with self._lock:
            photos = list(self._photos.values())
        check(where)
        return [encoded for encoded in photos if matches(where, stored_of(encoded))]


class MemoryEngine(StoreEngine):
    """Indexes of this process: `memory:`, or `memory:NAME` where there are several."""

    def __init__(self) -> None:
        self._stores: dict[str, MemoryStore] = {}
        self._notes: dict[str, MemoryFiles] = {}

    @override
    def canonical(self, location: str) -> str:
        return f"memory:{location.partition(':')[2]}"

    @override
    def peek_model(self, location: str) -> ModelIdentity | None:
        store = self._stores.get(self.canonical(location))
        return store.model if store else None

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        name = self.canonical(location)
        self._stores.setdefault(name, MemoryStore(model, name))

    @override
    def open(self, location: str) -> PhotoStore:
        try:
            return self._stores[self.canonical(location)]
        except KeyError:
            raise no_index(location) from None

    @override
    def blobs(self, location: str) -> Blobs:
        store = self._stores.get(self.canonical(location))
        return store.blobs if store else Blobs(MemoryFiles(location), MemoryFiles(location))

    @override
    def run_state(self, location: str) -> FileStore | None:
        name = self.canonical(location)
        return self._notes.setdefault(name, MemoryFiles(name))
