"""What became of the photos of a run so far."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from photoseek.records import IndexReport, Outcome, Skip

FIRST_SKIPS = 100
"""Photos that were left out and are named while a run goes on; its report has all."""


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How many photos a run has dealt with so far, by what became of them.

    `left_out` are the first of those that were skipped.
    """

    indexed: int
    updated: int
    unchanged: int
    skipped: int
    deleted: int = 0
    left_out: tuple[Skip, ...] = ()

    @property
    def done(self) -> int:
        """All photos dealt with."""
        return self.indexed + self.updated + self.unchanged + self.skipped + self.deleted


@dataclass(slots=True)
class RunTally:
    """Counts what became of each photo."""

    indexed: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Skip] = field(default_factory=list)
    deleted: int = 0
    start: float = field(default_factory=time.perf_counter)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count what an index says of the photos of a batch."""
        for outcome in outcomes:
            if outcome.outcome == "skipped":
                self.skipped.append(Skip(outcome.uri, outcome.error))
            elif outcome.outcome == "updated":
                self.updated += 1
            else:
                self.indexed += 1

    def progress(self) -> IndexProgress:
        """How far the run is."""
        return IndexProgress(
            self.indexed,
            self.updated,
            self.unchanged,
            len(self.skipped),
            self.deleted,
            tuple(self.skipped[:FIRST_SKIPS]),
        )

    def report(self) -> IndexReport:
        """What was done."""
        return IndexReport(
            self.indexed,
            self.updated,
            self.unchanged,
            tuple(self.skipped),
            time.perf_counter() - self.start,
            deleted=self.deleted,
        )
