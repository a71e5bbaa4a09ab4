"""What many workers have encoded, stored in few large commits.

A commit into a table reads the ids of all of its rows, and each one adds a version and a file. So
photos wait until they are many, or until they have waited long enough.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field

from photoseek.cluster.work_order import Encoded
from photoseek.indexing.results import UnchangedPhoto
from photoseek.records import EncodedPhoto, ModelIdentity

ROWS = 8_192
"""Photos in one commit."""

SECONDS = 10.0
"""How long what is encoded waits for others; so much work is lost where the run is killed."""

Store = Callable[
    [Sequence[EncodedPhoto], Sequence[UnchangedPhoto], ModelIdentity, Collection[str]], Set[str]
]


@dataclass(slots=True)
class _Waiting:
    encoded: Encoded
    known: Collection[str]
    since: float
    deleted: Set[str] = frozenset()
    is_done: bool = False
    error: BaseException | None = field(default=None)


class JointCommits:
    """Stores what many threads bring, in commits that they share."""

    def __init__(self, store: Store, *, rows: int = ROWS, seconds: float = SECONDS) -> None:
        """`store` writes photos in one commit, and gives what `PhotoIndex.store` does.

        It runs in one thread at a time.
        """
        self._store = store
        self._rows = rows
        self._seconds = seconds
        self._changed = threading.Condition()
        self._pending: list[_Waiting] = []
        self._is_committing = False
        self._at_work = 0

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Inside, something is made that may join the next commit."""
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def store(self, encoded: Encoded, known: Collection[str] = ()) -> Set[str]:
        """Return when it is stored; `known` and what is returned are as in `PhotoIndex.store`.

        Raises:
            StoreError, StorageError: it is not, nor is what was to be stored with it.
        """
        if not (encoded.photos or encoded.unchanged):
            return frozenset()
        mine = _Waiting(encoded, known, time.monotonic())
        with self._changed:
            self._pending.append(mine)
            self._changed.notify_all()
            while not mine.is_done:
                if self._is_committing:
                    self._changed.wait()
                elif self._is_due():
                    self._commit_pending()
                else:
                    oldest = self._pending[0].since
                    self._changed.wait(max(0.0, oldest + self._seconds - time.monotonic()))
        if mine.error is not None:
            raise mine.error
        return mine.deleted

    def _is_due(self) -> bool:
        rows = sum(len(each.encoded.outcomes) for each in self._pending)
        waited = time.monotonic() - self._pending[0].since
        return not self._at_work or rows >= self._rows or waited >= self._seconds

    def _commit_pending(self) -> None:
        """Commit all that waits; the others go on meanwhile, and wait for the next one."""
        waiting, self._pending = self._pending, []
        self._is_committing = True
        self._changed.release()
        try:
            self._commit(waiting)
        finally:
            self._changed.acquire()
            self._is_committing = False
            self._changed.notify_all()

    def _commit(self, waiting: Sequence[_Waiting]) -> None:
        for model in dict.fromkeys(each.encoded.model for each in waiting):
            some = [each for each in waiting if each.encoded.model == model]
            try:
                deleted = self._store(
                    [photo for each in some for photo in each.encoded.photos],
                    [photo for each in some for photo in each.encoded.unchanged],
                    model,
                    [photo_id for each in some for photo_id in each.known],
                )
            except BaseException as error:
                for each in some:
                    each.error = error
            else:
                for each in some:
                    each.deleted = deleted
            for each in some:
                each.is_done = True
