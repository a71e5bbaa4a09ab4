"""What is asked of a Lance table of photos."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from photoseek.helpers.fingerprints import Fingerprints
from photoseek.records import Condition, Facets, Filter, Keep, KnownPhoto, Sort, StoredPhoto, Vector
from photoseek.store.escaping import from_text, without_unfit
from photoseek.store.lance import schema
from photoseek.store.lance.columns import counted_columns, facets_of_rows
from photoseek.store.lance.index_upkeep import partitions_of
from photoseek.store.lance.own_pairs import PAIRS, count_pairs
from photoseek.store.lance.predicates import in_sql
from photoseek.store.own_columns import OwnColumns
from photoseek.store.record_json import from_record
from photoseek.store.sorting import Part
from photoseek.store.word_forms import with_forms

if TYPE_CHECKING:
    import pyarrow as pa

_IDS_AT_ONCE = 1000
_ROWS_TO_A_BATCH = 8192  # Lance's own 1024 take half as much time again
_RECORDS_TO_A_BATCH = 4096  # one may have half a megabyte, and a column of Arrow's two gigabytes
_FACETS_KEPT = 64
# Beyond the page, to see whether photos of equal score stand on both sides of its end.
_TIES = 1
# Where they do, how many times as many are asked for: copies of a photo are few, captions that are
# alike may be all there are.
_COPIES = 8
_ALIKE = 64
# More are found by their ids first: a page far down is read without all that come before it.
_RECORDS_AT_ONCE = 200
# The index ranks by 8-bit codes; three times the hits are ranked again by the real vectors. With
# twice as many, a few of a thousand are missed where vectors lie close and one dimension is large.
_REFINE = 3
# Of a page far down fewer need to be read: near its end the codes err by a few places only.
_REFINE_FAR = 1.25
# Partitions of the index that are asked, those nearest to the query first: a share of all, never
# few. Recall@10 of queries like texts in a million vectors like CLIP's, by arithmetic: of 244
# partitions 48 have 0.990, and 96 have 0.998, 0.993 and 0.991 of the nearest that pass a filter of
# 10, 1 and 0.1 %. More are asked where these have too few photos.
_SHARE, _LEAST = 0.2, 48
_FILTERED_SHARE, _FILTERED_LEAST = 0.4, 96
# Of an index that an earlier version made nobody knows how many it has.
_OF_UNKNOWN = 64
_ALL = 1_000_000
# Sums of the same numbers in another order differ in the last digits; relevance has none there.
_RELEVANCE_DIGITS = 4

_SHOWN = ("record", "keep", "indexed_at")
Probing = Literal["exact", "near", "far"]
"""Whether a search compares with every photo, or asks fewer or more of the partitions."""

_Scores = NDArray[np.float32]
_Ranked: TypeAlias = "tuple[_Scores, pa.Table]"


class Page(NamedTuple):
    """Which of the photos in an order are wanted."""

    top_k: int
    offset: int = 0


class Queries:
    """Reads of one table; each sees what was committed before it began."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._facets = lru_cache(_FACETS_KEPT)(self._count)
        self._own = lru_cache(1)(self._own_columns)

    def nearest(
        self, query: Vector, page: Page, predicate: str | None, probing: Probing
    ) -> list[tuple[float, StoredPhoto]]:
        """Photos with their cosine similarities, best first, equal ones by id."""
        from photoseek.compat.lance import found, vector_search

        probes = 0 if probing == "exact" else _probes(self._table.schema, probing)

        def ask(limit: int, columns: Sequence[str]) -> _Ranked:
            is_far = probes > 0 and limit > _RECORDS_AT_ONCE
            candidates = math.ceil(limit * _REFINE_FAR) if is_far else limit
            search = vector_search(self._table, query).column("vector").distance_type("cosine")
            search = search.limit(candidates).select([*columns, "_distance"])
            if predicate:
                search = search.where(predicate)
            if probes:
                search = search.maximum_nprobes(_ALL).minimum_nprobes(probes)
                search = search.refine_factor(1 if is_far else _REFINE)
            else:
                search = search.bypass_vector_index()
            rows = found(search).slice(0, limit)
            return np.clip(1 - rows["_distance"].to_numpy(), -1, 1), rows

        return self._ranked(ask, page, _COPIES)

    def keywords(self, text: str, page: Page, predicate: str | None) -> list[StoredPhoto]:
        """Photos that have a word of the text in what keywords find, by BM25, best first."""
        from lancedb.query import MatchQuery

        # Not a text but a query object, in which nothing is an operator.
        words = MatchQuery(with_forms(without_unfit(text), is_asked=True), "words")

        def ask(limit: int, columns: Sequence[str]) -> _Ranked:
            search = self._table.search(words, query_type="fts").limit(limit)
            if predicate:
                search = search.where(predicate, prefilter=True)
            rows = search.select([*columns, "_score"]).to_arrow()
            return np.round(rows["_score"].to_numpy(), _RELEVANCE_DIGITS), rows

        return [stored for _, stored in self._ranked(ask, page, _ALIKE)]

    def listed(
        self, sort: Sort, part: Part, page: Page, predicate: str | None
    ) -> list[StoredPhoto]:
        """Photos of a part of a list, in its order."""
        from lancedb.query import ColumnOrdering

        order = [ColumnOrdering(column_name="id")]
        if part.is_known:
            by_value = ColumnOrdering(column_name=sort.field, ascending=sort.ascending)
            order.insert(0, by_value)
        rows = self._select([each.column_name for each in order], predicate).order_by(order)
        ids = rows.limit(page.top_k).offset(page.offset).to_arrow()["id"].to_pylist()
        return self.get(map(from_text, ids))

    def facets(self, predicate: str | None) -> Facets:
        """How many of the photos have each value."""
        # The version is asked first: what is counted may be newer, and then nobody asks for it.
        return self._facets(self._table.version, predicate)

    def own_columns(self) -> tuple[str, ...]:
        """Columns of users' own manifests that photos have, those of most photos first."""
        return self._own(self._table.version).names()

    def ids(self, predicate: str | None = None) -> Iterator[list[str]]:
        """The ids of all photos, some at a time; the table is read before the first."""
        ids = self._select(("id",), predicate).to_arrow()["id"]
        parts = (ids.slice(start, _IDS_AT_ONCE) for start in range(0, len(ids), _IDS_AT_ONCE))
        return (list(map(from_text, part.to_pylist())) for part in parts)

    def known(self, ids: Iterable[str]) -> dict[str, KnownPhoto]:
        """What tells whether photos must be encoded, by the ids that are stored."""
        rows = self.rows(ids, schema.KNOWN_COLUMNS)
        return {from_text(row["id"]): schema.to_known(row) for row in rows}

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
        photos = (each for rows in self.tables(wanted, _SHOWN) for each in _photos_of(rows))
        found = {stored.photo.id: stored for stored in photos}
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

    def _count(self, version: int, predicate: str | None) -> Facets:
        columns = counted_columns(self._table.schema.names)
        rows = self._select(columns, predicate).to_batches(batch_size=_ROWS_TO_A_BATCH)
        own = self._own(version)
        names = own.facets()
        if names and predicate:
            own = self._own_columns(version, names, predicate)
        return facets_of_rows(rows.read_all(), own.counted(names))

    def _own_columns(
        self, version: int, only: Collection[str] | None = None, predicate: str | None = None
    ) -> OwnColumns:
        own = OwnColumns(only)
        rows = self._select({"pairs": PAIRS}, predicate).to_batches(batch_size=_RECORDS_TO_A_BATCH)
        for batch in rows:
            count_pairs(own, batch["pairs"])
        return own

    def _ranked(
        self, ask: Callable[[int, Sequence[str]], _Ranked], page: Page, growth: int
    ) -> list[tuple[float, StoredPhoto]]:
        """A page of what `ask` gives (of a number of rows, one column), best first, then by id.

        Equal photos have equal scores. Were they cut off among themselves, their order, and with
        it the next page, would be a matter of chance: all that are equal to the last one are asked
        for, by their ids alone.
        """
        end = page.offset + page.top_k
        limit = end + _TIES
        if limit <= _RECORDS_AT_ONCE:
            scores, rows = ask(limit, _SHOWN)
            if not _is_cut(scores, limit, end):
                answers = zip(scores.tolist(), _photos_of(rows), strict=True)
                by_score = sorted(answers, key=lambda answer: (-answer[0], answer[1].photo.id))
                return by_score[page.offset : end]
            limit *= growth
        scores, rows = ask(limit, ("id",))
        while _is_cut(scores, limit, end):
            limit *= growth
            scores, rows = ask(limit, ("id",))
        ids = map(from_text, rows["id"].to_pylist())
        ranked = nsmallest(end, zip((-scores).tolist(), ids, strict=True))
        score_of = {photo_id: -score for score, photo_id in ranked[page.offset :]}
        return [(score_of[stored.photo.id], stored) for stored in self.get(score_of)]

    def _select(self, columns: Sequence[str] | dict[str, str], predicate: str | None) -> Any:
        asked = columns if isinstance(columns, dict) else list(columns)
        rows = self._table.search().select(asked)
        return rows.where(predicate) if predicate else rows


