"""Thumbnails and originals that several indexes of one server share."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from photoseek.errors import StorageError, StoreError
from photoseek.store.blob_place import BlobPlace
from tests.support.stored_photos import encoded

DAY = timedelta(days=1)


class Users:
    """What each index uses; None stands for one that is gone."""

    def __init__(self, **used: set[str] | None) -> None:
        self.used = used
        self.asked: list[str] = []

    def __call__(self, index: str, hashes: Sequence[str], keeps: Sequence[str]) -> set[str] | None:
        self.asked.append(index)
        here = self.used[index]
        return None if here is None else here.intersection(hashes)


@pytest.fixture
def place(tmp_path: Path) -> BlobPlace:
    place = BlobPlace("engine://host:1", str(tmp_path))
    place.join("photos-000001")
    place.join("large-000001")
    place.blobs.put([encoded(number) for number in range(3)])
    place.note_leftovers()
    return place


def grow_old(folder: Path) -> None:
    long_ago = time.time() - 2 * DAY.total_seconds()
    for path in filter(Path.is_file, folder.rglob("*")):
        os.utime(path, (long_ago, long_ago))


def there(place: BlobPlace) -> set[int]:
    return {n for n in range(3) if place.blobs.thumbnails.get(encoded(n).content_hash)}


def test_what_any_index_uses_stays_when_the_rest_is_old(place: BlobPlace, tmp_path: Path) -> None:
    grow_old(tmp_path)
    hashes = [encoded(number).content_hash for number in range(3)]
    place.sweep(Users(**{"photos-000001": {hashes[0]}, "large-000001": {hashes[2]}}))
    assert there(place) == {0, 2}


def test_what_is_young_stays(place: BlobPlace) -> None:
    users = Users()
    place.sweep(users)
    assert there(place) == {0, 1, 2}
    assert not users.asked


def test_an_index_that_is_gone_is_forgotten(place: BlobPlace, tmp_path: Path) -> None:
    grow_old(tmp_path)
    hashes = {encoded(number).content_hash for number in range(3)}
    place.sweep(Users(**{"photos-000001": hashes, "large-000001": None}))
    place.note_leftovers()
    grow_old(tmp_path)
    again = Users(**{"photos-000001": set()})
    BlobPlace("engine://host:1", str(tmp_path)).sweep(again)
    assert set(again.asked) == {"photos-000001"}
    assert there(place) == set()


def test_nothing_goes_while_an_index_cannot_be_read(place: BlobPlace, tmp_path: Path) -> None:
    grow_old(tmp_path)

    def unreadable(index: str, hashes: Sequence[str], keeps: Sequence[str]) -> set[str]:
        raise StorageError(index)

    with pytest.raises(StorageError):
        place.sweep(unreadable)
    assert there(place) == {0, 1, 2}
    used = Users(**{"photos-000001": set(), "large-000001": set()})
    BlobPlace("engine://host:1", str(tmp_path)).sweep(used)
    assert there(place) == set(), "the next process removes them"


def test_servers_have_places_of_their_own(place: BlobPlace, tmp_path: Path) -> None:
    other = BlobPlace("engine://host:2", f"{tmp_path}/")
    other.join("photos-000001")
    assert there(other) == set()
    assert place.size() == sum(len(encoded(number).thumbnail) for number in range(3))


def test_a_place_that_can_be_none_is_refused() -> None:
    with pytest.raises(StoreError, match="http://host/blobs"):
        BlobPlace("engine://host:1", "http://host/blobs")
