"""The columns that fields are stored in, to be filtered and counted by.

A table that an earlier version of photoseek made lacks the columns of later fields. Until the next
write, which adds them, nothing is known there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from photoseek.records import StoredPhoto
from photoseek.store.escaping import to_text
from photoseek.store.fields import BY_NAME, FACETS, FIELDS, Field
from photoseek.store.kinds import Labels, Number, Shape, distinct
from photoseek.store.lance.commits import committed
from photoseek.store.moments import Moment

if TYPE_CHECKING:
    import pyarrow as pa

DERIVED = {"pixels": "width * height"}
"""What columns have in the rows of a table that lacks them, where its other columns tell."""

_KEYS = {"tags": "tag_keys", "colours": "colours", "text": "text"}
"""Columns of keys by their fields; colours and words are keys already."""


def columns_of(field: Field) -> tuple[str, ...]:
    """The names of the columns that hold a field."""
    if isinstance(field.kind, Shape):
        return ("width", "height")
    if isinstance(field.kind, Labels):
        return tuple(dict.fromkeys((field.name, keys_column(field))))
    return (field.name,)


def keys_column(field: Field) -> str:
    """The column that holds what labels are compared by."""
    return _KEYS.get(field.name, f"{field.name}_keys")


@cache
def new_columns() -> tuple[pa.Field, ...]:
    """The columns of a new table for all fields, each once; the store itself writes times."""
    import pyarrow as pa

    texts = pa.list_(pa.field("item", pa.string(), nullable=False))
    types = {
        column: texts
        if isinstance(field.kind, Labels)
        else pa.int64()
        if isinstance(field.kind, Number | Shape)
        else pa.string()
        for field in FIELDS
        if not isinstance(field.kind, Moment)
        for column in columns_of(field)
    }
    return tuple(pa.field(name, type_, nullable=False) for name, type_ in types.items())


def missing_columns(present: Collection[str]) -> dict[str, str]:
    """The columns that a table lacks, each with its value for the rows that are there, in SQL."""
    empty = {"list": "arrow_cast(make_array(), 'List(Utf8)')", "int64": "CAST(0 AS BIGINT)"}
    return {
        column.name: DERIVED.get(column.name) or empty.get(str(column.type).partition("<")[0], "''")
        for column in new_columns()
        if column.name not in present
    }


class PresentColumns:
    """The columns of a table: of an older one, those that a writer may have added since."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._names = frozenset(table.schema.names)

    def names(self) -> frozenset[str]:
        """Those that it has by now."""
        if missing_columns(self._names):
            self._names = frozenset(self._table.schema.names)
        return self._names

    def add_missing(self) -> None:
        """Give a table of an older version the columns that it lacks."""
        if missing := missing_columns(self.names()):
            _add_columns(self._table, missing)


def _add_columns(table: Any, missing: Mapping[str, str]) -> None:
    """Add `missing_columns` to a table, unless another writer is quicker."""
    try:
        committed(lambda: table.add_columns(missing), again=table.checkout_latest)
    except ValueError:
        table.checkout_latest()
        if missing_columns(table.schema.names):
            raise


def column_values(stored: Sequence[StoredPhoto]) -> dict[str, list[Any]]:
    """What photos have in the columns of all fields."""
    columns: dict[str, list[Any]] = {}
    for field in FIELDS:
        if isinstance(field.kind, Shape | Moment):
            continue  # it follows from width and height, or is the store's own
        values = [field.read(each) for each in stored]
        if isinstance(field.kind, Number):
            columns[field.name] = values
        elif isinstance(field.kind, Labels):
            # Each once, so that to count them is to count photos.
            labels = [distinct(each) for each in values]
            columns[field.name] = [list(map(to_text, each)) for each in labels]
            columns[keys_column(field)] = [
                [to_text(field.kind.key(label)) for label in each] for each in labels
            ]
        else:
            columns[field.name] = list(map(to_text, values))
    return columns


CODED = (*FACETS, BY_NAME["width"], BY_NAME["height"])
"""The fields whose values are kept in memory: facets, and what shapes follow from."""


def coded_columns(present: Collection[str]) -> list[str]:
    """The columns of a table that these fields are read from."""
    return [
        name
        for name in dict.fromkeys(name for field in CODED for name in coded_columns_of(field))
        if name in present
    ]


def coded_columns_of(field: Field) -> tuple[str, ...]:
    """The columns that such a field is read from."""
    return columns_of(field) if isinstance(field.kind, Shape) else (field.name,)
