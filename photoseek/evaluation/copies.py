"""Which photos are copies of one another: finding either is right, and no error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from photoseek.search.duplicates import BITS_APART, STRETCH

_PARTS = ((0, 22), (22, 21), (43, 21))
"""Bits of a hash, in one part more than may differ: of copies one part at least is equal."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What copies are told by: the hash of the bytes, the perceptual hash, "" for none, and how
    much wider than high the picture is.
    """

    content_hash: str
    phash: str
    ratio: float


def groups_of(photos: Sequence[Looks]) -> NDArray[np.int64]:
    """For each photo the number of its group, from 0, in the order of their first photos.

    Copies have equal bytes, or perceptual hashes that hardly differ and the same shape.
    """
    leaders = _Leaders(len(photos))
    by_bytes: dict[str, int] = {}
    for place, photo in enumerate(photos):
        leaders.join(by_bytes.setdefault(photo.content_hash, place), place)
    firsts = [place for place in by_bytes.values() if photos[place].phash]
    for one, other in _alike(photos, firsts):
        leaders.join(one, other)
    numbers: dict[int, int] = {}
    found = [numbers.setdefault(leaders.of(place), len(numbers)) for place in range(len(photos))]
    return np.array(found, np.int64)


def _alike(photos: Sequence[Looks], places: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Pairs of photos whose hashes hardly differ."""
    if not places:
        return
    rows = np.array(places, np.int64)
    hashes = np.array([int(photos[place].phash, 16) for place in places], np.uint64)
    ratios = np.array([photos[place].ratio for place in places])
    for start, bits in _PARTS:
        parts = hashes >> np.uint64(start) & np.uint64((1 << bits) - 1)
        # Those of one hash and shape stand beside one another; one of them is compared further.
        order = np.lexsort((ratios, hashes, parts))
        cuts = np.flatnonzero(np.diff(parts[order])) + 1
        for begin, end in pairwise((0, *cuts.tolist(), len(order))):
            if end - begin > 1:
                yield from _near(photos, rows[order[begin:end]], hashes[order[begin:end]])


def _near(
    photos: Sequence[Looks], rows: NDArray[np.int64], hashes: NDArray[np.uint64]
) -> Iterable[tuple[int, int]]:
    standing = [0]
    for place in range(1, len(rows)):
        one, other = photos[rows[place - 1]], photos[rows[place]]
        if one.phash == other.phash and _same_shape(one, other):
            yield int(rows[place - 1]), int(rows[place])
        else:
            standing.append(place)
    for number, place in enumerate(standing[:-1]):
        others = np.array(standing[number + 1 :])
        apart = np.bitwise_count(hashes[others] ^ hashes[place])
        for other in others[apart <= BITS_APART]:
            if _same_shape(photos[rows[place]], photos[rows[other]]):
                yield int(rows[place]), int(rows[other])


def _same_shape(first: Looks, second: Looks) -> bool:
    ratios = first.ratio, second.ratio
    return max(ratios) <= STRETCH * min(ratios)


class _Leaders:
    """Sets of numbers that are joined; each has one of them as its leader, the least."""

    def __init__(self, count: int) -> None:
        self._leaders = list(range(count))

    def of(self, one: int) -> int:
        while self._leaders[one] != one:
            self._leaders[one] = self._leaders[self._leaders[one]]
            one = self._leaders[one]
        return one

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.of(one), self.of(other)))
        self._leaders[second] = first
