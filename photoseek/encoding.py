"""Photos in, vectors out: fetching, decoding and the model at the same time."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoseek.errors import PhotoError
from photoseek.images import DecodedPhoto, ImageLimits, decode
from photoseek.records import EncodedPhoto, Keep, Photo, Skip, Vector, content_hash
from photoseek.settings import DEFAULT_MODEL, Settings
from photoseek.storage import PhotoReader, is_remote

if TYPE_CHECKING:
    from photoseek.model import ClipModel


FETCH_THREADS = 32
"""Photos that are fetched from the web or S3 at the same time."""

REMEMBERED_TEXTS = 4096
"""Query texts whose vectors are kept, 2 kB each: to turn a page is to ask the same again."""


@dataclass(frozen=True, slots=True)
class UnchangedPhoto:
    """A photo whose bytes are the ones that the index already holds a vector for."""

    photo: Photo
    content_hash: str


@dataclass(frozen=True, slots=True)
class _Ready:
    photo: Photo
    content_hash: str
    decoded: DecodedPhoto
    keep: Keep
    original: bytes


class PhotoEncoder:
    """Turns photos into vectors.

    Safe to call from several threads: while one call is in the model, the photos of the next are
    fetched and decoded, which is what keeps every core busy. Photos that come over a network are
    fetched by threads of their own, many more than can decode, because they mostly wait; each
    holds one photo at most until it is decoded, which bounds the memory.
    """

    def __init__(
        self,
        model: ClipModel,
        reader: PhotoReader,
        limits: ImageLimits,
        *,
        threads: int = 0,
        fetch_threads: int = FETCH_THREADS,
    ) -> None:
        """`threads` decode and read files; 0 is one per CPU and two that wait for the disk."""
        self.model = model
        self._reader = reader
        self._limits = limits
        processors = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(threads or processors + 2, "decode")
        self._fetchers = ThreadPoolExecutor(fetch_threads, "fetch")
        self._query_pictures = threading.Semaphore(processors)  # each takes memory for its pixels
        self.encode_text = functools.lru_cache(REMEMBERED_TEXTS)(self._encode_text)

    def encode(
        self,
        photos: Sequence[Photo],
        known_hashes: Sequence[str],
        keeps: Sequence[Keep] | None = None,
    ) -> list[EncodedPhoto | UnchangedPhoto | Skip]:
        """One answer per photo, in order; a photo that cannot be used becomes a Skip.

        `known_hashes` holds, for each photo, the content hash in the index, or "", and `keeps`
        what is to be kept of it: by default thumbnails.
        """
        keeps = keeps or ["thumbnail"] * len(photos)
        futures = [
            self._fetchers.submit(self._fetch, photo, known_hash, keep)
            if is_remote(photo.uri)
            else self._pool.submit(self._prepare, photo, known_hash, keep)
            for photo, known_hash, keep in zip(photos, known_hashes, keeps, strict=True)
        ]
        prepared = [future.result() for future in futures]
        ready = [item for item in prepared if isinstance(item, _Ready)]
        vectors = iter(self.model.encode_images([item.decoded.pixels for item in ready]))
        return [
            _encoded(item, next(vectors)) if isinstance(item, _Ready) else item for item in prepared
        ]

    def _encode_text(self, text: str) -> Vector:
        """The vector of a query text; it is shared, so it cannot be written to."""
        vector: Vector = self.model.encode_texts([text])[0].copy()
        vector.setflags(write=False)
        return vector

    def encode_picture(self, data: bytes) -> Vector:
        """The vector of a query picture.

        Raises:
            PhotoError: the picture cannot be used.
        """
        with self._query_pictures:
            decoded = decode(data, self.model.input_shape, self._limits, thumbnail=False)
        vector: Vector = self.model.encode_images([decoded.pixels])[0]
        return vector

    def close(self) -> None:
        """Stop the threads and close connections."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._reader.close()

    def _fetch(self, photo: Photo, known_hash: str, keep: Keep) -> _Ready | UnchangedPhoto | Skip:
        try:
            data = self._reader.read(photo.uri)
        except PhotoError as error:
            return Skip(photo.uri, str(error))
        return self._pool.submit(self._prepare, photo, known_hash, keep, data).result()

    def _prepare(
        self, photo: Photo, known_hash: str, keep: Keep, data: bytes | None = None
    ) -> _Ready | UnchangedPhoto | Skip:
        try:
            data = self._reader.read(photo.uri) if data is None else data
            found_hash = content_hash(data)
            if found_hash == known_hash:
                return UnchangedPhoto(photo, found_hash)
            shape, shows = self.model.input_shape, keep != "none"
            decoded = decode(data, shape, self._limits, thumbnail=shows)
            original = data if keep == "original" else b""
            return _Ready(photo, found_hash, decoded, keep, original)
        except PhotoError as error:
            return Skip(photo.uri, str(error))


def build_encoder(settings: Settings, *, roots: Sequence[str] | None) -> PhotoEncoder:
    """The encoder that the settings ask for; photos are read below `roots`, None is any.

    Raises:
        ModelError: the model cannot be loaded.
    """
    from photoseek.model import load_model  # torch takes seconds to import

    model = load_model(
        settings.model or DEFAULT_MODEL, precision=settings.precision, device=settings.device
    )
    reader = PhotoReader(
        max_megabytes=settings.max_megabytes,
        allow_private_addresses=settings.allow_private_addresses,
        roots=roots,
        timeout_seconds=settings.fetch_seconds,
    )
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    return PhotoEncoder(
        model,
        reader,
        limits,
        threads=settings.decode_threads,
        fetch_threads=settings.fetch_threads,
    )


def _encoded(item: _Ready, vector: Vector) -> EncodedPhoto:
    decoded = item.decoded
    return EncodedPhoto(
        photo=item.photo,
        content_hash=item.content_hash,
        width=decoded.width,
        height=decoded.height,
        vector=vector,
        thumbnail=decoded.thumbnail,
        keep=item.keep,
        original=item.original,
        traits=decoded.traits,
    )
