"""The columns of users' own manifests, counted for each file of a Lance table and kept.

A row has the number of its file in its address. No row comes into a file later, but rows of it are
deleted: a file that has as many as before has the same ones. So after a write only those files are
counted that are new, or of which rows are gone; but where no row had anything, none has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from threading import Lock
from typing import Any

import numpy as np

from photoseek.store.lance.counted_files import CountedFile, CountedFiles
from photoseek.store.lance.own_pairs import PAIRS, count_pairs
from photoseek.store.own_columns import OwnColumns

MOST_VALUES_KEPT = 200_000
"""Values that are kept, of all files; with more, all are counted again after each write."""

_ADDRESS, _FILE_BITS = "_rowaddr", 32
_ADDRESSES_TO_A_BATCH = 65_536
_RECORDS_TO_A_BATCH = 4096  # one may have half a megabyte, and a column of Arrow's two gigabytes


class OwnFiles:
    """The columns of all rows of one table."""

    def __init__(self, table: Any, saved: Callable[[], CountedFiles]) -> None:
        """`saved` gives files of an earlier version, where they are kept beside the table."""
        self._table = table
        self._saved = saved
        self._files: CountedFiles = {}
        self._lock = Lock()

    def counted(self) -> OwnColumns:
        """What the rows of the newest version that was looked at have."""
        with self._lock:
            while True:
                version = self._table.version
                files = self._brought_up()
                if self._table.version == version:
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

    def _brought_up(self) -> CountedFiles:
        known = self._files or self._saved()
        if not known:
            return self._read(None)
        rows = self._rows()
        same = {
            number: file._replace(rows=rows[number])
            for number, file in known.items()
            if number in rows and (rows[number] == file.rows or not file.columns.values())
        }
        changed = rows.keys() - same.keys()
        return same | self._read(_in_files(changed)) if changed else same

    def _rows(self) -> dict[int, int]:
        """How many rows each file has that are not deleted."""
        rows = self._table.search().select([_ADDRESS])
        addresses = (
            rows.to_batches(batch_size=_ADDRESSES_TO_A_BATCH).read_all()[_ADDRESS].to_numpy()
        )
        counts: Counter[int] = Counter()
        for number, first, end in _runs(addresses >> _FILE_BITS):
            counts[number] += end - first
        return counts

    def _read(self, predicate: str | None) -> CountedFiles:
        files: CountedFiles = {}
        rows = self._table.search().select({_ADDRESS: _ADDRESS, "pairs": PAIRS})
        rows = rows.where(predicate) if predicate else rows
        for batch in rows.to_batches(batch_size=_RECORDS_TO_A_BATCH):
            for number, first, end in _runs(batch[_ADDRESS].to_numpy() >> _FILE_BITS):
                file = files.get(number, CountedFile(0, OwnColumns()))
                count_pairs(file.columns, batch["pairs"].slice(first, end - first))
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
        f"({_ADDRESS} >= {begin << _FILE_BITS} AND {_ADDRESS} < {(end + 1) << _FILE_BITS})"
        for begin, end in ranges
    )
