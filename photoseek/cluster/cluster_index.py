"""An index into which a cluster encodes: what `index_source` needs of one."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence, Set
from contextlib import AbstractContextManager
from typing import Protocol

from photoseek.cluster.joint_commits import JointCommits
from photoseek.cluster.work_order import Encoded, Partition
from photoseek.cluster.workers import LostWorkerError
from photoseek.errors import ModelMismatchError, ServiceError
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.indexing.results import DELETED_MEANWHILE, UnchangedPhoto
from photoseek.indexing.source_run import IndexOfSources
from photoseek.records import (
    EncodedPhoto,
    Found,
    Keep,
    KnownPhoto,
    ModelIdentity,
    Outcome,
    Photo,
    StoredPhoto,
)
from photoseek.store import Where

TRIES = 3
"""Workers that may be lost with a partition before its photos are suspected: machines go away."""

MOST_LOSSES = 16
"""Workers lost in a row that each had such photos alone: then it is no photo's fault.

A photo that kills its worker may be the first of its partition: it takes 12 to find it.
"""


class StoredIndex(IndexOfSources, Protocol):
    """The index itself: `photoseek.PhotoSearch`."""

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, where they are few enough."""

    def store(
        self,
        encoded: Sequence[EncodedPhoto],
        unchanged: Sequence[UnchangedPhoto],
        model: ModelIdentity,
        known: Collection[str] = (),
    ) -> set[str]:
        """Store photos with their vectors, and new descriptions, in one commit.

        `known` and what is returned are as in `photoseek.PhotoIndex.store`.
        """

    def deleted_meanwhile(
        self, ids: Sequence[str], known: Collection[str]
    ) -> AbstractContextManager[Set[str]]:
        """As in `photoseek.PhotoIndex`, for who has others write into its store."""


class Encoders(Protocol):
    """Who encodes: `photoseek.cluster.workers.Workers`."""

    def index(self, partition: Partition, *, alone: bool = False) -> Encoded:
        """Have a partition encoded; LostWorkerError where who did it was lost."""

    def follow(self) -> None:
        """Encode with the model that the index has by now."""


class ClusterIndex:
    """An index whose photos are encoded by workers, and stored by this process or by them.

    Whatever is asked of it, the index itself answers. Safe to use from many threads.
    """

    def __init__(
        self, index: StoredIndex, workers: Encoders, *, workers_store: bool = False
    ) -> None:
        """Where `workers_store`, this process only takes out what was deleted meanwhile."""
        self._index = index
        self._workers = workers
        self._workers_store = workers_store
        self._commits = JointCommits(index.store)
        self._counting = threading.Lock()
        self._losses = 0
        self._has_done_any = False
        self._crashing: list[Photo] = []

    @property
    def crashing(self) -> list[Photo]:
        """Photos that killed their workers, each alone and twice, when others did not."""
        return self._crashing if self._has_done_any else []

    def index_batch(
        self, photos: Sequence[Photo], known_hashes: Sequence[str], keeps: Sequence[Keep]
    ) -> list[Outcome]:
        """Have a partition encoded, and wait until it is stored; one outcome per photo, in order.

        A worker that is lost costs only time. A photo that kills one after the other is found.
        Where the index gets another model meanwhile, they are encoded by that.

        Raises:
            ServiceError: no worker is left, or all of them die.
            StoreError, StorageError: what was encoded cannot be stored.
        """
        partition = Partition(tuple(photos), tuple(known_hashes), tuple(keeps))
        if not self._workers_store:
            return self._followed(partition)
        ids = [photo.id for photo in photos]
        with self._index.deleted_meanwhile(ids, partition.known_ids) as deleted:
            wanted = partition.without(deleted)
            outcomes = self._followed(wanted)
        done = iter(_without(deleted, wanted, outcomes))
        sent = {photo.id for photo in wanted.photos}
        return [next(done) if photo.id in sent else _deleted(photo) for photo in photos]

    def _followed(self, partition: Partition) -> list[Outcome]:
        try:
            return self._indexed(partition)
        except ModelMismatchError:
            self._workers.follow()
            return self._indexed(partition)

    def _indexed(self, partition: Partition) -> list[Outcome]:
        for _ in range(TRIES):
            outcomes = self._tried(partition)
            if outcomes is not None:
                return outcomes
        return self._searched(partition)

    def _tried(self, partition: Partition, *, alone: bool = False) -> list[Outcome] | None:
        """What became of the photos; None where the worker was lost."""
        with self._commits.expecting():
            try:
                encoded = self._workers.index(partition, alone=alone)
            except LostWorkerError:
                if alone:
                    self._lost()
                return None
        deleted = self._commits.store(encoded, partition.known_ids)
        with self._counting:
            self._losses, self._has_done_any = 0, True
        return _without(deleted, partition, encoded.outcomes)

    def _searched(self, partition: Partition) -> list[Outcome]:
        """The same for photos of which one may kill its worker: it is found by halves."""
        outcomes = self._tried(partition, alone=True)
        if outcomes is not None:
            return outcomes
        if len(partition) > 1:
            middle = len(partition) // 2
            halves = partition.part(0, middle), partition.part(middle, len(partition))
            return [each for half in halves for each in self._searched(half)]
        outcomes = self._tried(partition, alone=True)
        if outcomes is not None:
            return outcomes
        [photo] = partition.photos
        with self._counting:
            self._crashing.append(photo)
        reason = "The encoder's process died at this photo, twice. It is left out until it changes."
        return [Outcome(photo.uri, "skipped", reason)]

    def _lost(self) -> None:
        with self._counting:
            self._losses += 1
            if self._losses > MOST_LOSSES:
                raise ServiceError(
                    f"{self._losses} workers of the Ray cluster died one after the other, and no "
                    "photo was found that they die of. They may need more memory than there is: a "
                    "smaller --batch-size needs less."
                )

    def known(self, ids: Sequence[str]) -> dict[str, KnownPhoto]:
        """What the index holds of these photos."""
        return self._index.known(ids)

    def fingerprints(self, most: int, keep: Keep | None = None) -> Fingerprints | None:
        """Those of all photos, where they are few enough."""
        return self._index.fingerprints(most, keep)

    def photo(self, photo_id: str) -> StoredPhoto:
        """What is known of a photo."""
        return self._index.photo(photo_id)

    def delete(self, ids: Sequence[str], *, vanished: bool = False) -> int:
        """Forget photos; returns how many were there."""
        return self._index.delete(ids, vanished=vanished)

    def maintain(self) -> None:
        """Tidy up after a long run of changes."""
        self._index.maintain()

    def refresh_words(self) -> int:
        """As `photoseek.PhotoIndex` does."""
        return self._index.refresh_words()

    def use_keyword_fields(self, names: Sequence[str]) -> int:
        """Find the words of these fields from now on; gives how many stored photos changed."""
        return self._index.use_keyword_fields(names)

    def search(self, query: str = "", *, top_k: int = 10, where: Where = ()) -> Found:
        """The photos that satisfy filters."""
        return self._index.search(query, top_k=top_k, where=where)


def _without(deleted: Set[str], partition: Partition, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of a partition's photos, some of which were deleted meanwhile."""
    pairs = zip(partition.photos, outcomes, strict=True)
    return [_deleted(photo) if photo.id in deleted else outcome for photo, outcome in pairs]


def _deleted(photo: Photo) -> Outcome:
    return Outcome(photo.uri, "skipped", DELETED_MEANWHILE)
