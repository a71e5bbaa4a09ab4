"""An index in a bucket whose server falls silent: nothing is refused, nothing is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from photoseek.engine import PhotoSearch
from photoseek.errors import SilentStoreError
from photoseek.helpers.deadlines import within
from photoseek.search.answer import Search
from photoseek.search.query_encoder import EncodedPart, EncodedQuery
from photoseek.store import PhotoStore, open_store
from tests.support.pausing import WRITE_TO_THE_TABLE, PausingProxy
from tests.support.stored_photos import MODEL, encoded, vector_of
from tests.support.waiting import wait_until

PATIENCE = 0.3
LONG = 4  # seconds in which a commit has begun on a busy machine as well
PHOTOS = 12


@pytest.fixture
def server(s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PausingProxy]:
    with PausingProxy(s3_url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


@pytest.fixture
def store(server: PausingProxy, bucket: str) -> PhotoStore:
    store = open_store(f"{bucket}/index", MODEL)
    store.upsert([encoded(number) for number in range(PHOTOS)])
    return store


def in_time(work: Callable[[], object]) -> object:
    """What the work gives, or the error when its time was over."""
    with within(PATIENCE):
        try:
            return work()
        except SilentStoreError as error:
            return str(error)


READS: dict[str, Callable[[PhotoStore], object]] = {
    "search": lambda store: len(store.search(vector_of(1), 5)),
    "keywords": lambda store: len(store.keywords("words", 5)),
    "browse": lambda store: len(store.browse(5)),
    "facets": lambda store: store.facets().total,
    "sample": lambda store: len(store.sample(5)),
    "get": lambda store: len(store.get(["p00001"])),
    "known": lambda store: len(store.known(["p00001"])),
    "vectors": lambda store: len(store.vectors(["p00001"])),
    "thumbnail": lambda store: len(store.thumbnail("p00001")),
    "count": lambda store: store.count(),
    "status": lambda store: store.status().photos,
}


def test_every_read_ends_in_time_and_works_again(store: PhotoStore, server: PausingProxy) -> None:
    before = {name: read(store) for name, read in READS.items()}
    server.pause()
    for name, read in READS.items():
        assert "does not answer in time" in str(in_time(lambda read=read: read(store))), name  # type: ignore[misc]
    server.resume()
    assert {name: read(store) for name, read in READS.items()} == before


def test_a_hundred_searches_leave_nothing_behind(store: PhotoStore, server: PausingProxy) -> None:
    def search(_: int) -> object:
        return in_time(lambda: len(store.search(vector_of(1), 5)))

    server.pause()
    with ThreadPoolExecutor(32) as pool:
        assert all("in time" in str(each) for each in pool.map(search, range(100)))
    server.resume()
    assert len(store.search(vector_of(1), 5)) == 5


def test_those_who_wait_for_an_index_to_be_opened_have_no_more_time(
    store: PhotoStore, server: PausingProxy
) -> None:
    index = PhotoSearch.open(store.location)
    asked = Search(EncodedQuery((EncodedPart(vector_of(1)),), model=MODEL), top_k=5)

    def search(_: int) -> object:
        return in_time(lambda: len(index.answer(asked).hits))

    server.pause()
    with ThreadPoolExecutor(8) as pool:
        assert all("in time" in str(each) for each in pool.map(search, range(8)))
    server.resume()
    assert index.answer(asked).total == PHOTOS


def test_deletes_wait_in_line_no_longer_than_they_may(
    store: PhotoStore, server: PausingProxy
) -> None:
    """None is half done: each photo is there or is not, and the index goes on."""

    def delete(number: int) -> object:
        return in_time(lambda: store.delete([f"p{number:05}"]))

    server.pause()
    with ThreadPoolExecutor(8) as pool:
        assert all("in time" in str(each) for each in pool.map(delete, range(8)))
    server.resume()
    assert store.count() == PHOTOS
    assert store.delete(["p00001"]) == 1
    assert store.count() == PHOTOS - 1


def test_a_commit_that_has_begun_is_not_broken_off(store: PhotoStore, server: PausingProxy) -> None:
    """Silence comes when the commit begins to write, and lasts until its time is over."""
    deleted: list[int] = []

    def delete() -> None:
        with within(LONG):
            deleted.append(store.delete(["p00001"]))

    server.pause_at(WRITE_TO_THE_TABLE)
    thread = threading.Thread(target=delete)
    thread.start()
    wait_until(lambda: server.is_paused, "the commit to begin")
    thread.join(LONG + 0.5)
    assert thread.is_alive(), "the commit goes on when the time is over"
    server.resume()
    thread.join()
    assert deleted == [1]
    assert store.count() == PHOTOS - 1
