"""The folder that holds an index: its table, its thumbnails, and the lock of its writers."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

from typing_extensions import override

from photoseek.files.filestore import UNFINISHED, FolderFiles
from photoseek.helpers.locks import is_unused, locked, shared
from photoseek.helpers.path_rules import extended
from photoseek.store.beside import NAMES
from photoseek.store.blobs import ORIGINALS, THUMBNAILS, Blobs
from photoseek.store.lance.layout import MANIFEST, TABLE, IndexLayout
from photoseek.store.lance.place_tables import TABLES, is_folder_of_table, location_of

_WRITER_LOCK = "writer.lock"
_UPKEEP_LOCK = "upkeep.lock"
_READERS_LOCK = "readers.lock"
_LONGEST_NAME = 100
_LOCKS = (_WRITER_LOCK, _UPKEEP_LOCK, _READERS_LOCK)
_UNFINISHED = re.compile(rf"\.tmp\w{{6}}|.+#\d+|{re.escape(UNFINISHED)}.+")
"""What Lance calls a file while it writes it, and what we do: until it is done, it has not got its
own name."""

_OURS = {THUMBNAILS, ORIGINALS, *_LOCKS, TABLES, *NAMES}

_PAUSE_SECONDS = 0.5
"""How long upkeep waits for a moment without a reader; writers wait as long."""


class LocalLayout(IndexLayout):
    """One index on a local disk."""

    excludes_writers = True

    def __init__(self, path: Path, table: str = TABLE, *, is_named: bool = False) -> None:
        """`path` is absolute; `is_named` where the location names this very table."""
        self._path = Path(extended(str(path), room=_LONGEST_NAME))
        self.root = str(path)  # LanceDB makes its own of what is long
        self.table = table
        self.location = location_of(self.root, table) if is_named else self.root
        self.place = FolderFiles(path)
        self._seen: tuple[tuple[object, ...], str] = ((), "")
        self.blobs = Blobs(FolderFiles(path / THUMBNAILS), FolderFiles(path / ORIGINALS))

    @property
    @override
    def folder(self) -> Path:
        return self._path / f"{self.table}.lance"

    @override
    def has_table(self) -> bool:
        table = self.folder
        return any(table.glob("_versions/*.manifest")) or any(table.glob("data/*"))

    @override
    def newest_manifest(self) -> str:
        with os.scandir(self._path / self.manifests) as entries:
            manifests = {entry.name for entry in entries if entry.name.endswith(".manifest")}
        if not manifests or not all(map(MANIFEST.fullmatch, manifests)):
            return ""
        newest = self._path / self.manifests / min(manifests)
        told = newest.stat()
        seen = (newest.name, told.st_ino, told.st_size, told.st_mtime_ns)
        if seen != self._seen[0]:
            self._seen = seen, blake2b(newest.read_bytes(), digest_size=16).hexdigest()
        return self._seen[1]

    @override
    def is_free(self) -> bool:
        if not self._path.exists():
            return True
        if not self._path.is_dir() or self.has_table():
            return False
        names = (entry.name for entry in self._path.iterdir())
        return all(
            name in _OURS or is_folder_of_table(name) or name.startswith(UNFINISHED)
            for name in names
        )

    @override
    def prepare(self) -> None:
        for name in (THUMBNAILS, ORIGINALS):
            (self._path / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def writer(self) -> Iterator[None]:
        """A block in which no other thread or process on this host writes.

        It keeps thumbnails and rows in step: none is removed while another writer is about to
        refer to it.
        """
        with locked(self._path / _WRITER_LOCK):
            yield

    @override
    def has_writer(self) -> bool:
        lock = self._path / _WRITER_LOCK
        if not lock.exists():
            return False
        with locked(lock, wait=False) as is_free:
            return not is_free

    @contextmanager
    def keeper(self) -> Iterator[bool]:
        """The right to keep the index in order; False while another on this host has it."""
        with locked(self._path / _UPKEEP_LOCK, wait=False) as has_it:
            yield has_it

    @override
    def reader(self) -> AbstractContextManager[None]:
        return shared(self._path / _READERS_LOCK)

    @override
    def is_unread(self) -> bool:
        return is_unused(self._path / _READERS_LOCK, _PAUSE_SECONDS)

    @override
    def forget(self, table: str) -> None:
        folder = self._path / f"{table}.lance"
        for below in sorted(folder.rglob("*"), reverse=True):
            if below.is_dir():
                below.rmdir()
            elif below.name.startswith(UNFINISHED):  # which no listing shows
                below.unlink(missing_ok=True)
        with suppress(OSError):  # a file that stays there on purpose
            folder.rmdir()

    @override
    def has_unfinished(self, age: timedelta) -> bool:
        return any(True for _ in self._unfinished(age))

    @override
    def remove_unfinished(self, age: timedelta) -> None:
        for path in list(self._unfinished(age)):
            with suppress(OSError):  # one that cannot be removed stays
                path.unlink(missing_ok=True)

    def _unfinished(self, age: timedelta) -> Iterator[Path]:
        written_before = time.time() - age.total_seconds()
        for folder, _, names in os.walk(self._path / f"{self.table}.lance"):
            for path in (Path(folder, name) for name in names if _UNFINISHED.fullmatch(name)):
                with suppress(FileNotFoundError):  # writers come and go meanwhile
                    if path.stat().st_mtime <= written_before:
                        yield path

    @override
    def bytes_used(self) -> int:
        return _size(str(self._path))


def _size(folder: str) -> int:
    # Not with pathlib, which takes several times as long here.
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # writers come and go meanwhile
                is_folder = entry.is_dir(follow_symlinks=False)
                total += _size(entry.path) if is_folder else entry.stat().st_size
    return total
