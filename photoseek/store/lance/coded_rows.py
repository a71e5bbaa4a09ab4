"""The rows of a version of a Lance table as facets count them, also as the bytes of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoseek.store.lance.addressed_rows import Addresses
from photoseek.store.lance.coded import Coded
from photoseek.store.lance.facet_values import Values

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 2
"""Raised when a number or a value means something else than before: then rows are read again."""

_KEY = b"photoseek"


@dataclass(frozen=True)
class CodedRows:
    """The rows of a version, in the order of their addresses, and their values by field.

    `names` are the columns of the table that these were made from.
    """

    version: int
    names: Sequence[str]
    addresses: Addresses
    columns: Mapping[str, Coded]

    def are_those_of(self, other: CodedRows) -> bool:
        """Whether the rows are the same, counted from the same columns."""
        return self.names == other.names and np.array_equal(self.addresses, other.addresses)


def to_bytes(rows: CodedRows) -> bytes:
    """Rows as a file of Arrow with one row, which has a list for each array. It is compressed."""
    import pyarrow as pa

    noted = {
        "format": FORMAT,
        "version": rows.version,
        "names": list(rows.names),
        "fields": {name: each.lengths is not None for name, each in rows.columns.items()},
    }
    arrays = dict(_arrays(rows))
    lists = [pa.LargeListArray.from_arrays([0, len(each)], each) for each in arrays.values()]
    table = pa.table(lists, list(arrays), metadata={_KEY: json.dumps(noted).encode()})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def from_bytes(data: bytes) -> CodedRows | None:
    """The rows of such a file; None where it is damaged, or of another version of photoseek."""
    import pyarrow as pa

    try:
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
        noted = json.loads(table.schema.metadata[_KEY])
        if noted["format"] != FORMAT:
            return None
        table.validate(full=True)
        arrays = {name: table[name].chunk(0).values for name in table.column_names}
        addresses = _addresses(arrays["starts"].to_numpy(), arrays["counts"].to_numpy())
        columns = {
            name: _column(name, arrays, len(addresses), has_lengths=has_lengths)
            for name, has_lengths in noted["fields"].items()
        }
        return CodedRows(int(noted["version"]), list(noted["names"]), addresses, columns)
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _arrays(rows: CodedRows) -> Iterator[tuple[str, pa.Array]]:
    import pyarrow as pa

    # Addresses follow one another, but where rows of a file are gone or another file begins.
    firsts = np.flatnonzero(np.diff(rows.addresses, prepend=rows.addresses[:1]) != 1)
    yield "starts", pa.array(rows.addresses[firsts])
    yield "counts", pa.array(np.diff(firsts, append=len(rows.addresses)))
    for name, column in rows.columns.items():
        yield f"{name}.values", column.values.array
        if column.is_varied:
            yield f"{name}.codes", pa.array(column.codes)
        if column.lengths is not None:
            yield f"{name}.lengths", pa.array(column.lengths)


def _addresses(starts: Addresses, counts: NDArray[np.int64]) -> Addresses:
    ends = np.cumsum(counts)
    shifts = starts - (ends - counts).astype(np.uint64)
    addresses: Addresses = np.repeat(shifts, counts)
    addresses += np.arange(len(addresses), dtype=np.uint64)
    return addresses


def _column(name: str, arrays: Mapping[str, pa.Array], rows: int, *, has_lengths: bool) -> Coded:
    """A column, which has that many rows.

    Raises:
        ValueError: its numbers do not go together.
    """
    lengths = arrays[f"{name}.lengths"].to_numpy() if has_lengths else None
    values = Values(arrays[f"{name}.values"])
    column = Coded(values, np.zeros(rows, np.uint8), lengths)
    if not column.is_varied:
        return column
    column = replace(column, codes=arrays[f"{name}.codes"].to_numpy())
    has_all = len(column.codes) == rows
    if lengths is not None:
        has_all = len(lengths) == rows and int(lengths.sum()) == len(column.codes)
    if not has_all or int(column.codes.max(initial=0)) >= max(1, len(values.array)):
        raise ValueError("codes without a value, or rows without codes")
    return column
