"""Stores in search engines: what only they can get wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from photoseek.errors import (
    DamagedStoreError,
    IndexSwitchedError,
    SilentStoreError,
    StoreError,
    StoreWriteError,
)
from photoseek.helpers.deadlines import within
from photoseek.records import Condition, EncodedPhoto, ModelIdentity, Traits
from photoseek.store import PhotoStore, open_store, peek_model, switch_index
from photoseek.store.blob_place import BlobPlace
from photoseek.store.blobs import Blobs
from photoseek.store.elastic import index_documents
from photoseek.store.elastic.engine_address import address_of
from photoseek.store.elastic.engine_index import template_of
from photoseek.store.elastic.engine_segments import MANY
from photoseek.store.switching import reindexing_engine
from tests.servers.search_engines import ENGINES, free_name
from tests.support.pausing import PausingProxy
from tests.support.stored_photos import MODEL, encoded, hash_of, ids, vector_of
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture(scope="module", params=ENGINES)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(dialect: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{dialect}_url"))


@pytest.fixture
def location(dialect: str, server: str) -> Iterator[str]:
    with free_name(dialect, server) as location:
        yield location


@pytest.fixture
def store(location: str) -> PhotoStore:
    return open_store(location, MODEL)


def named(location: str) -> str:
    return address_of(location).name


def test_what_others_made_is_refused(location: str, server: str) -> None:
    index = f"{server}/{named(location)}"
    httpx.put(index).raise_for_status()
    try:
        for use in (peek_model, lambda place: open_store(place, MODEL)):
            with pytest.raises(DamagedStoreError, match="photoseek did not make"):
                use(location)
    finally:
        httpx.delete(index).raise_for_status()
    assert peek_model(location) is None


def test_the_other_dialect_is_refused_with_the_right_address(location: str) -> None:
    dialects = list(ENGINES)
    right = address_of(location)
    other = dialects[1 - dialects.index(right.dialect)]
    wrong = location.replace(right.dialect, other, 1)
    with pytest.raises(StoreError, match="another engine than the address says") as refused:
        peek_model(wrong)
    assert right.location in str(refused.value)


def test_nobody_there_is_said(dialect: str) -> None:
    with pytest.raises(StoreError, match="does not answer at http://127.0.0.1:9.*Start it, or"):
        peek_model(f"{dialect}+http://127.0.0.1:9/photos")


def test_two_clients_see_one_another_by_id_at_once(location: str, store: PhotoStore) -> None:
    other = open_store(location, MODEL)
    store.upsert([encoded(1), encoded(2)])
    other.upsert([encoded(2, caption="newer"), encoded(3)])
    assert set(store.known(["p00001", "p00002", "p00003"])) == {"p00001", "p00002", "p00003"}
    assert store.get(["p00002"])["p00002"].photo.caption == "newer"
    assert other.count() == 3


def test_an_index_from_before_a_field_takes_it(
    location: str, store: PhotoStore, server: str
) -> None:
    store.upsert([encoded(1)])
    new, old = f"{named(location)}-000001", f"{named(location)}-000002"
    httpx.post(f"{server}/{new}/_refresh").raise_for_status()
    mappings = httpx.get(f"{server}/{new}/_mapping").json()[new]["mappings"]
    del mappings["properties"]["camera"]
    settings = {"index.knn": True} if location.startswith("opensearch") else {}
    try:
        httpx.delete(f"{server}/_index_template/{template_of(named(location))}")
        form = {"mappings": mappings, "settings": settings}
        httpx.put(f"{server}/{old}", json=form).raise_for_status()
        switch_index(location, f"{location.rpartition('/')[0]}/{old}")
        before = open_store(location, MODEL)
        assert before.count() == 0
        before.upsert([replace(encoded(2), traits=Traits(camera="Canon EOS R5"))])
        canon = Condition("camera", "=", "Canon EOS R5")
        assert [hit.photo.id for hit in before.browse(9, where=[canon])] == ["p00002"]
        assert before.facets().counts["camera"] == (("Canon EOS R5", 1),)
    finally:
        httpx.delete(f"{server}/{old}", params={"ignore_unavailable": "true"})


def test_vectors_survive_whatever_changes_a_document(
    location: str, store: PhotoStore, server: str
) -> None:
    long = replace(encoded(2), vector=vector_of(2) * np.float32(1e-25))
    store.upsert([encoded(1), long])
    copy = f"{named(location)}-copy"
    try:
        index = f"{named(location)}-000001"
        httpx.post(f"{server}/{index}/_refresh").raise_for_status()
        anywhere = {"script": {"source": "ctx._source.keep = 'none'"}}
        changed = httpx.post(f"{server}/{index}/_update_by_query", json=anywhere, timeout=PATIENCE)
        assert changed.json()["updated"] == 2
        assert {known.keep for known in store.known(["p00001", "p00002"]).values()} == {"none"}
        found = store.vectors(["p00001", "p00002"])
        assert np.array_equal(found["p00001"], vector_of(1))
        assert np.array_equal(found["p00002"], long.vector)
        assert store.search(vector_of(2), 1)[0].score == pytest.approx(1, abs=1e-6)
        moving = {"source": {"index": index}, "dest": {"index": copy}}
        httpx.post(f"{server}/_reindex", json=moving, timeout=PATIENCE).raise_for_status()
        httpx.post(f"{server}/{copy}/_refresh").raise_for_status()
        answer = httpx.get(f"{server}/{copy}/_search").json()
        assert {len(hit["_source"]["vector"]) for hit in answer["hits"]["hits"]} == {16}
    finally:
        httpx.delete(f"{server}/{copy}", params={"ignore_unavailable": "true"})


def test_pages_go_on_beyond_what_one_answer_holds(store: PhotoStore) -> None:
    total = 10_050
    photos = [replace(encoded(n, content=0, seed=n % 50), keep="none") for n in range(total)]
    for start in range(0, total, 2_010):
        store.upsert(photos[start : start + 2_010])
    last = store.browse(60, offset=10_020)
    assert [stored.photo.id for stored in last] == [f"p{n:05}" for n in range(1_980, 2_010)]
    everyone = [hit for at in (0, 9_990) for hit in store.search(vector_of(0), 9_990, offset=at)]
    assert len({hit.stored.photo.id for hit in everyone}) == total
    scores = [hit.score for hit in everyone]
    assert scores == sorted(scores, reverse=True)
    assert ids(everyone[:201]) == [f"p{n:05}" for n in range(0, total, 50)]


def test_an_index_that_is_removed_is_not_made_again_by_a_write(
    location: str, store: PhotoStore, server: str
) -> None:
    store.upsert([encoded(1)])
    httpx.delete(f"{server}/{named(location)}-000001").raise_for_status()
    with pytest.raises(StoreError, match="is gone"):
        store.upsert([encoded(2)])
    with pytest.raises(DamagedStoreError, match="cannot be read"):
        store.count()
    assert peek_model(location) is None


def test_a_switch_of_models_is_one_step(
    location: str, dialect: str, store: PhotoStore, server: str
) -> None:
    store.upsert([encoded(1)])
    larger = ModelIdentity("larger", "e" * 16, 16)
    with free_name(dialect, server) as beside:
        open_store(beside, larger).upsert([encoded(2), encoded(3)])
        assert switch_index(location, beside) == f"{location}-000001"
        assert peek_model(location) == larger
        switched = open_store(location)
        assert switched.count() == 2
        assert switched.thumbnail("p00002") == b"thumbnail of 2"
        assert not store.stands()
        with pytest.raises(IndexSwitchedError, match="stands for another index"):
            store.upsert([encoded(4)])
        assert store.count() == 1, "who reads the old index goes on reading it"
        assert switch_index(location, f"{location}-000001") == f"{beside}-000001"
        store.upsert([encoded(4)])
        assert open_store(location).count() == 2


def test_an_index_of_before_indexes_had_an_alias_of_their_own_gets_it(
    location: str, store: PhotoStore, server: str
) -> None:
    index = f"{named(location)}-000001"
    own = f"{index}-writers"
    httpx.delete(f"{server}/{index}/_alias/{own}").raise_for_status()
    with pytest.raises(StoreError, match="cannot be written"):
        store.upsert([encoded(1)])
    open_store(location).upsert([encoded(1)])
    store.upsert([encoded(2)])
    assert store.count() == 2
    # Where a key may not do so, which an index of that name stands for here, it is done without.
    httpx.delete(f"{server}/{index}/_alias/{own}").raise_for_status()
    httpx.put(f"{server}/{own}").raise_for_status()
    try:
        open_store(location).upsert([encoded(3)])
    finally:
        httpx.delete(f"{server}/{own}").raise_for_status()
    store.catch_up()
    assert store.count() == 3


def test_a_writer_is_never_led_to_another_index(
    location: str, store: PhotoStore, server: str
) -> None:
    """Whatever happens between its look and its write: what it writes to is its index's own."""
    engine = reindexing_engine(location)
    engine.switch(location, engine.begin(location, ModelIdentity("other", "f" * 16, 16)))
    index = f"{location}-000001"
    open_store(index).upsert([encoded(1)])
    assert [open_store(each).count() for each in (index, location)] == [1, 0]
    engine.drop(location, index)
    with pytest.raises(StoreError, match="cannot be written|is gone|stands for another"):
        store.upsert([encoded(2)])
    names = httpx.get(f"{server}/_alias").json()
    assert f"{named(location)}-000001" not in names


