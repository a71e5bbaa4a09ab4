"""Rows of a Lance table that were read lately, by their addresses.

A row stays as it is at its address, so it is kept from one version to the next.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Keep, StoredPhoto
from photoseek.store.escaping import from_text
from photoseek.store.lance.addressed_rows import AddressedRows, Addresses
from photoseek.store.lance.ranking import SHOWN
from photoseek.store.lance.schema import to_unit_matrix
from photoseek.store.record_json import from_record

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES = 8 << 20
"""Of vectors and records: some 2,500 rows of 512 dimensions."""

_COLUMNS = {name: name for name in ("id", *SHOWN, "vector")}


class Row(NamedTuple):
    """A row with its vector at unit length."""

    vector: NDArray[np.float32]
    id: str
    record: str
    keep: Keep
    since: datetime

    @property
    def photo(self) -> StoredPhoto:
        """What is given back of it."""
        return from_record(self.record, keep=self.keep, indexed_at=self.since)

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return self.vector.nbytes + len(self.record)


class RowsAtHand:
    """The rows of one table that were asked for lately, as far as `most_bytes` go."""

    def __init__(self, table: Any, most_bytes: int = MOST_BYTES) -> None:
        self._rows = AddressedRows(table)
        self._most = most_bytes
        self._kept: OrderedDict[int, Row] = OrderedDict()
        self._size = 0
        self._version = 0
        self._lock = Lock()

    def get(self, version: int, addresses: Addresses) -> list[Row] | None:
        """Rows of a version, in the order of their addresses as they are given.

        None where another thread has brought the table to a newer version.
        """
        wanted: list[int] = addresses.tolist()
        with self._lock:
            if version < self._version:  # an older table was put back, whose addresses begin again
                self._kept.clear()
                self._size = 0
            self._version = version
            found = {each: self._kept[each] for each in wanted if each in self._kept}
            for each in found:
                self._kept.move_to_end(each)
        missing = sorted({*wanted} - found.keys())
        if missing:
            some = np.array(missing, np.uint64)
            taken = self._rows.taken(version, some, _COLUMNS)
            if taken is None or taken.num_rows < len(missing):
                return None
            new = dict(zip(missing, _rows_of(taken), strict=True))
            found |= new
            self._keep(version, new)
        return [found[each] for each in wanted]

    def _keep(self, version: int, rows: dict[int, Row]) -> None:
        with self._lock:
            if version != self._version:
                return
            for address, row in rows.items():
                if address not in self._kept:
                    self._kept[address] = row
                    self._size += row.size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1].size


def _rows_of(taken: pa.Table) -> Sequence[Row]:
    # Each with a vector of its own, or one of them would keep all that were read with it.
    vectors = map(np.copy, to_unit_matrix(taken))
    ids = map(from_text, taken["id"].to_pylist())
    shown = (taken[name].to_pylist() for name in SHOWN)
    return [Row(*each) for each in zip(vectors, ids, *shown, strict=True)]
