"""Which of two runs is better, or that the difference is within chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from photoseek.errors import SourceError
from photoseek.evaluation.chance import LEVEL, Interval, mcnemar, mean_intervals, sign_flips
from photoseek.evaluation.rankings import RANKS, Direction
from photoseek.evaluation.trial import Evaluation

DEEPEST = max(RANKS)

Outcome = Literal["better", "worse", "chance"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two runs: this one's, the other's, and how sure it is that they differ.

    `interval` is that of the difference; `p` is how often chance alone would make one as large.
    """

    measure: str
    ours: float
    theirs: float
    interval: Interval
    p: float

    @property
    def outcome(self) -> Outcome:
        """Whether this run is better, by the test."""
        if self.p > 1 - LEVEL or self.ours == self.theirs:
            return "chance"
        return "better" if self.ours > self.theirs else "worse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Both runs in one direction: R@1, R@5, R@10 by McNemar's test, nDCG@10 by permutation.

    `deciding` is the measure that decides, which is named before anybody looks: nDCG@10 where
    people have given grades, and else R@1.
    """

    direction: str
    queries: int
    differences: tuple[Difference, ...]
    deciding: Difference

    def sentence(self, ours: str, theirs: str) -> str:
        """Which is better, in words."""
        one, what = self.deciding, self.direction.replace("_to_", " to ")
        figures = (
            f"{what}: {one.measure} is {one.ours:.3f} for {ours} and {one.theirs:.3f} for {theirs} "
            f"(difference {one.ours - one.theirs:+.3f}, between {one.interval.low:+.3f} and "
            f"{one.interval.high:+.3f}; p = {one.p:.2g}; {self.queries:,} queries)"
        )
        if one.outcome == "chance":
            return f"{figures}: the difference is within chance."
        return f"{figures}: {ours if one.outcome == 'better' else theirs} is better."


def compared(ours: Evaluation, theirs: Evaluation) -> tuple[Verdict, ...]:
    """Compare two runs over the same pictures and texts, query by query.

    Raises:
        SourceError: they looked at others.
    """
    if ours.digest != theirs.digest:
        raise SourceError(
            f"The two runs cannot be compared: this one looked at {ours.pictures:,} pictures with "
            f"{len(ours.text_to_image.keys):,} texts, the other one at {theirs.pictures:,} with "
            f"{len(theirs.text_to_image.keys):,}, and they are not the same. Evaluate both on the "
            "same photos and captions."
        )
    return tuple(
        _verdict(name, direction, theirs.directions[name], graded=ours.graded)
        for name, direction in ours.directions.items()
    )


def _verdict(name: str, ours: Direction, theirs: Direction, *, graded: bool) -> Verdict:
    places = {key: place for place, key in enumerate(theirs.keys)}
    if len(places) != len(ours.keys) or any(key not in places for key in ours.keys):
        raise SourceError(f"The two runs were asked other things ({name}); they are not compared.")
    order = [places[key] for key in ours.keys]
    ranks = ours.ranks, theirs.ranks[order]
    hits = [tuple(each <= k for each in ranks) for k in RANKS]
    gains = ours.ndcg[:, -1], theirs.ndcg[order][:, -1]
    columns = [*(first.astype(float) - second for first, second in hits), gains[0] - gains[1]]
    intervals = mean_intervals(np.stack(columns, axis=1))
    differences = [
        Difference(
            f"R@{k}", float(first.mean()), float(second.mean()), interval, mcnemar(first, second)
        )
        for k, (first, second), interval in zip(RANKS, hits, intervals, strict=False)
    ]
    means = float(gains[0].mean()), float(gains[1].mean())
    nd = Difference(f"nDCG@{DEEPEST}", *means, intervals[-1], sign_flips(columns[-1]))
    deciding = nd if graded else differences[0]
    return Verdict(name, len(order), (*differences, nd), deciding)