def test_what_others_have_made_beside_an_index_is_left_alone(
    location: str, store: PhotoStore, server: str
) -> None:
    foreign = f"{named(location)}-000007"
    httpx.delete(f"{server}/_index_template/{template_of(named(location))}")
    httpx.put(f"{server}/{foreign}").raise_for_status()
    try:
        engine = reindexing_engine(location)
        assert engine.generations(location).others == ()
        assert store.count() == 0
    finally:
        httpx.delete(f"{server}/{foreign}").raise_for_status()
    index = location + "-000001"
    with pytest.raises(StoreError, match="names an index itself, and can stand for no other"):
        engine.begin(index, MODEL)


def test_an_index_that_is_spread_anew_has_the_form_of_the_first(
    location: str, dialect: str, store: PhotoStore, server: str
) -> None:
    store.upsert([encoded(1), encoded(2)])
    store.count()
    name = named(location)
    wider = {"settings": {"number_of_shards": 2}}
    httpx.put(f"{server}/{name}-000002", json=wider).raise_for_status()
    try:
        moving = {"source": {"index": f"{name}-000001"}, "dest": {"index": f"{name}-000002"}}
        httpx.post(f"{server}/_reindex", json=moving, timeout=PATIENCE).raise_for_status()
        assert switch_index(location, f"{location}-000002") == f"{location}-000001"
        wide = open_store(location, MODEL)
        assert ids(wide.search(vector_of(2), 2)) == ["p00002", "p00001"]
        assert np.array_equal(wide.vectors(["p00001"])["p00001"], vector_of(1))
        assert wide.thumbnail("p00001") == b"thumbnail of 1"
        wide.upsert([encoded(3)])
        assert wide.count() == 3
    finally:
        httpx.delete(f"{server}/{name}-000002").raise_for_status()


