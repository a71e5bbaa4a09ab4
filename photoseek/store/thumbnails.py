"""Thumbnails on disk, named by the content hash of the photo they show.

Photos of equal bytes share one file: `<folder>/ab/ab12....jpg`.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

_PART = ".part"


class Thumbnails:
    """JPEG files in a folder that exists. Raises `OSError` as the system does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content_hash: str, jpeg: bytes) -> None:
        """Write one, whole or not at all; a reader sees the old bytes or the new ones."""
        if self.get(content_hash) == jpeg:
            return  # to replace a file makes ext4 flush it, which takes 10 times as long
        path = self._path(content_hash)
        # No parents: were the whole index removed meanwhile, it must not come back in part.
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(f"{content_hash}.{uuid.uuid4().hex}{_PART}")
        try:
            part.write_bytes(jpeg)
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def get(self, content_hash: str) -> bytes | None:
        """The bytes, or None where there is no such thumbnail."""
        try:
            return self._path(content_hash).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, content_hashes: Iterable[str]) -> None:
        """Remove those that are there. One that cannot be removed stays, and does no harm."""
        for content_hash in content_hashes:
            with suppress(OSError):
                self._path(content_hash).unlink(missing_ok=True)

    def older_than(self, age: timedelta) -> Iterator[str]:
        """The hashes of thumbnails last written before that age."""
        return (path.stem for path in self._files(".jpg", age))

    def remove_parts(self, age: timedelta) -> None:
        """Remove what killed writers left half written before that age."""
        for path in self._files(_PART, age):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _files(self, suffix: str, age: timedelta) -> Iterator[Path]:
        written_before = time.time() - age.total_seconds()
        for folder in self._folder.iterdir():
            # Not with pathlib, which takes several times as long here.
            with os.scandir(folder) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):
                        if entry.name.endswith(suffix) and entry.stat().st_mtime <= written_before:
                            yield Path(entry.path)

    def _path(self, content_hash: str) -> Path:
        return self._folder / content_hash[:2] / f"{content_hash}.jpg"
