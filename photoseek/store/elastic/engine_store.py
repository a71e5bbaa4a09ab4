"""The store on Elasticsearch and OpenSearch.

An engine has no commits: a batch is written photo by photo, each whole. Where it breaks off,
`StoreWriteError` says so, and to write the batch again is right: nothing is doubled, as a photo's
document is named by the photo's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.records import (
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    KnownPhoto,
    ModelIdentity,
    Place,
    Sort,
    StoredPhoto,
    Vector,
)
from photoseek.store.base import PhotoStore
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs, lets_go
from photoseek.store.elastic import engine_index, index_documents
from photoseek.store.elastic.engine_bulk import Bulk, deleting, indexing
from photoseek.store.elastic.engine_changes import write_changes
from photoseek.store.elastic.engine_dialects import Engine
from photoseek.store.elastic.engine_errors import EngineError, reading, writing
from photoseek.store.elastic.engine_facets import EngineFacets
from photoseek.store.elastic.engine_filters import clause_of
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_index import IndexNote
from photoseek.store.elastic.engine_marks import EngineMarks
from photoseek.store.elastic.engine_queries import EngineQueries, Page
from photoseek.store.elastic.engine_segments import join_segments
from photoseek.store.elastic.engine_sorting import sorted_photos
from photoseek.store.elastic.engine_words import EngineWords
from photoseek.store.index_errors import missing_index
from photoseek.store.standing import Standing
from photoseek.store.validation import check_page, checked_query, latest_by_id


class EngineStore(PhotoStore):
    """Photos in an index of Elasticsearch or OpenSearch. Made by `open_store`."""

    def __init__(
        self,
        http: EngineHttp,
        engine: Engine,
        note: IndexNote,
        alias: str,
        place: BlobPlace,
        standing: Standing,
    ) -> None:
        """`alias` is what is written to."""
        self._http = http
        self._engine = engine
        self._address = http.address
        self._note = note
        self._place = place
        self._standing = standing
        self._bulk = Bulk(http, alias, note.index)
        self._queries = EngineQueries(http, engine, note.index)
        self.marks = EngineMarks(http, self._bulk, self._queries, note.index)
        self._facets = EngineFacets(self._queries)
        self._words = EngineWords(http, self._bulk, self._queries, self._current_note)

    @property
    def location(self) -> str:
        """The address, such as elastic+http://127.0.0.1:9200/photos."""
        return self._address.location

    @property
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""
        return self._note.model

    @property
    @override
    def blobs(self) -> Blobs:
        return self._place.blobs

    @override
    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        with reading(self.location):
            return self._known(ids)

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        if not (batch := latest_by_id(photos, self.model)):
            return
        with self._changing():
            note = self._current_note()
            before = self._known(batch)
            self.blobs.put(batch.values())
            if any(lets_go(known, batch[photo_id]) for photo_id, known in before.items()):
                self._place.note_leftovers()
            now = datetime.now(UTC)
            self._bulk.write(
                indexing(
                    index_documents.document_id(photo_id),
                    index_documents.new_document(encoded, note.keyword_fields, now),
                )
                for photo_id, encoded in batch.items()
            )
            self._words.follow(batch, note.keyword_fields)

    @override
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        with self._changing():
            fields, some = self._current_note().keyword_fields, list(ids)
            changed = write_changes(self._bulk, self._queries, some, revised, fields)
            self._words.follow(some, fields)
        return changed

    @override
    def search(
        self,
        vector: Vector,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        exact: bool = False,
    ) -> list[Hit]:
        query = checked_query(vector, top_k, offset, self.model)
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            found = self._queries.nearest(query, Page(top_k, offset), clause, exact=exact)
        return [Hit(rank, *each) for rank, each in enumerate(found, start=offset + 1)]

    @override
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        check_page(top_k)
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            return self._queries.keywords(text, Page(top_k), clause)

    @property
    @override
    def keyword_fields(self) -> tuple[str, ...]:
        with reading(self.location):
            return self._current_note().keyword_fields

    @override
    def use_keyword_fields(self, names: Sequence[str]) -> int:
        with self._changing():
            return self._words.change(names)

    @override
    def listed(
        self,
        sort: Sort,
        top_k: int,
        *,
        where: Sequence[Filter] = (),
        offset: int = 0,
        after: Place | None = None,
    ) -> list[StoredPhoto]:
        check_page(top_k, offset)
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            return sorted_photos(self._queries, sort, clause, Page(top_k, offset), after)

    @override
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            return self._facets.facets(clause)

    @override
    def own_columns(self) -> Sequence[str]:
        with reading(self.location):
            self._bulk.see()
            return tuple(self._facets.columns())

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        check_page(count)
        with reading(self.location):
            self._bulk.see()
            return self._queries.sample(count, self.model.dimensions)

    @override
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        wanted = list(ids)
        with reading(self.location):
            rows = self._queries.documents(wanted, index_documents.SHOWN)
            found = {key: index_documents.photo_of_document(each["_source"]) for key, each in rows}
        return {photo_id: found[photo_id] for photo_id in wanted if photo_id in found}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        with reading(self.location):
            rows = self._queries.documents(ids, index_documents.VECTOR)
            return {key: index_documents.vector_of_document(each["_source"]) for key, each in rows}

    @override
    def ids(self) -> Iterator[list[str]]:
        with reading(self.location):
            self._bulk.see()
            yield from self._queries.ids()

    @override
    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        with reading(self.location):
            rows = self._queries.documents(ids, index_documents.WHOLE)
            return {key: index_documents.encoded_of_document(each["_source"]) for key, each in rows}

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with self._changing():
            known = self._known(ids)
            if known:
                self._place.note_leftovers()
                self._bulk.write(deleting(index_documents.document_id(each)) for each in known)
        return len(known)

    @override
    def count(self, where: Sequence[Filter] = ()) -> int:
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            return self._queries.count(clause)

    @override
    def stands(self) -> bool:
        with reading(self.location):
            return self._standing.holds()

    @override
    def catch_up(self) -> None:
        with reading(self.location):
            self._bulk.refresh()

    @override
    def maintain(self) -> None:
        with writing(self.location):
            self._bulk.see()
            with suppress(EngineError):  # another index cannot be read just now
                self._place.sweep(self._queries.used)
            with suppress(EngineError):  # the key may not ask for it
                join_segments(self._http, self._note.index)

    @property
    @override
    def ann(self) -> bool:
        return self.count() > self._engine.candidates

    @override
    def size(self) -> int:
        with reading(self.location):
            answer = self._http.ask("GET", f"/{self._note.index}/_stats/store")
            held_by_engine = int(answer["_all"]["primaries"]["store"]["size_in_bytes"])
            return held_by_engine + self._place.size()

    def _known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        rows = self._queries.documents(ids, index_documents.KNOWN)
        return {key: index_documents.known_of(each["_source"]) for key, each in rows}

    def _current_note(self) -> IndexNote:
        """What is noted at the index by now."""
        note = engine_index.note_of(self._http, replace(self._address, name=self._note.index))
        if note is None:
            raise missing_index(self.location)
        return note

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Writes, unless the name stands for another index by now."""
        with writing(self.location), self._standing.changing():
            yield