def test_a_key_that_may_make_no_templates_makes_an_index(
    location: str, dialect: str, server: str
) -> None:
    taken = {"index_patterns": [f"{named(location)}-*"], "priority": 200, "template": {}}
    httpx.put(f"{server}/_index_template/of-somebody", json=taken).raise_for_status()
    try:
        store = open_store(location, MODEL)
        store.upsert([encoded(1)])
        assert ids(store.search(vector_of(1), 2)) == ["p00001"]
    finally:
        httpx.delete(f"{server}/_index_template/of-somebody").raise_for_status()


def test_only_an_index_of_the_same_engine_can_have_a_name(location: str) -> None:
    with pytest.raises(StoreError, match="There is no index at"):
        switch_index(location, f"{location}-other")
    dialect = address_of(location).dialect
    with pytest.raises(StoreError, match="Only an index of the same engine"):
        switch_index(location, f"{dialect}+http://elsewhere:9200/photos")
    with pytest.raises(StoreError, match="is in another engine"):
        switch_index(location, "data/index")
    with pytest.raises(StoreError, match="and no name that could stand for another"):
        switch_index("data/index", location)


def test_upkeep_joins_what_many_small_writes_have_made(
    location: str, store: PhotoStore, server: str
) -> None:
    def segments() -> list[int]:
        index = f"{named(location)}-000001"
        told = httpx.get(f"{server}/{index}/_segments").json()["indices"][index]["shards"]
        [[shard]] = told.values()
        return [each["num_docs"] for each in shard["segments"].values() if each["search"]]

    httpx.put(
        f"{server}/{named(location)}/_settings",
        json={"index.merge.policy.segments_per_tier": 50},
    ).raise_for_status()
    for start in range(0, 2_000, 100):
        photos = [encoded(n, content=0, seed=n % 50) for n in range(start, start + 100)]
        store.upsert([replace(photo, keep="none") for photo in photos])
        assert store.count() == start + 100
    assert len(segments()) > MANY
    store.maintain()
    wait_until(lambda: len(segments()) <= MANY / 2, "the segments to be joined")
    assert store.count() == 2_000


