"""Files named by the content hash of the photo that they belong to: thumbnails, originals.

Photos of equal bytes share one file: `ab/ab12....jpg`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from photoseek.errors import StorageError
from photoseek.files.filestore import FileStore
from photoseek.records import is_content_hash

THUMBNAIL = ".jpg"
ORIGINAL = ".original"
_TYPES = {THUMBNAIL: "image/jpeg", ORIGINAL: "application/octet-stream"}


class Contents:
    """Files of one kind in a place that is prepared. Raises `StorageError` as the place does."""

    def __init__(self, place: FileStore, extension: str, *, threads: int = 1) -> None:
        """`threads` write at the same time, which pays where each write waits for a network."""
        self._place = place
        self._extension = extension
        self._threads = threads

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write some by their hashes, each whole or not at all."""
        if self._threads == 1:
            for content_hash, data in files.items():
                self._write(content_hash, data)
            return
        with ThreadPoolExecutor(self._threads, "contents") as pool:
            for _ in pool.map(self._write, files, files.values()):
                pass

    def get(self, content_hash: str) -> bytes | None:
        """The bytes, or None where there is no such file; a text that is no hash names none."""
        if not is_content_hash(content_hash):
            return None
        return self._place.read(self._name(content_hash))

    def remove(self, content_hashes: Iterable[str]) -> None:
        """Remove those that are there. One that cannot be removed stays, and does no harm."""
        with suppress(StorageError):
            self._place.remove(map(self._name, content_hashes))

    def older_than(self, age: timedelta) -> Iterator[str]:
        """The hashes of files last written before that age."""
        written_before = datetime.now(UTC) - age
        for entry in self._place.entries():
            if entry.name.endswith(self._extension) and entry.modified <= written_before:
                yield entry.name.rpartition("/")[2].removesuffix(self._extension)

    def remove_parts(self, age: timedelta) -> None:
        """Remove what killed writers left half written before that age."""
        self._place.remove_unfinished(age)

    def _write(self, content_hash: str, data: bytes) -> None:
        self._place.write(self._name(content_hash), data, _TYPES[self._extension])

    def _name(self, content_hash: str) -> str:
        return f"{content_hash[:2]}/{content_hash}{self._extension}"
