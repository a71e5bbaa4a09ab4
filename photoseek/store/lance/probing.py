"""How many partitions of the vector index a search asks, those nearest to its query first."""

from __future__ import annotations

import math
from typing import NamedTuple

EVERY = 1_000_000
"""As many as any index has."""


class _Probing(NamedTuple):
    """The partitions that are asked, where a filter keeps so large a share of the photos."""

    kept: float
    share: float
    least: int


# Recall@10 of queries like texts in a million vectors like CLIP's: of 97 partitions 0.980 of 24,
# 0.994 of 34, 0.997 of 40, 0.999 of 48; 0.991 of 48 of 195. With a filter that has nothing to do
# with the query and keeps half: 0.994 of 64 of 195.
# One that goes with what photos show, as a photographer's name does, leaves photos that lie where
# the query does not lead: of two fifths, 0.78 to 0.98 where 1 % is kept, so that all are asked.
_PROBING = (
    _Probing(0.9, 0.2, 40),
    _Probing(0.25, 0.35, 68),
    _Probing(0.05, 0.6, 117),
    _Probing(0.0, 1.0, EVERY),
)
# Of an index that an earlier version made nobody knows how many it has.
_OF_UNKNOWN = 64


def probes_of(partitions: int, kept: float) -> int:
    """How many of all partitions are asked where filters keep that share of the photos.

    For 0 partitions nobody knows how many there are.
    """
    probing = next(each for each in _PROBING if kept >= each.kept)
    if not partitions:
        return _OF_UNKNOWN if probing is _PROBING[0] else EVERY
    return max(probing.least, math.ceil(probing.share * partitions))
