"""How much of a table LanceDB keeps in memory."""

from __future__ import annotations

from functools import cache
from typing import Any

from photoseek.helpers.machine import memory

METADATA_BYTES = 64 << 20
"""Of manifests and of what files hold where. Each write makes a version with some of its own, which
nobody asks for again; a million photos need a fifth of this."""

LEAST_INDEX_BYTES = 512 << 20
"""Of indexes. The vector index of a million photos of 512 dimensions has 420 MB; with less than it
needs, a search takes four times the CPU time."""

MOST_INDEX_BYTES = 6 << 30
SHARE = 3
"""Of memory, the part that indexes may have: those that were replaced lie there until others need
the room."""


def session() -> Any:
    """A LanceDB session for one connection, whose caches have an end.

    Each connection has its own: a cache that outlives it would tell of a table that was removed
    where a new one stands at the same place.
    """
    from photoseek.compat.lance import lancedb

    return lancedb.Session(
        index_cache_size_bytes=index_bytes(_memory()), metadata_cache_size_bytes=METADATA_BYTES
    )


def index_bytes(of: int) -> int:
    """What indexes may have of that many bytes of memory, 0 where they are not known."""
    return min(max(of // SHARE, LEAST_INDEX_BYTES), MOST_INDEX_BYTES)


def has_room_for(size: int) -> bool:
    """Whether an index of that many bytes stays in memory."""
    return size <= index_bytes(_memory())


@cache
def _memory() -> int:
    return memory().most
