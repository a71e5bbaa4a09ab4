"""Rows of Parquet files, whatever the types of their columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from photoseek.sources.encodings import Content
from photoseek.sources.tables import Cell, Row, breaks_explained, told_apart

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

BATCH = 1_000

_MOST_DAYS = 10_000_000
"""Of a date, before and after 1970: Arrow writes years up to 32767."""


class ParquetTable:
    """A Parquet file. Columns that hold bytes, such as pictures, or vectors are left out.

    Numbers, times and texts are written as Python writes them, and what has parts (structs, maps,
    lists of lists) as JSON.
    """

    row_name = "row"

    def __init__(self, content: Content, name: str) -> None:
        """Read the schema; messages say `name`.

        Raises:
            SourceError: it is no Parquet.
        """
        from pyarrow import ArrowException

        self._content = content
        self._name = name
        with breaks_explained(name, OSError, ArrowException, UnicodeError), self._opened() as file:
            schema = file.schema_arrow
            self._count = int(file.metadata.num_rows)
        self._own_names = [field.name for field in schema if _is_text(field.type)]
        columns, self.remarks = told_apart([name.strip() for name in self._own_names])
        self.columns: Sequence[str] = columns

    def rows(self) -> Iterator[Row]:
        """Yield the rows, a thousand at a time in memory."""
        from pyarrow import ArrowException

        number = 0
        with breaks_explained(self._name, OSError, ArrowException), self._opened() as file:
            for batch in file.iter_batches(BATCH, columns=list(dict.fromkeys(self._own_names))):
                for cells in zip(*self._cells(batch), strict=True):
                    number += 1
                    yield Row(number, dict(zip(self.columns, cells, strict=True)))

    def count(self) -> int:
        """Look the number of rows up."""
        return self._count

    def _cells(self, batch: Any) -> list[list[Cell]]:
        """The columns of a batch. To read "a.b" also gives the part b of a, which is left out."""
        waiting = list(zip(self._own_names, self.columns, strict=True))
        found: list[list[Cell]] = []
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if waiting and waiting[0][0] == field.name and _is_text(field.type):
                found.append(_column(column, is_id=waiting.pop(0)[1].lower() == "id"))
        return found

    @contextmanager
    def _opened(self) -> Iterator[ParquetFile]:
        from pyarrow.parquet import ParquetFile

        with self._content() as file:
            yield ParquetFile(file)


def _column(column: Any, *, is_id: bool) -> list[Cell]:
    """A column as texts. Where one value cannot be had in Python, each is asked for by itself.

    So are nanoseconds: what they are in Python depends on whether pandas is installed.
    """
    from pyarrow import ArrowException

    try:
        values = None if _has_nanoseconds(column.type) else column.to_pylist()
    except (ValueError, OverflowError, LookupError, ArrowException):
        values = None
    if values is None:
        values = [_value(scalar) for scalar in column]
    return [_cell(value, is_id=is_id) for value in values]


def _value(scalar: Any) -> Any:
    """A value in Python, or the text that Arrow makes of it: far dates, nanoseconds, odd zones."""
    import pyarrow as pa

    if not scalar.is_valid:
        return None
    kind = scalar.type
    if pa.types.is_nested(kind):
        return _parts(scalar)
    if pa.types.is_dictionary(kind):
        return _value(scalar.value)
    try:
        return (scalar.cast(_micros(kind)) if _has_nanoseconds(kind) else scalar).as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes().decode(errors="replace")
    except (ValueError, OverflowError, LookupError, pa.ArrowException):
        pass
    if pa.types.is_timestamp(kind):
        return _moment(scalar) + ("Z" if kind.tz else "")
    if pa.types.is_duration(kind):
        return f"{scalar.cast(pa.int64()).as_py()} {kind.unit}"
    return scalar.cast(pa.string()).as_py()


def _has_nanoseconds(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _has_nanoseconds(kind.value_type)
    if types.is_nested(kind):
        return any(_has_nanoseconds(kind.field(n).type) for n in range(kind.num_fields))
    return getattr(kind, "unit", "") == "ns"


def _micros(kind: Any) -> Any:
    """The type with microseconds, to which what is finer cannot be cast."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return pa.duration("us") if pa.types.is_duration(kind) else pa.time64("us")


def _moment(scalar: Any) -> str:
    """A time in UTC. Arrow itself writes only those that fit into 64 bits of nanoseconds."""
    import pyarrow as pa

    unit = scalar.type.unit
    try:
        text = str(scalar.cast(pa.timestamp(unit)).cast(pa.string()).as_py())
    except pa.ArrowException:
        text = "<"
    if not text.startswith("<"):  # "<value out of range: ...>"
        return text
    number = scalar.cast(pa.int64()).as_py()
    days, seconds = divmod(number // {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit], 86_400)
    if abs(days) > _MOST_DAYS:
        return f"{number} {unit}"
    date = pa.scalar(days, pa.date32()).cast(pa.string()).as_py()
    return f"{date} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _parts(scalar: Any) -> Any:
    """A list, struct or map with each of its parts as `_value` gives it."""
    import pyarrow as pa

    if pa.types.is_struct(scalar.type):
        return {field.name: _value(scalar[n]) for n, field in enumerate(scalar.type)}
    if pa.types.is_map(scalar.type):
        return [(_value(entry[0]), _value(entry[1])) for entry in scalar.values]
    return [_value(part) for part in scalar.values]


def _cell(value: object, *, is_id: bool) -> Cell:
    value = _plain(value)
    if value is None:
        return ""
    if is_id and isinstance(value, float) and value.is_integer():
        return str(int(value))  # numbers become floats where a program met an empty one
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return tuple(str(item) for item in value if item is not None)
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _plain(value: Any) -> Any:
    """A value without what says nothing: NaN, lists and structs of nothing. Maps become dicts."""
    if isinstance(value, dict):
        parts = {str(name): _plain(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None} or None
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) for item in value):  # a map
            return _plain(dict(value))
        return [_plain(item) for item in value] or None
    return None if value is None or value != value else value


def _is_text(kind: Any) -> bool:
    """Whether a column holds what can be written as text: no bytes anywhere in it, no vector."""
    from pyarrow import BaseExtensionType, types

    if isinstance(kind, BaseExtensionType):
        return kind.extension_name == "arrow.uuid" or _is_text(kind.storage_type)
    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    if types.is_fixed_size_list(kind) and types.is_floating(kind.value_type):
        return False
    if types.is_nested(kind):
        return all(_is_text(kind.field(n).type) for n in range(kind.num_fields))
    return not (
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )
