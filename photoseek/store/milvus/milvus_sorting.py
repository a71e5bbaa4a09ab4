"""Lists of photos in an order, which Milvus does not sort by any column.

So two values are looked for between which the photos of a page lie, by counting: some ten counts,
whatever the number of photos. Those between them are read and sorted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from photoseek.errors import QueryError
from photoseek.records import Place, Sort, StoredPhoto
from photoseek.store.fields import BY_NAME
from photoseek.store.kinds import Date
from photoseek.store.milvus.milvus_expressions import NONE, expression_of
from photoseek.store.milvus.milvus_queries import MilvusQueries
from photoseek.store.milvus.milvus_rows import SHOWN, kept_in
from photoseek.store.moments import Moment
from photoseek.store.sorting import Part, page_of_parts, part_of, parts_of

_SOME = 500
"""The photos that may be read beyond those asked for."""

_MOST = 50_000
"""Photos of equal value that are read to be ordered by id."""

_LAST_SECOND = (datetime.max - datetime.min) // timedelta(seconds=1)
_LARGEST = 2**53  # as microseconds: the year 2255


@dataclass(frozen=True, slots=True)
class SortedCollection:
    """The photos of a collection for which an expression holds, in an order."""

    queries: MilvusQueries
    sort: Sort
    expression: str

    def page(self, top_k: int, offset: int, after: Place | None) -> list[StoredPhoto]:
        """At most `top_k` photos after a place, after skipping `offset`.

        Raises:
            QueryError: too many photos have the same value.
        """
        parts = parts_of(self.sort, after)
        return page_of_parts(parts, top_k, offset, self._ask, self._count)

    def _ask(self, part: Part, top_k: int, offset: int) -> list[StoredPhoto]:
        within = self._within(part)
        if not part.is_known:
            return self._sorted(within, part.after, top_k, offset)
        values = _Values(self.queries, self.sort, within)
        if part.after is not None:
            within = f"({within}) and {values.until(part.after.value)}"
            values = _Values(self.queries, self.sort, within)
            equal = self.queries.count(f"({within}) and {values.equal(part.after.value)}")
            first, _ = values.near(equal + offset + top_k, at_most=False)
            return self._sorted(values.since(first), part.after, top_k, offset)
        end, skipped = values.near(offset, at_most=True)
        first, _ = values.near(offset + top_k, at_most=False)
        found = f"{values.since(first)} and not ({values.since(end)})"
        return self._sorted(found, None, top_k, offset - skipped)

    def _sorted(
        self, expression: str, after: Place | None, top_k: int, offset: int
    ) -> list[StoredPhoto]:
        self._check(expression, "have the same, or none")
        rows = self.queries.scan(expression, SHOWN)
        return part_of(self.sort, map(kept_in, rows), top_k, offset, after)

    def check_few(self) -> None:
        """Raise QueryError where all photos are more than can be sorted one by one."""
        self._check(self.expression, "are in an index that an earlier version made without it")

    def _check(self, expression: str, what: str) -> None:
        if (photos := self.queries.count(expression)) > _MOST:
            raise QueryError(
                f"Milvus sorts at most {_MOST:,} photos one by one; to sort by {self.sort.field}, "
                f"{photos:,} {what}. Narrow it down with filters, or sort by indexed_at."
            )

    def _count(self, part: Part) -> int:
        return self.queries.count(self._within(part))

    def _within(self, part: Part) -> str:
        if not part.where:
            return self.expression
        return f"({self.expression}) and ({expression_of(part.where)})"


class _Values:
    """The values of a field as numbers that grow from the first photo of an order to the last."""

    def __init__(self, queries: MilvusQueries, sort: Sort, expression: str) -> None:
        kind = BY_NAME[sort.field].kind
        self._queries = queries
        self._sort = sort
        self._expression = expression
        self._is_text = isinstance(kind, Date) and not isinstance(kind, Moment)

    def until(self, value: str | int) -> str:
        """Where the value does not come before this one."""
        sign = ">=" if self._sort.ascending else "<="
        return f"{self._sort.field} {sign} {_literal(value)}"

    def equal(self, value: str | int) -> str:
        """Where the value is this one."""
        return f"{self._sort.field} == {_literal(value)}"

    def since(self, number: int) -> str:
        """The photos that come no later in the order than that number says; before 0 is none."""
        if number < 0:
            return NONE
        largest = _LAST_SECOND if self._is_text else _LARGEST
        number = number if self._sort.ascending else largest - number
        bound: str | int = number
        if self._is_text:
            bound = (datetime.min + timedelta(seconds=number)).isoformat()
        sign = "<=" if self._sort.ascending else ">="
        return f"(({self._expression}) and {self._sort.field} {sign} {_literal(bound)})"

    def near(self, photos: int, *, at_most: bool) -> tuple[int, int]:
        """A number up to which about as many photos come, and how many those are.

        With `at_most` not more than that, else not fewer unless there are fewer in all.
        """
        low, low_count = -1, 0
        high = _LAST_SECOND if self._is_text else _LARGEST
        high_count = self._queries.count(self.since(high))
        if high_count <= photos:
            return high, high_count
        while high - low > 1 and not _is_close(
            photos, low_count if at_most else high_count, at_most=at_most
        ):
            middle = (low + high) // 2
            count = self._queries.count(self.since(middle))
            if count < photos or (count == photos and at_most):
                low, low_count = middle, count
            else:
                high, high_count = middle, count
        return (low, low_count) if at_most else (high, high_count)


def _is_close(asked: int, found: int, *, at_most: bool) -> bool:
    return asked - _SOME <= found <= asked if at_most else asked <= found <= asked + _SOME


def _literal(value: str | int) -> str:
    # A date is of our own making, or one of a cursor: what is no letter of a date is left out.
    if isinstance(value, int):
        return str(value)
    kept = "".join(letter for letter in value if letter in "0123456789-T:.")
    return f'"{kept}"'