def test_pixels_that_no_index_keeps_go_later(
    location: str, dialect: str, store: PhotoStore, server: str
) -> None:
    place = BlobPlace(address_of(location).server, None, timedelta(0))
    with free_name(dialect, server) as beside:
        other = open_store(beside, MODEL)
        other.upsert([encoded(1), encoded(2)])
        store.upsert([encoded(2), encoded(3), encoded(4)])
        store.delete(["p00003"])
        store.maintain()
        assert store.blobs.thumbnails.get(hash_of(3)), "a writer may be about to refer to it"
        assert [store.count(), other.count()] == [2, 2]  # after a refresh of each
        place.sweep(store._queries.used)  # type: ignore[attr-defined]
        assert there(store, 1, 2, 3, 4) == {1, 2, 4}
        other.delete(["p00001"])
    store.delete(["p00004"])
    assert store.count() == 1
    place = BlobPlace(address_of(location).server, None, timedelta(0))
    place.sweep(store._queries.used)  # type: ignore[attr-defined]
    assert there(store, 1, 2, 3, 4) == {2}, "the other index is gone"


def there(store: PhotoStore, *numbers: int) -> set[int]:
    return {number for number in numbers if store.blobs.thumbnails.get(hash_of(number))}


def test_an_engine_that_falls_silent_for_a_while(
    location: str, store: PhotoStore, server: str, dialect: str
) -> None:
    with PausingProxy(server) as proxy:
        through = open_store(f"{dialect}+{proxy.url}/{named(location)}")
        through.upsert([encoded(1)])
        proxy.pause()
        for use in (through.count, lambda: through.upsert([encoded(9)])):
            with within(0.3), pytest.raises(SilentStoreError, match="does not answer in time"):
                use()
        writer = threading.Thread(target=through.upsert, args=([encoded(n) for n in range(200)],))
        writer.start()
        proxy.resume()
        writer.join(timeout=PATIENCE)
        assert not writer.is_alive()
        assert through.count() in (200, 201)
        assert through.count([Condition("id", "=", "p00009")]) == 1


def test_blobs_that_cannot_be_kept_stop_a_write(
    location: str, store: PhotoStore, tmp_path: Path
) -> None:
    store.upsert([encoded(1)])
    Path("data/blobs").rename(tmp_path / "away")
    with pytest.raises(StoreWriteError, match="cannot be written"):
        store.upsert([encoded(2)])
    assert not store.known(["p00002"])


def has_words(store: PhotoStore, word: str) -> list[str]:
    store.catch_up()
    return sorted(stored.photo.id for stored in store.keywords(word, 9))


def test_a_photo_that_is_being_written_gets_the_words_of_new_fields(
    location: str, store: PhotoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, put = open_store(location, MODEL), Blobs.put

    def put_late(blobs: Blobs, photos: Iterable[EncodedPhoto]) -> None:
        monkeypatch.setattr(Blobs, "put", put)  # the fields of before were read
        other.use_keyword_fields(("photographer",))
        put(blobs, photos)

    monkeypatch.setattr(Blobs, "put", put_late)
    store.upsert([encoded(1, photographer="Ann")])
    assert has_words(store, "Ann") == ["p00001"]


def test_who_is_overtaken_by_other_fields_leaves_these(
    location: str, store: PhotoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process begins to bring photos up to date, and another one does all of it meanwhile."""
    other = open_store(location, MODEL)
    store.upsert([encoded(number, photographer="Ann", licence="free") for number in range(3)])
    words, asked = index_documents.words, [0]

    def overtaken(*given: Any) -> str:
        asked[0] += 1
        if asked[0] == 2:  # the photos are read, and none is written
            monkeypatch.setattr(index_documents, "words", words)
            assert other.use_keyword_fields(("licence",)) == 3
        return words(*given)

    monkeypatch.setattr(index_documents, "words", overtaken)
    store.use_keyword_fields(("photographer",))
    assert store.keyword_fields == ("licence",)
    assert has_words(store, "free") == ["p00000", "p00001", "p00002"]
    assert has_words(store, "Ann") == []
    assert store.use_keyword_fields(("licence",)) == 0
