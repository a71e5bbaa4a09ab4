"""What facets count, saved beside a Lance table, so that a process need not read all rows for it.

Upkeep writes two files under names that nobody had before, and then notes these in the table. So
whatever version of the table somebody has, of a backup too, what it names was counted from one that
came before it, and files that are half written are named by none. What is missing or damaged is
counted from the rows.
"""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from photoseek.errors import StorageError
from photoseek.store.lance import coded_rows, counted_files
from photoseek.store.lance.coded_rows import CodedRows
from photoseek.store.lance.commits import committed
from photoseek.store.lance.counted_files import CountedFiles
from photoseek.store.lance.counted_rows import CountedRows
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.own_files import OwnFiles

logger = logging.getLogger(__name__)

FOLDER = "_photoseek"
"""Within that of the table, so that both are copied and removed together."""

_NOTED, _NOTED_AT = "photoseek:counts", "record"
_ROWS, _FILES = "rows.arrow", "files.json"


class SavedCounts:
    """Those of one table, whose version is the caller's affair."""

    def __init__(self, layout: IndexLayout, table: Any) -> None:
        self._layout = layout
        self._table = table

    def are_there(self) -> bool:
        """Whether any were saved; an index that an earlier version of photoseek made has none."""
        return bool(self._name())

    def rows(self) -> CodedRows | None:
        """Rows of an earlier version; None where there are none."""
        data = self._read(_ROWS)
        return coded_rows.from_bytes(data) if data else None

    def files(self) -> CountedFiles:
        """Files of an earlier version; none where they are not known."""
        data = self._read(_FILES)
        return counted_files.from_bytes(data) if data else {}

    def bring_up(self, orphan_age: timedelta) -> int:
        """Save what the table has now, unless that is what is saved; gives the versions it makes.

        What was saved before goes, and so does what nobody names and is `orphan_age` old: a writer
        may be about to name it.
        """
        before, saved = self._name(), self.rows()
        counted = CountedRows(self._table, lambda: saved)
        rows = counted.rows()
        if saved and rows.are_those_of(saved):
            return 0
        name, place = uuid.uuid4().hex, self._layout.place
        place.write(self._path(name, _ROWS), coded_rows.to_bytes(rows))
        files = OwnFiles(self._table, counted, self.files).files()
        place.write(self._path(name, _FILES), counted_files.to_bytes(files))
        noted = {"path": _NOTED_AT, "metadata": {_NOTED: name}}
        committed(
            lambda: self._table.update_field_metadata(noted), again=self._table.checkout_latest
        )
        self._remove_others(before, orphan_age)
        return 1

    def _remove_others(self, before: str, orphan_age: timedelta) -> None:
        old = datetime.now(UTC) - orphan_age
        current = self._path(self._name(), "")
        place = self._layout.place
        place.remove(
            [
                each.name
                for each in place.entries(self._path("", ""))
                if not each.name.startswith(current)
                and (each.modified < old or (before and self._path(before, "") in each.name))
            ]
        )

    def _read(self, what: str) -> bytes | None:
        if not (name := self._name()):
            return None
        try:
            return self._layout.place.read(self._path(name, what))
        except StorageError as error:
            logger.info("Rows are counted again, what was saved cannot be read: %s", error)
            return None

    def _name(self) -> str:
        """What is saved is named so; "" where nothing was."""
        metadata = self._table.schema.field(_NOTED_AT).metadata or {}
        return str(metadata.get(_NOTED.encode(), b"").decode())

    def _path(self, name: str, what: str) -> str:
        return f"{self._layout.table}.lance/{FOLDER}/" + (f"{name}-{what}" if name else "")
