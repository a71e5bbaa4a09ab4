"""The rows of a Lance table by their addresses, and what has changed since an earlier version.

A row stays as it is at its address, of which the upper half is the number of its file: one that is
changed, or written again when files are joined, comes into a new file. Files that are joined may
get their number before others are written and be committed after them, so what is new is what
stands in files that were not there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

ADDRESS = "_rowaddr"
FILE_BITS = 32
"""By which an address is shifted to give the number of its file."""
MANY, FEW = 100_000, 10_000
"""Of more rows all addresses are read, and what is new is looked up where it is so few."""

_ADDRESSES_TO_A_BATCH = 65_536
_ROWS_TO_A_BATCH = 8192  # Lance's own 1024 take half as much time again
_FEW_TO_A_BATCH = 1024  # where it may be broken off: one may have half a megabyte

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


class TooLargeError(Exception):
    """What is to be read is larger than may be."""


class AddressedRows:
    """Reads of one table, each of one version: that which it has, or a newer one.

    Raises:
        TooLargeError: one has more than `most_bytes`; then it has been broken off.
    """

    def __init__(self, table: Any, most_bytes: int | None = None) -> None:
        self._table = table
        self._most = most_bytes

    def read(self, columns: Sequence[str] = (), predicate: str | None = None) -> Rows:
        """The rows that satisfy a predicate; all of them for None."""
        from photoseek.compat.lance import below

        async def ask(table: Any) -> Rows:
            while True:
                version = await table.version()
                rows = await _asked(table, columns, predicate, self._most)
                if await table.version() == version:
                    return await _read(version, rows, self._most)

        return below(self._table, ask)

    def changes(self, known: Addresses, columns: Sequence[str]) -> Changes:
        """What leads from rows that an earlier version had, which are in order, to the present."""
        from photoseek.compat.lance import below

        async def ask(table: Any) -> Changes:
            if len(known) > MANY and (found := await self._looked_up(table, known, columns)):
                return found
            while True:
                version, there = await table.version(), await table.count_rows()
                rows = await _asked(table, columns, _elsewhere(known), self._most)
                if await table.version() != version:
                    continue
                new = await _read(version, rows, self._most)
                if len(known) + len(new.addresses) == there:
                    return Changes(None, new)
                rows = await _asked(table, (), None)
                if await table.version() == version:
                    present = (await _read(version, rows)).addresses
                    return Changes(is_in(known, present), new)

        return below(self._table, ask)

    def taken(
        self, version: int, addresses: Addresses, columns: Mapping[str, str]
    ) -> pa.Table | None:
        """What SQL gives for a few rows that a version has, and their addresses; each is looked up.

        None where another thread has brought the table to a newer version.
        """
        from photoseek.compat.lance import below

        return below(self._table, lambda table: _taken(table, version, addresses, columns))

    async def _looked_up(
        self, table: Any, known: Addresses, columns: Sequence[str]
    ) -> Changes | None:
        """The same by the addresses of all rows: a predicate on these takes longer than they do.

        None where many rows are new, or another thread has brought the table to a newer version.
        """
        import pyarrow as pa

        version = await table.version()
        rows = await _asked(table, (), None)
        if await table.version() != version:
            return None
        present = (await _read(version, rows)).addresses
        staying, fresh = is_in(known, present), present[~is_in(present, known)]
        if len(fresh) > FEW:
            return None
        new: pa.Table | None = pa.table({})
        if len(fresh):
            new = await _taken(table, version, fresh, {name: name for name in columns})
        if new is None:
            return None
        return Changes(None if staying.all() else staying, Rows(version, fresh, new))


def is_in(some: Addresses, others: Addresses) -> Mask:
    """Which addresses are among others; both are in order."""
    found = np.zeros(len(some), np.bool_)
    for file, start, end in by_file(some):
        bounds = np.array([file << FILE_BITS, (file + 1) << FILE_BITS], np.uint64)
        begin, stop = np.searchsorted(others, bounds).tolist()
        ours, theirs = some[start:end] - bounds[0], others[begin:stop] - bounds[0]
        there = np.zeros(int(max(ours[-1], theirs.max(initial=0))) + 1, np.bool_)
        there[theirs] = True
        found[start:end] = there[ours]
    return found


def by_file(addresses: Addresses) -> Iterator[tuple[int, int, int]]:
    """The files of rows, which are in order, each with where its rows begin and end."""
    start = 0
    while start < len(addresses):
        file = int(addresses[start]) >> FILE_BITS
        end = int(np.searchsorted(addresses, np.uint64((file + 1) << FILE_BITS)))
        yield file, start, end
        start = end


async def _taken(
    table: Any, version: int, addresses: Addresses, columns: Mapping[str, str]
) -> pa.Table | None:
    rows = table.take_row_ids(addresses.tolist()).select({ADDRESS: ADDRESS, **columns})
    try:
        found: pa.Table = (await rows.to_arrow()).sort_by(ADDRESS)
    except (RuntimeError, ValueError, OSError):
        if await table.version() == version:
            raise
        return None
    return found if await table.version() == version else None


async def _asked(
    table: Any, columns: Sequence[str], predicate: str | None, most: int | None = None
) -> Any:
    """The rows of the version that the table has now, to be read from then on."""
    query = table.query().select([ADDRESS, *columns])
    query = query.where(predicate) if predicate else query
    size = _FEW_TO_A_BATCH if most else _ROWS_TO_A_BATCH
    return await query.to_batches(max_batch_length=size if columns else _ADDRESSES_TO_A_BATCH)


async def _read(version: int, asked: Any, most: int | None = None) -> Rows:
    import pyarrow as pa

    batches, size = [], 0
    async for batch in asked:
        batches.append(batch)
        size += batch.nbytes
        if most and size > most:
            raise TooLargeError
    rows = pa.Table.from_batches(batches, asked.schema)
    addresses = rows[ADDRESS].to_numpy()
    if np.any(addresses[:-1] > addresses[1:]):
        order = np.argsort(addresses)
        addresses, rows = addresses[order], rows.take(order)
    return Rows(version, addresses, rows)


def _elsewhere(known: Addresses) -> str | None:
    """A predicate that holds for rows of files that none of the known rows stands in."""
    if not len(known):
        return None
    files = [file for file, _, _ in by_file(known)]
    firsts = [0, *(file + 1 for file in files)]
    gaps = [
        f"({ADDRESS} >= {first << FILE_BITS} AND {ADDRESS} < {end << FILE_BITS})"
        for first, end in zip(firsts, files, strict=False)
        if first < end
    ]
    return " OR ".join([*gaps, f"{ADDRESS} >= {firsts[-1] << FILE_BITS}"])
