"""What was written to a table since some moment: what lies in fragments that came later.

Each commit that writes rows puts them in fragments with new numbers, which only grow; the number is
the upper half of a row's address. Upkeep joins fragments to new ones, and then rows are among the
later ones that nobody has written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from typing_extensions import override

from photoseek.store.lance.queries import Queries
from photoseek.store.marks import Marks

_ROWS_OF_A_FRAGMENT = 2**32
_ADDRESS = "_rowid"


class LanceMarks(Marks):
    """Addresses in one table, of which all that come later are larger."""

    def __init__(
        self, table: Any, queries: Queries, reading: Callable[[], AbstractContextManager[object]]
    ) -> None:
        """Inside of `reading` the table is read as it is by now."""
        self._table = table
        self._queries = queries
        self._reading = reading

    @override
    def now(self) -> str:
        import pyarrow.compute as pc

        with self._reading():
            rows = self._table.search().with_row_id(True).select([_ADDRESS]).to_batches()
            last = max((pc.max(some[_ADDRESS]).as_py() for some in rows if len(some)), default=-1)
        return str((last // _ROWS_OF_A_FRAGMENT + 1) * _ROWS_OF_A_FRAGMENT)

    @override
    def changed_since(self, mark: str) -> Iterator[list[str]]:
        with self._reading():
            return self._queries.ids(f"{_ADDRESS} >= {int(mark)}")
