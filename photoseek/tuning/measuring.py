"""How well photos and captions find each other, query by query, and whether two models differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from photoseek.evaluation.chance import Interval, mean_intervals, sign_flips
from photoseek.evaluation.rankings import RANKS, Direction, ranked
from photoseek.tuning.examples import Example, texts_of

DIRECTIONS = ("text to image", "image to text")

SURE = 0.05
"""The p from which on downwards a difference is no chance."""

Matrix = NDArray[np.float32]
Values = NDArray[np.float64]
Outcome = Literal["better", "worse", "chance"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One model on some photos, in both of DIRECTIONS."""

    photos: int
    directions: tuple[Direction, Direction]

    @property
    def score(self) -> float:
        """The mean of R@1, R@5 and R@10 in both directions, in [0, 1]."""
        return float(np.mean([_hits(direction).mean() for direction in self.directions]))


@dataclass(frozen=True, slots=True)
class Row:
    """A figure before and after, each with the values between which 95 of 100 draws lie."""

    name: str
    before: float
    before_interval: Interval
    after: float
    after_interval: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same photos by two models.

    `gains` are the differences of the mean of R@1, R@5 and R@10 in both of DIRECTIONS, with what
    they lie between. `chances` say how often chance alone makes differences as large.
    """

    before: Measured
    after: Measured
    rows: tuple[Row, ...]
    gains: tuple[tuple[float, Interval], ...]
    chances: tuple[float, ...]

    @property
    def outcome(self) -> Outcome:
        """Better where one direction surely gained and none surely lost, worse where one surely
        lost and none surely gained; everything else may be chance.

        The interval alone is sure too soon where few queries differ: of four that all gained, one
        draw in 50 holds none, and a fair coin falls so evenly once in eight times.
        """
        sure = [p < SURE for p in self.chances]
        intervals = [
            interval for (_, interval), is_sure in zip(self.gains, sure, strict=True) if is_sure
        ]
        gained = any(interval.low > 0 for interval in intervals)
        lost = any(interval.high < 0 for interval in intervals)
        if gained == lost:
            return "chance"
        return "better" if gained else "worse"


def measure(examples: Sequence[Example], images: Matrix, texts: Matrix) -> Measured:
    """See who finds whom. `images` are the unit vectors of the examples, and `texts` those of
    `texts_of(examples)`, in their order. All captions of a photo are right for it.
    """
    carriers = texts_of(examples)
    right_photos = [dict.fromkeys(places, 1.0) for places in carriers.values()]
    right_texts: list[dict[int, float]] = [{} for _ in examples]
    for text, places in enumerate(carriers.values()):
        for place in places:
            right_texts[place][text] = 1.0
    return Measured(
        len(examples),
        (
            ranked(texts, images, right_photos, list(carriers)),
            ranked(images, texts, right_texts, [example.key for example in examples]),
        ),
    )


def compare(before: Measured, after: Measured) -> Comparison:
    """Two models on the same examples, by a bootstrap over the queries, which are paired."""
    rows, gains, chances = [], [], []
    for name, old, new in zip(DIRECTIONS, before.directions, after.directions, strict=True):
        hits, new_hits = _hits(old), _hits(new)
        intervals = zip(mean_intervals(hits), mean_intervals(new_hits), strict=True)
        for column, (k, (low, high)) in enumerate(zip(RANKS, intervals, strict=True)):
            values = hits[:, column].mean(), new_hits[:, column].mean()
            rows.append(Row(f"{name} R@{k}", float(values[0]), low, float(values[1]), high))
        change = (new_hits - hits).mean(axis=1, keepdims=True)
        gains.append((float(change.mean()), mean_intervals(change)[0]))
        chances.append(sign_flips(change[:, 0]))
    return Comparison(before, after, tuple(rows), tuple(gains), tuple(chances))


def nearly_as_good(best: Measured, other: Measured) -> bool:
    """Whether one loses less on the same examples than one standard error of the loss."""
    losses = [
        (_hits(one) - _hits(two)).mean(axis=1)
        for one, two in zip(best.directions, other.directions, strict=True)
    ]
    loss = np.mean([each.mean() for each in losses])
    error = np.sqrt(sum(each.var() / len(each) for each in losses)) / len(losses)
    return bool(loss <= error)


def _hits(direction: Direction) -> Values:
    """1 where a query found what is right among the first k; shape (queries, RANKS)."""
    return np.stack([direction.ranks <= k for k in RANKS], axis=1).astype(np.float64)
