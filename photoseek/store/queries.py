"""What is asked of a Lance table of photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Facets, StoredPhoto, Vector
from photoseek.store import schema
from photoseek.store.columns import in_sql
from photoseek.store.counting import COUNTED_COLUMNS, facets_of_rows
from photoseek.store.text import from_text
from photoseek.store.words import plain

if TYPE_CHECKING:
    import pyarrow as pa

_IDS_AT_ONCE = 1000
# Beyond the page, to see whether photos of equal score stand on both sides of its end.
_TIES = 1
_GROWTH = 8
# The index ranks by 8-bit codes; so many times the hits are ranked again by the real vectors.
_REFINE = 4
# Sums of the same numbers in another order differ in the last digits; relevance has none there.
_RELEVANCE_DIGITS = 4

_Scores = NDArray[np.float32]


class Queries:
    """Reads of one table; each sees what was committed before it began."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def nearest(
        self, query: Vector, end: int, predicate: str | None, probes: int
    ) -> list[tuple[float, StoredPhoto]]:
        """At least the `end` nearest photos with their similarities, best first, equal ones by id.

        `probes` partitions of the index are asked; 0 compares with every photo.
        """

        def rows(limit: int) -> tuple[pa.Table, _Scores]:
            search = self._table.search(query, vector_column_name="vector", query_type="vector")
            search = search.distance_type("cosine").limit(limit)
            search = search.select([*schema.STORED_COLUMNS, "_distance"])
            if predicate:
                search = search.where(predicate, prefilter=True)
            if probes:
                search = search.nprobes(probes).refine_factor(_REFINE)
            else:
                search = search.bypass_vector_index()
            found = search.to_arrow()
            return found, np.clip(1 - found["_distance"].to_numpy(), -1, 1)

        found, scores = _with_ties(rows, end)
        photos = map(schema.to_stored, found.to_pylist())
        answers = zip(scores.tolist(), photos, strict=True)
        return sorted(answers, key=lambda answer: (-answer[0], answer[1].photo.id))

    def keywords(self, text: str, top_k: int, predicate: str | None) -> list[StoredPhoto]:
        """See `PhotoStore.keywords`."""
        from lancedb.query import MatchQuery

        # Not a text but a query object, in which nothing is an operator.
        words = MatchQuery(plain(text), "words")

        def rows(limit: int) -> tuple[pa.Table, _Scores]:
            search = self._table.search(words, query_type="fts").limit(limit)
            if predicate:
                search = search.where(predicate, prefilter=True)
            found = search.select(["id", "_score"]).to_arrow()
            return found, np.round(found["_score"].to_numpy(), _RELEVANCE_DIGITS)

        found, scores = _with_ties(rows, top_k)
        ids = map(from_text, found["id"].to_pylist())
        ranked = sorted(zip((-scores).tolist(), ids, strict=True))
        return self.in_order(photo_id for _, photo_id in ranked[:top_k])

    def newest(self, top_k: int, predicate: str | None, offset: int) -> list[StoredPhoto]:
        """See `PhotoStore.browse`."""
        from lancedb.query import ColumnOrdering

        order = [
            ColumnOrdering(column_name="indexed_at", ascending=False),
            ColumnOrdering(column_name="id"),
        ]
        rows = self._select(("id", "indexed_at"), predicate).order_by(order)
        ids = rows.limit(top_k).offset(offset).to_arrow()["id"].to_pylist()
        return self.in_order(map(from_text, ids))

    def facets(self, predicate: str | None) -> Facets:
        """See `PhotoStore.facets`."""
        return facets_of_rows(self._select(COUNTED_COLUMNS, predicate).to_arrow())

    def in_order(self, ids: Iterable[str]) -> list[StoredPhoto]:
        """Those of the photos that are stored, in the order of their ids."""
        wanted = list(ids)
        rows = self.rows(wanted, schema.STORED_COLUMNS)
        found = {stored.photo.id: stored for stored in map(schema.to_stored, rows)}
        return [found[photo_id] for photo_id in wanted if photo_id in found]

    def rows(self, ids: Iterable[str], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """The rows of those ids that are stored."""
        for rows in self.tables(ids, columns):
            yield from rows.to_pylist()

    def tables(self, ids: Iterable[str], columns: Sequence[str]) -> Iterator[pa.Table]:
        """The rows of those ids that are stored, many to a table, which is never empty."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), _IDS_AT_ONCE):
            predicate = in_sql("id", wanted[start : start + _IDS_AT_ONCE])
            rows = self._select(columns, predicate).to_arrow()
            if rows.num_rows:
                yield rows

    def _select(self, columns: Sequence[str], predicate: str | None) -> Any:
        rows = self._table.search().select(list(columns))
        return rows.where(predicate) if predicate else rows


def _with_ties(
    rows: Callable[[int], tuple[pa.Table, _Scores]], end: int
) -> tuple[pa.Table, _Scores]:
    """At least `end` rows with scores, and all that are equal to the last of those.

    Equal photos have equal scores. Were they cut off among themselves, their order, and with it
    the next page, would be a matter of chance.
    """
    limit = end + _TIES
    found, scores = rows(limit)
    while len(scores) == limit and scores[end - 1] == scores[-1]:
        limit *= _GROWTH
        found, scores = rows(limit)
    return found, scores