def _photos_of(rows: pa.Table) -> Iterator[StoredPhoto]:
    """The photos of rows with what `_SHOWN` names."""
    columns = (rows[name].to_pylist() for name in _SHOWN)
    for record, keep, since in zip(*columns, strict=True):
        yield replace(from_record(record), keep=keep, indexed_at=since)


def probing_for(where: Sequence[Filter]) -> Probing:
    """How far an index is asked where these filters hold."""
    # The few photos that a filter leaves lie in more partitions; but "all except this one" leaves
    # what was there.
    keeps_most = all(
        isinstance(each, Condition) and each.field == "id" and each.operator == "!="
        for each in where
    )
    return "near" if keeps_most else "far"


def _probes(schema: pa.Schema, probing: Probing) -> int:
    partitions = partitions_of(schema)
    if not partitions:
        return _OF_UNKNOWN if probing == "near" else _ALL
    if probing == "near":
        return max(_LEAST, math.ceil(_SHARE * partitions))
    return max(_FILTERED_LEAST, math.ceil(_FILTERED_SHARE * partitions))


def _is_cut(scores: _Scores, limit: int, end: int) -> bool:
    """Whether there may be more that are equal to the last one of a page."""
    return len(scores) == limit and bool(scores[end - 1] == scores[-1])
