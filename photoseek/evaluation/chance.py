"""How sure a measurement is: intervals by the bootstrap, and tests of two runs on equal queries.

All of it is by resampling with a seed that is stated, so that the same measurement gives the same
figures again. Queries are what is drawn: what would come out with other queries of this kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 18
RESAMPLES = 1_000
"""Draws of as many queries as there are, with replacement, for an interval."""

FLIPS = 10_000
"""Draws of signs for a permutation test."""

LEVEL = 0.95
_AT_ONCE = 1 << 24
"""Random numbers in memory."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which values a figure lies in 95 of 100 draws of queries."""

    low: float
    high: float


def mean_intervals(values: Values) -> list[Interval]:
    """The intervals of the means of columns; `values` has a row for each query, shape (n, m)."""
    rng = np.random.default_rng(SEED)
    count = len(values)
    means = np.empty((RESAMPLES, values.shape[1]))
    for draw in range(RESAMPLES):
        times = np.bincount(rng.integers(count, size=count), minlength=count)
        means[draw] = times @ values / count
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def median_interval(values: NDArray[np.int64]) -> Interval:
    """The interval of a median of n whole numbers."""
    rng = np.random.default_rng(SEED)
    ordered = np.sort(values)
    count = len(ordered)
    # As the numbers are in order, the median of a draw is that of the places that are drawn.
    medians = [float(np.median(ordered[rng.integers(count, size=count)])) for _ in range(RESAMPLES)]
    low, high = np.quantile(medians, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """The p-value of McNemar's exact test: whether two runs are right on as many equal queries.

    Only queries count at which one is right and the other is wrong. If both were as good, each of
    these would be a fair coin.
    """
    ours = int((first & ~second).sum())
    theirs = int((second & ~first).sum())
    return fair_coin(ours, theirs)


def fair_coin(heads: int, tails: int) -> float:
    """How often a fair coin falls at least as unevenly, in both directions."""
    tosses = heads + tails
    if tosses == 0:
        return 1.0
    every = math.lgamma(tosses + 1) - tosses * math.log(2)
    tail = sum(
        math.exp(every - math.lgamma(k + 1) - math.lgamma(tosses - k + 1))
        for k in range(min(heads, tails) + 1)
    )
    return min(1.0, 2 * tail)


def sign_flips(differences: Values) -> float:
    """The p-value of a paired permutation test: whether differences of n queries have a mean of 0.

    If both runs were as good, each difference might as well have the other sign.
    """
    odd = differences[differences != 0]
    if not len(odd):
        return 1.0
    rng = np.random.default_rng(SEED)
    seen = abs(odd.sum())
    as_large = 0
    rows = max(1, _AT_ONCE // len(odd))
    for begin in range(0, FLIPS, rows):
        signs = rng.integers(2, size=(min(rows, FLIPS - begin), len(odd)), dtype=np.int8) * 2 - 1
        as_large += int((abs(signs @ odd) >= seen - 1e-9).sum())
    return (as_large + 1) / (FLIPS + 1)
