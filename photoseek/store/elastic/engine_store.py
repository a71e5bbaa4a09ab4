"""The store on Elasticsearch and OpenSearch.

An engine has no commits: a batch is written photo by photo, each whole. Where it breaks off,
`StoreWriteError` says so, and to write the batch again is right: nothing is doubled, as a photo's
document is named by the photo's id.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.identity import same_vectors
from photoseek.records import (
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    KnownPhoto,
    ModelIdentity,
    Photo,
    StoredPhoto,
    Vector,
)
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs
from photoseek.store.elastic import engine_index, index_documents
from photoseek.store.elastic.engine_bulk import Bulk, Operation, deleting, indexing, updating
from photoseek.store.elastic.engine_dialects import Engine
from photoseek.store.elastic.engine_errors import EngineError, reading, writing
from photoseek.store.elastic.engine_facets import EngineFacets
from photoseek.store.elastic.engine_filters import ALL, clause_of
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_index import IndexNote
from photoseek.store.elastic.engine_queries import CANDIDATES, EngineQueries, Page
from photoseek.store.elastic.orphan_blobs import BlobPlace
from photoseek.store.index_errors import missing_index, other_vectors
from photoseek.store.validation import check_page, checked_query, latest_by_id

_REWORDED_AT_ONCE = 1_000
_ROUNDS = 20


class EngineStore(PhotoStore):
    """Photos in an index of Elasticsearch or OpenSearch. Made by `open_store`."""

    def __init__(self, http: EngineHttp, engine: Engine, note: IndexNote, place: BlobPlace) -> None:
        self._http = http
        self._address = http.address
        self._note = note
        self._place = place
        self._bulk = Bulk(http, self._address.name, note.index)
        self._queries = EngineQueries(http, engine, note.index)
        self._facets = EngineFacets(self._queries)

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
        batch = latest_by_id(photos, self.model)
        if not batch:
            return
        with writing(self.location):
            note = self._current_note()
            before = self._known(batch)
            self.blobs.put(batch.values())
            if any(_lets_go(known, batch[photo_id]) for photo_id, known in before.items()):
                self._place.note_leftovers()
            now = time.time_ns() // 1000
            self._bulk.write(
                indexing(
                    index_documents.document_id(photo_id),
                    index_documents.new_document(encoded, note.keyword_fields, now),
                )
                for photo_id, encoded in batch.items()
            )

    @override
    def describe(self, photos: Sequence[Photo]) -> int:
        waiting = {photo.id: photo for photo in photos}
        done = 0
        with writing(self.location):
            fields = self._current_note().keyword_fields
            for _ in range(_ROUNDS):
                changes: dict[str, Operation] = {}
                for photo_id, found in self._queries.documents(waiting, index_documents.SHOWN):
                    stored = index_documents.photo_of_document(found["_source"])
                    new = replace(stored, photo=waiting[photo_id])
                    described = index_documents.described(new, fields)
                    changes[photo_id] = updating(found, described)
                overtaken = set(self._bulk.write(changes.values()))
                again = [each for each in changes if index_documents.document_id(each) in overtaken]
                done += len(changes) - len(again)
                waiting = {photo_id: waiting[photo_id] for photo_id in again}
                if not waiting:
                    return done
            raise EngineError("others change the same photos again and again")

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
            answers = self._queries.nearest(query, Page(top_k, offset), clause, exact=exact)
        ranked = enumerate(answers, start=offset + 1)
        return [Hit(rank, score, stored) for rank, (score, stored) in ranked]

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
        with writing(self.location):
            note = self._current_note()
            if note.keyword_fields == tuple(names) and not note.behind:
                return 0
            engine_index.write_note(self._http, note.words(names, behind=True))
            self._bulk.refresh()
            changed = sum(self._reword(hits, tuple(names)) for hits in self._all_words())
            engine_index.write_note(self._http, note.words(names, behind=False))
            return changed

    @override
    def browse(
        self, top_k: int, *, where: Sequence[Filter] = (), offset: int = 0
    ) -> list[StoredPhoto]:
        check_page(top_k, offset)
        clause = clause_of(where)
        with reading(self.location):
            self._bulk.see()
            return self._queries.newest(Page(top_k, offset), clause)

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
            found = {
                photo_id: index_documents.photo_of_document(document["_source"])
                for photo_id, document in self._queries.documents(wanted, index_documents.SHOWN)
            }
        return {photo_id: found[photo_id] for photo_id in wanted if photo_id in found}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        with reading(self.location):
            return {
                photo_id: index_documents.vector_of_document(document["_source"])
                for photo_id, document in self._queries.documents(ids, index_documents.VECTOR)
            }

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with writing(self.location):
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
    def maintain(self) -> None:
        with writing(self.location):
            self._bulk.see()
            self._place.sweep(self._queries.used)

    @property
    @override
    def ann(self) -> bool:
        return self.count() > CANDIDATES

    @override
    def size(self) -> int:
        with reading(self.location):
            answer = self._http.ask("GET", f"/{self._note.index}/_stats/store")
            held_by_engine = int(answer["_all"]["primaries"]["store"]["size_in_bytes"])
            return held_by_engine + self._place.size()

    def _known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        return {
            photo_id: index_documents.known_of(document["_source"])
            for photo_id, document in self._queries.documents(ids, index_documents.KNOWN)
        }

    def _current_note(self) -> IndexNote:
        """What is noted at the index by now; of another model, it has been switched."""
        note = engine_index.note_of(self._http, self._address)
        if note is None:
            raise missing_index(self.location)
        if not same_vectors(note.model, self.model):
            raise other_vectors(self.location, note.model, self.model)
        return note

    def _all_words(self) -> Iterator[list[Any]]:
        members = ("record", "keep", "words")
        return self._queries.scan({"query": ALL}, [{"key": "asc"}], _REWORDED_AT_ONCE, members)

    def _reword(self, hits: Sequence[Any], fields: tuple[str, ...]) -> int:
        """Give documents the words of these fields; those written meanwhile have them already."""
        changes: list[Operation] = []
        for hit in hits:
            stored = index_documents.photo_of_document(hit["_source"])
            words = index_documents.words(stored, fields)
            if words != hit["_source"]["words"]:
                changes.append(updating(hit, {"words": words}))
        return len(changes) - len(self._bulk.write(changes))


def _lets_go(known: KnownPhoto, encoded: EncodedPhoto) -> bool:
    """Whether a photo that is replaced kept something that the new one does not."""
    return (known.content_hash, known.keep) != (encoded.content_hash, encoded.keep)
