"""The words of documents, brought up to date with the fields that an index has the words of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from photoseek.store.elastic import index_documents
from photoseek.store.elastic.engine_bulk import Bulk
from photoseek.store.elastic.engine_changes import write_changes
from photoseek.store.elastic.engine_filters import ALL
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_index import IndexNote, write_note
from photoseek.store.elastic.engine_queries import EngineQueries

_AT_ONCE = 1_000


class EngineWords:
    """The words in one index."""

    def __init__(
        self,
        http: EngineHttp,
        bulk: Bulk,
        queries: EngineQueries,
        current: Callable[[], IndexNote],
    ) -> None:
        """`current` reads what is noted at the index by now."""
        self._http = http
        self._current = current
        self._bulk = bulk
        self._queries = queries

    def change(self, names: Sequence[str]) -> int:
        """Note the fields, and give all documents their words; gives how many have other ones.

        Whoever finds the index with a note that it is behind does the rest. Where others note other
        fields meanwhile, they give all documents the words of these, and nothing more is done here.
        """
        note = self._current()
        if note.keyword_fields == tuple(names) and not note.behind:
            return 0
        write_note(self._http, note.words(names, behind=True))
        self._bulk.refresh()
        changed = 0
        for hits in self._documents():
            changed += self._reword(hits, names)
            if not self._are_noted(names):
                return changed
        if self._are_noted(names):
            write_note(self._http, note.words(names, behind=False))
        return changed

    def follow(self, ids: Iterable[str], fields: Sequence[str]) -> None:
        """Give documents the words of the fields of now, which were written with those of `fields`.

        Who changes the fields notes that first. So what is written by then is reworded by them, and
        who has written later sees their note.
        """
        some = list(ids)
        while not self._are_noted(fields):
            fields = self._current().keyword_fields
            write_changes(self._bulk, self._queries, some, lambda stored: stored, fields)

    def _are_noted(self, fields: Sequence[str]) -> bool:
        return self._current().keyword_fields == tuple(fields)

    def _documents(self) -> Iterator[list[Any]]:
        members = (*index_documents.SHOWN, "words")
        return self._queries.scan({"query": ALL}, [{"key": "asc"}], _AT_ONCE, members)

    def _reword(self, hits: Sequence[Any], fields: Sequence[str]) -> int:
        """Give documents the words of these fields; gives how many have other ones."""
        found = {
            stored.photo.id: hit["_source"]["words"] != index_documents.words(stored, fields)
            for hit in hits
            for stored in [index_documents.photo_of_document(hit["_source"])]
        }
        ids = [photo_id for photo_id, is_other in found.items() if is_other]
        changed = write_changes(self._bulk, self._queries, ids, lambda stored: stored, fields)
        self.follow(ids, fields)
        return changed
