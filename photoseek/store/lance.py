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

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from photoseek.records import (
    Condition,
    EncodedPhoto,
    Hit,
    IndexStatus,
    KnownPhoto,
    ModelIdentity,
    Photo,
    StoredPhoto,
    Vector,
)
from photoseek.store import schema
from photoseek.store.base import PhotoStore
from photoseek.store.checks import checked_query, latest_by_id
from photoseek.store.commits import committed
from photoseek.store.conditions import in_sql, to_sql
from photoseek.store.failures import reading, writing
from photoseek.store.home import IndexHome
from photoseek.store.kept import KeptFiles
from photoseek.store.text import from_text
from photoseek.store.upkeep import Upkeep

if TYPE_CHECKING:
    import pyarrow as pa

_IDS_AT_ONCE = 1000
# Beyond the page, to see whether photos of equal score stand on both sides of its end.
_TIES = 1
# The index ranks by 8-bit codes; so many times the hits are ranked again by the real vectors.
_REFINE = 4
# Every code of up to 64 * 4096 photos is compared: recall of 1.00 (measured at 100,000) even on
# vectors without any structure. Larger libraries have the 64 nearest partitions compared.
_PROBES = 64
_ALL = 1_000_000


class LanceStore(PhotoStore):
    """Photos in a LanceDB table. Made by `open_store`."""

    def __init__(self, home: IndexHome, table: Any, model: ModelIdentity) -> None:
        self._home = home
        self._table = table
        self._model = model
        self._upkeep = Upkeep(table, home.writer)
        self._kept = KeptFiles(home, table)

    @property
    def location(self) -> str:
        """The folder or s3:// URI."""
        return self._home.location

    @property
    def model(self) -> ModelIdentity:
        """The model that made every vector in here."""
        return self._model

    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        """See `PhotoStore.known`."""
        with reading(self.location):
            return self._known(ids)

    def upsert(self, photos: Sequence[EncodedPhoto]) -> None:
        """See `PhotoStore.upsert`."""
        batch = latest_by_id(photos, self._model)
        if not batch:
            return
        with writing(self.location), self._home.writer():
            replaced = self._removable(batch)
            self._kept.put(batch.values())
            self._merge(schema.to_table(batch.values(), self._table.schema))
            self._kept.remove_unused(replaced)

    def describe(self, photos: Sequence[Photo]) -> int:
        """See `PhotoStore.describe`."""
        batch = {photo.id: photo for photo in photos}
        with writing(self.location), self._home.writer():
            names = self._table.schema.names
            found = list(self._select_ids(batch, names))
            if not found:
                return 0
            import pyarrow as pa

            rows = schema.described(pa.concat_tables(found), batch)
            # Without a lock another writer may have brought new bytes meanwhile; theirs stay.
            return self._merge(rows, only_where="target.content_hash = source.content_hash")

    def search(
        self,
        vector: Vector,
        top_k: int,
        *,
        where: Sequence[Condition] = (),
        offset: int = 0,
        exact: bool = False,
    ) -> list[Hit]:
        """See `PhotoStore.search`."""
        query = checked_query(vector, top_k, offset, self._model)
        predicate = to_sql(where)
        with reading(self.location):
            end = offset + top_k
            limit = end + _TIES
            probes = 0 if exact else _probes(where)
            rows, scores = self._nearest(query, limit, predicate, probes)
            # Equal photos have equal scores. Were they cut off among themselves, their order,
            # and with it the next page, would be a matter of chance.
            while len(rows) == limit and scores[end - 1] == scores[-1]:
                limit *= 4
                rows, scores = self._nearest(query, limit, predicate, probes)
        answers = sorted(
            zip(scores.tolist(), map(schema.to_stored, rows), strict=True),
            key=lambda answer: (-answer[0], answer[1].photo.id),
        )
        page = enumerate(answers[offset:end], start=offset + 1)
        return [Hit(rank, score, stored) for rank, (score, stored) in page]

    def get(self, ids: Iterable[str]) -> dict[str, StoredPhoto]:
        """See `PhotoStore.get`."""
        with reading(self.location):
            rows = self._rows(ids, schema.STORED_COLUMNS)
            return {stored.photo.id: stored for stored in map(schema.to_stored, rows)}

    def vectors(self, ids: Iterable[str]) -> dict[str, Vector]:
        """See `PhotoStore.vectors`."""
        found: dict[str, Vector] = {}
        with reading(self.location):
            for rows in self._select_ids(ids, ("id", "vector")):
                found.update(schema.to_vectors(rows))
        return found

    def thumbnail(self, photo_id: str) -> bytes:
        """See `PhotoStore.thumbnail`."""
        with reading(self.location):
            return self._kept.read(photo_id, "thumbnail", self._known([photo_id]).get(photo_id))

    def original(self, photo_id: str) -> bytes:
        """See `PhotoStore.original`."""
        with reading(self.location):
            return self._kept.read(photo_id, "original", self._known([photo_id]).get(photo_id))

    def delete(self, ids: Iterable[str]) -> int:
        """See `PhotoStore.delete`."""
        with writing(self.location), self._home.writer():
            known = self._known(ids)
            if known:
                removable = self._removable(known)
                predicate = in_sql("id", known)
                committed(lambda: self._table.delete(predicate))
                self._kept.remove_unused(removable)
            return len(known)

    def count(self, where: Sequence[Condition] = ()) -> int:
        """See `PhotoStore.count`."""
        predicate = to_sql(where)
        with reading(self.location):
            return int(self._table.count_rows(predicate))

    def maintain(self) -> None:
        """See `PhotoStore.maintain`."""
        with writing(self.location), self._home.keeper() as is_mine:
            if is_mine and self._upkeep.is_due():
                self._upkeep.run()
                self._kept.sweep()

    def status(self) -> IndexStatus:
        """See `PhotoStore.status`."""
        with reading(self.location):
            return IndexStatus(
                location=self.location,
                model=self._model,
                photos=int(self._table.count_rows()),
                ann=self._upkeep.has_vector_index(),
            )

    def size(self) -> int:
        """See `PhotoStore.size`."""
        with reading(self.location):
            return self._home.bytes_used()

    def _nearest(
        self, query: Vector, limit: int, predicate: str | None, probes: int
    ) -> tuple[list[dict[str, Any]], Vector]:
        search = self._table.search(query, vector_column_name="vector", query_type="vector")
        search = search.distance_type("cosine").limit(limit)
        search = search.select([*schema.STORED_COLUMNS, "_distance"])
        if predicate:
            search = search.where(predicate, prefilter=True)
        if probes:
            search = search.nprobes(probes).refine_factor(_REFINE)
        else:
            search = search.bypass_vector_index()
        rows = search.to_arrow()
        scores = 1 - rows["_distance"].to_numpy()
        return rows.to_pylist(), np.clip(scores, -1, 1)

    def _merge(self, rows: pa.Table, *, only_where: str | None = None) -> int:
        """Replace the rows with these ids; without a condition, add those that are new."""
        merge = self._table.merge_insert("id").when_matched_update_all(where=only_where)
        if only_where is None:
            merge = merge.when_not_matched_insert_all()
        result = committed(lambda: merge.use_index(False).execute(rows))
        return int(result.num_updated_rows)

    def _known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        rows = self._rows(ids, schema.KNOWN_COLUMNS)
        return {from_text(row["id"]): schema.to_known(row) for row in rows}

    def _rows(self, ids: Iterable[str], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        for rows in self._select_ids(ids, columns):
            yield from rows.to_pylist()

    def _select_ids(self, ids: Iterable[str], columns: Sequence[str]) -> Iterator[pa.Table]:
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            predicate = in_sql("id", wanted[start : start + _IDS_AT_ONCE])
            rows = self._table.search().where(predicate).select(list(columns)).to_arrow()
            if rows.num_rows:
                yield rows

    def _removable(self, ids: Iterable[str]) -> set[str]:
        """The hashes of these photos, where no other writer can be about to refer to them."""
        if not self._home.excludes_writers:
            return set()
        return {known.content_hash for known in self._known(ids).values()}


def _probes(where: Sequence[Condition]) -> int:
    # The few photos that a filter leaves may lie in any partition, so all are asked; but "all
    # except this one" leaves what was there.
    keeps_most = all(condition.column == "id" and condition.operator == "!=" for condition in where)
    return _PROBES if keeps_most else _ALL
