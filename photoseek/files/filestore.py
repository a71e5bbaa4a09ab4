"""Stores of files by name: a folder, or a prefix in a bucket. One contract for both."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from typing_extensions import override

from photoseek.errors import StorageError
from photoseek.files.atomic import patiently, replacing
from photoseek.files.named_files import BINARY, UNFINISHED, Change, Entry, FileStore, checked_name
from photoseek.helpers.extras import check_extra
from photoseek.helpers.locks import locked
from photoseek.helpers.path_rules import extended, may_be_named
from photoseek.helpers.uri import scheme_of

__all__ = ["UNFINISHED", "Entry", "FileStore", "FolderFiles", "checked_name", "open_files"]

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST_NAME = 100
_SURROGATE = re.compile("[\ud800-\udfff]")


class FolderFiles(FileStore):
    """Files below a folder of this machine. Links to folders are not followed when listing."""

    def __init__(self, path: Path) -> None:
        """`path` is absolute."""
        self.uri = str(path)
        self._path = Path(extended(self.uri, room=_LONGEST_NAME))

    @override
    def prepare(self) -> None:
        with _explained(self._path):
            self._path.mkdir(parents=True, exist_ok=True)

    @override
    def read(self, name: str) -> bytes | None:
        path = self._file(name)
        with _explained(path):
            try:
                return patiently(path.read_bytes)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    @override
    def write(self, name: str, data: bytes, content_type: str = BINARY) -> None:
        # Were the whole folder removed meanwhile, it does not come back.
        path = self._file(name)
        if self.read(name) == data:
            return  # to replace a file makes ext4 flush it, which takes 10 times as long
        with _explained(path):
            self._make_folders(path.parent)
            with replacing(path, part=path.with_name(UNFINISHED + uuid.uuid4().hex)) as part:
                part.write_bytes(data)

    @override
    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        path = self._file(name)
        with _explained(path):
            self._make_folders(path.parent)
            with locked(path.with_name(f"{UNFINISHED}{path.name}.lock")):
                data = change(self.read(name))
                self.write(name, data)
                return data

    @override
    def remove(self, names: Iterable[str]) -> None:
        for path in map(self._file, names):
            with _explained(path), suppress(NotADirectoryError):
                patiently(partial(path.unlink, missing_ok=True))

    @override
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        # Names that are not UTF-8 and files half written are left out.
        with _explained(self._path):
            waiting = _listed(self._path, "")
            while waiting:
                name, found = waiting.pop()
                if name.endswith("/"):
                    if name.startswith(prefix) or prefix.startswith(name):
                        waiting.extend(_listed(found, name))
                elif name.startswith(prefix):
                    with suppress(FileNotFoundError):  # removed meanwhile
                        yield _entry(name, found.stat())

    @override
    def entry(self, name: str) -> Entry | None:
        path = self._file(name)
        with _explained(path):
            try:
                return _entry(name, path.stat()) if path.is_file() else None
            except (FileNotFoundError, NotADirectoryError):
                return None

    @override
    def remove_unfinished(self, age: timedelta) -> None:
        written_before = time.time() - age.total_seconds()
        for path in self._path.rglob(f"{UNFINISHED}*"):
            with suppress(OSError):  # one that cannot be removed stays
                if path.stat().st_mtime <= written_before:
                    path.unlink(missing_ok=True)

    @override
    def link(self, name: str, seconds: int) -> None:
        self._file(name)  # there is no link, but a name that is not allowed is said

    def _file(self, name: str) -> Path:
        path = self._path / checked_name(name)
        if not all(map(may_be_named, name.split("/"))):
            raise StorageError(f"{name[:200]!r} is a name that no file of Windows may have.")
        return path

    def _make_folders(self, folder: Path) -> None:
        if folder != self._path and not folder.is_dir():
            self._make_folders(folder.parent)
            folder.mkdir(exist_ok=True)


def open_files(uri: str) -> FileStore:
    """The place at s3://bucket/prefix or in a folder; nothing is touched yet.

    Raises:
        StorageError: it is neither.
        MissingPackageError: it is a bucket, and boto3 is not installed.
    """
    if scheme_of(uri):
        check_extra("s3")
        from photoseek.files.s3_files import BucketFiles  # boto3 takes half a second to import

        return BucketFiles(uri)
    try:
        path = Path(uri).expanduser().absolute()
        str(path).encode()
    except (UnicodeError, RuntimeError) as error:  # RuntimeError: a home that nobody has
        raise StorageError(f"{uri!r} is not a usable path ({error}).") from error
    if not uri or "\0" in uri:
        raise StorageError(f"{uri!r} is not a usable path. Name a folder, or s3://BUCKET/PREFIX.")
    return FolderFiles(path)


def _listed(folder: Path | os.DirEntry[str], name: str) -> list[tuple[str, os.DirEntry[str]]]:
    """What a folder holds, last name first, with "/" after the names of folders."""
    listed = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                listed.append((f"{name}{entry.name}/", entry))
            elif entry.is_file() and not entry.name.startswith(UNFINISHED):
                listed.append((name + entry.name, entry))
    utf8 = [pair for pair in listed if not _SURROGATE.search(pair[0])]
    return sorted(utf8, key=lambda pair: pair[0].encode(), reverse=True)


def _entry(name: str, status: os.stat_result) -> Entry:
    modified = _EPOCH + timedelta(seconds=status.st_mtime)  # Windows knows no time before it
    return Entry(name, status.st_size, modified, f"{status.st_size}-{status.st_mtime_ns}")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"{path} cannot be used: {reason}.") from error
