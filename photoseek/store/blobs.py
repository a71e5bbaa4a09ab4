"""What an index keeps of photos' pixels: thumbnails and originals, named by content hash.

Photos of equal bytes share one file: `ab/ab12....jpg`. The files lie in a folder, in a bucket, or
in memory, and can be read without the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from photoseek.errors import DamagedStoreError, QueryError, StorageError
from photoseek.files.filestore import FileStore
from photoseek.records import EncodedPhoto, Keep, KnownPhoto, is_content_hash

BlobKind = Literal["thumbnail", "original"]

THUMBNAILS = "thumbnails"
ORIGINALS = "originals"
"""The folders of the two kinds, where both lie in one place."""

KEEPS: Mapping[BlobKind, tuple[Keep, ...]] = {
    "thumbnail": ("thumbnail", "original"),
    "original": ("original",),
}
"""The values of a photo's `keep` with which there is a blob of that kind."""

_EXTENSIONS: Mapping[BlobKind, str] = {"thumbnail": ".jpg", "original": ".original"}
_TYPES: Mapping[BlobKind, str] = {
    "thumbnail": "image/jpeg",
    "original": "application/octet-stream",
}


class BlobStore:
    """Blobs of one kind in a place that is prepared; all methods raise StorageError as it does."""

    def __init__(self, place: FileStore, kind: BlobKind, *, threads: int = 1) -> None:
        """`threads` work at the same time, which pays where each waits for a network."""
        self._place = place
        self._extension = _EXTENSIONS[kind]
        self._type = _TYPES[kind]
        self._threads = threads

    def put(self, blobs: Mapping[str, bytes]) -> None:
        """Write some by their hashes, each whole or not at all."""
        if self._threads == 1:
            for content_hash, data in blobs.items():
                self._write(content_hash, data)
            return
        with ThreadPoolExecutor(self._threads, "blobs") as pool:
            for _ in pool.map(self._write, blobs, blobs.values()):
                pass

    def get(self, content_hash: str) -> bytes | None:
        """The bytes, or None where there is no such blob; a text that is no hash names none."""
        if not is_content_hash(content_hash):
            return None
        return self._place.read(self._name(content_hash))

    def get_all(self, content_hashes: Iterable[str]) -> dict[str, bytes]:
        """The bytes of several by their hashes, b"" where there is no such blob."""
        hashes = list(content_hashes)
        if self._threads == 1:
            return {each: self.get(each) or b"" for each in hashes}
        with ThreadPoolExecutor(self._threads, "blobs") as pool:
            found = pool.map(self.get, hashes)
            return {each: data or b"" for each, data in zip(hashes, found, strict=True)}

    def remove(self, content_hashes: Iterable[str]) -> None:
        """Remove those that are there. One that cannot be removed stays, and does no harm."""
        with suppress(StorageError):
            self._place.remove(map(self._name, content_hashes))

    def older_than(self, age: timedelta) -> Iterator[str]:
        """The hashes of blobs last written before that age."""
        written_before = datetime.now(UTC) - age
        for entry in self._place.entries():
            if entry.name.endswith(self._extension) and entry.modified <= written_before:
                yield entry.name.rpartition("/")[2].removesuffix(self._extension)

    def size(self) -> int:
        """The bytes of all of them."""
        return sum(entry.size for entry in self._place.entries())

    def remove_parts(self, age: timedelta) -> None:
        """Remove what killed writers left half written before that age."""
        self._place.remove_unfinished(age)

    def _write(self, content_hash: str, data: bytes) -> None:
        self._place.write(self._name(content_hash), data, self._type)

    def _name(self, content_hash: str) -> str:
        return f"{content_hash[:2]}/{content_hash}{self._extension}"


class Blobs:
    """The thumbnails and the originals of one index. Which there are, the photos' `keep` says."""

    def __init__(self, thumbnails: FileStore, originals: FileStore, *, threads: int = 1) -> None:
        """`threads` work at the same time; see `BlobStore`."""
        self.thumbnails = BlobStore(thumbnails, "thumbnail", threads=threads)
        self.originals = BlobStore(originals, "original", threads=threads)

    def of(self, kind: BlobKind) -> BlobStore:
        """The blobs of one kind."""
        return self.thumbnails if kind == "thumbnail" else self.originals

    def put(self, photos: Iterable[EncodedPhoto]) -> None:
        """Write what is to be kept of photos: before the commit that refers to it.

        What is empty is there already.
        """
        shown = [photo for photo in photos if photo.keep in KEEPS["thumbnail"]]
        whole = [photo for photo in shown if photo.keep in KEEPS["original"]]
        self.thumbnails.put(
            {photo.content_hash: photo.thumbnail for photo in shown if photo.thumbnail}
        )
        self.originals.put(
            {photo.content_hash: photo.original for photo in whole if photo.original}
        )

    def read(self, photo_id: str, kind: BlobKind, known: KnownPhoto | None, location: str) -> bytes:
        """The blob of a photo of which that is `known`, in the index at `location`.

        Raises:
            QueryError: the photo is not stored, or its index keeps no such thing of it.
            DamagedStoreError: it is kept and not there.
        """
        if known is None:
            raise QueryError(f"There is no photo '{photo_id}' in the index at {location}.")
        if known.keep not in KEEPS[kind]:
            raise QueryError(
                f"The index at {location} keeps no {kind} of the photo '{photo_id}'. Index it "
                f"again with --keep {kind}."
            )
        data = self.of(kind).get(known.content_hash)
        if data is None:
            raise DamagedStoreError(
                f"The {kind} of the photo '{photo_id}' is missing from the index at {location}. "
                "Restore it from a backup, or index again."
            )
        return data


def lets_go(known: KnownPhoto, encoded: EncodedPhoto) -> bool:
    """Whether a photo that is replaced may have kept something that the new one does not."""
    return (known.content_hash, known.keep) != (encoded.content_hash, encoded.keep)
