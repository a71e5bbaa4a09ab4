"""Rows of CSV, TSV and Parquet files, as one kind of mapping."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO

from photoseek.errors import SourceError
from photoseek.sources.base import is_utf8

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

LONGEST_FIELD = 1_048_576
"""Characters. Past that a quote was surely left open: the row is given up, the next one read."""

BATCH = 1_000

Cell = str | tuple[str, ...]

Content = Callable[[], BinaryIO]
"""Opens the bytes of a table at their beginning; the one who asks closes them."""


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
    def columns(self) -> Sequence[str]:
        """The names in the header, stripped; "" for a column without one."""
        ...

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order. Raises SourceError where the file breaks off."""
        ...

    def count(self) -> int:
        """Count the rows."""
        ...


class CsvTable:
    """A text file in UTF-8, with or without a byte order mark, whose first line names columns."""

    row_name = "line"

    def __init__(self, content: Content, delimiter: str, name: str) -> None:
        """Read the header; messages say `name`. Raises SourceError where there is none."""
        self._content = content
        self._name = name
        self._delimiter = delimiter
        # The limit belongs to the whole process; raising it can only help other readers.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
        with self._opened() as file:
            try:
                header = next(csv.reader(file, delimiter=self._delimiter, strict=True), None)
            except csv.Error as error:
                raise SourceError(f"{name}: the header cannot be read ({error}).") from error
        if not header or not any(name.strip() for name in header):
            raise SourceError(f"{name} is empty. Its first line must name the columns.")
        if not all(is_utf8(name) and "\0" not in name for name in header):
            raise SourceError(f"{name} is not UTF-8 text. Save it as CSV in UTF-8.")
        self.columns: Sequence[str] = [name.strip() for name in header]

    def rows(self) -> Iterator[Row]:
        """Yield the rows; blank lines are left out."""
        with self._opened() as file:
            reader = csv.reader(file, delimiter=self._delimiter, strict=True)
            next(reader, None)
            while True:
                number = reader.line_num + 1
                try:
                    fields = next(reader, None)
                except csv.Error as error:
                    yield Row(number, {}, f"row cannot be read ({error}); check its quotes")
                    continue
                if fields is None:
                    return
                if fields:
                    yield self._row(number, fields)

    def count(self) -> int:
        """Count the rows by reading them all."""
        return sum(1 for _ in self.rows())

    def _row(self, number: int, fields: list[str]) -> Row:
        if len(fields) > len(self.columns):
            wide = f"row has {len(fields)} fields, the header {len(self.columns)}; quote commas"
            return Row(number, {}, wide)
        if not all(map(is_utf8, fields)):
            return Row(number, {}, "row is not UTF-8; save the file as UTF-8")
        if any("\0" in field for field in fields):
            return Row(number, {}, "row holds NUL bytes; the file is damaged")
        # A row that ends early is a row whose last cells are empty.
        return Row(number, dict(zip(self.columns, fields, strict=False)))

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        with (
            _breaks_explained(self._name, OSError),
            TextIOWrapper(self._content(), "utf-8-sig", "surrogateescape", newline="") as file,
        ):
            yield file


class ParquetTable:
    """A Parquet file. Columns of pictures and other nested or binary values are left out."""

    row_name = "row"

    def __init__(self, content: Content, name: str) -> None:
        """Read the schema; messages say `name`. Raises SourceError where it is no Parquet."""
        from pyarrow import ArrowException

        self._content = content
        self._name = name
        with _breaks_explained(name, OSError, ArrowException), self._opened() as file:
            schema = file.schema_arrow
            self._count = int(file.metadata.num_rows)
        self.columns: Sequence[str] = [field.name for field in schema if _is_text(field.type)]

    def rows(self) -> Iterator[Row]:
        """Yield the rows, a thousand at a time in memory."""
        from pyarrow import ArrowException

        number = 0
        with _breaks_explained(self._name, OSError, ArrowException), self._opened() as file:
            for batch in file.iter_batches(BATCH, columns=self.columns):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, {name: _cell(value) for name, value in values.items()})

    def count(self) -> int:
        """Look the number of rows up."""
        return self._count

    @contextmanager
    def _opened(self) -> Iterator[ParquetFile]:
        from pyarrow.parquet import ParquetFile

        with self._content() as file:
            yield ParquetFile(file)


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    if isinstance(value, list):
        return tuple(str(item) for item in value if item is not None)
    return str(value)


def _is_text(kind: object) -> bool:
    """Tell whether a column holds what reads well as text: plain values, or lists of them."""
    from pyarrow import types

    if types.is_list(kind) or types.is_large_list(kind):
        kind = kind.value_type  # type: ignore[attr-defined]
    binary = types.is_binary(kind) or types.is_large_binary(kind)
    return not (binary or types.is_fixed_size_binary(kind) or types.is_nested(kind))


@contextmanager
def _breaks_explained(name: str, *kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceError(f"{name} cannot be read ({reason}).") from error
