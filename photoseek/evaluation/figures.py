"""The figures of an evaluation, each with the interval that it lies in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photoseek.evaluation.chance import Interval, mean_intervals, median_interval
from photoseek.evaluation.rankings import RANKS, Direction


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure such as R@5, and where it would lie in 95 of 100 draws of queries."""

    name: str
    value: float
    interval: Interval


def figures_of(direction: Direction) -> list[Figure]:
    """R@1, R@5, R@10, the median rank, and nDCG@1, nDCG@5, nDCG@10."""
    hits = np.stack([direction.ranks <= k for k in RANKS], axis=1).astype(float)
    intervals = mean_intervals(np.concatenate([hits, direction.ndcg], axis=1))
    recalls = [
        Figure(f"R@{k}", direction.recall(k), interval)
        for k, interval in zip(RANKS, intervals, strict=False)
    ]
    gains = [
        Figure(f"nDCG@{k}", direction.ndcg_at(k), interval)
        for k, interval in zip(RANKS, intervals[len(RANKS) :], strict=True)
    ]
    median = Figure("median rank", direction.median_rank, median_interval(direction.ranks))
    return [*recalls, median, *gains]
