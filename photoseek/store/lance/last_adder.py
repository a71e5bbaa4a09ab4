"""Which writer was the last one to add photos to a table, noted in a file of the table's folder.

Versions do not tell that: upkeep makes some as well, in any process and without the writers' lock.
"""

from __future__ import annotations

import uuid

from photoseek.files.filestore import FileStore

_NAME = "last-adder"


class LastAdder:
    """The note of one table, read and written by one writer behind the writers' lock."""

    def __init__(self, place: FileStore, table: str) -> None:
        """`place` has the folder of the table."""
        self._place = place
        self._file = f"{table}.lance/{_NAME}"
        self._me = uuid.uuid4().hex.encode()

    def is_me(self) -> bool:
        """Whether nobody else has added photos, or was about to, since `be_me`."""
        return self._place.read(self._file) == self._me

    def be_me(self) -> None:
        """Note that from now on it is this writer, before it adds anything."""
        self._place.write(self._file, self._me)
