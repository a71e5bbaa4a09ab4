"""The store on one collection of a Milvus server.

Vectors are compared by their cosine, which is the inner product of vectors of length 1, so that
each is given back as it was given. What this process has written is seen by its next search
(consistency "Session"); to look ids up that it has not written lately waits for nothing. Other
processes see a write a fraction of a second later. Milvus knows no condition on a write: of two
processes that write one photo at the same time, the later one wins. So what is written again is
read just before, as all others have written it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.helpers.deadlines import unhurried
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
from photoseek.store.blobs import Blobs
from photoseek.store.facets import facets_of_photos
from photoseek.store.milvus import milvus_rows
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.milvus.milvus_collection import MilvusCollection
from photoseek.store.milvus.milvus_expressions import EVERY, expression_of, key_of_id
from photoseek.store.milvus.milvus_keywords import KeywordFields
from photoseek.store.milvus.milvus_marks import MilvusMarks
from photoseek.store.milvus.milvus_own_writes import OwnWrites
from photoseek.store.milvus.milvus_queries import MilvusQueries, check_depth
from photoseek.store.milvus.milvus_server import (
    BOUNDED,
    SESSION,
    STRONG,
    MilvusError,
    reading,
    writing,
)
from photoseek.store.milvus.milvus_sorting import SortedCollection
from photoseek.store.milvus.milvus_writer import MilvusWriter
from photoseek.store.standing import Standing
from photoseek.store.validation import check_page, checked_query, latest_by_id
from photoseek.store.word_forms import asked_words


class MilvusStore(PhotoStore):
    """Photos in a collection of Milvus. Made by `open_store`."""

    def __init__(
        self,
        address: Address,
        collection: MilvusCollection,
        model: ModelIdentity,
        place: BlobPlace,
        fields: KeywordFields,
        standing: Standing,
        columns: Collection[str],
    ) -> None:
        self._address = address
        self._collection = collection
        self._queries = MilvusQueries(collection)
        self.marks = MilvusMarks(address.location, collection, self._queries)
        self._model = model
        self._place = place
        self._fields = fields
        self._standing = standing
        self._columns = columns
        self._own_writes = OwnWrites()
        self._writer = MilvusWriter(collection, self._queries, fields, self._own_writes, columns)

    @property
    def location(self) -> str:
        """Such as milvus://host:19530/photos."""
        return self._address.location

    @property
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""
        return self._model

    @property
    @override
    def blobs(self) -> Blobs:
        return self._place.blobs

    @override
    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        with reading(self.location):
            return {i: milvus_rows.known_in(r) for i, r in self._rows_of(ids, milvus_rows.KNOWN)}

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        if not (batch := latest_by_id(photos, self._model)):
            return
        with self._changing():
            at = self._writer.now()
            rows = [milvus_rows.row_of(each, at) for each in batch.values()]
            if any(True for _ in self._rows_of(batch, ("content_hash",))):
                self._place.note_leftovers()
            self.blobs.put(batch.values())
            self._writer.write(rows)
            self._writer.follow((row["key"] for row in rows), at)

    @override
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        with self._changing():
            at = self._writer.now()
            # What others have just written must not be replaced by what it was before.
            rows = [row for _, row in self._rows_of(ids, milvus_rows.ALL_BUT_WORDS, STRONG)]
            made = [(row, revised(milvus_rows.stored_in(row))) for row in rows]
            changed = [milvus_rows.reworded(row, new, at) for row, new in made if new is not None]
            self._writer.write(changed)
            self._writer.follow((row["key"] for row in changed), at)
        return len(changed)

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
        query = checked_query(vector, top_k, offset, self._model)
        expression = expression_of(where, self._columns)
        check_depth(offset + top_k)
        with reading(self.location):
            found = self._queries.nearest(query, offset + top_k, expression, exact=exact)
        page = enumerate(found[offset : offset + top_k], start=offset + 1)
        return [Hit(rank, max(-1.0, min(1.0, score)), stored) for rank, (score, stored) in page]

    @override
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        check_page(top_k)
        expression = expression_of(where, self._columns)
        check_depth(top_k)
        words = asked_words(text)
        if not words:
            return []
        with reading(self.location):
            if milvus_rows.WORDS not in self._columns:
                return self._queries.scanned(text, expression, self.keyword_fields)[:top_k]
            found = self._queries.relevant(" ".join(words), top_k, expression)
        return [stored for _, stored in found[:top_k]]

    @property
    @override
    def keyword_fields(self) -> tuple[str, ...]:
        with reading(self.location):
            return self._fields.names()

    @override
    def use_keyword_fields(self, names: Sequence[str]) -> int:
        with self._changing():
            write = self._writer.write_reworded if milvus_rows.WORDS in self._columns else None
            return self._fields.change(names, self._queries, write)

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
        photos = SortedCollection(self._queries, sort, expression_of(where, self._columns))
        with reading(self.location):
            if sort.field in self._columns:
                return photos.page(top_k, offset, after)
            photos.check_few()
        return super().listed(sort, top_k, where=where, offset=offset, after=after)

    @override
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        with reading(self.location):
            expression = expression_of(where, self._columns)
            own = self._queries.own_columns().facets()
            return facets_of_photos(list(self._queries.photos(expression)), own)

    @override
    def own_columns(self) -> Sequence[str]:
        with reading(self.location):
            return self._queries.own_columns().names()

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        check_page(count)
        with reading(self.location):
            vectors = self._queries.sample(count)
        return np.array(vectors, np.float32).reshape(len(vectors), self._model.dimensions)

    @override
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        with reading(self.location):
            return {i: milvus_rows.kept_in(row) for i, row in self._rows_of(ids, milvus_rows.KNOWN)}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        with reading(self.location):
            return {i: milvus_rows.vector_in(row) for i, row in self._rows_of(ids, ("vector",))}

    @override
    def ids(self) -> Iterator[list[str]]:
        with reading(self.location):
            yield from self._queries.ids()

    @override
    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        with reading(self.location):
            rows = self._rows_of(ids, milvus_rows.ENCODED)
            return {i: milvus_rows.encoded_in(row) for i, row in rows}

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with self._changing():
            found = [row["key"] for _, row in self._rows_of(ids, ("content_hash",))]
            if found:
                self._place.note_leftovers()
            self._writer.delete(found)
        return len(found)

    @override
    def count(self, where: Sequence[Filter] = ()) -> int:
        with reading(self.location):
            return self._collection.count(expression_of(where, self._columns))

    @override
    def size(self) -> int:
        with reading(self.location):
            return self._place.size() + self._collection.count(EVERY) * 4 * self._model.dimensions

    @override
    def stands(self) -> bool:
        with reading(self.location):
            return self._standing.holds()

    @override
    def catch_up(self) -> None:
        with reading(self.location):
            self._collection.see_all()

    @override
    def maintain(self) -> None:
        """Remove pixels that no photo keeps any more; the server does the rest by itself."""
        with writing(self.location), unhurried(), suppress(MilvusError):
            self._place.sweep(self._queries.used)

    @property
    @override
    def ann(self) -> bool:
        with reading(self.location):
            collection = self._collection
            described = collection.server.reads("describe_index", collection.name, "vector")
            return int(described.get("indexed_rows", 0)) > 0

    def _rows_of(
        self, ids: Iterable[str], columns: Sequence[str], level: str = BOUNDED
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The stored rows of ids, in the order of the ids, seen at least as this process wrote."""
        keys = {key_of_id(photo_id): photo_id for photo_id in ids}
        unseen = self._own_writes.among(keys)
        level = SESSION if unseen and level == BOUNDED else level
        found = {row["key"]: row for row in self._queries.rows_of(keys, ("key", *columns), level)}
        self._own_writes.seen(unseen)
        return ((photo_id, found[key]) for key, photo_id in keys.items() if key in found)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Writes, unless the name stands for another collection by now."""
        with writing(self.location), self._standing.changing():
            yield
