"""Files in memory, gone with their process: for tests, and for an index that is an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import Lock

from typing_extensions import override

from photoseek.files.named_files import BINARY, Change, Entry, FileStore, checked_name


class MemoryFiles(FileStore):
    """Files by name in this process. What holds the object, holds the files."""

    def __init__(self, uri: str) -> None:
        """`uri` is what messages call the place; it cannot be opened by it."""
        self.uri = uri
        self._updating = Lock()
        self._files: dict[str, tuple[bytes, datetime]] = {}

    @override
    def prepare(self) -> None:
        pass

    @override
    def read(self, name: str) -> bytes | None:
        found = self._files.get(checked_name(name))
        return found and found[0]

    @override
    def write(self, name: str, data: bytes, content_type: str = BINARY) -> None:
        self._files[checked_name(name)] = (data, datetime.now(UTC))

    @override
    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        with self._updating:
            data = change(self.read(name))
            self.write(name, data)
            return data

    @override
    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._files.pop(checked_name(name), None)

    @override
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        for name in sorted(self._files, key=str.encode):
            entry = self.entry(name)  # None: it was removed meanwhile
            if entry and name.startswith(prefix):
                yield entry

    @override
    def entry(self, name: str) -> Entry | None:
        found = self._files.get(checked_name(name))
        if found is None:
            return None
        data, modified = found
        return Entry(name, len(data), modified, blake2b(data, digest_size=8).hexdigest())

    @override
    def remove_unfinished(self, age: timedelta) -> None:
        pass

    @override
    def link(self, name: str, seconds: int) -> None:
        checked_name(name)
