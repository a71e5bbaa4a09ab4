"""What is noted of a source's photos, in a folder and in a bucket."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import normalize

import pytest
from typing_extensions import override

from photoseek.errors import DamagedStoreError, StorageError
from photoseek.files.filestore import Entry, FolderFiles, open_files
from photoseek.helpers.idset import key_of
from photoseek.indexing.inventory import Inventory, Listed, open_inventory
from photoseek.indexing.pruning import Listing
from photoseek.sources import open_source, photo_id
from photoseek.store import open_store
from tests.support.stored_photos import MODEL

PHOTOS = "/photos"


@pytest.fixture(params=["folder", "bucket"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "new" / "index")
    return f"{request.getfixturevalue('bucket')}/index"


@pytest.fixture
def opened(index: str) -> Callable[..., Inventory]:
    return lambda source=PHOTOS: open_inventory(index, source)


def listed(*numbers: int) -> list[Listed]:
    return [Listed(f"id {number}", f"/photos/{number}.jpg") for number in numbers]


def ids(inventory: Inventory) -> set[str]:
    return {photo.id for photo in inventory.listed()}


def segments(index: str) -> list[str]:
    return [entry.name for entry in open_files(index).entries()]


def test_what_is_noted_is_there_for_the_next_process(opened: Callable[..., Inventory]) -> None:
    inventory = opened()
    assert inventory.keys().tolist() == []
    inventory.add(listed(1, 2))
    inventory.add(listed(3))
    for same in (inventory, opened()):
        assert set(same.listed()) == set(listed(1, 2, 3))
        assert same.keys().tolist() == sorted(key_of(f"id {number}") for number in (1, 2, 3))


class Joining(FolderFiles):
    """A place in which another process joins segments once they are listed."""

    joins: Callable[[], object] | None = None

    @override
    def entries(self, prefix: str = "") -> Iterator[Entry]:
        found = list(super().entries(prefix))
        joins, self.joins = self.joins, None
        if joins:
            joins()
        return iter(found)


def test_what_another_source_lists_is_known_while_its_segments_are_joined(tmp_path: Path) -> None:
    place = Joining(tmp_path)
    other = Inventory(FolderFiles(tmp_path), "/b")
    other.add(listed(1, 2))
    other.add(listed(3))
    place.joins = lambda: other.remove({"id 3"})
    found = Inventory(place, "/a").listed_elsewhere({"id 1", "id 3"})
    assert found == {"id 1": "/b"}
    assert place.joins is None


def test_sources_are_kept_apart(opened: Callable[..., Inventory]) -> None:
    opened("/a").add(listed(1, 2))
    opened("/b").add(listed(2, 3))
    assert ids(opened("/a")) == {"id 1", "id 2"}
    assert opened("/a").listed_elsewhere({"id 1", "id 2", "id 3"}) == {"id 2": "/b", "id 3": "/b"}
    assert opened("/b").listed_elsewhere(set()) == {}
    opened("/b").remove({"id 2"})
    assert opened("/a").listed_elsewhere({"id 2"}) == {}
    assert ids(opened("/a")) == {"id 1", "id 2"}


def test_removed_photos_are_forgotten(opened: Callable[..., Inventory]) -> None:
    inventory = opened()
    inventory.add(listed(1, 2, 3))
    inventory.remove({"id 1", "id 3", "nobody"})
    assert ids(inventory) == ids(opened()) == {"id 2"}
    assert inventory.keys().tolist() == [key_of("id 2")]


def test_many_segments_become_one(opened: Callable[..., Inventory], index: str) -> None:
    inventory = opened()
    for number in range(20):
        inventory.add(listed(number, 100))
    assert len(segments(index)) == 20
    inventory.tidy()
    assert len(segments(index)) == 1
    assert len(list(inventory.listed())) == 21
    assert set(inventory.listed()) == set(listed(100, *range(20)))


def test_two_writers_lose_nothing(opened: Callable[..., Inventory], index: str) -> None:
    inventories = [opened(), opened()]

    def write(number: int) -> None:
        inventory = inventories[number % 2]
        inventory.add(listed(number))
        inventory.remove({f"id {number - 1000}"})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(40)))
    assert ids(opened()) == {f"id {number}" for number in range(40)}
    for inventory in inventories:
        assert inventory.keys().tolist() == opened().keys().tolist()


def test_odd_ids_and_places(opened: Callable[..., Inventory]) -> None:
    odd = [Listed(text, text) for text in ("a\nb", '"', "日本", "\udcff", "", "x" * 5000)]
    opened().add(odd)
    assert set(opened().listed()) == set(odd)


def segment_of_before(count: int) -> bytes:
    """A segment as versions wrote it that noted no keys."""
    rows = (f'["id {number}", "/photos/{number}.jpg"]' for number in range(count))
    return gzip.compress("\n".join(['{"source": "/photos"}', *rows, ""]).encode(), mtime=0)


def test_what_an_earlier_version_noted_is_read_and_gets_its_keys(
    opened: Callable[..., Inventory], index: str
) -> None:
    opened().add(listed(1))
    [name] = segments(index)
    open_files(index).write(name, segment_of_before(10_001))
    inventory = opened()
    keys = inventory.keys().tolist()
    assert keys == sorted(key_of(f"id {number}") for number in range(10_001))
    inventory.tidy()
    assert segments(index) != [name]
    for same in (inventory, opened()):
        assert same.keys().tolist() == keys
        assert ids(same) == {f"id {number}" for number in range(10_001)}


def test_an_earlier_version_reads_what_this_one_notes(
    opened: Callable[..., Inventory], index: str
) -> None:
    opened().add(listed(1, 2))
    [name] = segments(index)
    data = open_files(index).read(name)
    assert data is not None
    first, *rows = map(json.loads, gzip.decompress(data).decode("ascii").splitlines())
    assert first["source"] == PHOTOS
    assert rows == [["id 1", "/photos/1.jpg"], ["id 2", "/photos/2.jpg"]]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"no gzip",
        gzip.compress(b"", mtime=0),
        gzip.compress(b'{"source": "/photos"}\n["only one"]\n', mtime=0),
        gzip.compress(b'{"source": "/photos"}\n{}', mtime=0),
        gzip.compress(b'{"source": "/photos"}\n["a", "b"]\n', mtime=0)[:-9],
        gzip.compress(b'{"source": "/photos", "keys": "no base64"}\n', mtime=0),
        gzip.compress(b'{"source": "/photos", "keys": 7}\n', mtime=0),
        gzip.compress(b"[]\n", mtime=0),
    ],
)
def test_a_damaged_segment_is_named(
    opened: Callable[..., Inventory], index: str, damage: bytes
) -> None:
    opened().add(listed(1))
    [name] = segments(index)
    open_files(index).write(name, damage)
    with pytest.raises(DamagedStoreError, match=f"{name} is damaged. Remove it"):
        opened().keys()
    open_files(index).remove([name])
    assert opened().keys().tolist() == []


def test_an_index_may_be_made_where_photos_were_noted(index: str) -> None:
    open_inventory(index, PHOTOS).add(listed(1))
    assert open_store(index, MODEL).count() == 0


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="file/index cannot be used"):
        open_inventory(str(tmp_path / "file" / "index"), PHOTOS)


def test_photos_keep_the_ids_that_a_version_before_gave_to_odd_accents(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    old, new = (folder / normalize("NFD", name) for name in ("Grün.jpg", "Café.jpg"))
    for path in (old, new):
        path.write_bytes(b"bytes")
    inventory = open_inventory(str(tmp_path / "index"), str(folder))
    inventory.add([Listed(photo_id(str(old)), str(old))])
    for _ in range(2):
        listing = Listing(open_source(str(folder)), inventory)
        found = {str(entry.uri): entry.id for entry in listing}
        composed = normalize("NFC", str(new))
        assert found == {str(old): photo_id(str(old)), str(new): photo_id(composed)}
        assert listing.vanished().ids == frozenset()
