"""Lists of URLs: one in each line of a text file, or a table with a column `url`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from photoseek.description_limits import fitted
from photoseek.errors import DescriptionError, SourceError
from photoseek.records import Photo, Skip
from photoseek.sources.photo_rows import (
    MANIFEST_EXTENSIONS,
    cell_text,
    described,
    known_columns,
    open_table,
)
from photoseek.sources.source import file_version, is_utf8
from photoseek.sources.tables import Row, Table

FAILURE_COLUMNS = ("reason", "explanation")
"""What a failures file says besides what stood in the list."""

_EXTENSIONS = (".txt", *MANIFEST_EXTENSIONS)


@dataclass(frozen=True, slots=True)
class UrlList:
    """Photos behind URLs, in the order of the list, each with the description that stands there.

    A text file has one URL in each line; blank lines and those that begin with "#" are left
    out. A table has the columns of a manifest; a `path` in it is not looked at. `columns` are
    those that go to the metadata of its photos. `of_failures` is true for a failures file of an
    earlier download. `version` changes whenever the file does; it is that of the opening.
    """

    path: Path
    version: str
    columns: tuple[str, ...]
    of_failures: bool
    _table: Table
    _names: dict[str, str]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a list.

        Raises:
            SourceError: it is missing, no list, or has no column url.
        """
        if not path.is_file():
            raise SourceError(f"There is no list of URLs at {path}. Give a file with --source.")
        suffix = path.suffix.lower()
        if suffix not in _EXTENSIONS:
            raise SourceError(
                f"{path} is no list of URLs. Give a text file with one URL in each line (.txt), "
                f"or a table with a column url ({', '.join(MANIFEST_EXTENSIONS)})."
            )
        version = version_of(path)
        table: Table
        if suffix == ".txt":
            table = _TextTable(path)
        else:
            table = open_table(lambda: path.open("rb"), str(path))
        names = known_columns(str(path), table)
        names.pop("folder", None)  # as any other column, it goes on into the manifest
        if "url" not in names:
            raise SourceError(f"{path} has no column url, so there is nothing to download.")
        free = [name for name in table.columns if name and name not in names.values()]
        failures = set(FAILURE_COLUMNS) <= set(free)
        carried = [name for name in free if not (failures and name in FAILURE_COLUMNS)]
        return cls(path, version, tuple(carried), failures, table, names)

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield the photos, and a Skip for each row without a URL, reading as it goes.

        Rows without a URL in a failures file tell of rows elsewhere, and are left out.
        """
        rows = self._table.rows()
        if self.of_failures:  # new failures may join it while it is read
            rows = islice(rows, self._table.count())
        for row in rows:
            if not (self.of_failures and row.cells and not row.cells.get(self._names["url"])):
                yield self._photo(row)

    @property
    def remarks(self) -> Sequence[str]:
        """Sentences about how the list is read, where something had to be guessed."""
        return self._table.remarks

    def count(self) -> int:
        """Count the rows."""
        return self._table.count()

    def _photo(self, row: Row) -> Photo | Skip:
        url = cell_text(row, self._names, "url")
        problem = row.problem or ("" if url else "row has no url")
        if problem:
            return self._skip(row, problem)
        if self.of_failures:
            cells = {name: row.cells[name] for name in row.cells if name not in FAILURE_COLUMNS}
            row = Row(row.number, cells)
        photo = described(row, self._names, url)
        try:
            fitted(photo)  # what is too long is shortened when the manifest is indexed
        except DescriptionError as error:
            return self._skip(row, str(error))
        return photo

    def _skip(self, row: Row, problem: str) -> Skip:
        at = f"{self._table.row_name} {row.number}"
        return Skip(f"{self.path}:{row.number}", f"{at}: {problem}.")


class _TextTable:
    """A text file in UTF-8 as a table with the one column url."""

    row_name = "line"
    columns: Sequence[str] = ("url",)
    remarks: Sequence[str] = ()

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> Iterator[Row]:
        try:
            with self._path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
                for number, line in enumerate(file, 1):
                    url = line.strip()
                    if not is_utf8(url):
                        yield Row(number, {}, "line is not UTF-8; save the file as UTF-8")
                    elif url and not url.startswith("#"):
                        yield Row(number, {"url": url})
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read ({error.strerror}).") from error

    def count(self) -> int:
        return sum(1 for _ in self.rows())


def version_of(path: Path) -> str:
    """A token that changes whenever a list does; "" where it cannot be seen."""
    try:
        return file_version(path.stat())
    except OSError:
        return ""


def wait_for_change(path: Path, version: str, seconds: float, *, at_most_once: bool) -> None:
    """Look at a list every few `seconds`, until its version is no longer `version`.

    With `at_most_once` the first look ends it. A list whose last line has no end yet is
    looked at once more, because somebody may be in the middle of writing it.
    """
    unfinished = ""
    while True:
        time.sleep(seconds)
        found = version_of(path)
        if found and (at_most_once or found != version):
            if found == unfinished or _ends_whole(path):
                return
            unfinished = found


def _ends_whole(path: Path) -> bool:
    if path.suffix.lower() == ".parquet":
        return True
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        return file.read() in (b"", b"\n")
