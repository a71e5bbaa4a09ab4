"""Rows of CSV, TSV and Parquet files, as one kind of mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import islice
from typing import Protocol, TextIO

from photoseek.description_limits import printable
from photoseek.errors import SourceError
from photoseek.sources.encodings import UTF8, Content, detect
from photoseek.sources.manifest_columns import is_written, unguarded
from photoseek.sources.quoting import Fields, split_rows
from photoseek.sources.source import has_extension, is_utf8

SEPARATORS = ",;\t|"
"""What stands between the cells of a row: Excel takes ";" where "," is a decimal point."""

TITLE_LINES = 20
"""Lines among which the header is looked for where the first one is none: a sheet may have a title
above its table."""

ADDRESSES = ("path", "url")
"""The columns of which a table of photos has at least one."""

Cell = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, or the problem with it. `number` is shown to people."""

    number: int
    cells: Mapping[str, Cell]
    problem: str = ""


class Table(Protocol):
    """Rows with named columns."""

    @property
    def row_name(self) -> str:
        """What the number of a row counts."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """Sentences about how the table is read: what was guessed or renamed."""
        ...

    @property
    def columns(self) -> Sequence[str]:
        """The names in the header, stripped; "" for a column without one."""
        ...

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order.

        Raises:
            SourceError: the file breaks off.
        """
        ...

    def count(self) -> int:
        """Count the rows."""
        ...


