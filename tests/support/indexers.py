"""A `PhotoSearch` for tests: real files and decoding, a store in memory, a model of colours."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.engine import PhotoSearch
from photoseek.errors import ServiceError
from photoseek.fetch import PhotoReader
from photoseek.files.filestore import open_files
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.photos import ImageLimits, InputShape
from photoseek.records import Keep, KnownPhoto, ModelIdentity, Outcome, Photo, Pixels
from photoseek.settings import LibrarySettings, Settings, load_settings
from photoseek.store import MemoryStore, PhotoStore
from photoseek.store.lazy import LazyStore
from tests.support.stored_photos import MODEL

COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class ColourModel:
    """Stands for a `ClipModel`: the vector of a picture is its colours, that of a text those that
    it names.
    """

    identity: ClassVar[ModelIdentity] = MODEL
    text_identity: ClassVar[ModelIdentity] = MODEL
    input_shape: ClassVar[InputShape] = InputShape(size=32)
    precision = "fp32"
    device = "cpu"

    def encode_images(self, batch: Sequence[Pixels]) -> NDArray[np.float32]:
        return self._unit([pixels.reshape(-1, 3).mean(axis=0) for pixels in batch])

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._unit(
            [
                np.sum(
                    [COLOURS[word] for word in text.split() if word in COLOURS] or [(1, 1, 1)], 0
                )
                for text in texts
            ]
        )

    def _unit(self, colours: Sequence[Any]) -> NDArray[np.float32]:
        vectors = np.ones((len(colours), MODEL.dimensions), np.float32)
        vectors[:, :3] += np.array(colours, np.float32).reshape(-1, 3)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def load_colours(settings: LibrarySettings) -> PhotoEncoder:
    """An encoder that knows colours, for the settings' limits."""
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    model: Any = ColourModel()
    return PhotoEncoder(model, PhotoReader(allow_private_addresses=True), limits)


class MemorySearch(PhotoSearch):
    """A `PhotoSearch` that forgets its photos with the process.

    While it `is_down`, it answers like a gateway that nobody reaches. `sent` are the uris of all
    photos that it was given to index.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        settings = settings or load_settings(index=f"index-{uuid.uuid4().hex}")
        self.memory = MemoryStore(MODEL)
        self._is_made = False
        store = LazyStore(settings.index, opener=self._opened, peek=self._made_with)
        super().__init__(settings, store=store, load_encoder=load_colours)
        self.is_down = False
        self.sent: list[str] = []

    @property
    def ids(self) -> set[str]:
        found = self.memory.browse(max(1, self.memory.count()))
        return {stored.photo.id for stored in found}

    @property
    def uris(self) -> set[str]:
        return {stored.photo.uri for stored in self.photos(sorted(self.ids))}

    @override
    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        self._check_up()
        return super().known(ids)

    @override
    def index_batch(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[Outcome]:
        self._check_up()
        self.sent += [photo.uri for photo in photos]
        return super().index_batch(photos, known_hashes, keeps)

    def _opened(self, _: str, model: ModelIdentity | None, __: object) -> PhotoStore:
        if not self._is_made:
            open_files(self.location).prepare()  # what is noted beside an index has its place
        self._is_made = self._is_made or model is not None
        return self.memory

    def _made_with(self, _: str, __: object) -> ModelIdentity | None:
        return MODEL if self._is_made else None

    def _check_up(self) -> None:
        if self.is_down:
            raise ServiceError("No gateway answers.")
