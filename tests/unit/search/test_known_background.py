"""How scores are spread over a store is looked at beside the searches, where that does."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import override

from photoseek.errors import StoreError
from photoseek.search.confidence import KnownBackground
from photoseek.store import MemoryStore
from tests.support.stored_photos import MODEL, encoded
from tests.support.waiting import wait_until

WAITS = 60


class Looked(MemoryStore):
    """A store that counts how often its photos are looked at, and that can be made to wait then."""

    def __init__(self, photos: int) -> None:
        super().__init__(MODEL)
        self.looks: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.fails = False
        self.grow_to(photos)

    def grow_to(self, photos: int) -> None:
        self.upsert([encoded(number) for number in range(self.count(), photos)])

    def shrink_by(self, photos: int) -> int:
        self.delete([photo_id for some in self.ids() for photo_id in some][:photos])
        return self.count()

    @override
    def sample(self, count: int) -> NDArray[np.float32]:
        self.looks.append(threading.current_thread().name)
        assert self.may_answer.wait(WAITS)
        if self.fails:
            raise StoreError("the disk is away")
        return super().sample(count)


@pytest.fixture
def store() -> Looked:
    return Looked(1_000)


def test_little_change_is_no_reason_to_look_again(store: Looked) -> None:
    known = KnownBackground()
    first = known.of(store)
    store.grow_to(1_100)
    assert store.shrink_by(150) == 950
    assert first is not None
    assert known.of(store) is first
    assert len(store.looks) == 1


def test_a_search_does_not_wait_for_the_look_at_what_has_grown_some(store: Looked) -> None:
    known = KnownBackground()
    first = known.of(store)
    store.grow_to(1_400)
    store.may_answer.clear()
    assert known.of(store) is first
    assert known.of(store) is first
    store.may_answer.set()
    wait_until(lambda: known.of(store) is not first, "what was found beside the searches")
    assert len(store.looks) == 2, "searches meanwhile began no second look"
    assert store.looks[1] != threading.current_thread().name


def test_a_search_waits_where_what_was_seen_is_of_no_use(store: Looked) -> None:
    known, other = KnownBackground(), Looked(1_000)
    seen = [known.of(store)]
    store.grow_to(1_501)
    seen.append(known.of(store))
    assert store.shrink_by(1_001) == 500
    seen.append(known.of(store))
    seen.append(known.of(other))
    assert len({*map(id, seen)}) == 4
    assert {*store.looks, *other.looks} == {threading.current_thread().name}


def test_a_search_waits_where_there_are_few_photos() -> None:
    known, store = KnownBackground(), Looked(10)
    first = known.of(store)
    store.grow_to(12)
    assert known.of(store) is not first
    assert {*store.looks} == {threading.current_thread().name}


def test_an_empty_store_has_none_until_a_photo_comes() -> None:
    known, store = KnownBackground(), Looked(0)
    assert known.of(store) is None
    store.grow_to(1)
    assert known.of(store) is not None


def test_a_look_that_fails_is_let_go_and_begun_again(store: Looked) -> None:
    known = KnownBackground()
    first = known.of(store)
    store.grow_to(1_400)
    store.fails = True
    wait_until(
        lambda: known.of(store) is first and len(store.looks) >= 3, "one that is begun again"
    )
    store.fails = False
    wait_until(lambda: known.of(store) is not first, "one that does not fail")