class CsvTable:
    """A text file whose first line names the columns, as spreadsheets and databases write it.

    The encoding is found by its bytes and the separator by the header. A first line such as
    "sep=;" tells the separator to Excel, and is read so. Rows of blank cells are blank lines. A
    title above the header is passed over.
    """

    row_name = "line"

    def __init__(
        self,
        content: Content,
        separator: str,
        name: str,
        *,
        exact: bool = False,
        told_by: Sequence[str] = ADDRESSES,
    ) -> None:
        """Read the header; messages say `name`.

        `separator` is the one to expect; another one is taken where it makes more of the header,
        which has one of the columns `told_by`. A table that is `exact` is one that photoseek
        writes: in UTF-8, with that separator.

        Raises:
            SourceError: there is no header, or it cannot be read.
        """
        self._content = content
        self._name = name
        self._told_by = told_by
        self._bare = False
        self._titles = 0
        self.columns: Sequence[str] = []
        with _opening(name):
            self._encoding = UTF8 if exact else detect(content)
        self._before, self._separator, header = self._header(separator, exact)
        if not all(is_utf8(name) and "\0" not in name for name in header):
            raise SourceError(f"{name} is not UTF-8 text. Save it as CSV in UTF-8.")
        names = [name.strip() for name in header]
        self._is_guarded = is_written(names)
        self.columns, renamed = told_apart(self._read(names))
        self.remarks: Sequence[str] = (*self._guess(), *renamed)
        lower = [name.lower() for name in self.columns]
        self._addresses = [lower.index(name) for name in ADDRESSES if name in lower]
        # A tab between cells is written with quotes by some programs, and without by others.
        self._bare = self._separator == "\t" and any(row.bare for row in self._fields())

    def rows(self) -> Iterator[Row]:
        """Yield the rows; blank lines are left out."""
        for fields in self._fields():
            row = self._row(fields)
            if row.problem or not _is_blank(fields.cells):
                yield row

    def count(self) -> int:
        """Count the rows by reading them all."""
        return sum(1 for _ in self.rows())

    def _row(self, fields: Fields) -> Row:
        number, cells = fields.line, fields.cells
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells.pop()
        if fields.problem:
            return Row(number, {}, fields.problem)
        if len(cells) > len(self.columns):
            what = {",": "commas", "\t": "tabs"}.get(self._separator, f'"{self._separator}"')
            wide = f"row has {len(cells)} fields, the header {len(self.columns)}; quote {what}"
            return Row(number, {}, wide)
        if not all(map(is_utf8, cells)):
            return Row(number, {}, "row is not UTF-8; save the file as UTF-8")
        if any("\0" in cell for cell in cells):
            return Row(number, {}, "row holds NUL bytes; the file is damaged")
        # A row that ends early is a row whose last cells are empty.
        return Row(number, dict(zip(self.columns, self._read(cells), strict=False)))

    def _read(self, cells: list[str]) -> list[str]:
        """Cells as they were before they were made safe for spreadsheets."""
        return list(map(unguarded, cells)) if self._is_guarded else cells

    def _header(self, expected: str, exact: bool) -> tuple[int, str, list[str]]:
        """How many lines stand before the header, the separator, and the names in the header."""
        with self._opened() as file:
            start = file.readline(100)
        if exact:
            before, best, header = 0, expected, self._first(expected)
        elif told := re.fullmatch(r'"?sep=(.)"?\s*', start, re.IGNORECASE):
            before, best, header = 1, told[1], self._first(told[1], before=1)
        else:
            found = {each: self._first(each) for each in expected + SEPARATORS}
            fitting = [each for each, row in found.items() if self._is_header(row.cells)]
            before, best = 0, max(fitting, key=lambda x: len(found[x].cells), default=expected)
            header = found[best]
            if not fitting:
                before, best, header = self._below_titles(expected) or (before, best, header)
                self._titles = before
        if header.problem:
            raise SourceError(f"{self._name}: the header cannot be read. Check its quotes.")
        if not header.cells:
            raise SourceError(f"{self._name} is empty. Its first line must name the columns.")
        return before, best, header.cells

    def _below_titles(self, expected: str) -> tuple[int, str, Fields] | None:
        """As `_header` gives it, where a title stands above: a row soon after the first one."""
        for separator in dict.fromkeys(expected + SEPARATORS):
            with self._opened() as file:
                for row in split_rows(islice(file, TITLE_LINES), separator):
                    if self._is_header(row.cells):
                        return row.line - 1, separator, row
        return None

    def _is_header(self, cells: Sequence[str]) -> bool:
        return any(name.strip().lower() in self._told_by for name in cells)

    def _first(self, separator: str, *, before: int = 0) -> Fields:
        """The first row that is not blank; one without cells where there is none."""
        with self._opened() as file:
            for row in split_rows(islice(file, before, None), separator):
                if row.problem or not _is_blank(row.cells):
                    return row
        return Fields(0, [])

    def _fields(self) -> Iterator[Fields]:
        """All rows after the header."""
        with self._opened() as file:
            lines = islice(file, self._before, None)
            rows = split_rows(lines, self._separator, is_row=self._is_row, bare=self._bare)
            next(row for row in rows if not _is_blank(row.cells))
            for row in rows:
                yield replace(row, line=row.line + self._before)

    def _is_row(self, cells: list[str]) -> bool:
        """Whether a line is surely a row and no part of a text: it names a photo in its place."""
        if len(cells) != len(self.columns):
            return False
        named = (cells[place].strip() for place in self._addresses)
        return any(has_extension(text) or "://" in text for text in named)

    def _guess(self) -> Iterator[str]:
        if self._titles:
            yield (
                f"The columns are those of line {self._titles + 1}; what stands above is taken for "
                "a title."
            )
        if self._encoding.guess:
            yield (
                f"{self._name} is not UTF-8. It is read as {self._encoding.guess}, which is a "
                "guess: where letters look wrong, save it as CSV in UTF-8."
            )

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        codec, errors = self._encoding.codec, self._encoding.errors
        with (
            _opening(self._name),
            TextIOWrapper(self._content(), codec, errors, newline="") as file,
        ):
            yield file


def told_apart(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Number what stands more than once in a header, with a remark; an address may not.

    A second "note" becomes "note (2)". Which of two paths is meant nobody can tell, so those stay
    as they are.
    """
    found: list[str] = []
    remarks: list[str] = []
    for name in names:
        new, number = name, 1
        while name and name.lower() not in (*ADDRESSES, "id") and new in found:
            number += 1
            new = f"{name} ({number})"
        if new != name:
            remarks.append(f"There is another column {name!r}: the first counts, this is {new!r}.")
        found.append(new)
    return found, tuple(remarks)


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _opening(name: str) -> AbstractContextManager[None]:
    return breaks_explained(name, OSError)


@contextmanager
def breaks_explained(name: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn what libraries raise for a file that cannot be read into SourceError."""
    try:
        yield
    except kinds as error:
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        reason = " ".join(said.split())[:200]
        raise SourceError(f"{name} cannot be read ({printable(reason)}).") from error
