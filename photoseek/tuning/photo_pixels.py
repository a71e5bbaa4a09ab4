"""What a model sees of photos, decoded when it is needed, and kept as far as memory allows."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from photoseek.errors import PhotoError
from photoseek.fetch import PhotoReader
from photoseek.helpers.machine import processors
from photoseek.indexing.told_files import with_sidecar
from photoseek.photos import DecodedPhoto, ImageLimits, InputShape, SharedMemory, decode
from photoseek.records import Photo, Pixels, content_hash

KEPT = 500_000_000
"""Bytes of pixels that are kept: 3,300 photos of 224 pixels. All others are decoded each time."""


class PhotoPixels:
    """Photos as squares of pixels; safe in threads.

    Pictures that are decoded at once share the memory that one may take, as in an indexing run.
    """

    def __init__(
        self, reader: PhotoReader, shape: InputShape, limits: ImageLimits, *, kept: int = KEPT
    ) -> None:
        self._reader = reader
        self._shape = shape
        self._limits = limits
        self._memory = SharedMemory(limits.memory)
        self._kept: dict[str, Pixels] = {}
        self._free = kept
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(processors() + 2, "decode")

    def look_at(self, photo: Photo) -> tuple[DecodedPhoto, str]:
        """Decode a photo, with what its file and its side-car tell, and hash its bytes.

        Raises:
            PhotoError: it cannot be used.
        """
        data, sidecar = self._reader.read(photo.uri), with_sidecar(photo, self._reader)[1]
        return self._decoded(photo.uri, data, sidecar), content_hash(data)

    def of(self, uris: Sequence[str]) -> list[Pixels | None]:
        """The pixels of photos, shape (size, size, 3) each; None where one cannot be had now."""
        return list(self._pool.map(self._one, uris))

    def hold(self, uris: Sequence[str]) -> None:
        """Keep the pixels of these, which are about to vanish, whatever is kept already."""
        for uri, pixels in zip(uris, self.of(uris), strict=True):
            if pixels is not None:
                self._kept[uri] = pixels

    def close(self) -> None:
        """Stop the threads and close connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._reader.close()

    def _one(self, uri: str) -> Pixels | None:
        with self._lock:
            if (pixels := self._kept.get(uri)) is not None:
                return pixels
        with suppress(PhotoError):
            return self._decoded(uri, self._reader.read(uri), b"").pixels
        return None

    def _decoded(self, uri: str, data: bytes, sidecar: bytes) -> DecodedPhoto:
        decoded = decode(
            data,
            self._shape,
            self._limits,
            thumbnail=False,
            room=self._memory.room,
            sidecar=sidecar,
        )
        with self._lock:
            if uri not in self._kept and decoded.pixels.nbytes <= self._free:
                self._kept[uri] = decoded.pixels
                self._free -= decoded.pixels.nbytes
        return decoded
