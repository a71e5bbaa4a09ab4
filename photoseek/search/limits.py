"""From how many spreads above chance on a search has found something, in one library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Confidence is "high" from `high` spreads above chance on, and "low" below `low`."""

    low: float
    high: float


USUAL = Limits(0.5, 1.0)
"""Where a library says nothing else: measured with drawings and models of two losses."""
