"""What facets count of the rows of a Lance table, kept in memory from one version to the next.

A row of Lance stays as it is at its address: one that is changed, or written again when files are
joined, gets another address, and addresses only grow. So what was written since is read, and what
is gone is left out. It takes some ten bytes for a row, most for its tags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoseek.store.fields import FACETS, Field
from photoseek.store.lance.coded import Coded, coded
from photoseek.store.lance.coded_rows import Addresses, CodedRows
from photoseek.store.lance.columns import counted_columns, counted_columns_of

if TYPE_CHECKING:
    import pyarrow as pa

_ADDRESS = "_rowaddr"
_ADDRESSES_TO_A_BATCH = 65_536
_ROWS_TO_A_BATCH = 8192  # Lance's own 1024 take half as much time again


class CountedRows:
    """The rows of one table, counted by the values of all fields that are facets."""

    def __init__(self, table: Any, saved: Callable[[], CodedRows | None]) -> None:
        """`saved` gives those of an earlier version, where they are kept beside the table."""
        self._table = table
        self._saved = saved
        self._kept: CodedRows | None = None
        self._lock = Lock()

    def counts(self, predicate: str | None) -> tuple[int, list[tuple[Field, Mapping[str, int]]]]:
        """How many rows satisfy a predicate, and how many of these have each value of a field."""
        while True:
            kept = self.rows()
            chosen = self._chosen(kept, predicate) if predicate else None
            if self._table.version == kept.version:
                break  # else another thread has brought the table to a newer version meanwhile
        total = len(kept.addresses) if chosen is None else int(np.count_nonzero(chosen))
        fields = (field for field in FACETS if field.name in kept.columns)
        return total, [(field, kept.columns[field.name].counts(field, chosen)) for field in fields]

    def rows(self) -> CodedRows:
        """Those of the version that the table has, or of a newer one."""
        with self._lock:
            self._kept = kept = self._brought_up(self._kept or self._saved())
        return kept

    def _chosen(self, kept: CodedRows, predicate: str) -> NDArray[np.bool_]:
        return _is_in(kept.addresses, _ordered(self._read((), predicate))[0])

    def _brought_up(self, kept: CodedRows | None) -> CodedRows:
        # The version is asked first: what is read may be newer, and then it is looked at again.
        version = self._table.version
        if kept and kept.version == version:
            return kept
        names = counted_columns(self._table.schema.names)
        if kept and kept.version < version and kept.names == names:
            later = self._later(kept, version)
            if later is not None:
                return later
        addresses, rows = _ordered(self._read(names))
        return CodedRows(version, names, addresses, _columns(rows))

    def _later(self, kept: CodedRows, version: int) -> CodedRows | None:
        """The same with what was written since; None where most of it was."""
        addresses = _ordered(self._read(()))[0]
        is_there = _is_in(kept.addresses, addresses)
        staying = int(np.count_nonzero(is_there))
        if 2 * staying < len(addresses):
            return None
        columns, before = kept.columns, kept.addresses[is_there]
        if staying < len(is_there):
            columns = {name: each.only(is_there) for name, each in columns.items()}
        if staying == len(addresses):
            return CodedRows(version, kept.names, addresses, columns)
        last = int(kept.addresses[-1])
        more, rows = _ordered(self._read(kept.names, f"{_ADDRESS} > {last}"))
        if not np.array_equal(np.concatenate([before, more]), addresses):
            return None  # of a newer version
        later = _columns(rows)
        joined = {name: each.joined(later[name]) for name, each in columns.items()}
        return CodedRows(version, kept.names, addresses, joined)

    def _read(self, columns: Sequence[str], predicate: str | None = None) -> pa.Table:
        rows = self._table.search().select([_ADDRESS, *columns])
        rows = rows.where(predicate) if predicate else rows
        size = _ROWS_TO_A_BATCH if columns else _ADDRESSES_TO_A_BATCH
        return rows.to_batches(batch_size=size).read_all()


def _columns(rows: pa.Table) -> dict[str, Coded]:
    names = set(rows.column_names)
    there = (field for field in FACETS if names.issuperset(counted_columns_of(field)))
    return {field.name: coded(field, rows) for field in there}


def _ordered(rows: pa.Table) -> tuple[Addresses, pa.Table]:
    """Rows in the order of their addresses, and these."""
    addresses = rows[_ADDRESS].to_numpy()
    if np.all(addresses[:-1] < addresses[1:]):
        return addresses, rows
    order = np.argsort(addresses)
    return addresses[order], rows.take(order)


def _is_in(some: Addresses, others: Addresses) -> NDArray[np.bool_]:
    """Which addresses are among others; both are in order."""
    shorter = min(len(some), len(others))
    differ = some[:shorter] != others[:shorter]
    alike = int(differ.argmax()) if differ.any() else shorter
    found = np.zeros(len(some), np.bool_)
    found[:alike] = True
    others = others[alike:]
    places = alike + np.searchsorted(some[alike:], others)
    within = places < len(some)
    places, others = places[within], others[within]
    found[places[some[places] == others]] = True
    return found
