"""The store on LanceDB, in process, in one folder or one prefix of a bucket.

LanceDB runs threads and does not survive `os.fork`; nothing of it is loaded before a store is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import (
    Activity,
    EncodedPhoto,
    Facets,
    Filter,
    Hit,
    Keep,
    KnownPhoto,
    ModelIdentity,
    Place,
    Sort,
    StoredPhoto,
    Vector,
)
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs, lets_go
from photoseek.store.lance import rewording, schema
from photoseek.store.lance.blob_upkeep import BlobUpkeep
from photoseek.store.lance.columns import PresentColumns
from photoseek.store.lance.fences import check_fence
from photoseek.store.lance.lance_errors import reading, writing
from photoseek.store.lance.lance_marks import LanceMarks
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.maintenance import Upkeep
from photoseek.store.lance.newest_version import NewestVersion
from photoseek.store.lance.queries import Queries
from photoseek.store.lance.ranking import Page
from photoseek.store.lance.read_blocks import ReadBlocks
from photoseek.store.lance.row_writes import RowWrites
from photoseek.store.lance.sampling import sample
from photoseek.store.lance.sorted_rows import SortedRows
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS, UpkeepLimits
from photoseek.store.lance.wanted import wanted_of
from photoseek.store.standing import Standing, standing_for_itself
from photoseek.store.validation import check_page, checked_query, latest_by_id


class LanceStore(PhotoStore):
    """Photos in a LanceDB table. Made by `open_store`."""

    def __init__(
        self,
        layout: IndexLayout,
        table: Any,
        model: ModelIdentity,
        limits: UpkeepLimits = DEFAULT_LIMITS,
        standing: Standing | None = None,
        fence: str | None = None,
    ) -> None:
        """`fence` is the name that the table must keep to be written to; None where any may be."""
        self._layout = layout
        self._fence = fence
        self._standing = standing or standing_for_itself(layout.location)
        self._table = table
        self._model = model
        self._columns = PresentColumns(table)
        self._queries = Queries(layout, table, limits.index_from_rows)
        self._blocks = ReadBlocks(layout, NewestVersion(layout, table))
        self._reading = self._blocks.one
        self.marks = LanceMarks(table, self._queries, self._reading)
        self._writes = RowWrites(table, self._queries, layout, self._look_again)
        self._upkeep = Upkeep(layout, table, limits)
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
        with self._reading():
            return self._queries.known(ids)

    @override
    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        with self._reading():
            return self._queries.fingerprints(most, keep)

    @override
    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        if not (batch := latest_by_id(photos, self._model)):
            return
        with self._changing():
            self._columns.add_missing()
            known = self._writes.known(batch)
            self.blobs.put(batch.values())
            rows = schema.to_table(batch.values(), self._table.schema)
            if self._writes.put(rows, all_new=not known):
                self._blob_upkeep.note_leftovers()
            self._blob_upkeep.remove_unused(
                each.content_hash
                for photo_id, each in known.items()
                if lets_go(each, batch[photo_id])
            )

    @override
    def revise(
        self, ids: Iterable[str], revised: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        with self._changing():
            self._columns.add_missing()
            return self._writes.change(ids, revised)

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
        with self._reading() as at:
            wanted = wanted_of(where, self._columns.names())
            found = self._queries.nearest(at, query, Page(top_k, offset), wanted, exact=exact)
        return [Hit(rank, *each) for rank, each in enumerate(found, start=offset + 1)]

    @override
    def keywords(self, text: str, top_k: int, *, where: Sequence[Filter] = ()) -> list[StoredPhoto]:
        check_page(top_k)
        with self._reading():
            wanted = wanted_of(where, self._columns.names())
            return self._queries.keywords(text, Page(top_k), wanted.predicate)

    @property
    @override
    def keyword_fields(self) -> tuple[str, ...]:
        with self._reading():
            return rewording.fields_of(self._table.schema)

    @override
    def use_keyword_fields(self, names: Sequence[str]) -> int:
        with writing(self.location), self._standing.changing(), self._layout.reader():
            self._table.checkout_latest()
            write = partial(self._writes.replace, only_where=rewording.UNCHANGED)
            return rewording.bring(self._table, names, self._alone, write)

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
        with self._reading():
            rows = SortedRows(self._table, self._queries.get, self._columns.names(), sort, where)
            if rows.can_be_sorted:
                return rows.page(top_k, offset, after)
        return super().listed(sort, top_k, where=where, offset=offset, after=after)

    @override
    def facets(self, where: Sequence[Filter] = ()) -> Facets:
        with self._reading() as version:
            return self._queries.facets(version, wanted_of(where, self._columns.names()))

    @override
    def warm(self) -> None:
        super().warm()
        with self._reading() as version:
            self._queries.warm(version)

    @override
    def reads(self) -> AbstractContextManager[None]:
        return self._blocks.larger()

    @override
    def own_columns(self) -> Sequence[str]:
        with self._reading() as version:
            return self._queries.own_columns(version)

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        check_page(count)
        with self._reading():
            return sample(self._layout, self._table, count, self._model.dimensions)

    @override
    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        with self._reading():
            return {stored.photo.id: stored for stored in self._queries.get(ids)}

    @override
    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        with self._reading():
            tables = self._queries.tables(ids, ("id", "vector"))
            return {key: each for rows in tables for key, each in schema.to_vectors(rows).items()}

    @override
    def ids(self) -> Iterator[list[str]]:
        with self._reading():
            return self._queries.ids()

    @override
    def encoded(self, ids: Iterable[str]) -> dict[str, EncodedPhoto]:
        with self._reading():
            tables = self._queries.tables(ids, schema.ENCODED_COLUMNS)
            return {key: each for rows in tables for key, each in schema.to_encoded(rows).items()}

    @override
    def delete(self, ids: Iterable[str]) -> int:
        with self._changing():
            if known := self._queries.known(ids):
                self._blob_upkeep.note_leftovers()
                self._writes.delete(known)
                if self._layout.excludes_writers:  # else one may be about to refer to them
                    self._blob_upkeep.remove_unused(each.content_hash for each in known.values())
            return len(known)

    @override
    def count(self, where: Sequence[Filter] = ()) -> int:
        with self._reading() as version:
            return self._queries.count(version, wanted_of(where, self._columns.names()))

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
            is_due = self._upkeep.run_if_due()
            if self._blob_upkeep.sweep_is_due(tidied=is_due):
                self._blob_upkeep.sweep()

    @override
    def activity(self) -> Activity:
        with reading(self.location), self._layout.reader():
            return Activity(self._layout.has_writer(), self._upkeep.is_due())

    @property
    @override
    def ann(self) -> bool:
        with reading(self.location), self._layout.reader():
            return self._upkeep.has_vector_index()

    @override
    def size(self) -> int:
        with reading(self.location):
            return self._layout.bytes_used()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with writing(self.location), self._standing.changing(), self._alone():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A block in which nobody else writes, at the newest version."""
        with self._layout.writer():
            self._look_again()
            yield

    def _look_again(self) -> None:
        self._table.checkout_latest()
        if self._fence is not None:
            check_fence(self._table.schema, self._fence, self.location)
