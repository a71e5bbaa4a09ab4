"""From a source to an index: skip what is known, send the rest in batches, count what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Protocol

from photoseek.background import in_background
from photoseek.client import Outcome
from photoseek.records import IndexReport, Keep, KnownPhoto, Photo, Skip

LOOK_UP = 1_000
"""Photos whose state is asked for at once."""

ORIGINALS_AT_ONCE = 8
"""Photos in a batch whose originals are kept: their bytes travel through the Flow with it."""

IN_FLIGHT = 3
"""Batches under way, enough for one encoder: one in the model, one being decoded, one being stored.

More than that never hold originals, which the gateway has in memory for as long.
"""


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How many photos a run has dealt with so far, by what became of them."""

    indexed: int
    updated: int
    unchanged: int
    skipped: int
    deleted: int = 0

    @property
    def done(self) -> int:
        """All photos dealt with."""
        return self.indexed + self.updated + self.unchanged + self.skipped + self.deleted


class Indexer(Protocol):
    """Where photos are sent; `photoseek.client.Client` is one."""

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""

    def index(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        """Index one batch in one commit."""

    def maintain(self) -> None:
        """Tidy up after a long run of changes."""


@dataclass(slots=True)
class _Tally:
    indexed: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Skip] = field(default_factory=list)
    deleted: int = 0
    start: float = field(default_factory=time.perf_counter)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.outcome == "skipped":
                self.skipped.append(Skip(outcome.uri, outcome.error))
            elif outcome.outcome == "updated":
                self.updated += 1
            else:
                self.indexed += 1

    def progress(self) -> IndexProgress:
        skipped = len(self.skipped)
        return IndexProgress(self.indexed, self.updated, self.unchanged, skipped, self.deleted)

    def report(self) -> IndexReport:
        seconds = time.perf_counter() - self.start
        return IndexReport(
            self.indexed,
            self.updated,
            self.unchanged,
            tuple(self.skipped),
            seconds,
            deleted=self.deleted,
        )


def index_photos(
    source: Iterable[Photo | Skip],
    indexer: Indexer,
    *,
    limit: int | None = None,
    batch_size: int = 32,
    keep: Keep | None = None,
    again: bool | Set[str] = False,
    in_flight: int = IN_FLIGHT,
    on_progress: Callable[[IndexProgress], None] = lambda _: None,
) -> IndexReport:
    """Bring the index up to date with a source; what is stored and unchanged is left alone.

    So is what was deleted on purpose, but for the ids in `again`; True brings all of it back.

    `limit` is the number of entries of the source that are looked at. `in_flight` batches are
    under way at once, each in a request of its own. `on_progress` hears what was done so far,
    from this thread. Each batch is committed whole, so that a run which is cut
    short loses only the batches in flight, and the next run goes on from there. A stored photo
    of which something else is kept than `keep` is indexed again; with None each keeps what it
    has, and a new photo its thumbnail.

    Raises:
        ServiceError, StoreError: the whole run cannot go on.
    """
    tally = _Tally()
    running: set[Future[list[Outcome]]] = set()

    def collect(at_most: int) -> None:
        nonlocal running
        while len(running) > at_most:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                tally.add(future.result())
            on_progress(tally.progress())

    for batch in _batches(islice(source, limit), indexer, tally, batch_size, keep, again):
        most = min(in_flight, IN_FLIGHT) if "original" in batch[2] else in_flight
        collect(at_most=most - 1)
        # In the background, so that Ctrl-C need not wait for a slow photo.
        running.add(in_background(partial(indexer.index, *batch), "index"))
        on_progress(tally.progress())
    collect(at_most=0)
    if tally.indexed or tally.updated:
        indexer.maintain()
    return tally.report()


def _batches(
    entries: Iterator[Photo | Skip],
    indexer: Indexer,
    tally: _Tally,
    size: int,
    keep: Keep | None,
    again: bool | Set[str],
) -> Iterator[tuple[list[Photo], list[str], list[Keep]]]:
    """Photos to be looked at, their stored hashes, what to keep of them: `size` at once."""
    photos: list[Photo] = []
    hashes: list[str] = []
    keeps: list[Keep] = []
    while chunk := list(islice(entries, LOOK_UP)):
        tally.skipped += [entry for entry in chunk if isinstance(entry, Skip)]
        found = [entry for entry in chunk if isinstance(entry, Photo)]
        known = indexer.known([photo.id for photo in found]) if found else {}
        for photo in found:
            state = known.get(photo.id)
            if state is not None and state.deleted:
                if not (again if isinstance(again, bool) else photo.id in again):
                    tally.deleted += 1
                    continue
                state = None
            wanted = keep or (state.keep if state is not None else "thumbnail")
            if state is not None and state.keep != wanted:
                state = None  # as if it were new
            if state is not None and photo.fingerprint and photo.fingerprint == state.fingerprint:
                tally.unchanged += 1
                continue
            photos.append(photo)
            hashes.append(state.content_hash if state is not None else "")
            keeps.append(wanted)
            most = min(size, ORIGINALS_AT_ONCE) if "original" in keeps else size
            if len(photos) >= most:
                yield photos, hashes, keeps
                photos, hashes, keeps = [], [], []
    if photos:
        yield photos, hashes, keeps
