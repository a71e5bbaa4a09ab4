"""What a Milvus server may do to an index: be away, hold other things, lose it, have limits."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import (
    DamagedStoreError,
    IndexSwitchedError,
    QueryError,
    StoreError,
)
from photoseek.helpers.deadlines import within
from photoseek.helpers.ports import free_ports
from photoseek.records import Condition, EncodedPhoto, ModelIdentity
from photoseek.store import PhotoStore, open_store, peek_model, switch_index
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs
from photoseek.store.milvus import milvus_keywords, milvus_rows
from photoseek.store.milvus.milvus_address import address_of
from photoseek.store.milvus.milvus_server import MilvusServer
from tests.servers.milvus import KINDS, drop_collection
from tests.support.stored_photos import MODEL, encoded, ids, photo, vector_of
from tests.support.waiting import wait_until


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
    [port] = free_ports(1)
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
    drop_collection(location)
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


def test_a_collection_that_has_the_name_itself_is_opened(location: str) -> None:
    first = open_store(location, MODEL)
    first.upsert([replace(encoded(1), keep="original", original=b"1")])
    itself = f"{location}_000001"
    store = open_store(itself)
    wait_until(lambda: bool(store.known(["p00001"])), "another one's photo")
    assert store.original("p00001") == b"1"
    store.upsert([encoded(2)])
    assert first.count() == 2
    with free_place(location) as beside:
        open_store(beside, MODEL)
        with pytest.raises(StoreError, match="names an index itself"):
            switch_index(itself, beside)


def test_a_switch_of_models_is_one_step(location: str) -> None:
    store = open_store(location, MODEL)
    store.upsert([encoded(1)])
    larger = ModelIdentity("larger", "e" * 16, 16)
    with free_place(location) as beside:
        other = open_store(beside, larger)
        other.upsert([encoded(2), encoded(3)])
        assert switch_index(location, beside) == f"{location}_000001"
        assert peek_model(location) == larger
        switched = open_store(location)
        assert switched.count() == 2
        assert switched.thumbnail("p00002") == b"thumbnail of 2"
        for write in (lambda: store.upsert([encoded(4)]), lambda: store.delete(["p00001"])):
            with pytest.raises(IndexSwitchedError, match="stands for another index"):
                write()
        assert store.count() == 1, "who reads the old collection goes on reading it"
        assert switch_index(location, f"{location}_000001") == f"{beside}_000001"
        store.upsert([encoded(4)])
        assert open_store(location).count() == 2


def test_a_new_name_for_an_index_of_the_same_model(location: str) -> None:
    with pytest.raises(StoreError, match="There is no index at"):
        switch_index(f"{location}_new", location)
    store = open_store(location, MODEL)
    with free_place(location) as beside:
        open_store(beside, MODEL)
        with free_place(location) as name:
            assert switch_index(name, location) is None
            named = open_store(name)
            named.upsert([encoded(1)])
            assert store.count() == 1
            switch_index(name, beside)
            with pytest.raises(IndexSwitchedError, match="stands for another index"):
                named.upsert([encoded(2)])
            assert store.count() == 1
            switch_index(name, location)


@contextmanager
def free_place(location: str) -> Iterator[str]:
    """Another name at the same server."""
    place = f"{location}_{uuid.uuid4().hex[:8]}"
    yield place
    drop_collection(place)


def has_words(store: PhotoStore, word: str) -> list[str]:
    store.catch_up()
    return sorted(stored.photo.id for stored in store.keywords(word, 9))


def test_a_photo_that_is_being_written_gets_the_words_of_new_fields(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, put = open_store(location, MODEL), open_store(location, MODEL), Blobs.put

    def put_late(blobs: Blobs, photos: Iterable[EncodedPhoto]) -> None:
        monkeypatch.setattr(Blobs, "put", put)  # the fields of before were read
        other.use_keyword_fields(("photographer",))
        put(blobs, photos)

    monkeypatch.setattr(Blobs, "put", put_late)
    one.upsert([encoded(1, photographer="Ann")])
    assert has_words(one, "Ann") == ["p00001"]


def test_what_others_do_while_fields_change_is_not_undone(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Photos are read to get the words of other fields; meanwhile others delete and describe."""
    one, other = open_store(location, MODEL), open_store(location, MODEL)
    one.upsert([encoded(number, photographer="Ann", licence="free") for number in range(4)])
    other.catch_up()
    words, asked = milvus_rows.words_column, [0]

    def amid(*given: Any) -> str:
        asked[0] += 1
        if asked[0] == 2:  # the photos are read, and none is written
            monkeypatch.setattr(milvus_keywords, "words_column", words)
            other.delete(["p00001"])
            other.describe([photo(2, photographer="Eve", licence="free")])
            assert other.use_keyword_fields(("licence",)) == 3
        return words(*given)

    monkeypatch.setattr(milvus_keywords, "words_column", amid)
    one.use_keyword_fields(("photographer",))
    one.catch_up()
    assert one.keyword_fields == ("licence",)
    found = one.get(["p00001", "p00002"])
    assert {key: stored.photo.photographer for key, stored in found.items()} == {"p00002": "Eve"}
    assert one.count() == 3
    assert has_words(one, "free") == ["p00000", "p00002", "p00003"]
    assert has_words(one, "Ann") == []
