"""What was deleted on purpose stays out of later runs, in a folder and in a bucket."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from photoseek.errors import StoreError, StoreWriteError
from photoseek.files.filestore import open_files
from photoseek.files.links import Links
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing, prune
from photoseek.indexing.run import index_photos
from photoseek.indexing.tombstones import Tombstones
from photoseek.photo_index import PhotoIndex
from photoseek.records import Keep, Outcome, Photo
from photoseek.store import open_store
from photoseek.store.lazy import LazyStore
from tests.support.stored_photos import MODEL, encoded, photo

PHOTOS = [photo(number) for number in range(5)]


class Indexer(PhotoIndex):
    """A library that photos are sent to as to a gateway; their numbers are what they show."""

    def __init__(self, location: str) -> None:
        super().__init__(LazyStore(location), Links(60))

    def index_batch(
        self, photos: Sequence[Photo], _: Sequence[str], __: Sequence[Keep]
    ) -> list[Outcome]:
        self.store([encoded(int(each.id[1:])) for each in photos], [], MODEL)
        return [Outcome(each.uri, "indexed", "") for each in photos]


@pytest.fixture(params=["folder", "bucket"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Indexer:
    if request.param == "folder":
        return Indexer(str(tmp_path / "index"))
    return Indexer(f"{request.getfixturevalue('bucket')}/index")


def counts(library: Indexer, **arguments: object) -> tuple[int, int, int]:
    """What another process does, which indexes the whole source: indexed, unchanged, deleted."""
    report = index_photos(PHOTOS, Indexer(library.location), **arguments)  # type: ignore[arg-type]
    return report.indexed, report.unchanged, report.deleted


def test_deleted_photos_stay_out_until_they_are_asked_back(library: Indexer) -> None:
    assert counts(library) == (5, 0, 0)
    assert library.delete(["p00001", "p00003", "nobody"]) == 2
    assert counts(library) == counts(library) == (0, 3, 2)
    assert counts(library, again={"p00003"}) == (1, 3, 1)
    assert counts(library) == (0, 4, 1), "what is back stays"
    assert counts(library, again=True) == (1, 4, 0)
    assert counts(library) == (0, 5, 0)


def test_photos_that_vanished_come_back_by_themselves(library: Indexer) -> None:
    inventory = open_inventory(library.location, "/photos")
    index_photos(Listing(PHOTOS, inventory), library)
    library.delete(["p00000"])
    listing = Listing(PHOTOS[2:], inventory)
    assert index_photos(listing, library).unchanged == 3
    assert prune(listing.vanished().ids, inventory, library).removed == 1
    assert counts(library) == (1, 3, 1), "but what was deleted before stays out"


def test_a_photo_that_is_handed_in_again_is_back(library: Indexer) -> None:
    counts(library)
    library.delete(["p00002"])
    assert library.known(["p00002"])["p00002"].deleted
    library.store([encoded(2)], [], MODEL)
    assert not library.known(["p00002"])["p00002"].deleted
    library.delete(["p00002"], vanished=True)
    assert counts(library) == (1, 4, 0)


def test_many_deletions_are_few_files(library: Indexer) -> None:
    counts(library)
    for turn in range(20):
        library.store([encoded(turn)], [], MODEL)
        library.delete([f"p{turn:05}"])
    noted = open_files(library.location).entries("tombstones/")
    assert len(list(noted)) <= 17
    assert counts(library) == (0, 0, 5)


def test_a_deletion_of_what_was_deleted_before_is_told(library: Indexer) -> None:
    counts(library)
    library.delete(["p00001", "p00002"])
    assert counts(library, again=True) == (2, 3, 0)
    tombstones, others = Tombstones(library.location), Tombstones(library.location)
    before = tombstones.look(["p00001", "p00002"])
    assert before.ids == {"p00001", "p00002"}
    everything = [each.id for each in PHOTOS]
    assert tombstones.since(before, everything) == set()
    others.note(PHOTOS[1:2])
    assert tombstones.since(before, everything) == {"p00001"}
    others.note(PHOTOS[4:])
    others.forget(["p00003", "p00000"])
    assert tombstones.since(before, everything) == {"p00001", "p00004"}
    others.forget(["p00004"])  # which joins all segments
    assert tombstones.since(before, everything) == set(), "as nobody can tell any more"


def test_an_index_that_has_only_tombstones_is_none_yet(library: Indexer) -> None:
    open_files(library.location).prepare()
    tombstones = Tombstones(library.location)
    tombstones.note(PHOTOS[:1])
    assert tombstones.among(["p00000", "p00001"]) == {"p00000"}
    assert library.known(["p00000"]) == {}
    open_store(library.location, MODEL)
    assert library.known(["p00000"])["p00000"].deleted


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    place = tmp_path / "index"
    Indexer(str(place)).store([encoded(1)], [], MODEL)
    (place / "tombstones").write_text("a file in its place")
    with pytest.raises(StoreWriteError, match="cannot be written"):
        Tombstones(str(place)).note(PHOTOS)
    (place / "tombstones").unlink()
    Tombstones(str(place)).note(PHOTOS)
    [segment] = (place / "tombstones").rglob("*.gz")
    segment.write_bytes(segment.read_bytes()[:30])
    with pytest.raises(StoreError, match="is damaged"):
        Tombstones(str(place)).among(["p00001"])
