"""From a source to an index: skip what is known, send the rest in batches, count what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from photoseek.errors import CrashingPhotoError, PartDownError
from photoseek.helpers.deadlines import in_background
from photoseek.indexing.due_photos import DuePhotos
from photoseek.indexing.indexer import Indexer
from photoseek.indexing.run_tally import IndexProgress, RunTally
from photoseek.indexing.suspects import Suspects
from photoseek.indexing.waiting_photos import Batch
from photoseek.records import IndexReport, Keep, Outcome, Photo, Skip

T = TypeVar("T")

ORIGINALS_AT_ONCE = 8
"""Photos in a batch whose originals are kept: their bytes travel through the Flow with it."""

IN_FLIGHT = 3
"""Batches under way, enough for one encoder: one in the model, one being decoded, one being stored.

More than that never hold originals, which the gateway has in memory for as long.
"""


def index_photos(
    source: Iterable[Photo | Skip],
    indexer: Indexer,
    *,
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

    `in_flight` batches are under way at once, each in a request of its own; fewer and smaller ones
    where originals are kept, unless they do not travel with their batch. `on_progress` hears what
    was done so far, from this thread. Each batch is committed whole, so that a run which is cut
    short loses only the batches in flight, and the next run goes on from there. A stored photo of
    which something else is kept than `keep` is indexed again; with None each keeps what it has, and
    a new photo its thumbnail. With `suspects`, photos at which an encoder died are found and left
    out. Once `is_stopped`, the batches under way are the last ones.

    Raises:
        CrashingPhotoError: the encoder died at one photo, which the next run leaves out.
        ServiceError, StoreError: the whole run cannot go on.
    """
    tally = RunTally()
    if suspects is not None:
        suspects.begin()

    def tell() -> None:
        on_progress(tally.progress())

    sent = _Sent(indexer, tally, suspects, tell)
    due = DuePhotos(
        indexer, tally, tell, keep=keep, again=again, refresh=refresh, suspects=suspects
    )
    few = min(batch_size, ORIGINALS_AT_ONCE) if originals_travel else batch_size
    for batch in due.batches(_until(is_stopped, source), batch_size, few):
        has_originals = originals_travel and "original" in batch[2]
        sent.make_room(batch, min(in_flight, IN_FLIGHT) if has_originals else in_flight)
        if is_stopped():
            break
        sent.send(batch)
    sent.collect(at_most=0)
    if suspects is not None and not is_stopped():
        suspects.end()
    if tally.indexed or tally.updated:
        indexer.maintain()
    return tally.report()


class _Sent:
    """The batches that are under way."""

    def __init__(
        self,
        indexer: Indexer,
        tally: RunTally,
        suspects: Suspects | None,
        tell: Callable[[], None],
    ) -> None:
        self._indexer = indexer
        self._tally = tally
        self._suspects = suspects
        self._tell = tell
        self._running: dict[Future[list[Outcome]], list[Photo]] = {}

    def make_room(self, batch: Batch, most: int) -> None:
        """Wait until a batch can be sent and `most` are under way; a suspect is sent alone."""
        self.collect(at_most=0 if self._is_suspect(batch) else most - 1)

    def send(self, batch: Batch) -> None:
        """Send a batch, and wait for it where it is a suspect."""
        photos = batch[0]
        if self._suspects is not None:
            self._suspects.sending(photos)
        # In the background, so that Ctrl-C need not wait for a slow photo.
        run = in_background(partial(self._indexer.index_batch, *batch), "index")
        self._running[run] = photos
        self._tell()
        if self._suspects is not None and self._is_suspect(batch):
            with _accusing(photos[0], self._indexer, self._suspects):
                self.collect(at_most=0)

    def collect(self, at_most: int) -> None:
        """Wait until no more than that are under way, and count what became of the others."""
        while len(self._running) > at_most:
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                photos = self._running.pop(future)
                self._tally.add(future.result())
                if self._suspects is not None:
                    self._suspects.done(photos)
            self._tell()

    def _is_suspect(self, batch: Batch) -> bool:
        return self._suspects is not None and self._suspects.is_suspect(batch[0][0])


def _until(is_stopped: Callable[[], bool], entries: Iterable[T]) -> Iterator[T]:
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
