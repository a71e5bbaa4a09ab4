"""The rows of a Lance table by their addresses, and what has changed since an earlier version.

A row stays as it is at its address, of which the upper half is the number of its file: one that is
changed, or written again when files are joined, comes into a new file. Files that are joined may
get their number before others are written and be committed after them, so what is new is what
stands in files that were not there before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

ADDRESS = "_rowaddr"
_FILE_BITS = 32
_ADDRESSES_TO_A_BATCH = 65_536
_ROWS_TO_A_BATCH = 8192  # Lance's own 1024 take half as much time again

Addresses: TypeAlias = NDArray[np.uint64]
Mask: TypeAlias = NDArray[np.bool_]


class Rows(NamedTuple):
    """Some columns of rows of a version, in the order of their addresses."""

    version: int
    addresses: Addresses
    columns: pa.Table


class Changes(NamedTuple):
    """What leads from known rows to those of a version.

    `staying` says which of the known rows are still there; None for all of them.
    """

    staying: Mask | None
    new: Rows


class AddressedRows:
    """Reads of one table, each of one version: that which it has, or a newer one."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def read(self, columns: Sequence[str] = (), predicate: str | None = None) -> Rows:
        """The rows that satisfy a predicate; all of them for None."""
        from photoseek.compat.lance import below

        async def ask(table: Any) -> Rows:
            while True:
                version = await table.version()
                rows = await _asked(table, columns, predicate)
                if await table.version() == version:
                    return await _read(version, rows)

        return below(self._table, ask)

    def changes(self, known: Addresses, columns: Sequence[str]) -> Changes:
        """What leads from rows that an earlier version had, which are in order, to the present."""
        from photoseek.compat.lance import below

        async def ask(table: Any) -> Changes:
            while True:
                version, there = await table.version(), await table.count_rows()
                rows = await _asked(table, columns, _elsewhere(known))
                if await table.version() != version:
                    continue
                new = await _read(version, rows)
                if len(known) + len(new.addresses) == there:
                    return Changes(None, new)
                rows = await _asked(table, (), None)
                if await table.version() == version:
                    present = (await _read(version, rows)).addresses
                    return Changes(is_in(known, present), new)

        return below(self._table, ask)


def is_in(some: Addresses, others: Addresses) -> Mask:
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


async def _asked(table: Any, columns: Sequence[str], predicate: str | None) -> Any:
    """The rows of the version that the table has now, to be read from then on."""
    query = table.query().select([ADDRESS, *columns])
    query = query.where(predicate) if predicate else query
    size = _ROWS_TO_A_BATCH if columns else _ADDRESSES_TO_A_BATCH
    return await query.to_batches(max_batch_length=size)


async def _read(version: int, asked: Any) -> Rows:
    import pyarrow as pa

    rows = pa.Table.from_batches(await asked.read_all(), asked.schema)
    addresses = rows[ADDRESS].to_numpy()
    if np.any(addresses[:-1] > addresses[1:]):
        order = np.argsort(addresses)
        addresses, rows = addresses[order], rows.take(order)
    return Rows(version, addresses, rows)


def _elsewhere(known: Addresses) -> str | None:
    """A predicate that holds for rows of files that none of the known rows stands in."""
    files = np.unique(known >> np.uint64(_FILE_BITS)).tolist()
    if not files:
        return None
    firsts = [0, *(file + 1 for file in files)]
    gaps = [
        f"({ADDRESS} >= {first << _FILE_BITS} AND {ADDRESS} < {end << _FILE_BITS})"
        for first, end in zip(firsts, files, strict=False)
        if first < end
    ]
    return " OR ".join([*gaps, f"{ADDRESS} >= {firsts[-1] << _FILE_BITS}"])
