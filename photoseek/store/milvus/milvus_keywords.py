"""Which fields an index in Milvus has the words of, noted beside it.

Every writer goes by that note, so what one process says holds for all. While rows are being
brought up to date with it, the note says so: whoever finds it that way later does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from photoseek.files.filestore import FileStore
from photoseek.store.milvus.milvus_expressions import EVERY
from photoseek.store.milvus.milvus_queries import MilvusQueries
from photoseek.store.milvus.milvus_rows import SHOWN, WORDS, stored_in, words_column

_NAME = "keyword_fields.json"
_ROWS_AT_ONCE = 1_000


class KeywordFields:
    """The note in a place. Every method raises `StorageError` as the place does."""

    def __init__(self, notes: FileStore) -> None:
        self._notes = notes

    def names(self) -> tuple[str, ...]:
        """The fields beside those whose words are always found."""
        return tuple(self._note()["fields"])

    def change(
        self,
        names: Sequence[str],
        queries: MilvusQueries,
        write: Callable[[list[str]], None] | None,
    ) -> int:
        """Note the fields; gives how many photos have other words by that.

        `write` stores the new words of rows, by their keys; it is None where no words are stored,
        but read from the records by each search. Where others note other fields meanwhile, they
        bring all rows up to date with these, and nothing more is done here.
        """
        note = self._note()
        if note["fields"] == list(names) and note["is_done"]:
            return 0
        self._write(names, is_done=False)
        if write is None:
            photos = queries.photos(EVERY)
            before = note["fields"]
            changed = sum(words_column(p, before) != words_column(p, names) for p in photos)
        else:
            changed = 0
            keys = _behind(queries, names)
            while some := list(islice(keys, _ROWS_AT_ONCE)):
                write(some)
                changed += len(some)
                if self.names() != tuple(names):
                    return changed
        if self.names() == tuple(names):
            self._write(names, is_done=True)
        return changed

    def _note(self) -> dict[str, Any]:
        note: dict[str, Any] = json.loads(self._notes.read(_NAME) or b"{}")
        return {"fields": [], "is_done": True, **note}

    def _write(self, names: Sequence[str], *, is_done: bool) -> None:
        note = {"fields": list(names), "is_done": is_done}
        self._notes.write(_NAME, json.dumps(note).encode())


def _behind(queries: MilvusQueries, names: Sequence[str]) -> Iterator[str]:
    """The keys of rows whose words are others than the fields have."""
    for row in queries.scan(EVERY, ("key", *SHOWN, WORDS)):
        if row[WORDS] != words_column(stored_in(row), names):
            yield row["key"]
