"""What facets count of the rows of a Lance table, kept in memory from one version to the next.

What was written since is read, and what is gone is left out. It takes some ten bytes for a row,
most for its tags.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from photoseek.store.fields import FACETS, Field
from photoseek.store.lance import coded_filters
from photoseek.store.lance.addressed_rows import AddressedRows, Addresses, Mask, Rows, is_in
from photoseek.store.lance.coded import Coded, coded
from photoseek.store.lance.coded_rows import CodedRows
from photoseek.store.lance.columns import CODED, coded_columns, coded_columns_of
from photoseek.store.lance.wanted import Wanted

if TYPE_CHECKING:
    import pyarrow as pa

_MASKS_KEPT = 4  # a page asks for hits, their number and facets with one filter


class Told(NamedTuple):
    """The rows of a version, in the order of their addresses, and which of them are wanted."""

    addresses: Addresses
    mask: Mask


class _Kept(NamedTuple):
    """Rows, and what tells which of them are wanted; None where they do not tell it."""

    rows: CodedRows
    mask: Callable[[Wanted], Mask | None]


class CountedRows:
    """The rows of one table, counted by the values of all fields that are facets."""

    def __init__(self, table: Any, saved: Callable[[], CodedRows | None]) -> None:
        """`saved` gives those of an earlier version, where they are kept beside the table."""
        self._table = table
        self._rows = AddressedRows(table)
        self._saved = saved
        self._kept: _Kept | None = None
        self._lock = Lock()

    def count(self, version: int, wanted: Wanted) -> int | None:
        """How many rows of a version are wanted; None where what is kept does not tell it."""
        told = self.told(version, wanted)
        return None if told is None else int(np.count_nonzero(told.mask))

    def chosen(self, version: int, wanted: Wanted) -> Addresses | None:
        """Which rows of a version are wanted; None where what is kept does not tell it."""
        told = self.told(version, wanted)
        return None if told is None else told.addresses[told.mask]

    def told(self, version: int, wanted: Wanted) -> Told | None:
        """The same beside all rows of the version."""
        kept = self._kept
        if kept is None or kept.rows.version != version:
            return None
        mask = kept.mask(wanted)
        return None if mask is None else Told(kept.rows.addresses, mask)

    def counts(self, wanted: Wanted) -> tuple[int, list[tuple[Field, Mapping[str, int]]]]:
        """How many rows are wanted, and how many of these have each value of a field."""
        while True:
            kept = self._newest()
            rows, chosen = kept.rows, self._chosen(kept, wanted) if wanted.predicate else None
            if self._table.version == rows.version:
                break  # else another thread has brought the table to a newer version meanwhile
        total = len(rows.addresses) if chosen is None else int(np.count_nonzero(chosen))
        fields = (field for field in FACETS if field.name in rows.columns)
        return total, [(field, rows.columns[field.name].counts(field, chosen)) for field in fields]

    def rows(self) -> CodedRows:
        """Those of the version that the table has, or of a newer one."""
        return self._newest().rows

    def _newest(self) -> _Kept:
        with self._lock:
            before = self._kept.rows if self._kept else self._saved()
            rows = self._brought_up(before)
            if self._kept is None or rows is not self._kept.rows:
                self._kept = _kept(rows)
            return self._kept

    def _chosen(self, kept: _Kept, wanted: Wanted) -> Mask:
        mask = kept.mask(wanted)
        if mask is None:
            found = self._rows.read(predicate=wanted.predicate).addresses
            mask = is_in(kept.rows.addresses, found)
        return mask

    def _brought_up(self, kept: CodedRows | None) -> CodedRows:
        version = self._table.version
        if kept and kept.version == version:
            return kept
        names = coded_columns(self._table.schema.names)
        if kept and kept.version < version and kept.names == names:
            later = self._later(kept)
            if later is not None:
                return later
        return _counted(names, self._rows.read(names))

    def _later(self, kept: CodedRows) -> CodedRows | None:
        """The same with what was written since; None where it was most, or stands amid the rest."""
        staying, new = self._rows.changes(kept.addresses, kept.names)
        columns, before = kept.columns, kept.addresses
        if staying is not None:
            columns = {name: each.only(staying) for name, each in columns.items()}
            before = before[staying]
        if not len(before):
            return _counted(kept.names, new)
        if len(before) < len(new.addresses):
            return None
        if len(new.addresses):
            if new.addresses[0] < before[-1]:
                return None
            later = _columns(new.columns)
            columns = {name: each.joined(later[name]) for name, each in columns.items()}
        addresses = np.concatenate([before, new.addresses])
        return CodedRows(new.version, kept.names, addresses, columns)


def _kept(rows: CodedRows) -> _Kept:
    masks = lru_cache(_MASKS_KEPT)(lambda wanted: coded_filters.chosen(wanted.where, rows))
    return _Kept(rows, masks)


def _counted(names: Sequence[str], rows: Rows) -> CodedRows:
    return CodedRows(rows.version, names, rows.addresses, _columns(rows.columns))


def _columns(rows: pa.Table) -> dict[str, Coded]:
    names = set(rows.column_names)
    there = (field for field in CODED if names.issuperset(coded_columns_of(field)))
    return {field.name: coded(field, rows) for field in there}
