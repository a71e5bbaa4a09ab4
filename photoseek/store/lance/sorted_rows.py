"""Lists of photos in an order: LanceDB keeps the best rows of one column in mind, and no more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from photoseek.records import Filter, Place, Sort, StoredPhoto
from photoseek.store.lance.predicates import after_in_sql, predicate_of
from photoseek.store.lance.queries import Queries
from photoseek.store.lance.ranking import Page
from photoseek.store.sorting import Part, page_of_parts, parts_of


class SortedRows:
    """The rows of a table that pass filters, in an order, by a column that it has."""

    def __init__(
        self,
        table: Any,
        queries: Queries,
        columns: Collection[str],
        sort: Sort,
        where: Sequence[Filter],
    ) -> None:
        self._table = table
        self._queries = queries
        self._columns = columns
        self._sort = sort
        self._where = predicate_of(where, columns)

    @property
    def can_be_sorted(self) -> bool:
        """Whether there is the column; to a table of an earlier version the next write adds it."""
        return self._sort.field in self._columns

    def page(self, top_k: int, offset: int, after: Place | None) -> list[StoredPhoto]:
        """At most `top_k` photos after a place, after skipping `offset`."""
        parts = parts_of(self._sort, after)
        return page_of_parts(parts, top_k, offset, self._ask, self._count)

    def _ask(self, part: Part, top_k: int, offset: int) -> list[StoredPhoto]:
        return self._queries.listed(self._sort, part, Page(top_k, offset), self._predicate(part))

    def _count(self, part: Part) -> int:
        return int(self._table.count_rows(self._predicate(part)))

    def _predicate(self, part: Part) -> str | None:
        has = predicate_of(part.where, self._columns)
        follows = after_in_sql(self._sort, part.after) if part.after else None
        return " AND ".join(filter(None, (self._where, has, follows))) or None
