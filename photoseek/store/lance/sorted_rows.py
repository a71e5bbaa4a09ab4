"""Lists of photos in an order: LanceDB keeps the best rows of one column in mind, and no more.

What costs most is to read the ids, by which photos of one value are ordered. So the values alone
are read first; they tell between which of them a page lies, and only there are ids read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from photoseek.records import Filter, Place, Sort, StoredPhoto
from photoseek.store.escaping import from_text
from photoseek.store.lance.predicates import (
    after_in_sql,
    beyond_in_sql,
    from_in_sql,
    predicate_of,
    until_in_sql,
)
from photoseek.store.lance.ranking import Get, Page
from photoseek.store.sorting import Part, page_of_parts, parts_of

if TYPE_CHECKING:
    import pyarrow as pa


class SortedRows:
    """The rows of a table that pass filters, in an order, by a column that it has."""

    def __init__(
        self,
        table: Any,
        get: Get,
        columns: Collection[str],
        sort: Sort,
        where: Sequence[Filter],
    ) -> None:
        self._table = table
        self._get = get
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
        return self._get(map(from_text, self._ids(part, Page(top_k, offset))))

    def _ids(self, part: Part, page: Page) -> list[str]:
        """The ids of a page, as they are stored."""
        order, predicate = (self._sort.field, "id"), self._predicate(part)
        if not part.is_known:
            return _ids_of(self._sorted(order[1:], predicate, page))
        version = self._table.version
        bounds, left_out = self._bounds(part, page)
        there = Page(page.top_k, page.offset - left_out)
        ids = _ids_of(self._sorted(order, _all([*bounds, predicate]), there))
        if self._table.version == version:
            return ids
        # Another thread has brought the table to a newer version meanwhile; one read sees one.
        return _ids_of(self._sorted(order, predicate, page))

    def _bounds(self, part: Part, page: Page) -> tuple[list[str], int]:
        """Predicates for the values that a page has, and how many photos before it they leave out.

        Where the list goes on after a place, photos that are alike there come before it or after
        it, by their ids; but all that come after them do.
        """
        sort, after = self._sort, part.after
        beyond = beyond_in_sql(sort, after.value) if after else None
        rows = self._sorted((sort.field,), _all([self._filtered(part), beyond]), Page(page.end))
        values = rows[sort.field]
        bounds = [until_in_sql(sort, _plain(values[-1]))] if len(values) == page.end else []
        if after is not None:
            return [*bounds, from_in_sql(sort, after.value)], 0
        if page.offset >= len(values):
            return bounds, 0
        first = values[page.offset]
        return [*bounds, from_in_sql(sort, _plain(first))], values.index(first).as_py()

    def _sorted(self, columns: Sequence[str], predicate: str | None, page: Page) -> pa.Table:
        """Rows by columns, of which the one of the order has its direction."""
        from lancedb.query import ColumnOrdering

        order = [
            ColumnOrdering(column_name=name, ascending=name == "id" or self._sort.ascending)
            for name in columns
        ]
        rows = self._table.search().select(list(columns))
        rows = rows.where(predicate) if predicate else rows
        return rows.order_by(order).limit(page.top_k).offset(page.offset).to_arrow()

    def _count(self, part: Part) -> int:
        return int(self._table.count_rows(self._predicate(part)))

    def _filtered(self, part: Part) -> str | None:
        return _all([self._where, predicate_of(part.where, self._columns)])

    def _predicate(self, part: Part) -> str | None:
        follows = after_in_sql(self._sort, part.after) if part.after else None
        return _all([self._filtered(part), follows])


def _all(predicates: Sequence[str | None]) -> str | None:
    return " AND ".join(filter(None, predicates)) or None


def _ids_of(rows: pa.Table) -> list[str]:
    ids: list[str] = rows["id"].to_pylist()
    return ids


def _plain(value: pa.Scalar) -> str | int:
    """A value as a place has it: times as microseconds."""
    import pyarrow as pa

    if pa.types.is_timestamp(value.type):
        return int(value.value)
    found = value.as_py()
    return from_text(found) if isinstance(found, str) else int(found)
