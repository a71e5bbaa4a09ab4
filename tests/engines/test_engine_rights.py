"""What a key of Elasticsearch has to be allowed, as docs/guide/elastic.md says it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.errors import StoreError, StoreWriteError
from photoseek.settings import Settings, load_settings
from photoseek.store import PhotoStore, open_store
from photoseek.store.switching import reindexing_engine
from tests.servers.secured_engine import SecuredEngine, running_secured_engine
from tests.support.stored_photos import MODEL, encoded, ids, photo, vector_of

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "elastic.md"


@pytest.fixture(scope="module")
def server() -> Iterator[SecuredEngine]:
    with running_secured_engine() as server:
        yield server


@pytest.fixture
def location(server: SecuredEngine) -> str:
    return f"elastic+{server.url}/test-{uuid.uuid4().hex}"


@pytest.fixture
def with_rights(server: SecuredEngine, location: str, tmp_path: Path) -> Callable[[str], Settings]:
    """Settings with a key for that index that has the rights of a row of the page."""
    name = location.rpartition("/")[2]

    def settings(what: str) -> Settings:
        key = server.key(rights_to(what), [name, f"{name}-*"])
        blobs = str(tmp_path / "blobs")
        return load_settings(index=location, engine_api_key=key, blobs=blobs)

    return settings


def rights_to(what: str) -> list[str]:
    """The privileges that the guide names for something."""
    row, _ = [  # that of OpenSearch is below
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| {what} |")
    ]
    return [each.strip(" `") for each in row.strip("| ").split("|")[1].split(",")]


def made(settings: Settings) -> PhotoStore:
    store = open_store(settings.index, MODEL, settings)
    store.upsert([encoded(number) for number in range(5)])
    return store


def test_a_key_that_makes_indexes_can_do_everything(
    location: str, with_rights: Callable[[str], Settings]
) -> None:
    settings = with_rights("make an index, `reindex`, `switch`")
    store = made(settings)
    assert ids(store.search(vector_of(3), 1)) == ["p00003"]
    assert store.describe([photo(1, caption="harbour")]) == 1
    assert [each.photo.id for each in store.keywords("harbour", 5)] == ["p00001"]
    store.use_keyword_fields(["photographer"])
    assert store.delete(["p00002"]) == 1
    store.facets()
    assert len(store.sample(2)) == 2
    mark = store.marks.now()
    store.upsert([encoded(7)])
    changed = store.marks.changed_since(mark)
    assert changed is not None
    assert list(changed) == [["p00007"]]
    store.maintain()
    engine = reindexing_engine(location, settings)
    new = engine.begin(location, replace(MODEL, fingerprint="0" * 16))
    engine.switch(location, new)
    engine.drop(location, store.location + "-000001")
    assert engine.generations(location).current == new


def test_a_key_that_writes_into_an_index(
    location: str, with_rights: Callable[[str], Settings]
) -> None:
    of_all = with_rights("make an index, `reindex`, `switch`")
    made(of_all)
    engine, past = reindexing_engine(location, of_all), time.time() - 1
    assert engine.hold(location, past)
    settings = with_rights("add, describe and delete photos of an index that is there")
    store = open_store(settings.index, settings=settings)
    store.upsert([encoded(9)])
    assert ids(store.search(vector_of(9), 1)) == ["p00009"]
    assert store.describe([photo(1, caption="harbour")]) == 1
    assert store.delete(["p00002"]) == 1
    assert store.size() > 0
    store.maintain()
    assert not engine.hold(location, past + 60, instead_of=past), "it told that it went on"


def test_a_key_that_searches_alone(with_rights: Callable[[str], Settings]) -> None:
    made(with_rights("make an index, `reindex`, `switch`"))
    settings = with_rights("search")
    store = open_store(settings.index, settings=settings)
    assert ids(store.search(vector_of(3), 1)) == ["p00003"]
    assert (store.count(), len(store.get(["p00001"]))) == (5, 1)
    assert store.marks.now() == "", "it may not read statistics"
    with pytest.raises(StoreWriteError, match="does not allow this"):
        store.delete(["p00001"])


def test_a_key_that_may_change_no_alias_writes_when_it_has_waited(
    server: SecuredEngine, location: str, tmp_path: Path, with_rights: Callable[[str], Settings]
) -> None:
    of_all = with_rights("make an index, `reindex`, `switch`")
    made(of_all)
    name = location.rpartition("/")[2]
    key = server.key(["read", "view_index_metadata", "maintenance", "write"], [name, f"{name}-*"])
    blobs = str(tmp_path / "blobs")
    store = open_store(
        location, settings=load_settings(index=location, engine_api_key=key, blobs=blobs)
    )
    engine, past = reindexing_engine(location, of_all), time.time() - 1
    assert engine.hold(location, past)
    store.upsert([encoded(9)])
    assert engine.hold(location, 0, instead_of=past)


def test_who_has_no_key_or_a_wrong_one_is_told(
    location: str, with_rights: Callable[[str], Settings]
) -> None:
    with pytest.raises(StoreError, match="does not accept the key or password"):
        open_store(location, MODEL, load_settings(index=location))
    with pytest.raises(StoreWriteError, match="does not allow this"):
        open_store(location, MODEL, with_rights("search"))
