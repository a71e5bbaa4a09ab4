"""Where what is right stands in rankings, in blocks, so that no matrix of all scores is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

RANKS = (1, 5, 10)
"""How many answers are looked at: R@1, R@5, R@10 and nDCG@1, nDCG@5, nDCG@10."""

SCORES_AT_ONCE = 1 << 25
"""Scores in memory, 128 MB."""

TIE = 1e-6
"""Cosine similarities that differ by less are the same: those of equal texts do, by rounding."""

SEED = 231
"""Of the lots by which answers stand that are the same to a model."""

Grades = Mapping[int, float]
"""How well answers fit a query, by their numbers; those that are not named do not."""

Matrix = NDArray[np.float32]
Values = NDArray[np.float64]
Scores = Matrix | Values


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """How each of n queries came out; `keys` tell them apart in other runs.

    `ranks`, shape (n,), count from 1: the place of the first right answer. `ndcg`, shape (n, 3), is
    normalised discounted cumulative gain at each of RANKS, in [0, 1].
    """

    keys: tuple[str, ...]
    ranks: NDArray[np.int64]
    ndcg: NDArray[np.float64]

    def recall(self, k: int) -> float:
        """The share of queries with a right answer among the first k."""
        return float((self.ranks <= k).mean())

    @property
    def median_rank(self) -> float:
        """The place that the first right answer has in the middle query."""
        return float(np.median(self.ranks))

    def ndcg_at(self, k: int) -> float:
        """The mean over all queries; `k` is one of RANKS."""
        return float(self.ndcg[:, RANKS.index(k)].mean())


def ranked(
    queries: Matrix,
    answers: Matrix,
    grades: Sequence[Grades],
    keys: Sequence[str],
    *,
    groups: NDArray[np.int64] | None = None,
    lots: Values | None = None,
) -> Direction:
    """Rank all answers for each query by cosine similarity, and by lot where that is the same.

    The lots are the same for all queries and models. So a model that tells nothing apart is right
    as often as chance is, and another one is better only where it beats that.

    Args:
        queries: unit vectors, shape (n, d).
        answers: unit vectors, shape (m, d).
        grades: for each query its right answers; at least one has a grade above 0.
        keys: for each query what tells it apart.
        groups: for each answer its number among groups, from 0 without a gap; grades are those of
            groups then, and a group scores what its best member does. None: each is a group.
        lots: for each group what it draws, in [0, 1). None: by their order.
    """
    order = starts = None
    if groups is not None and groups.max() + 1 < len(groups):
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        answers = answers[order]
    if lots is None:
        lots = drawn_lots(len(answers) if starts is None else len(starts))
    at_once = max(1, SCORES_AT_ONCE // len(answers))
    ranks = np.empty(len(queries), np.int64)
    ndcg = np.empty((len(queries), len(RANKS)))
    for begin in range(0, len(queries), at_once):
        block = queries[begin : begin + at_once] @ answers.T
        scores = block if starts is None else np.maximum.reduceat(block, starts, axis=1)
        for place, row in enumerate(map(partial(_in_order, lots=lots), scores), start=begin):
            ranks[place] = rank_of_first(row, grades[place])
            ndcg[place] = ndcg_of(row, grades[place])
    return Direction(tuple(keys), ranks, ndcg)


def drawn_lots(count: int) -> Values:
    """A lot for each of `count` answers, in [0, 1)."""
    return np.random.default_rng(SEED).random(count)


def _in_order(scores: Matrix, lots: Values) -> Values:
    """Numbers in the order of the scores, and of the lots, from 0 to 1, of equal ones."""
    return np.round(scores.astype(np.float64) / TIE) - lots


def rank_of_first(scores: Scores, grades: Grades) -> int:
    """The place of the first right answer, from 1; a wrong one with the same score goes before."""
    right = np.array([answer for answer, grade in grades.items() if grade > 0])
    best = scores[right].max()
    return int((scores >= best).sum() - (scores[right] >= best).sum()) + 1


def ndcg_of(scores: Scores, grades: Grades) -> list[float]:
    """Normalised discounted cumulative gain at each of RANKS.

    The gain of an answer is its grade, divided by the binary logarithm of its place plus one, and
    the sum by that of the best order that there is.
    """
    deepest = min(max(RANKS), len(scores))
    nearest = np.argpartition(-scores, deepest - 1)[:deepest]
    nearest = nearest[np.argsort(-scores[nearest], kind="stable")]
    found = [grades.get(int(answer), 0.0) for answer in nearest]
    ideal = sorted(grades.values(), reverse=True)
    return [_gain(found[:k]) / _gain(ideal[:k]) for k in RANKS]


def _gain(grades: Sequence[float]) -> float:
    return float(sum(grade / np.log2(place + 1) for place, grade in enumerate(grades, start=1)))
