"""The indexes of a Lance table: whether they are behind, and how they are made.

Rows that are new come into the vector index as a segment of their own, which costs what the rows
cost. For how many partitions it was made is noted at the column: when the table has outgrown that,
or a search would have to open too many segments, the whole index is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photoseek.store.lance import value_indexes
from photoseek.store.lance.commits import committed
from photoseek.store.lance.upkeep_limits import UpkeepLimits

if TYPE_CHECKING:
    import pyarrow as pa

_VECTOR, _WORDS = "vector", "words"
_LOOKED_UP = ("id", "content_hash", "indexed_at")
_PARTITIONS = "photoseek:partitions"
# Vectors of each partition that its centre is learnt from. Lance's 256 find no more of the nearest,
# and in a file of which a row is gone, Lance looks at all rows before each of them.
_LEARNT_FROM = 32


class IndexUpkeep:
    """The upkeep of the indexes of one table, which stays at the version that it has."""

    def __init__(self, table: Any, limits: UpkeepLimits) -> None:
        self._table = table
        self._limits = limits

    def has_vector_index(self) -> bool:
        """Whether searches go through an approximate index."""
        return _VECTOR in self._by_column()

    def are_due(self, rows: int) -> bool:
        """Whether one is missing, lacks many of the rows, or was made for far fewer."""
        present = self._by_column()
        if _WORDS not in present:
            return True
        if rows >= self._limits.index_from_rows and (
            not {_VECTOR, *_LOOKED_UP} <= present.keys() or self._outgrown(rows, present[_VECTOR])
        ):
            return True
        limit = max(self._limits.unindexed_rows, rows * self._limits.unindexed_share)
        columns = present.keys() & {_VECTOR, _WORDS}
        return any((present[column].num_unindexed_rows or 0) > limit for column in columns)

    def make(self) -> bool:
        """Make those that are missing, and that of the vectors where the table has outgrown it.

        Says whether any was made.
        """
        before, present = self._table.version, self._by_column()
        if _WORDS not in present:
            index_words(self._table)
        rows = self._table.count_rows()
        if rows >= self._limits.index_from_rows:
            self._make_for_many(rows, present)
        return bool(self._table.version != before)

    def _make_for_many(self, rows: int, present: dict[str, Any]) -> None:
        from lancedb.index import BTree, IvfSq

        for column in _LOOKED_UP:
            if column not in present:
                self._table.create_index(column, config=BTree())
        value_indexes.bring(self._table, present)
        if _VECTOR in present and not self._outgrown(rows, present[_VECTOR]):
            return
        partitions = self._partitions(rows)
        config = IvfSq(distance_type="cosine", num_partitions=partitions, sample_rate=_LEARNT_FROM)
        self._table.create_index(_VECTOR, config=config)
        noted = {"path": _VECTOR, "metadata": {_PARTITIONS: str(partitions)}}
        committed(
            lambda: self._table.update_field_metadata(noted), again=self._table.checkout_latest
        )

    def _outgrown(self, rows: int, index: Any) -> bool:
        made_for = partitions_of(self._table.schema)
        is_larger = self._partitions(rows) >= self._limits.outgrown * made_for
        return is_larger or (index.num_segments or 1) > self._limits.segments

    def _partitions(self, rows: int) -> int:
        return max(1, rows // self._limits.partition_rows)

    def _by_column(self) -> dict[str, Any]:
        indexes = self._table.list_indices()
        return {index.columns[0]: index for index in indexes if len(index.columns) == 1}


def partitions_of(schema: pa.Schema) -> int:
    """The partitions that the vector index was made for; 0 for that of an earlier version."""
    metadata = schema.field(_VECTOR).metadata or {}
    return int(metadata.get(_PARTITIONS.encode(), 0))


def index_words(table: Any) -> None:
    """Make the full-text index, on an empty table too.

    Rows that are not in it yet are found as well, but what a word is, it alone knows.
    """
    from lancedb.index import FTS

    table.create_index(_WORDS, config=FTS())
