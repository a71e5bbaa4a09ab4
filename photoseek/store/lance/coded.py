"""Values of a column as numbers: for each row its places in a list of the values that there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Orientation
from photoseek.store.escaping import from_text
from photoseek.store.fields import Field
from photoseek.store.kinds import Date, Labels, Shape
from photoseek.store.lance.facet_values import Values

if TYPE_CHECKING:
    import pyarrow as pa

Mask = NDArray[np.bool_]
YEAR = 4
"""Characters of a date that facets count."""

_MANY = 5_000  # values that a facet is made of as quickly as the needed ones are found
_FEW = 12  # values that are counted one by one in less time than together


@dataclass(frozen=True)
class Coded:
    """The values of rows: `codes` are places in `values`, as many for a row as `lengths` says.

    Without `lengths` each row has one. Numbers are as short as the list allows.
    """

    values: Values
    codes: NDArray[Any]
    lengths: NDArray[Any] | None = None

    @property
    def is_varied(self) -> bool:
        """Whether rows may differ; in a column that nobody has filled all have ""."""
        return self.lengths is not None or len(self.values.array) > 1

    def counts(self, field: Field, chosen: Mask | None) -> dict[str, int]:
        """How many of the chosen rows have each value; all rows are for None.

        Of very many values those are left out that the facet of the field does not need.
        """
        numbers = self._numbers
        if chosen is not None:
            # Of rows that are nearly all chosen the others are counted, which are fewer.
            is_most = 2 * np.count_nonzero(chosen) > len(chosen)
            some = self._counted(~chosen if is_most else chosen)
            numbers = numbers - some if is_most else some
        there = np.flatnonzero(numbers)
        if len(there) > _MANY:
            there = self.values.needed(field, there, numbers[there])
        texts = map(from_text, self.values.array.take(there).to_pylist())
        return dict(zip(texts, numbers[there].tolist(), strict=True))

    def having(self, fit: Mask) -> Mask:
        """Which rows have one of the values at the places that fit."""
        hits: Mask = fit.take(self.codes)
        if self.lengths is None:
            return hits
        until = np.zeros(len(self.codes) + 1, np.uint32)
        np.cumsum(hits, out=until[1:])
        at_ends = until[np.cumsum(self.lengths, dtype=np.uint32)]
        return np.diff(at_ends, prepend=np.uint32(0)) > 0

    def only(self, kept: Mask) -> Coded:
        """The same without the other rows."""
        if not self.is_varied:
            return replace(self, codes=self.codes[: np.count_nonzero(kept)])
        lengths = None if self.lengths is None else self.lengths[kept]
        return Coded(self.values, self.codes[self._spread(kept)], lengths)

    def joined(self, more: Coded) -> Coded:
        """The same with more rows behind."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ours, theirs = self.values.array, more.values.array
        places = pc.index_in(theirs, value_set=ours)
        is_new = places.is_null()
        joined = pa.concat_arrays([ours, theirs.filter(is_new)])
        values = self.values if len(joined) == len(ours) else Values(joined)
        code_of = places.fill_null(0).to_numpy().copy()
        code_of[is_new.to_numpy(zero_copy_only=False)] = np.arange(len(ours), len(joined))
        if len(joined) == 1 and self.lengths is None:  # what takes no memory until it is read
            return Coded(values, np.zeros(len(self.codes) + len(more.codes), np.uint8))
        codes = _short(np.concatenate([self.codes, code_of[more.codes]]), len(joined))
        if self.lengths is None or more.lengths is None:
            return Coded(values, codes)
        return Coded(values, codes, np.concatenate([self.lengths, more.lengths]))

    @cached_property
    def _numbers(self) -> NDArray[np.intp]:
        """How many of all rows have each value."""
        return self._bins(self.codes)

    def _counted(self, chosen: Mask) -> NDArray[np.intp]:
        if not self.is_varied:
            return np.array([np.count_nonzero(chosen)])
        return self._bins(self.codes.compress(self._spread(chosen)))

    def _bins(self, codes: NDArray[Any]) -> NDArray[np.intp]:
        values = len(self.values.array)
        if values == 1:  # such as "" in a column that nobody has filled
            return np.array([len(codes)])
        if values <= _FEW:
            return np.array([np.count_nonzero(codes == code) for code in range(values)], np.intp)
        return np.bincount(codes, minlength=values)

    def _spread(self, rows: Mask) -> Mask:
        if self.lengths is None:
            return rows
        return np.repeat(rows, self.lengths) if len(self.codes) else np.empty(0, np.bool_)


def coded(field: Field, rows: pa.Table) -> Coded:
    """What rows have in a field, a date by its year as facets count it; they have its columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(field.kind, Shape):
        width, height = rows["width"].to_numpy(), rows["height"].to_numpy()
        codes = np.where(width > height, 0, np.where(width < height, 1, 2))
        shapes = get_args(Orientation)
        return Coded(Values(pa.array(shapes)), _short(codes, len(shapes)))
    column, lengths = rows[field.name], None
    if isinstance(field.kind, Labels):
        numbers = pc.list_value_length(column).to_numpy()
        lengths = _short(numbers, int(numbers.max(initial=0)) + 1)
        column = pc.list_flatten(column)
    elif isinstance(field.kind, Date):
        column = pc.utf8_slice_codeunits(column, 0, YEAR)
    encoded = column.dictionary_encode().combine_chunks()
    values = encoded.dictionary.cast(pa.string())
    return Coded(Values(values), _short(encoded.indices.to_numpy(), len(values)), lengths)


def _short(numbers: NDArray[Any], end: int) -> NDArray[Any]:
    """Numbers below `end` in as few bytes as they take."""
    return numbers.astype(np.min_scalar_type(max(0, end - 1)), copy=False)
