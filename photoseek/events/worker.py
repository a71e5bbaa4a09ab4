"""Messages about a bucket, brought into an index, by any number of workers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from photoseek.description_limits import printable
from photoseek.errors import MessageError, StorageError
from photoseek.events.queues import Message, Queue
from photoseek.events.s3_events import Changed, changes_in
from photoseek.indexing.inventory import Inventory
from photoseek.indexing.pruning import Listing, PrunableIndex
from photoseek.indexing.run import index_photos
from photoseek.indexing.suspects import Suspects
from photoseek.records import IndexReport, Keep, Photo, Skip
from photoseek.sources.bucket import BucketSource
from photoseek.sources.source import has_extension
from photoseek.sources.xmp_files import is_sidecar

MOST_TAKEN = 10
"""How often a message is taken, before nobody tries again."""

MOST_LOOKS = 5
"""How often a photo is looked at again that changes while it is read."""

NOTHING = IndexReport(indexed=0, updated=0, unchanged=0, skipped=(), seconds=0.0)

Seen = dict[str, Photo | Skip | None]
"""What is in the bucket below names of it; None where there is no photo."""


class Worker:
    """Takes messages, looks at the objects that they tell of, and has the index follow.

    A message says that something has changed, not what is there now: that is asked of the bucket,
    and asked again when it is stored. So messages may come twice and in any order, and two workers
    may have the same photo at once; the last one to look sees it as it is.
    """

    def __init__(
        self,
        queue: Queue,
        source: BucketSource,
        inventory: Inventory,
        *,
        batch_size: int = 32,
        keep: Keep | None = None,
        suspects: Suspects | None = None,
        on_buried: Callable[[str, str], None] = lambda _id, _reason: None,
    ) -> None:
        """`on_buried` hears of messages that cannot be used: their ids, and why."""
        self._queue = queue
        self._source = source
        self._inventory = inventory
        self._batch_size = batch_size
        self._keep = keep
        self._suspects = suspects
        self._on_buried = on_buried

    def round(self, index: PrunableIndex, seconds: int) -> IndexReport | None:
        """Work on the next messages, for which it waits `seconds`; None when none came.

        Raises:
            QueueError, StorageError, StoreError, ServiceError: the messages come back.
        """
        messages = self._queue.take(seconds)
        if not messages:
            return None
        with self._queue.held(messages):
            usable, names = self._read(messages)
            report = self._follow(names, index)
            self._queue.done(usable)
        return report

    def _read(self, messages: Iterable[Message]) -> tuple[list[Message], set[str]]:
        """The messages that can be used, and the names of objects that they tell of."""
        usable, names = [], set[str]()
        for message in messages:
            try:
                changes = changes_in(message.body)
            except MessageError as error:
                self._bury(message, str(error))
                continue
            if message.taken > MOST_TAKEN:
                about = ", ".join(f"s3://{each.bucket}/{each.key}" for each in changes)
                self._bury(
                    message,
                    f"The message was taken {MOST_TAKEN} times and never done with. What works on "
                    f"it may die of it: {about[:500]}",
                )
                continue
            usable.append(message)
            names.update(name for change in changes for name in self._names(change))
        return usable, names

    def _bury(self, message: Message, reason: str) -> None:
        reason = printable(reason)
        self._queue.bury(message, reason)
        self._on_buried(message.id, reason)

    def _names(self, change: Changed) -> list[str]:
        """The names of what may be photos below the source: what has changed or lies beside it."""
        uri, place = f"s3://{change.bucket}/{change.key}", f"{self._source.location}/"
        name = uri.removeprefix(place)
        if not uri.startswith(place):
            return []
        if is_sidecar(name):
            return self._source.photos_beside(name)
        return [name] if has_extension(name) else []

    def _follow(self, names: set[str], index: PrunableIndex) -> IndexReport:
        """Have the index follow what is below these names, until nothing of it changes."""
        report, waiting = NOTHING, names
        for _ in range(MOST_LOOKS):
            if not waiting:
                return report
            seen = self._look(waiting)
            report = _joined(report, self._store(seen, index))
            after = self._look(waiting)
            waiting = {name for name in waiting if seen[name] != after[name]}
        if waiting:
            first = min(waiting)
            raise StorageError(f"{self._source.location}/{first[:200]} changes again and again.")
        return report

    def _look(self, names: Iterable[str]) -> Seen:
        return {name: self._source.look(name) for name in sorted(names)}

    def _store(self, seen: Seen, index: PrunableIndex) -> IndexReport:
        there = [each for each in seen.values() if each is not None]
        report = NOTHING
        if there:
            report = index_photos(
                Listing(there, self._inventory),
                index,
                batch_size=self._batch_size,
                keep=self._keep,
                suspects=self._suspects,
            )
        gone = [self._source.id_of(name) for name, each in seen.items() if each is None]
        removed = index.delete(gone, vanished=True) if gone else 0
        return replace(report, removed=removed)


def _joined(one: IndexReport, other: IndexReport) -> IndexReport:
    return replace(
        one,
        indexed=one.indexed + other.indexed,
        updated=one.updated + other.updated,
        unchanged=one.unchanged + other.unchanged,
        skipped=(*one.skipped, *other.skipped),
        seconds=one.seconds + other.seconds,
        removed=one.removed + other.removed,
        deleted=one.deleted + other.deleted,
        remarks=(*one.remarks, *other.remarks),
    )
