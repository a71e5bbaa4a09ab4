"""What every source of photos offers, and what they share."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.store.home import ORIGINALS, SOURCES, TABLE, THUMBNAILS

PHOTO_EXTENSIONS = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp"),
        *(".tif", ".tiff", ".avif"),
    }
)
"""File extensions, in lower case, of what `photoseek.images` reads."""

INDEX_TABLE = f"{TABLE}.lance"
INDEX_FILES = (THUMBNAILS, ORIGINALS, SOURCES)
"""What lies beside the table of an index: its thumbnails are no photos of anybody."""


class Source(Protocol):
    """Photos, one after the other, in the same order each time.

    Iterating is lazy, and may be done more than once. What cannot be used arrives as a Skip in
    its place, which says as exactly as it can which photos it stands for: those that are neither
    yielded nor skipped are taken to be gone. `location` is absolute.
    """

    @property
    def location(self) -> str:
        """The folder, bucket or manifest."""
        ...

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield every photo. Raises SourceError where the source breaks off."""
        ...

    def count(self) -> int:
        """Count the photos that iterating will try, without looking at each."""
        ...


def photo_id(uri: str) -> str:
    """Give the id of a photo that has none of its own: 16 hex digits over its uri."""
    return hashlib.blake2b(uri.encode(), digest_size=8).hexdigest()


def file_version(status: os.stat_result) -> str:
    """Give a token that changes whenever the bytes of a file may have changed."""
    return f"{status.st_size}-{status.st_mtime_ns}"


def has_extension(name: str) -> bool:
    """Tell whether a file or key is named like a photo."""
    return os.path.splitext(name)[1].lower() in PHOTO_EXTENSIONS  # noqa: PTH122 - a million times


def local_path(location: str) -> Path:
    """Give the absolute path of words that a user wrote. Raises SourceError where none can be."""
    try:
        path = Path(location).expanduser().resolve()
        str(path).encode()
        path.exists()  # raises where a name is too long
    except (UnicodeError, ValueError, OSError, RuntimeError) as error:
        raise SourceError(f"{location!r} is not a usable path ({error}).") from error
    return path


def is_utf8(text: str) -> bool:
    """Tell whether a file name or cell was proper UTF-8 (it has no escaped bytes left in it)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(text: str) -> str:
    r"""Make any text fit for a message or a log: bytes that are no UTF-8 become \udc.."""
    return text.encode(errors="backslashreplace").decode()
