"""The folder that holds an index: its table, its thumbnails, and the lock of its writers.

An index in S3 would be another class with these members: Lance keeps tables in a bucket just
so, and its own conflict detection (see `lance.py`) stands in for the lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from photoseek.store.thumbnails import Thumbnails

TABLE = "photos"
_THUMBNAILS = "thumbnails"
_WRITER_LOCK = "writer.lock"
_UPKEEP_LOCK = "upkeep.lock"
_OURS = {_THUMBNAILS, _WRITER_LOCK, _UPKEEP_LOCK}


class IndexFolder:
    """One index on a local disk. Making the object touches nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.location = str(path)
        self.database_uri = str(path)
        self.thumbnails = Thumbnails(path / _THUMBNAILS)

    def has_table(self) -> bool:
        """Whether a table was ever committed here, readable or not."""
        table = self._path / f"{TABLE}.lance"
        return any(table.glob("_versions/*.manifest")) or any(table.glob("data/*"))

    def is_free(self) -> bool:
        """Whether an index may be made here: nothing is there but what an index would put there.

        A creation that was killed leaves an empty table folder; that is free as well.
        """
        if not self._path.exists():
            return True
        if not self._path.is_dir() or self.has_table():
            return False
        return {entry.name for entry in self._path.iterdir()} <= {*_OURS, f"{TABLE}.lance"}

    def prepare(self) -> None:
        """Make the folders that an index needs."""
        (self._path / _THUMBNAILS).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Waits until no other thread or process on this host writes; the kernel lets go.

        It keeps thumbnails and rows in step: none is removed while another writer is about to
        refer to it.
        """
        with self._lock(_WRITER_LOCK, fcntl.LOCK_EX):
            yield

    @contextmanager
    def keeper(self) -> Iterator[bool]:
        """Gives False when somebody else on this host keeps the index in order already."""
        try:
            with self._lock(_UPKEEP_LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB):
                yield True
        except BlockingIOError:
            yield False

    def bytes_used(self) -> int:
        """The size of all files; about a second for 100,000 thumbnails."""
        return _size(str(self._path))

    @contextmanager
    def _lock(self, name: str, operation: int) -> Iterator[None]:
        # A descriptor of its own for every turn, so that threads exclude one another too.
        descriptor = os.open(self._path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, operation)
            yield
        finally:
            os.close(descriptor)


def _size(folder: str) -> int:
    # Not with pathlib, which takes several times as long here.
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # writers come and go meanwhile
                is_folder = entry.is_dir(follow_symlinks=False)
                total += _size(entry.path) if is_folder else entry.stat().st_size
    return total
