"""The store on LanceDB, in process, in one folder or one prefix of a bucket.

Two things keep writers apart. The writer lock serves those on one host. Lance's own conflict
detection serves everybody, but only when `id` is declared the primary key and the merge does
not go through the scalar index. Measured with LanceDB 0.40, three processes merging the same new
ids: duplicates without a key and an index, and with both; none in four races with the key and
without the index. That costs 13 ms a commit at 100,000 rows.

LanceDB runs threads and does not survive `os.fork`; nothing of it is loaded or opened before
a store is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.records import (
    Activity,
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    KnownPhoto,
    ModelIdentity,
    Photo,
    ReadText,
    StoredPhoto,
    Vector,
)
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs
from photoseek.store.escaping import from_text
from photoseek.store.lance import rewording, schema
from photoseek.store.lance.blob_upkeep import BlobUpkeep
from photoseek.store.lance.columns import PresentColumns
from photoseek.store.lance.commits import committed
from photoseek.store.lance.lance_errors import reading, writing
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.maintenance import DEFAULT_LIMITS, Upkeep, UpkeepLimits
from photoseek.store.lance.predicates import in_sql, predicate_of
from photoseek.store.lance.queries import Page, Queries, probes_for
from photoseek.store.lance.sampling import sample
from photoseek.store.standing import Standing, standing_for_itself
from photoseek.store.validation import check_page, checked_query, latest_by_id

if TYPE_CHECKING:
    import pyarrow as pa


class LanceStore(PhotoStore):
    """Photos in a LanceDB table. Made by `open_store`."""

    def __init__(
        self,
        layout: IndexLayout,
        table: Any,
        model: ModelIdentity,
        limits: UpkeepLimits = DEFAULT_LIMITS,
        standing: Standing | None = None,
    ) -> None:
        self._layout = layout
        self._standing = standing or standing_for_itself(layout.location)
        self._table = table
        self._model = model
        self._columns = PresentColumns(table)
        self._queries = Queries(table)
        self._upkeep = Upkeep(table, layout.writer, limits)
        self._blob_upkeep = BlobUpkeep(layout, table, limits.orphan_age)

    @property
    def location(self) -> str:
        """The folder or s3:// URI."""
        return self._layout.location

    @property
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""
        return self._model

    @property
    @override
    def blobs(self) -> Blobs:
        return self._layout.blobs

    @override
    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        with reading(self.location):
            return self._known(ids)

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        batch = latest_by_id(photos, self._model)
        if not batch:
            return
        with self._changing():
            self._columns.add_missing()
            replaced = self._removable(batch)
            self.blobs.put(batch.values())
            if self._merge(schema.to_table(batch.values(), self._table.schema)):
                self._blob_upkeep.note_leftovers()
            self._blob_upkeep.remove_unused(replaced)

    @override
    def describe(self, photos: Sequence[Photo]) -> int:
        batch = {photo.id: photo for photo in photos}
        return self._change(batch, lambda rows, fields: schema.described(rows, batch, fields))

    @override
    def add_texts(self, texts: Mapping[str, ReadText]) -> int:
        return self._change(texts, lambda rows, fields: schema.with_texts(rows, texts, fields))

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
        probes = 0 if exact else probes_for(where)
        with reading(self.location):
            predicate = predicate_of(where, self._columns.names())
            answers = self._queries.nearest(query, Page(top_k, offset), predicate, probes)
        ranked = enumerate(answers, start=offset + 1)
        return [Hit(rank, score, stored) for rank, (score, stored) in ranked]

    @override
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        check_page(top_k)
        with reading(self.location):
            predicate = predicate_of(where, self._columns.names())
            return self._queries.keywords(text, Page(top_k), predicate)

    @property
    @override
    def keyword_fields(self) -> tuple[str, ...]:
        with reading(self.location):
            return rewording.fields_of(self._table.schema)

    @override
    def use_keyword_fields(self, names: Sequence[str]) -> int:
        with writing(self.location), self._standing.changing():
            return rewording.bring(self._table, names, self._write_reworded)

    @override
    def browse(
        self, top_k: int, *, where: Sequence[Filter] = (), offset: int = 0
    ) -> list[StoredPhoto]:
        check_page(top_k, offset)
        with reading(self.location):
            predicate = predicate_of(where, self._columns.names())
            return self._queries.newest(Page(top_k, offset), predicate)

    @override
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        with reading(self.location):
            predicate = predicate_of(where, self._columns.names())
            return self._queries.facets(predicate)

    @override
    def own_columns(self) -> Sequence[str]:
        with reading(self.location):
            return self._queries.own_columns()

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        check_page(count)
        with reading(self.location):
            return sample(self._layout, count, self._model.dimensions)

    @override
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        with reading(self.location):
            return {stored.photo.id: stored for stored in self._queries.get(ids)}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        found: dict[str, Vector] = {}
        with reading(self.location):
            for rows in self._queries.tables(ids, ("id", "vector")):
                found.update(schema.to_vectors(rows))
        return found

    @override
    def ids(self) -> Iterator[list[str]]:
        with reading(self.location):
            return self._queries.ids()

    @override
    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        found: dict[str, EncodedPhoto] = {}
        with reading(self.location):
            for rows in self._queries.tables(ids, schema.ENCODED_COLUMNS):
                found.update(schema.to_encoded(rows))
        return found

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with self._changing():
            known = self._known(ids)
            if known:
                removable = self._removable(known)
                self._blob_upkeep.note_leftovers()
                committed(lambda: self._table.delete(in_sql("id", known)))
                self._blob_upkeep.remove_unused(removable)
            return len(known)

    @override
    def count(self, where: Sequence[Filter] = ()) -> int:
        with reading(self.location):
            predicate = predicate_of(where, self._columns.names())
            return int(self._table.count_rows(predicate))

    @override
    def version(self) -> str:
        with reading(self.location):
            return self._layout.newest_manifest()

    @override
    def stands(self) -> bool:
        with reading(self.location):
            return self._standing.holds()

    @override
    def maintain(self) -> None:
        with writing(self.location), self._layout.keeper() as is_mine:
            if not is_mine:
                return
            is_due = self._upkeep.is_due()
            if is_due:
                self._upkeep.run()
            if is_due or self._blob_upkeep.sweep_is_due():
                self._blob_upkeep.sweep()

    @override
    def activity(self) -> Activity:
        with reading(self.location):
            return Activity(self._layout.has_writer(), self._upkeep.is_due())

    @property
    @override
    def ann(self) -> bool:
        with reading(self.location):
            return self._upkeep.has_vector_index()

    @override
    def size(self) -> int:
        with reading(self.location):
            return self._layout.bytes_used()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with writing(self.location), self._standing.changing(), self._layout.writer():
            yield

    def _change(
        self, ids: Iterable[str], change: Callable[[pa.Table, Sequence[str]], pa.Table]
    ) -> int:
        """Put in the place of rows what is made of them and the fields that have keywords."""
        with self._changing():
            self._columns.add_missing()
            found = list(self._queries.tables(ids, self._table.schema.names))
            if not found:
                return 0
            import pyarrow as pa

            rows = change(pa.concat_tables(found), rewording.fields_of(self._table.schema))
            # Without a lock another writer may have brought new bytes meanwhile; theirs stay.
            return self._merge(rows, only_where="target.content_hash = source.content_hash")

    def _merge(self, rows: pa.Table, *, only_where: str | None = None) -> int:
        """Replace the rows with these ids; without a condition, add those that are new."""
        merge = self._table.merge_insert("id").when_matched_update_all(where=only_where)
        if only_where is None:
            merge = merge.when_not_matched_insert_all()
        result = committed(lambda: merge.use_index(False).execute(rows))
        return int(result.num_updated_rows)

    def _write_reworded(self, rows: pa.Table) -> int:
        with self._layout.writer():
            return self._merge(rows, only_where=rewording.UNCHANGED)

    def _known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        rows = self._queries.rows(ids, schema.KNOWN_COLUMNS)
        return {from_text(row["id"]): schema.to_known(row) for row in rows}

    def _removable(self, ids: Iterable[str]) -> set[str]:
        """The hashes of these photos, where no other writer can be about to refer to them."""
        if not self._layout.excludes_writers:
            return set()
        return {known.content_hash for known in self._known(ids).values()}
