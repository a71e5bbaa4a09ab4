"""What is asked of a Lance table of photos."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.fingerprints import Fingerprints
from photoseek.helpers.idset import keys_of
from photoseek.records import Facets, Keep, KnownPhoto, StoredPhoto, Vector
from photoseek.store.escaping import from_text
from photoseek.store.facets import facets_of
from photoseek.store.lance import schema
from photoseek.store.lance.counted_rows import CountedRows
from photoseek.store.lance.exact_scan import LEAST_SHARE, ExactScan
from photoseek.store.lance.few_photos import FewPhotos
from photoseek.store.lance.index_upkeep import partitions_of
from photoseek.store.lance.joint_searches import JointSearches, looking_into
from photoseek.store.lance.lance_caches import has_room_for
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.nearest import Kept, Nearest
from photoseek.store.lance.own_files import OwnFiles
from photoseek.store.lance.own_pairs import PAIRS, count_pairs
from photoseek.store.lance.predicates import in_sql
from photoseek.store.lance.probing import probes_of
from photoseek.store.lance.ranking import SHOWN, Page, photos_of
from photoseek.store.lance.rows_at_hand import RowsAtHand
from photoseek.store.lance.saved_counts import SavedCounts
from photoseek.store.lance.told_nearest import Search, ToldNearest
from photoseek.store.lance.wanted import EVERY_PHOTO, Wanted
from photoseek.store.lance.worded import Worded
from photoseek.store.own_columns import OwnColumns

if TYPE_CHECKING:
    import pyarrow as pa

_IDS_AT_ONCE = 1000
_ROWS_TO_A_BATCH = 8192  # Lance's own 1024 take half as much time again
_RECORDS_TO_A_BATCH = 4096  # one may have half a megabyte, and a column of Arrow's two gigabytes
_FACETS_KEPT, _COUNTS_KEPT = 64, 256


class Queries:
    """Reads of one table; each sees what was committed before it began.

    What is counted is kept for the `version` that the caller has seen. Where another thread has
    brought the table to a newer one meanwhile, that is counted, and nobody asks for it again.
    """

    def __init__(self, layout: IndexLayout, table: Any, many: int) -> None:
        """From `many` photos on the vectors have an index."""
        self._table = table
        self._many = many
        self._joint = JointSearches(looking_into(table), layout.searches_at_once)
        saved = SavedCounts(layout, table)
        self._counted = CountedRows(table, saved.rows)
        self._few = FewPhotos(table, self._counted.chosen)
        at_hand = RowsAtHand(table)
        self._told = ToldNearest(table, self._joint, self._counted.told, at_hand)
        self._scan: ExactScan | None = None
        if layout.folder:
            self._scan = ExactScan(layout.folder, table, self._counted.chosen, at_hand)
        self._facets = lru_cache(_FACETS_KEPT)(self._count)
        self._own_files = OwnFiles(table, self._counted, saved.files)
        self._own = lru_cache(1)(self._own_columns)
        self._partitions = lru_cache(1)(lambda _version: partitions_of(table.schema))
        self._matching = lru_cache(_COUNTS_KEPT)(self._count_matching)

    def warm(self, version: int) -> None:
        """Read the vectors or their index into memory, if it can stay there."""
        if self._has_few(version):
            self._few.brought_up(version)
            return
        vector = self._table.schema.field("vector").type
        if has_room_for(self._table.count_rows() * vector.list_size):  # a byte for each number
            for index in self._table.list_indices():
                if index.columns == ["vector"]:
                    self._table.prewarm_index(index.name)

    def nearest(
        self, version: int, query: Vector, page: Page, wanted: Wanted, *, exact: bool
    ) -> list[tuple[float, StoredPhoto]]:
        """Photos with their cosine similarities, best first, equal ones by id."""
        if self._has_few(version):
            found = self._few.nearest(version, query, page, wanted)
            if found is not None:
                return found
        kept = Kept(self.count(version, wanted), self.count(version))
        probes = 0 if exact else probes_of(self._partitions(version), kept.share)
        if probes:
            found = self._told.page(Search(version, query, wanted, kept, probes), page)
        elif self._scan and kept.share >= LEAST_SHARE:
            found = self._scan.page(version, query, wanted, page)
        else:
            found = None
        if found is not None:
            return found
        nearest = Nearest(self._table, self._joint, query, wanted.predicate, kept, probes)
        return nearest.page(page, self.get)

    def count(self, version: int, wanted: Wanted = EVERY_PHOTO) -> int:
        """How many photos there are, counted once for each version of the table."""
        return self._matching(version, wanted)

    def keywords(self, text: str, page: Page, predicate: str | None) -> list[StoredPhoto]:
        """Photos that have a word of the text in what keywords find, by BM25, best first."""
        return Worded(self._table, text, predicate).page(page, self.get)

    def facets(self, version: int, wanted: Wanted) -> Facets:
        """How many of the photos have each value."""
        return self._facets(version, wanted)

    def own_columns(self, version: int) -> tuple[str, ...]:
        """Columns of users' own manifests that photos have, those of most photos first."""
        return self._own(version).names()

    def ids(self, predicate: str | None = None) -> Iterator[list[str]]:
        """The ids of all photos, some at a time; the table is read before the first."""
        ids = self._select(("id",), predicate).to_arrow()["id"]
        parts = (ids.slice(start, _IDS_AT_ONCE) for start in range(0, len(ids), _IDS_AT_ONCE))
        return (list(map(from_text, part.to_pylist())) for part in parts)

    def known(self, ids: Iterable[str], *, only_indexed: bool = False) -> dict[str, KnownPhoto]:
        """What tells whether photos must be encoded, by the ids that are stored.

        With `only_indexed` rows that the index on `id` lacks are not looked at.
        """
        tables = self.tables(ids, schema.KNOWN_COLUMNS, only_indexed=only_indexed)
        rows = (row for some in tables for row in some.to_pylist())
        return {from_text(row["id"]): schema.to_known(row) for row in rows}

    def id_keys(self) -> NDArray[np.uint64]:
        """The keys of all ids, in no order; the table is read as they are made."""
        parts = self._select(("id",), None).to_batches(batch_size=_ROWS_TO_A_BATCH)
        keys = [keys_of(map(from_text, part["id"].to_pylist())) for part in parts]
        return np.concatenate([np.empty(0, np.uint64), *keys])

    def fingerprints(self, most: int, keep: Keep | None) -> Fingerprints | None:
        """Those of all photos, or of those of which so much is kept; None for more than `most`."""
        if self._table.count_rows() > most:
            return None
        predicate = in_sql("keep", [keep]) if keep else None
        rows = self._select(("fingerprint",), predicate).to_batches(batch_size=_ROWS_TO_A_BATCH)
        return Fingerprints(part.column("fingerprint").to_pylist() for part in rows)

    def get(self, ids: Iterable[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of their ids."""
        wanted = list(ids)
        photos = (each for rows in self.tables(wanted, SHOWN) for each in photos_of(rows))
        found = {stored.photo.id: stored for stored in photos}
        return [found[photo_id] for photo_id in wanted if photo_id in found]

    def tables(
        self, ids: Iterable[str], columns: Sequence[str], *, only_indexed: bool = False
    ) -> Iterator[pa.Table]:
        """The rows of those ids that are stored, many to a table, which is never empty.

        With `only_indexed` rows that the index on `id` lacks are not looked at.
        """
        from photoseek.compat.lance import found, indexed_rows

        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            predicate = in_sql("id", wanted[start : start + _IDS_AT_ONCE])
            if only_indexed:
                rows = found(indexed_rows(self._table, predicate, columns))
            else:
                rows = self._select(columns, predicate).to_arrow()
            if rows.num_rows:
                yield rows

    def _has_few(self, version: int) -> bool:
        has_few = self.count(version) < self._many
        if not has_few:
            self._few.forget()
        return has_few

    def _count_matching(self, version: int, wanted: Wanted) -> int:
        if wanted.predicate:
            known = self._counted.count(version, wanted)
            if known is None and self._has_few(version):
                known = self._few.count(version, wanted)
            if known is not None:
                return known
        return int(self._table.count_rows(wanted.predicate))

    def _count(self, version: int, wanted: Wanted) -> Facets:
        own = self._own(version)
        names = own.facets()
        if names and wanted.predicate:
            own = self._own_columns_of(wanted.predicate, names)
        total, counted = self._counted.counts(wanted)
        return facets_of(total, (*counted, *own.counted(names)))

    def _own_columns(self, _version: int) -> OwnColumns:
        return self._own_files.counted()

    def _own_columns_of(self, predicate: str, only: Collection[str]) -> OwnColumns:
        own = OwnColumns(only)
        rows = self._select({"pairs": PAIRS}, predicate).to_batches(batch_size=_RECORDS_TO_A_BATCH)
        for batch in rows:
            count_pairs(own, batch["pairs"])
        return own

    def _select(self, columns: Sequence[str] | dict[str, str], predicate: str | None) -> Any:
        asked = columns if isinstance(columns, dict) else list(columns)
        rows = self._table.search().select(asked)
        return rows.where(predicate) if predicate else rows
