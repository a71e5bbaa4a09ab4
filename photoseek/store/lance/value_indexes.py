"""Indexes of columns that have few values, such as licences: which rows have which value.

A filter by one of them then reads no column. To bring new rows in costs as much as there are
values, 0.05 to 0.3 ms for each: a column of very many has no such index, and one that has got too
many loses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photoseek.store.fields import FACETS
from photoseek.store.kinds import Labels, Text
from photoseek.store.lance.columns import keys_column

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 1_000
"""Values that a column has at most when its index is made; at twice as many it goes."""

_ROWS_TO_A_BATCH = 65_536


def bring(table: Any, present: dict[str, Any]) -> None:
    """Make the indexes that pay, and drop those that no longer do.

    `present` are the indexes of the table by their columns. One for a single value would tell
    nothing.
    """
    from lancedb.index import Bitmap, LabelList

    columns = _columns(table.schema.names)
    for column, number in _numbers_of_values(table, list(columns)).items():
        if column in present and number > 2 * MOST_VALUES:
            table.drop_index(present[column].name)
        elif column not in present and 1 < number <= MOST_VALUES:
            table.create_index(column, config=LabelList() if columns[column] else Bitmap())


def _columns(names: list[str]) -> dict[str, bool]:
    """The columns that people choose values of, and whether a photo may have several of them."""
    chosen = {
        keys_column(field) if isinstance(field.kind, Labels) else field.name: isinstance(
            field.kind, Labels
        )
        for field in FACETS
        if type(field.kind) is Text or isinstance(field.kind, Labels)
    }
    return {name: is_list for name, is_list in chosen.items() if name in names}


def _numbers_of_values(table: Any, columns: list[str]) -> dict[str, int]:
    """How many different values columns have; of those with too many, some."""
    values: dict[str, set[str]] = {column: set() for column in columns}
    rows = table.search().select(columns).to_batches(batch_size=_ROWS_TO_A_BATCH)
    for batch in rows:
        for column, seen in values.items():
            if len(seen) <= 2 * MOST_VALUES:
                seen.update(_distinct(batch[column]))
    return {column: len(seen) for column, seen in values.items()}


def _distinct(column: pa.Array) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    found: list[str] = values.unique().to_pylist()
    return found
