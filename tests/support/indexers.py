"""An indexer in this process: real files, real decoding, a real store, and no model."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from photoseek.errors import PhotoError, ServiceError
from photoseek.fetch import PhotoReader
from photoseek.photos import ImageLimits, InputShape, decode
from photoseek.records import EncodedPhoto, Keep, KnownPhoto, Outcome, Photo, Vector, content_hash
from photoseek.store import MemoryStore
from tests.support.stored_photos import MODEL


class LocalIndexer:
    """Does what a gateway does; the vector of a photo is its colours.

    While `is_down`, it answers like a gateway that nobody reaches. `sent` are the uris of all
    photos that it was given to index.
    """

    def __init__(self) -> None:
        self.store = MemoryStore(MODEL)
        self.is_down = False
        self.sent: list[str] = []
        self._reader = PhotoReader(allow_private_addresses=True)
        self._lock = threading.Lock()

    @property
    def ids(self) -> set[str]:
        count = max(1, self.store.count())
        hits = self.store.search(np.ones(MODEL.dimensions, np.float32), count)
        return {hit.stored.photo.id for hit in hits}

    @property
    def uris(self) -> set[str]:
        return {stored.photo.uri for stored in self.store.get(self.ids).values()}

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        self._check()
        return self.store.known(ids)

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        self._check()
        with self._lock:
            pairs = zip(photos, known_hashes, strict=True)
            return [self._index(photo, known) for photo, known in pairs]

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        self._check()
        return self.store.delete(ids)

    def maintain(self) -> None:
        self._check()
        self.store.maintain()

    def close(self) -> None:
        self._reader.close()

    def _index(self, photo: Photo, known_hash: str) -> Outcome:
        self.sent.append(photo.uri)
        try:
            data = self._reader.read(photo.uri)
            found_hash = content_hash(data)
            if found_hash == known_hash:
                self.store.describe([photo])
                return Outcome(photo.uri, "updated", "")
            decoded = decode(data, InputShape(size=32), ImageLimits())
        except PhotoError as error:
            return Outcome(photo.uri, "skipped", str(error))
        encoded = EncodedPhoto(
            photo, found_hash, decoded.width, decoded.height, _colours(decoded.pixels),
            decoded.thumbnail,
        )  # fmt: skip
        self.store.upsert([encoded])
        return Outcome(photo.uri, "indexed", "")

    def _check(self) -> None:
        if self.is_down:
            raise ServiceError("No gateway answers.")


def _colours(pixels: np.ndarray) -> Vector:
    columns = pixels.reshape(MODEL.dimensions, -1).mean(axis=1) + 1
    vector: Vector = (columns / np.linalg.norm(columns)).astype(np.float32)
    return vector
