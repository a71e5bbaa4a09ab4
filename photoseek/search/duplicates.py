"""Copies of one picture, folded into the best of them.

Two photos are taken for copies when their perceptual hashes hardly differ, or differ a little and
the photos have the same colours. The limits were set so that nothing is folded wrongly, rather
than that every copy is found: `python -m bench.folding` measures both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photoseek.records import Hit, StoredPhoto

BITS_APART = 2
"""Hashes so near are of one picture, whatever was done to its colours."""

BITS_APART_IN_THE_SAME_COLOURS = 8
"""A light crop moves so many bits. So do cartons of one brand, but not in the same colours."""

STRETCH = 1.1
"""How much the ratios of width to height may differ: a tenth can be cut off."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A hit, and the copies of it that rank below, best first."""

    hit: Hit
    duplicates: tuple[Hit, ...] = ()


def fold(hits: Sequence[Hit]) -> list[Folded]:
    """Fold each hit into the best-ranked one that it is a copy of; order and ranks stay.

    A copy is compared with what stands, not with other copies, so that no chain of small changes
    folds two different pictures. What has no hash ("") is never folded.
    """
    hashes = np.empty(len(hits), np.uint64)  # of the hits that stand
    folded: list[tuple[Hit, list[Hit]]] = []
    for hit in hits:
        looks = np.uint64(int(hit.stored.traits.looks or "0", 16))
        apart = np.bitwise_count(hashes[: len(folded)] ^ looks)
        for place in np.flatnonzero(apart <= BITS_APART_IN_THE_SAME_COLOURS):
            best, copies = folded[place]
            if _copies(best.stored, hit.stored, int(apart[place])):
                copies.append(hit)
                break
        else:
            hashes[len(folded)] = looks
            folded.append((hit, []))
    return [Folded(best, tuple(copies)) for best, copies in folded]


def _copies(first: StoredPhoto, second: StoredPhoto, apart: int) -> bool:
    if not (first.traits.looks and second.traits.looks):
        return False
    ratios = first.width * second.height, second.width * first.height
    if max(ratios) > STRETCH * min(ratios):
        return False
    same_colours = set(first.traits.colours) == set(second.traits.colours)
    return apart <= (BITS_APART_IN_THE_SAME_COLOURS if same_colours else BITS_APART)
