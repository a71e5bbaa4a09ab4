"""How much of a table LanceDB keeps in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from photoseek.helpers.machine import memory

FEW_ROWS = 1_250
"""What the least caches are for. Those of a larger table are for this, doubled until it fits."""

LEAST_METADATA_BYTES = 24 << 20
"""Of manifests, and of what files hold where. Each write makes a version with some 0.1 MB of its
own, which nobody asks for again. A table has 32 files and more before they are joined, and as many
as 256 where each photo is a commit: all that facets and searches read of these has 22 MB."""

METADATA_BYTES_OF_A_ROW = 26
"""Twice what rows of large tables have, of which some thousands are in one file."""

LEAST_INDEX_BYTES = 2 << 20
INDEX_BYTES_OF_A_ROW = 256
"""Beside a byte for each dimension: row numbers, ids, hashes, words."""

MOST_VERSIONS = 1_000
"""After these any table is opened again. Each leaves some 12 kB in the cache of indexes, as four or
five things that LanceDB counts as 0.6 kB, so that the size of that cache is no end for them."""

FEW_VERSIONS = 32
"""After these one of few photos is. It takes some milliseconds there, and what they leave is gone
before it lies among so much else that the C library cannot give its memory back."""

ROWS_TO_A_VERSION = 40
"""Photos that a table has for each version that it waits: its indexes are read again, some of the
time that it takes goes by their size, and larger ones are opened as seldom as that takes longer."""

COPIES = 2
"""An index lies there twice when it was made again: until others need the room."""

LEAST_SHARE_BYTES = 512 << 20
"""Of all indexes, where the memory is small or not known. The vector index of a million photos of
512 dimensions has 420 MB; with less than it needs, a search takes four times the CPU time."""

MOST_SHARE_BYTES = 6 << 30
SHARE = 3
"""Of memory, the part that indexes may have."""


@dataclass(frozen=True, slots=True)
class Caches:
    """Bytes that LanceDB may keep of one table, as it counts them; it takes a quarter more."""

    metadata: int = LEAST_METADATA_BYTES
    indexes: int = LEAST_INDEX_BYTES

    def hold(self, needed: Caches) -> bool:
        """Whether they have room for what others have room for."""
        return self.metadata >= needed.metadata and self.indexes >= needed.indexes


LEAST = Caches()


def session(caches: Caches) -> Any:
    """A LanceDB session for one connection, whose caches have an end.

    Each connection has its own: a cache that outlives it would tell of a table that was removed
    where a new one stands at the same place.
    """
    from photoseek.compat.lance import lancedb

    return lancedb.Session(
        index_cache_size_bytes=caches.indexes, metadata_cache_size_bytes=caches.metadata
    )


def caches_of(table: Any) -> Caches:
    """Those of an open table of photos, with room for some more of them."""
    from pyarrow.types import is_fixed_size_list

    types = [field.type for field in table.schema]
    dimensions = sum(type_.list_size for type_ in types if is_fixed_size_list(type_))
    return caches_for(table.count_rows(), dimensions, _memory())


def caches_for(rows: int, dimensions: int, memory_bytes: int) -> Caches:
    """Those for that number of photos; `memory_bytes` are 0 where they are not known."""
    room = FEW_ROWS
    while room < rows:
        room *= 2
    indexes = COPIES * room * (dimensions + INDEX_BYTES_OF_A_ROW)
    return Caches(
        max(LEAST_METADATA_BYTES, room * METADATA_BYTES_OF_A_ROW),
        max(LEAST_INDEX_BYTES, min(indexes, share_of(memory_bytes))),
    )


def versions_for(rows: int) -> int:
    """The versions after which a table of that many photos is opened again."""
    return min(max(FEW_VERSIONS, rows // ROWS_TO_A_VERSION), MOST_VERSIONS)


def share_of(of: int) -> int:
    """What indexes may have of that many bytes of memory, 0 where they are not known."""
    return min(max(of // SHARE, LEAST_SHARE_BYTES), MOST_SHARE_BYTES)


def has_room_for(size: int) -> bool:
    """Whether an index of that many bytes stays in memory."""
    return size <= share_of(_memory())


@cache
def _memory() -> int:
    return memory().most
