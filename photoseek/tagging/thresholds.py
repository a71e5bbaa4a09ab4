"""From which score on a photo gets a label.

By the library's own captions and tags, where enough photos have the label: then the score that
tells best who has it (F0.5, where a wrong photo weighs more than a missed one), of those from which
on most photos have it. A label for which there is none is not used: the model cannot tell it in
this library.

Else by the library's spread, as confidence is judged: by how much a score lies above what chance
would give to the best of all photos, in spreads of the library. It takes `USUAL`, or more where
the labels of the first kind took more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FEWEST_EXAMPLES = 8
"""Photos with a label, and others, from which its threshold is taken."""

FEWEST_LABELS = 5
"""Labels with examples from which the others are judged."""

USUAL = 1.0
"""Spreads above chance where nothing is known."""

_BINS = 4_000
"""Scores from -1 to 1 are counted in so small steps, whatever the number of photos."""

_AT_ONCE = 1_000_000
"""Numbers that are worked on at once: lists have up to 20,000 labels."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """For each of n labels the least score, infinite where it is not used; shape (n,).

    `by_examples` says which were taken from photos that have the label, and `spread` is what a
    score's distance from its threshold is measured in.
    """

    scores: Matrix
    by_examples: NDArray[np.bool_]
    spread: float

    def margins(self, scores: Matrix) -> Matrix:
        """How far scores, shape (m, n), lie above the thresholds, in spreads."""
        margins: Matrix = (scores - self.scores) / np.float32(self.spread)
        return margins


class Examples:
    """Scores of up to 65,535 photos that people have described, counted for each label.

    It takes 16 kB for a label, whatever the number of photos.
    """

    def __init__(self, labels: int) -> None:
        self._with = np.zeros((labels, _BINS), np.uint16)
        self._without = np.zeros((labels, _BINS), np.uint16)

    def add(self, scores: Matrix, described: Sequence[Collection[int]]) -> None:
        """Count photos by their scores, shape (m, labels), and the labels that each has."""
        photos = max(1, _AT_ONCE // max(1, scores.shape[1]))
        for start in range(0, len(scores), photos):
            self._count(scores[start : start + photos], described[start : start + photos])

    def _count(self, scores: Matrix, described: Sequence[Collection[int]]) -> None:
        bins = np.clip((scores + 1) * (_BINS / 2), 0, _BINS - 1).astype(np.intp)
        has = np.zeros(scores.shape, bool)
        for row, numbers in enumerate(described):
            has[row, list(numbers)] = True
        columns = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
        np.add.at(self._with, (columns[has], bins[has]), 1)
        np.add.at(self._without, (columns[~has], bins[~has]), 1)

    def thresholds(self, precision: float) -> tuple[Matrix, NDArray[np.bool_]]:
        """The scores that tell best who has each label, of those from which on at least this share
        of photos has it.

        One photo more than was counted is taken to be wrong, so that a few are no proof. Between
        two photos the middle is taken. Also whether there were enough examples at all; the score is
        infinite where no share suffices.
        """
        scores, enough = np.empty(len(self._with), np.float32), np.empty(len(self._with), bool)
        for start in range(0, len(scores), _AT_ONCE // _BINS):
            some = slice(start, start + _AT_ONCE // _BINS)
            scores[some], enough[some] = self._best(some, precision)
        return scores, enough

    def _best(self, some: slice, precision: float) -> tuple[Matrix, NDArray[np.bool_]]:
        """What `thresholds` gives, for some of the labels."""
        right = np.cumsum(self._with[some, ::-1], axis=1, dtype=np.int64)[:, ::-1]
        wrong = np.cumsum(self._without[some, ::-1], axis=1, dtype=np.int64)[:, ::-1] + 1
        enough = (right[:, 0] >= FEWEST_EXAMPLES) & (wrong[:, 0] > FEWEST_EXAMPLES)
        suffices = right >= precision * (right + wrong)
        missed = right[:, :1] - right
        f_half = np.where(suffices, 1.25 * right / (1.25 * right + 0.25 * missed + wrong), -1)
        is_best = f_half == f_half.max(axis=1, keepdims=True)
        first, last = is_best.argmax(axis=1), _BINS - 1 - is_best[:, ::-1].argmax(axis=1)
        scores = ((first + last) * (1 / _BINS) - 1).astype(np.float32)
        scores[~suffices.any(axis=1)] = np.inf
        return scores, enough


def thresholds_of(
    examples: Examples, middles: Matrix, spread: float, photos: int, precision: float
) -> Thresholds:
    """The thresholds of n labels.

    Args:
        examples: photos that people have described.
        middles: the median score of each label over the library, shape (n,).
        spread: the library's, in the mean of all directions.
        photos: how many it has.
        precision: the share of photos with a label that shall have it rightly, in (0, 1).
    """
    scores, by_examples = examples.thresholds(precision)
    chance = NormalDist().inv_cdf(photos / (photos + 1))
    usable = by_examples & np.isfinite(scores)
    above = (scores - middles) / spread - chance
    usual = USUAL
    if usable.sum() >= FEWEST_LABELS:
        usual = max(USUAL, float(np.median(above[usable])))
    others = (middles + (usual + chance) * spread).astype(np.float32)
    return Thresholds(np.where(by_examples, scores, others), by_examples, spread)
