"""Rows of a Lance table with their vectors in memory, and the nearest of them to a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photoseek.records import Vector
from photoseek.store.escaping import from_text
from photoseek.store.lance.addressed_rows import Addresses, Changes, Mask, Rows
from photoseek.store.lance.ranking import SHOWN, Found, Page, photos_of
from photoseek.store.lance.schema import to_unit_matrix

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("id", *SHOWN, "vector")
"""What is read of a row; what is kept is its vector at unit length, and the rest as it is."""

_MOST_BLOCKS = 32  # more are put together: a product with each has a price of its own


@dataclass(frozen=True)
class _Block:
    """Rows that were read together; `vectors` have the shape (rows, dimensions)."""

    addresses: Addresses
    vectors: NDArray[np.float32]
    shown: pa.Table

    def only(self, mask: Mask) -> _Block:
        """Those of the rows that a mask is true for."""
        if mask.all():
            return self
        return _Block(self.addresses[mask], self.vectors[mask], self.shown.filter(mask))


@dataclass(frozen=True)
class VectorRows:
    """The rows of a version, in the order of their addresses."""

    version: int
    addresses: Addresses
    blocks: Sequence[_Block]

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(each.vectors.nbytes + each.shown.nbytes for each in self.blocks)

    def after(self, changes: Changes) -> VectorRows | None:
        """Those of a later version; None where rows that are new stand amid others."""
        blocks, staying, new = list(self.blocks), changes.staying, changes.new
        if staying is not None:
            ends = np.cumsum([len(each.addresses) for each in blocks])[:-1]
            parts = zip(blocks, np.split(staying, ends), strict=True)
            blocks = [left for each, mask in parts if len((left := each.only(mask)).addresses)]
        if len(new.addresses):
            if blocks and blocks[-1].addresses[-1] > new.addresses[0]:
                return None
            blocks.append(_block(new))
        return _of(new.version, blocks)

    def nearest(self, query: Vector, page: Page, chosen: Mask | None) -> Found:
        """A page of the rows that were chosen, or of all, by cosine similarity, then by id."""
        places = np.arange(len(self.addresses)) if chosen is None else np.flatnonzero(chosen)
        if page.offset >= len(places):
            return []
        scores = self._scores(query)[places]
        first, last = page.offset, min(page.end, len(places)) - 1
        ends = scores[np.argpartition(-scores, (first, last))[[first, last]]]
        alike = np.flatnonzero((scores <= ends[0]) & (scores >= ends[1]))
        better = int(np.count_nonzero(scores > ends[0]))
        ids = map(from_text, self._rows(places[alike], ("id",))["id"].to_pylist())
        ranked = sorted(zip((-scores[alike]).tolist(), ids, places[alike].tolist(), strict=True))
        hits = [(-score, place) for score, _, place in ranked[first - better : last + 1 - better]]
        shown = sorted(place for _, place in hits)
        photos = dict(zip(shown, photos_of(self._rows(np.array(shown), SHOWN)), strict=True))
        return [(score, photos[place]) for score, place in hits]

    def _scores(self, query: Vector) -> NDArray[np.float32]:
        # Row by row and not by matrix product, whose sums differ with a row's place: equal
        # vectors must have equal scores. It has no threads of its own either.
        parts = [np.einsum("ij,j->i", each.vectors, query) for each in self.blocks]
        return np.concatenate(parts).clip(-1, 1)

    def _rows(self, places: NDArray[np.intp], columns: Sequence[str]) -> pa.Table:
        """Columns of the rows at places, which are in order; there is at least one."""
        import pyarrow as pa

        ends = np.cumsum([len(each.addresses) for each in self.blocks])
        bounds = np.searchsorted(places, [0, *ends])
        return pa.concat_tables(
            block.shown.select(columns).take(places[start:end] - (block_end - len(block.addresses)))
            for block, block_end, start, end in zip(
                self.blocks, ends, bounds, bounds[1:], strict=False
            )
            if start < end
        )


def vector_rows(rows: Rows) -> VectorRows:
    """All rows of a version, of which `COLUMNS` were read."""
    return _of(rows.version, [_block(rows)] if len(rows.addresses) else [])


def _of(version: int, blocks: Sequence[_Block]) -> VectorRows:
    if len(blocks) > _MOST_BLOCKS:
        blocks = [_joined(blocks)]
    addresses = [np.empty(0, np.uint64), *(each.addresses for each in blocks)]
    return VectorRows(version, np.concatenate(addresses), blocks)


def _joined(blocks: Sequence[_Block]) -> _Block:
    import pyarrow as pa

    return _Block(
        np.concatenate([each.addresses for each in blocks]),
        np.concatenate([each.vectors for each in blocks]),
        pa.concat_tables(each.shown for each in blocks).combine_chunks(),
    )


def _block(rows: Rows) -> _Block:
    shown = rows.columns.select(("id", *SHOWN)).combine_chunks()
    return _Block(rows.addresses, to_unit_matrix(rows.columns), shown)
