"""Workers are lost and photos kill them: what is left of a run is right all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from photoseek import PhotoSearch
from photoseek.cluster.cluster_index import MOST_LOSSES, TRIES, ClusterIndex
from photoseek.cluster.work_order import Encoded, Partition
from photoseek.cluster.workers import LostWorkerError
from photoseek.errors import ServiceError
from photoseek.indexing.results import DELETED_MEANWHILE
from photoseek.indexing.run import index_photos
from photoseek.indexing.suspects import left_out_of
from photoseek.records import EncodedPhoto, ModelIdentity, Outcome, Photo, content_hash
from photoseek.settings import load_settings
from photoseek.store import open_store

MODEL = ModelIdentity("demo", "f" * 32, 2)
PHOTOS = [Photo(f"p{number:03}", f"/p{number:03}.jpg", "1") for number in range(100)]


class Encoders:
    """Encoders that are lost when `loses` says so of what they have."""

    def __init__(self, loses: Callable[[Partition, bool], bool] = lambda *_: False) -> None:
        self.loses = loses
        self.given: list[tuple[int, bool]] = []

    def index(self, partition: Partition, *, alone: bool = False) -> Encoded:
        self.given.append((len(partition), alone))
        if type(self) is Encoders and self.loses(partition, alone):
            raise LostWorkerError
        photos = [
            EncodedPhoto(
                photo, content_hash(photo.id.encode()), 9, 9, np.array([0.6, 0.8], np.float32), b"T"
            )
            for photo in partition.photos
        ]
        outcomes = [Outcome(photo.uri, "indexed") for photo in partition.photos]
        return Encoded(outcomes, photos, [], MODEL)

    def follow(self) -> None:
        """There is no other model."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[PhotoSearch]:
    with PhotoSearch(load_settings(index=str(tmp_path / "index"))) as library:
        yield library


def stored(library: PhotoSearch) -> list[str]:
    return sorted(hit.stored.photo.id for hit in library.browse(top_k=1_000).hits)


class Storing(Encoders):
    """Encoders that write into the store themselves; `amid` happens before they do."""

    def __init__(self, library: PhotoSearch) -> None:
        super().__init__()
        self._library = library
        self.amid: Callable[[], object] = int

    def index(self, partition: Partition, *, alone: bool = False) -> Encoded:
        encoded = super().index(partition, alone=alone)
        self.amid()
        if encoded.photos:
            open_store(self._library.location, encoded.model).upsert(encoded.photos)
        if self.loses(partition, alone):
            raise LostWorkerError
        return Encoded(encoded.outcomes, [], [], encoded.model)


def has(name: str) -> Callable[[Partition, bool], bool]:
    return lambda partition, _: any(photo.id == name for photo in partition.photos)


def test_what_is_stored_is_not_encoded_again(library: PhotoSearch) -> None:
    encoders = Encoders()
    report = index_photos(PHOTOS[:60], ClusterIndex(library, encoders), batch_size=16)
    assert report.indexed == 60
    encoders.given = []
    report = index_photos(PHOTOS, ClusterIndex(library, encoders), batch_size=16)
    assert (report.indexed, report.unchanged) == (40, 60)
    assert sum(size for size, _ in encoders.given) == 40
    assert stored(library) == [photo.id for photo in PHOTOS]


def test_a_partition_whose_worker_is_lost_goes_to_another_one(library: PhotoSearch) -> None:
    losses = iter([True, False, True, True])
    encoders = Encoders(lambda *_: next(losses, False))
    report = index_photos(PHOTOS, ClusterIndex(library, encoders), batch_size=32)
    assert (report.indexed, report.skipped) == (100, ())
    assert len(encoders.given) == 4 + 3
    assert stored(library) == [photo.id for photo in PHOTOS]


@pytest.mark.parametrize("name", ["p000", "p041", "p099"])
def test_a_photo_that_kills_its_worker_is_found_and_left_out(
    library: PhotoSearch, name: str
) -> None:
    encoders = Encoders(has(name))
    index = ClusterIndex(library, encoders)
    report = index_photos(PHOTOS, index, batch_size=100, in_flight=1)
    [skip] = report.skipped
    assert skip.uri == f"/{name}.jpg"
    assert "died at this photo" in skip.reason
    assert [photo.id for photo in index.crashing] == [name]
    assert stored(library) == [photo.id for photo in PHOTOS if photo.id != name]
    searched = encoders.given[TRIES:]
    assert all(alone for _, alone in searched)

    suspects = left_out_of(library.location)
    suspects.accuse(index.crashing[0])
    encoders.given = []
    again = index_photos(PHOTOS, index, batch_size=100, suspects=left_out_of(library.location))
    assert (again.unchanged, len(again.skipped), encoders.given) == (99, 1, [])


def test_workers_that_die_of_everything_are_no_photos_fault(library: PhotoSearch) -> None:
    encoders = Encoders(lambda *_: True)
    index = ClusterIndex(library, encoders)
    with pytest.raises(ServiceError, match=f"{MOST_LOSSES + 1} workers .* --batch-size"):
        index_photos(PHOTOS, index, batch_size=256, in_flight=1)
    assert index.crashing == []
    assert stored(library) == []


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_is_deleted_while_workers_store_it_stays_deleted(
    library: PhotoSearch, *, is_lost: bool
) -> None:
    """Also one that was deleted before and is wanted again, and where the worker is lost."""
    open_store(library.location, MODEL)
    encoders = Storing(library)
    index = ClusterIndex(library, encoders, workers_store=True)
    assert index_photos(PHOTOS[:9], index, batch_size=9).indexed == 9
    library.delete(["p003", "p007"])
    sent, hashes = PHOTOS[:9], ["f" * 32] * 9
    hashes[3] = ""  # the others have changed, and p007 was deleted once that was known

    def amid() -> None:
        encoders.amid = lambda: library.delete(["p003", "p005"])
        if not is_lost:
            encoders.amid()

    encoders.given = []
    encoders.amid = amid
    losses = iter([is_lost])
    encoders.loses = lambda *_: next(losses, False)
    outcomes = index.index_batch(sent, hashes, ["thumbnail"] * 9)
    gone = {"/p005.jpg", "/p007.jpg"} | ({"/p003.jpg"} if is_lost else set())
    assert {each.uri for each in outcomes if each.error == DELETED_MEANWHILE} == gone
    assert [each.uri for each in outcomes] == [photo.uri for photo in sent]
    assert encoders.given[0] == (8, False)
    assert stored(library) == sorted({photo.id for photo in sent} - {uri[1:5] for uri in gone})
