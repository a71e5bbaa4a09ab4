"""What a Milvus server may do to an index: be away, hold other things, lose it, have limits."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from photoseek.errors import DamagedStoreError, QueryError, StoreError
from photoseek.helpers.deadlines import within
from photoseek.records import Condition
from photoseek.store import open_store, peek_model
from photoseek.store.blob_place import BlobPlace
from photoseek.store.milvus.milvus_address import address_of
from photoseek.store.milvus.milvus_server import MilvusServer
from tests.servers.milvus import KINDS, drop_collection
from tests.support.stored_photos import MODEL, encoded, ids, vector_of


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def location(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PHOTOSEEK_BLOBS", str(tmp_path / "blobs"))
    location = f"milvus://{server}/test_{uuid.uuid4().hex}"
    yield location
    drop_collection(location)


@pytest.mark.usefixtures("server")  # which says whether there is what speaks to one
def test_a_server_that_is_away_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        within(30),
        pytest.raises(
            StoreError, match=f"127.0.0.1:{port} does not answer, or is not ready yet. Start"
        ),
    ):
        peek_model(f"milvus://127.0.0.1:{port}/photos")


def test_an_index_is_made_once_and_opened_by_all(location: str) -> None:
    assert peek_model(location) is None
    first, second = open_store(location, MODEL), open_store(location, MODEL)
    assert peek_model(location) == MODEL
    first.upsert([encoded(1)])
    assert ids(first.search(vector_of(1), 5)) == ["p00001"]
    second.upsert([encoded(1), encoded(2)])
    assert ids(second.search(vector_of(1), 1)) == ["p00001"]
    assert second.count() == 2


def test_a_collection_of_something_else_is_left_alone(location: str) -> None:
    address = address_of(location)
    client = MilvusServer(address).client
    client.create_collection(address.collection, dimension=16)
    with pytest.raises(DamagedStoreError, match="something else has made"):
        open_store(location, MODEL)


def test_a_collection_that_is_gone_is_no_empty_index(location: str) -> None:
    store = open_store(location, MODEL)
    store.upsert([encoded(1)])
    address = address_of(location)
    MilvusServer(address).client.drop_collection(address.collection)
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        store.count()
    assert peek_model(location) is None


def test_limits_are_sentences(location: str) -> None:
    store = open_store(location, MODEL)
    long = encoded(
        1, caption="\u00e9" * 100_000, tags=("t" * 1_000,), metadata={"x": "y" * 100_000}
    )
    store.upsert([long, encoded(2)])
    assert store.get(["p00001"])["p00001"].photo == long.photo
    with pytest.raises(QueryError, match="a search goes to number 16,384"):
        store.search(vector_of(1), 10, offset=16_384)
    many = encoded(3, tags=tuple(f"t{n}" for n in range(5_000)))
    with pytest.raises(StoreError, match="'p00003' has 5,0.* tags and columns"):
        store.upsert([encoded(4), many])
    assert store.count() == 2
    among = tuple(f"{n}" * 200 for n in range(1_000))
    assert store.count([Condition("caption", "in", among)]) == 0


def test_pixels_that_no_photo_keeps_go_later(location: str, tmp_path: Path) -> None:
    store = open_store(location, MODEL)
    store.upsert([encoded(1, content="same"), encoded(2, content="same"), encoded(3)])
    store.delete(["p00001", "p00003"])
    gone, kept = encoded(3).content_hash, encoded(2, content="same").content_hash
    store.maintain()
    assert store.blobs.thumbnails.get(gone) is not None, "a writer may be about to refer to it"
    place = BlobPlace(address_of(location).server, str(tmp_path / "blobs"), timedelta(0))
    place.sweep(store._queries.used)  # type: ignore[attr-defined]
    assert store.blobs.thumbnails.get(gone) is None
    assert store.blobs.thumbnails.get(kept) == b"thumbnail of same"


def test_an_alias_stands_for_a_collection(location: str) -> None:
    store = open_store(location, MODEL)
    store.upsert([replace(encoded(1), keep="original", original=b"1")])
    address = address_of(location)
    alias = f"alias_{uuid.uuid4().hex}"
    MilvusServer(address).client.create_alias(address.collection, alias)
    other = open_store(location.replace(address.collection, alias))
    assert other.original("p00001") == b"1"
    assert other.count() == 1
    MilvusServer(address).client.drop_alias(alias)
