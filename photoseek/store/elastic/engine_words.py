"""The words of documents, brought up to date with the fields that an index has the words of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from photoseek.store.elastic import index_documents
from photoseek.store.elastic.engine_bulk import Bulk, Operation, updating
from photoseek.store.elastic.engine_filters import ALL
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_index import IndexNote, write_note
from photoseek.store.elastic.engine_queries import EngineQueries

_AT_ONCE = 1_000


class EngineWords:
    """The words in one index."""

    def __init__(self, http: EngineHttp, bulk: Bulk, queries: EngineQueries) -> None:
        self._http = http
        self._bulk = bulk
        self._queries = queries

    def change(self, note: IndexNote, names: Sequence[str]) -> int:
        """Note the fields, and give all documents their words; gives how many have other ones.

        Whoever finds the index with a note that it is behind does the rest.
        """
        if note.keyword_fields == tuple(names) and not note.behind:
            return 0
        write_note(self._http, note.words(names, behind=True))
        self._bulk.refresh()
        changed = sum(self._reword(hits, names) for hits in self._documents())
        write_note(self._http, note.words(names, behind=False))
        return changed

    def _documents(self) -> Iterator[list[Any]]:
        members = (*index_documents.SHOWN, "words")
        return self._queries.scan({"query": ALL}, [{"key": "asc"}], _AT_ONCE, members)

    def _reword(self, hits: Sequence[Any], fields: Sequence[str]) -> int:
        """Give documents the words of these fields; those written meanwhile have them already."""
        changes: list[Operation] = []
        for hit in hits:
            stored = index_documents.photo_of_document(hit["_source"])
            words = index_documents.words(stored, fields)
            if words != hit["_source"]["words"]:
                changes.append(updating(hit, {"words": words}))
        return len(changes) - len(self._bulk.write(changes))
