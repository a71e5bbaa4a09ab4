"""From a source to an index: skip what is known, send the rest in batches, count what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from photoseek.errors import CrashingPhotoError, PartDownError
from photoseek.helpers.deadlines import in_background
from photoseek.indexing.suspects import Suspects
from photoseek.indexing.unchanged import Unchanged
from photoseek.indexing.waiting_photos import Batch, Waiting
from photoseek.records import UNREAD, IndexReport, Keep, KnownPhoto, Outcome, Photo, Skip

T = TypeVar("T")

LOOK_UP = 1_000
"""Photos whose state is asked for at once."""

ORIGINALS_AT_ONCE = 8
"""Photos in a batch whose originals are kept: their bytes travel through the Flow with it."""

UNREAD_AT_ONCE = 256
"""Photos of a batch of which nothing is read, but their description is stored."""

IN_FLIGHT = 3
"""Batches under way, enough for one encoder: one in the model, one being decoded, one being stored.

More than that never hold originals, which the gateway has in memory for as long.
"""

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


class Indexer(Protocol):
    """Where photos are sent: `photoseek.PhotoSearch`, `photoseek.Client`."""

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos, and which were deleted on purpose."""

    def index_batch(
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
        return IndexProgress(
            self.indexed,
            self.updated,
            self.unchanged,
            len(self.skipped),
            self.deleted,
            tuple(self.skipped[:FIRST_SKIPS]),
        )

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
    refresh: bool = False,
    in_flight: int = IN_FLIGHT,
    originals_travel: bool = True,
    suspects: Suspects | None = None,
    on_progress: Callable[[IndexProgress], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> IndexReport:
    """Bring the index up to date with a source; what is stored and unchanged is left alone.

    So is what was deleted on purpose, but for the ids in `again`; True brings all of it back. With
    `refresh` what the files of unchanged photos say is read again, and nothing of them is encoded.

    `limit` is the number of entries of the source that are looked at. `in_flight` batches are
    under way at once, each in a request of its own; fewer and smaller ones where originals are
    kept, unless they do not travel with their batch. `on_progress` hears what was done so far,
    from this thread. Each batch is committed whole, so that a run which is cut
    short loses only the batches in flight, and the next run goes on from there. A stored photo
    of which something else is kept than `keep` is indexed again; with None each keeps what it
    has, and a new photo its thumbnail. With `suspects`, photos at which an encoder died are found
    and left out. Once `is_stopped`, the batches under way are the last ones.

    Raises:
        CrashingPhotoError: the encoder died at one photo, which the next run leaves out.
        ServiceError, StoreError: the whole run cannot go on.
    """
    tally = _Tally()
    running: dict[Future[list[Outcome]], list[Photo]] = {}
    if suspects is not None:
        suspects.begin()

    def collect(at_most: int) -> None:
        while len(running) > at_most:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                photos = running.pop(future)
                tally.add(future.result())
                if suspects is not None:
                    suspects.done(photos)
            tell()

    def tell() -> None:
        on_progress(tally.progress())

    entries = _until(is_stopped, islice(source, limit))
    few = min(batch_size, ORIGINALS_AT_ONCE) if originals_travel else batch_size
    for batch in _batches(
        entries, indexer, tally, batch_size, few, keep, again, refresh, suspects, tell
    ):
        photos = batch[0]
        alone = suspects is not None and suspects.is_suspect(photos[0])
        most = (
            min(in_flight, IN_FLIGHT) if originals_travel and "original" in batch[2] else in_flight
        )
        collect(at_most=0 if alone else most - 1)
        if is_stopped():
            break
        if suspects is not None:
            suspects.sending(photos)
        # In the background, so that Ctrl-C need not wait for a slow photo.
        running[in_background(partial(indexer.index_batch, *batch), "index")] = photos
        tell()
        if alone and suspects is not None:
            with _accusing(photos[0], indexer, suspects):
                collect(at_most=0)
    collect(at_most=0)
    if suspects is not None and not is_stopped():
        suspects.end()
    if tally.indexed or tally.updated:
        indexer.maintain()
    return tally.report()


def _known_hash(photo: Photo, state: KnownPhoto | None, *, refresh: bool) -> str:
    """What the index knows of the bytes of a photo that it has not as it is described now.

    Where nothing but the folder is new, as in an index of a version that knew no folders, nobody
    has to read them.
    """
    if state is None:
        return ""
    before = replace(photo, folder="").fingerprint
    same = bool(before) and before == state.fingerprint and not refresh
    return f"{UNREAD}{state.content_hash}" if same else state.content_hash


def _until(is_stopped: Callable[[], bool], entries: Iterator[T]) -> Iterator[T]:
    for entry in entries:
        if is_stopped():
            return
        yield entry


@contextmanager
def _accusing(photo: Photo, indexer: Indexer, suspects: Suspects) -> Iterator[None]:
    """Inside, this photo is alone under way: where the encoder dies, it died of that."""
    try:
        yield
    except PartDownError as error:
        indexer.known([photo.id])  # it is not the indexer that is down, or this raises as well
        suspects.accuse(photo)
        raise CrashingPhotoError(
            f"The encoder's process died at {photo.uri}, for the second time. Later runs leave "
            "that photo out; run the same command again to index the others."
        ) from error


def _batches(
    entries: Iterator[Photo | Skip],
    indexer: Indexer,
    tally: _Tally,
    size: int,
    few: int,
    keep: Keep | None,
    again: bool | Set[str],
    refresh: bool,
    suspects: Suspects | None,
    tell: Callable[[], None],
) -> Iterator[Batch]:
    """Photos to be looked at, their stored hashes, what to keep of them: `size` at once.

    With originals, a `few`. What needs nothing to be done is told after each look at the index.
    """
    waiting, unread = Waiting(), Waiting()
    unchanged = None if refresh else Unchanged(indexer, keep)
    while chunk := list(islice(entries, LOOK_UP)):
        tally.skipped += [entry for entry in chunk if isinstance(entry, Skip)]
        found = [entry for entry in chunk if isinstance(entry, Photo)]
        if unchanged is not None:
            listed, found = len(found), unchanged.others(found)
            tally.unchanged += listed - len(found)
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
            print_ = photo.fingerprint
            if state is not None and print_ and print_ == state.fingerprint and not refresh:
                tally.unchanged += 1
                continue
            known_hash = _known_hash(photo, state, refresh=refresh)
            if suspects is not None and (reason := suspects.why_left_out(photo)):
                tally.skipped.append(Skip(photo.uri, reason, photo.id))
                continue
            if suspects is not None and suspects.is_suspect(photo):
                yield [photo], [known_hash], [wanted]
                continue
            if known_hash.startswith(UNREAD):
                unread.add(photo, known_hash, wanted)
                if len(unread.photos) >= UNREAD_AT_ONCE:
                    yield unread.taken()
                continue
            waiting.add(photo, known_hash, wanted)
            most = few if "original" in waiting.keeps else size
            if len(waiting.photos) >= most:
                yield waiting.taken()
        if tally.progress().done:
            tell()
    for left in (unread, waiting):
        if left.photos:
            yield left.taken()
