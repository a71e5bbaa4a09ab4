"""The segments of an index in an engine: a search looks through the graph of each of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from photoseek.store.elastic.engine_http import EngineHttp

MANY = 12
"""Segments of a shard that are left alone."""

_ENOUGH = 6
"""Into one, a graph over all photos, searches would find fewer of the nearest."""

_FEW_PHOTOS = 1_000
_LARGEST = 5 * 2**30  # bytes: what an engine makes by itself, and goes on to clean up


class Segment(NamedTuple):
    """One of a shard: its photos, and its bytes on disk."""

    photos: int
    size: int


def join_segments(http: EngineHttp, index: str) -> None:
    """Let the engine join the segments of an index, where most photos lie in small ones.

    It goes on by itself, while photos are written and searched for.

    Raises:
        EngineError: the engine does not tell, or the key may not ask for it.
    """
    shards = http.ask("GET", f"/{index}/_segments")["indices"][index]["shards"]
    found = [_segments(copies[0]) for copies in shards.values()]
    if not any(map(is_due, found)):
        return
    most = max(_ENOUGH, *(math.ceil(sum(each.size for each in some) / _LARGEST) for some in found))
    params = {"max_num_segments": str(most), "wait_for_completion": "false"}
    http.ask("POST", f"/{index}/_forcemerge", params=params)


def is_due(segments: Sequence[Segment]) -> bool:
    """Whether joining them pays.

    Only when more photos are new than were joined before: so a run that goes on and on writes each
    of them a few times and not at every turn.
    """
    photos = [each.photos for each in segments]
    return len(photos) > MANY and sum(photos) >= max(_FEW_PHOTOS, 2 * max(photos))


def _segments(shard: Mapping[str, Any]) -> list[Segment]:
    """Those that searches see."""
    segments = shard["segments"].values()
    return [Segment(each["num_docs"], each["size_in_bytes"]) for each in segments if each["search"]]
