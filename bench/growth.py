"""Whether the memory of a process grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

FLAT = 0.005
"""The share of its memory that a process may grow by in a minute and still be called flat."""

PARTS = 10
"""What the second half of a curve is cut into: neighbouring measurements tell of each other."""

SURE = 2.3
"""Standard errors of a line through so many points that leave out one line of twenty."""

LEAST_SECONDS = 60.0
"""Of a second half, to say anything of it."""


@dataclass(frozen=True)
class Growth:
    """What became of the memory of a process.

    Attributes:
        curve: MB at the ends of eight equal pieces of time.
        begin, end: seconds from when to when it was looked at whether it grows.
        slope: MB a minute in that time.
        spread: how far that may be from the truth, on each side.
        size: MB, on the average.
    """

    curve: Sequence[float]
    begin: float
    end: float
    slope: float
    spread: float
    size: float

    @property
    def verdict(self) -> Literal["flat", "grows", "cannot be told"]:
        """Whether it grows, where that is sure."""
        limit = FLAT * self.size
        if self.slope + self.spread <= limit:
            return "flat"
        return "grows" if self.slope - self.spread > limit else "cannot be told"


def growth(sizes: Sequence[tuple[float, float]]) -> Growth | None:
    """That of a process whose memory had these sizes in MB, each with its second.

    Its first half is that of a start, in which caches fill. None where the second one is too short.
    """
    if len(sizes) < 2 * PARTS:
        return None
    seconds, memory = np.array(sizes).T
    half = (seconds[0] + seconds[-1]) / 2
    later = seconds >= half
    if seconds[-1] - half < LEAST_SECONDS:
        return None
    minutes, size = (
        np.array([part.mean() for part in np.array_split(all_[later], PARTS)])
        for all_ in (seconds / 60, memory)
    )
    (slope, _), errors = np.polyfit(minutes, size, 1, cov=True)
    curve = np.interp(np.linspace(seconds[0], seconds[-1], 9)[1:], seconds, memory)
    spread = SURE * float(np.sqrt(errors[0, 0]))
    return Growth(
        curve.tolist(), half, float(seconds[-1]), float(slope), spread, float(size.mean())
    )
