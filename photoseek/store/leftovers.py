"""Notes that something in an index waits to be removed, where it could not be at once.

They are empty files, one for each change, so that writers need no lock.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from photoseek.files.filestore import FileStore


class Leftovers:
    """The notes in a place. Every method raises `StorageError` as the place does."""

    def __init__(self, place: FileStore) -> None:
        self._place = place

    def note(self) -> None:
        """Write down that a change left files behind that no row refers to."""
        self._place.write(uuid.uuid4().hex, b"")

    def older_than(self, age: timedelta) -> list[str]:
        """The notes written before that age."""
        written_before = datetime.now(UTC) - age
        return [each.name for each in self._place.entries() if each.modified <= written_before]

    def done(self, notes: Iterable[str]) -> None:
        """Take back notes, once what they told of has been removed."""
        self._place.remove(notes)
