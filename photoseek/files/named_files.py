"""The contract of what holds files by name, kept by a folder and by a prefix in a bucket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from photoseek.errors import StorageError

UNFINISHED = ".photoseek-"
"""How the names of files begin that are being written to a folder."""

Change = Callable[[bytes | None], bytes]
"""Makes the bytes of a file from those that it has, or from None where there is no file."""

BINARY = "application/octet-stream"
"""The content type of what is not said to be of another one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a place. `size` is in bytes; `etag` changes whenever the bytes may have changed."""

    name: str
    size: int
    modified: datetime
    etag: str


class FileStore(ABC):
    """Files by name. Names are relative, their parts are joined by "/" and none is "." or "..".

    May be used by many threads. Every method raises `StorageError`, in a sentence for people,
    when the place cannot be used or a name is not allowed. A folder, other than a bucket, cannot
    hold both "a" and "a/b".
    """

    uri: str
    """Where it lies, in the words that `open_files` takes: an absolute path, or s3://..."""

    @abstractmethod
    def prepare(self) -> None:
        """Make ready for writing: a folder is made where there is none; a bucket must be there."""

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """The bytes of a file, or None where there is none of that name."""

    @abstractmethod
    def write(self, name: str, data: bytes, content_type: str = BINARY) -> None:
        """Write a file, whole or not at all; a reader sees the old bytes or the new ones.

        Folders forget the content type. `prepare` comes first, once.
        """

    @abstractmethod
    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        """Write what `change` makes of a file, and give that.

        Where another one that updates the file comes between, `change` is asked again, or that
        one waits: nothing is lost. What `change` raises leaves the file as it was.
        """

    @abstractmethod
    def remove(self, names: Iterable[str]) -> None:
        """Remove files; names that are not there are ignored."""

    @abstractmethod
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """The files whose names begin with a prefix, lazily, in the order of the names' bytes.

        Files that others put there may have names that `read` would refuse.
        """

    @abstractmethod
    def entry(self, name: str) -> Entry | None:
        """One file as `entries` would tell of it, or None where there is none of that name."""

    @abstractmethod
    def remove_unfinished(self, age: timedelta) -> None:
        """Remove what writers that were killed left half written before that age, if anything."""

    @abstractmethod
    def link(self, name: str, seconds: int) -> str | None:
        """A URL by which anybody can read the file for `seconds`; None where stores have none.

        It is computed here, without a request, so the file need not be there.
        """


def checked_name(name: str) -> str:
    """The name, unless it could lead out of its place or stands for no file."""
    parts = name.split("/")
    if {"", ".", ".."} & set(parts) or "\0" in name or parts[-1].startswith(UNFINISHED):
        raise StorageError(
            f"{name[:200]!r} is not allowed as the name of a file. Names are relative, without "
            'empty parts, "." and "..".'
        )
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise StorageError(f"The name {name[:200]!r} is not UTF-8. Rename the file.") from error
    return name
