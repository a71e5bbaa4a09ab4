"""Near-duplicates: copies of one picture are taken together under the best of them.

Two photos are taken for copies when their perceptual hashes hardly differ, or differ a little and
the photos have the same colours. The limits were set so that no two different pictures
are taken together, rather than that every copy is found: `python -m bench.duplicates` measures
both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photoseek.records import Hit, StoredPhoto

BITS_APART = 2
"""Hashes that differ in no more bits are of one picture, whatever was done to its colours."""

BITS_APART_IN_THE_SAME_COLOURS = 8
"""A light crop changes this many bits. So do two photos of similar boxes of one brand, but those
differ in their colours."""

STRETCH = 1.1
"""How much the ratios of width to height may differ: a tenth can be cut off."""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """A hit, and the copies of it that rank below, best first."""

    hit: Hit
    duplicates: tuple[Hit, ...] = ()


def with_best_cover(group: HitGroup) -> HitGroup:
    """The copies under the one that people want: one that is described, and then the largest."""
    hits = (group.hit, *group.duplicates)
    cover = max(hits, key=lambda hit: (_is_described(hit.stored), hit.stored.width, -hit.rank))
    return HitGroup(cover, tuple(hit for hit in hits if hit is not cover))


def _is_described(stored: StoredPhoto) -> bool:
    return bool(stored.photo.caption or stored.photo.attribution)


def group_duplicates(hits: Sequence[Hit]) -> list[HitGroup]:
    """Each hit with the copies of it that rank below; order and ranks stay.

    A copy is compared with what stands, not with other copies, so that no chain of small changes
    takes two different pictures together. A photo without a hash ("") has no copies.
    """
    hashes = np.empty(len(hits), np.uint64)  # of the hits that stand
    groups: list[tuple[Hit, list[Hit]]] = []
    for hit in hits:
        phash = np.uint64(int(hit.stored.traits.phash or "0", 16))
        apart = np.bitwise_count(hashes[: len(groups)] ^ phash)
        for place in np.flatnonzero(apart <= BITS_APART_IN_THE_SAME_COLOURS):
            best, copies = groups[place]
            if _copies(best.stored, hit.stored, int(apart[place])):
                copies.append(hit)
                break
        else:
            hashes[len(groups)] = phash
            groups.append((hit, []))
    return [HitGroup(best, tuple(copies)) for best, copies in groups]


def _copies(first: StoredPhoto, second: StoredPhoto, apart: int) -> bool:
    if not (first.traits.phash and second.traits.phash):
        return False
    ratios = first.width * second.height, second.width * first.height
    if max(ratios) > STRETCH * min(ratios):
        return False
    same_colours = set(first.traits.colours) == set(second.traits.colours)
    return apart <= (BITS_APART_IN_THE_SAME_COLOURS if same_colours else BITS_APART)
