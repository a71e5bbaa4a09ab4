"""Where small notes on an index lie that several machines read and change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from photoseek.files.named_files import BINARY, Change


class Notes(Protocol):
    """What is asked of such a place: a part of `FileStore`, whose words hold here as well.

    Every method raises `StorageError` where the place cannot be used.
    """

    uri: str
    """Where it lies, in words."""

    def prepare(self) -> None:
        """Make ready for writing."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a note, or None where there is none."""

    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        """Write what `change` makes of a note, unless others wrote it meanwhile: then again."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove notes; names that are not there are ignored."""
