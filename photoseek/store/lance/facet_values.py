"""The values that a column has, and which of very many a facet needs.

A facet shows the few that most photos have, equal ones by their texts, and takes labels together
that differ in case only. To sort half a million tags for that takes a second, each time. Here
those are told by numbers that are made once for a list of values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photoseek.store.escaping import from_text, to_text
from photoseek.store.fields import Field
from photoseek.store.kinds import Labels, label_key

if TYPE_CHECKING:
    import pyarrow as pa

_Places = NDArray[np.intp]


class Values:
    """A list of different texts, of which rows have the places."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    def needed(self, field: Field, there: _Places, counts: NDArray[Any]) -> _Places:
        """Those of the places `there` that a facet may show, or add to what it shows.

        `counts` say how many rows have each of them. Of values that stand alone, those with the
        most rows are enough, since each is one of the facet.
        """
        if field.most is None:
            return there
        fit = self._fit(field)[there]
        there, counts = there[fit], counts[fit]
        shared = np.zeros(len(there), np.bool_)
        if isinstance(field.kind, Labels):
            shared = self._shared[there]
        alone, number = there[~shared], counts[~shared]
        if len(alone) > field.most:
            least = np.partition(number, -field.most)[-field.most]
            tied = alone[number == least]
            if len(tied) > field.most:
                tied = tied[np.argpartition(self._rank[tied], field.most)[: field.most]]
            alone = np.concatenate([alone[number > least], tied])
        return np.concatenate([alone, there[shared]])

    def _fit(self, field: Field) -> NDArray[np.bool_]:
        """Which values the facet counts at all."""
        import pyarrow.compute as pc

        like = field.kind.counted_like if isinstance(field.kind, Labels) else ""
        if like:
            return self._like(like)
        fit: NDArray[np.bool_] = pc.not_equal(self.array, "").to_numpy(zero_copy_only=False)
        return fit

    def _like(self, like: str) -> NDArray[np.bool_]:
        if like not in self._alike:
            found = [re.fullmatch(like, from_text(each)) for each in self.array.to_pylist()]
            self._alike[like] = np.array([each is not None for each in found], np.bool_)
        return self._alike[like]

    def among(self, texts: Iterable[str], *, by_key: bool = False) -> NDArray[np.bool_]:
        """Which values are among texts as they are stored; or their keys, as those of labels."""
        import pyarrow as pa
        import pyarrow.compute as pc

        ours = self._keys if by_key else self.array
        wanted = pa.array(texts, pa.string())
        found: NDArray[np.bool_] = pc.is_in(ours, wanted).to_numpy(zero_copy_only=False)
        return found

    @cached_property
    def _keys(self) -> pa.Array:
        """What labels are compared by; Arrow makes it, but for letters beyond ASCII."""
        import pyarrow as pa
        import pyarrow.compute as pc

        keys, is_odd = pc.ascii_lower(self.array), pc.invert(pc.string_is_ascii(self.array))
        odd = self.array.filter(is_odd).to_pylist()
        odd_keys = [to_text(label_key(from_text(each))) for each in odd]
        return pc.replace_with_mask(keys, is_odd, pa.array(odd_keys, pa.string()))

    @cached_property
    def _alike(self) -> dict[str, NDArray[np.bool_]]:
        return {}

    @cached_property
    def _rank(self) -> NDArray[np.int64]:
        """The place of each value in the order of their texts."""
        texts = np.array(list(map(from_text, self.array.to_pylist())), object)
        rank = np.empty(len(texts), np.int64)
        rank[np.argsort(texts, kind="stable")] = np.arange(len(texts))
        return rank

    @cached_property
    def _shared(self) -> NDArray[np.bool_]:
        """Which labels are the same as others but for their case."""
        keys = self._keys.to_pylist()
        times = Counter(keys)
        return np.array([times[key] > 1 for key in keys], np.bool_)
