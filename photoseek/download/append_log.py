"""A CSV file that grows by whole lines, and survives being cut off in the middle of one."""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from photoseek.errors import StorageError
from photoseek.files.atomic import replacing
from photoseek.sources.tables import CsvTable, Row

_LOOK_BACK = 65_536
_LONGEST_HEADER = 1_048_576


class Ledger:
    """Rows are appended, each as one line and in one write. Safe to use from threads.

    A last line that a kill has torn is cut off when the file is opened. Every method raises
    StorageError where the file cannot be read or written, or is somebody else's.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self._lock = threading.Lock()
        with _explained(path):
            self.columns = _header(path)
            if self.columns and not set(columns) <= set(self.columns):
                raise not_ours(path)
            if not self.columns:
                self.columns = list(columns)
                self._replace(_line(self.columns), ())
            _mend(path)
            self._file = self._opened()

    def add_columns(self, names: Iterable[str]) -> None:
        """Add columns that are not there; the case of their names is ignored."""
        with self._lock, _explained(self.path):
            there = {name.lower() for name in self.columns}
            new = [name for name in dict.fromkeys(names) if name.lower() not in there]
            if new:
                self.columns += new
                self._rewrite(row.cells for row in self.rows() if row.cells)

    def append(self, cells: Mapping[str, str]) -> None:
        """Add a row; columns that are not named stay empty, the case of names is ignored."""
        line = self._row(cells)
        with self._lock, _explained(self.path):
            size = os.fstat(self._file.fileno()).st_size
            try:
                if self._file.write(line) < len(line):
                    raise OSError(None, "the disk is full")
            except OSError:
                with suppress(OSError):
                    self._file.truncate(size)
                raise

    def rows(self) -> Iterator[Row]:
        """Yield the rows from the first."""
        return table_of(self.path).rows()

    def keep(self, wanted: Callable[[int], bool]) -> None:
        """Rewrite the file with those rows whose number is wanted; `rows` begins with 0."""
        with self._lock, _explained(self.path):
            rows = (row.cells for n, row in enumerate(self.rows()) if wanted(n))
            self._rewrite(cells for cells in rows if cells)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _opened(self) -> FileIO:
        return FileIO(self.path, "ab", opener=_existing)

    def _rewrite(self, rows: Iterable[Mapping[str, str | tuple[str, ...]]]) -> None:
        self._file.close()  # Windows replaces no file that is open
        try:
            self._replace(_line(self.columns), map(self._row, rows))
        finally:
            self._file = self._opened()

    def _row(self, cells: Mapping[str, str | tuple[str, ...]]) -> bytes:
        lower = {name.lower(): str(cell) for name, cell in cells.items()}
        return _line([lower.get(name.lower(), "") for name in self.columns])

    def _replace(self, header: bytes, lines: Iterable[bytes]) -> None:
        with replacing(self.path) as part, part.open("wb") as file:
            file.write(header)
            file.writelines(lines)


def _existing(path: str, flags: int) -> int:
    """Open a file that is there: where it has gone meanwhile, a new one would lack its header."""
    return os.open(path, flags & ~os.O_CREAT)


def not_ours(place: str | Path) -> StorageError:
    """What to raise where a file has the name of one of ours and other columns."""
    return StorageError(
        f"{place} is not a file that a download wrote. Move it away, or choose another --to."
    )


def table_of(path: Path) -> CsvTable:
    """Open a file that a ledger wrote.

    Raises:
        SourceError: it is something else.
    """
    return CsvTable(lambda: path.open("rb"), ",", str(path), exact=True)


def _line(cells: Sequence[str]) -> bytes:
    """One row on one line, whatever stands in its cells."""
    text = io.StringIO()
    flat = [" ".join(cell.replace("\0", " ").splitlines()) for cell in cells]
    csv.writer(text, lineterminator="\n").writerow(flat)
    return text.getvalue().encode(errors="replace")


def _mend(path: Path) -> None:
    """Cut off what comes after the last line break."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _LOOK_BACK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                file.truncate(start + found + 1)
                return
            end = start
        file.truncate(0)


def _header(path: Path) -> list[str]:
    """The columns; none where the file is not there, or its first line is not whole."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        whole = file.readline(_LONGEST_HEADER).endswith(b"\n")
    return list(table_of(path).columns) if whole else []


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
