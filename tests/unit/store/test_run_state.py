"""Where the runs that fill an index keep their notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.errors import StoreError
from photoseek.indexing.inventory import Listed, open_inventory
from photoseek.indexing.suspects import open_suspects
from photoseek.indexing.tombstones import Tombstones
from photoseek.records import ModelIdentity, Photo
from photoseek.store import Blobs, PhotoStore, StoreEngine, register_store
from photoseek.store.run_state import run_state


class Server(StoreEngine):
    """An engine beside whose indexes nothing else can lie."""

    def canonical(self, location: str) -> str:
        return location.lower()

    def peek_model(self, location: str) -> ModelIdentity | None:
        return None

    def create(self, location: str, model: ModelIdentity) -> None:
        raise StoreError("it makes none")

    def open(self, location: str) -> PhotoStore:
        raise StoreError("there is none")

    def blobs(self, location: str) -> Blobs:
        raise StoreError("it has none")

    def run_state(self, location: str) -> None:
        return None


@pytest.fixture
def server() -> str:
    register_store("server", Server)
    return "server:HOST/photos"


def test_notes_lie_beside_a_folder_and_a_bucket(tmp_path: Path) -> None:
    assert run_state(str(tmp_path / "index")).uri == str(tmp_path / "index")
    assert run_state("s3://bucket/index").uri == "s3://bucket/index"


def test_the_notes_of_a_server_lie_in_a_folder_of_their_own(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = Path(run_state(server).uri)
    assert place.parent == tmp_path / "data" / "state"
    assert run_state("server:host/PHOTOS").uri == str(place), "it is the same index"
    assert run_state("server:host/others").uri != str(place)


def test_a_setting_says_where_all_of_them_are(tmp_path: Path) -> None:
    index, state = str(tmp_path / "index"), str(tmp_path / "notes")
    photo = Photo("p1", "/photos/1.jpg", "1")
    open_inventory(index, "/photos", state).add([Listed("p1", "/photos/1.jpg")])
    Tombstones(index, state).note([photo])
    suspects = open_suspects(index, state)
    suspects.begin()
    suspects.accuse(photo)
    assert not (tmp_path / "index").exists()
    assert Tombstones(index, state).among(["p1", "p2"]) == {"p1"}
    assert [each.id for each in open_inventory(index, "/photos", state).listed()] == ["p1"]
    again = open_suspects(index, state)
    again.begin()
    assert again.why_left_out(photo).startswith("The encoder's process died")
    other = str(tmp_path / "other")
    assert Tombstones(other, state).among(["p1"]) == set()
    assert list(open_inventory(other, "/photos", state).listed()) == []
