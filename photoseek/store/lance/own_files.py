"""The columns of users' own manifests, counted for each file of a Lance table and kept.

A row has the number of its file in its address. No row comes into a file later, but rows of it are
deleted: a file that has as many as before has the same ones. So after a write only those files are
counted that are new, or of which rows are gone; but where no row had anything, none has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from photoseek.store.lance.addressed_rows import (
    ADDRESS,
    FILE_BITS,
    AddressedRows,
    Addresses,
    by_file,
)
from photoseek.store.lance.counted_files import CountedFile, CountedFiles
from photoseek.store.lance.counted_rows import CountedRows
from photoseek.store.lance.own_pairs import PAIRS, count_pairs
from photoseek.store.own_columns import OwnColumns

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES_KEPT = 200_000
"""Values that are kept, of all files; with more, all are counted again after each write."""

_PAIRS = "pairs"
_RECORDS_TO_A_BATCH = 4096  # one may have half a megabyte, and a column of Arrow's two gigabytes


class OwnFiles:
    """The columns of all rows of one table."""

    def __init__(self, table: Any, counted: CountedRows, saved: Callable[[], CountedFiles]) -> None:
        """`counted` tells which rows there are.

        `saved` gives files of an earlier version, where they are kept beside the table.
        """
        self._table = table
        self._rows = AddressedRows(table)
        self._counted = counted
        self._saved = saved
        self._files: CountedFiles = {}
        self._lock = Lock()

    def counted(self) -> OwnColumns:
        """What the rows of the newest version that was looked at have."""
        with self._lock:
            while True:
                version = self._table.version
                files = self._brought_up()
                if files is not None and self._table.version == version:
                    break  # else another thread has brought the table to a newer version meanwhile
            whole = OwnColumns()
            for _, file in sorted(files.items()):
                whole.add_columns(file.columns)
            values = sum(file.columns.values() for file in files.values())
            self._files = files if values <= MOST_VALUES_KEPT else {}
        return whole

    def files(self) -> CountedFiles:
        """The same for each file; none of them where they have too many values."""
        self.counted()
        return self._files

    def _brought_up(self) -> CountedFiles | None:
        """Those that the table has; None where another thread has brought it to a newer version."""
        known = self._files or self._saved()
        if not known:
            return self._read(None)
        kept = self._counted.rows()
        rows = _rows_of_files(kept.addresses)
        same = {
            number: file._replace(rows=len(rows[number]))
            for number, file in known.items()
            if number in rows and (len(rows[number]) == file.rows or not file.columns.values())
        }
        changed = {number: each for number, each in rows.items() if number not in same}
        if not changed:
            return same
        if sum(map(len, changed.values())) > _RECORDS_TO_A_BATCH:
            return same | self._read(_in_files(changed))
        addresses = np.concatenate(list(changed.values()))
        taken = self._rows.taken(kept.version, addresses, {_PAIRS: PAIRS})
        return None if taken is None else same | _counted(taken.to_batches())

    def _read(self, predicate: str | None) -> CountedFiles:
        rows = self._table.search().select({ADDRESS: ADDRESS, _PAIRS: PAIRS})
        rows = rows.where(predicate) if predicate else rows
        return _counted(rows.to_batches(batch_size=_RECORDS_TO_A_BATCH))


def _rows_of_files(addresses: Addresses) -> Mapping[int, Addresses]:
    """The rows of each file, out of all in order."""
    return {number: addresses[first:end] for number, first, end in by_file(addresses)}


def _counted(batches: Iterable[pa.RecordBatch]) -> CountedFiles:
    files: CountedFiles = {}
    for batch in batches:
        for number, first, end in _runs(batch[ADDRESS].to_numpy() >> FILE_BITS):
            file = files.get(number, CountedFile(0, OwnColumns()))
            count_pairs(file.columns, batch[_PAIRS].slice(first, end - first))
            files[number] = file._replace(rows=file.rows + end - first)
    return files


def _runs(numbers: np.ndarray[Any, Any]) -> Iterator[tuple[int, int, int]]:
    """The numbers that follow one another, each with where it begins and ends."""
    firsts = np.flatnonzero(np.diff(numbers, prepend=numbers[:1] + 1))
    ends = np.append(firsts, len(numbers))[1:]
    return zip(numbers[firsts].tolist(), firsts.tolist(), ends.tolist(), strict=True)


def _in_files(numbers: Collection[int]) -> str:
    """The predicate of rows in these files; neighbours are one range."""
    last = {number for number in numbers if number + 1 not in numbers}
    first = {number for number in numbers if number - 1 not in numbers}
    ranges = zip(sorted(first), sorted(last), strict=True)
    return " OR ".join(
        f"({ADDRESS} >= {begin << FILE_BITS} AND {ADDRESS} < {(end + 1) << FILE_BITS})"
        for begin, end in ranges
    )
