"""Searches that wait are made as one: each gets what it would have got, and its own errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photoseek.compat.lance import lancedb
from photoseek.helpers.deadlines import within
from photoseek.records import Vector
from photoseek.store.lance.joint_searches import LARGEST, JointSearches, Look, looking_into
from photoseek.store.lance.upkeep_limits import UpkeepLimits
from tests.support.lance import lance_store
from tests.support.stored_photos import encoded, vector_of
from tests.support.waiting import PATIENCE, wait_until

LIMITS = UpkeepLimits(index_from_rows=300, unindexed_rows=60, partition_rows=20)
COLUMNS = ("id", "record")
LOOKS = (
    Look(COLUMNS, 12, 4, 3),
    Look(COLUMNS, 40, 5, 1, "width < 1200", afterwards=True),
    Look(COLUMNS, 12, 5, 3, "width < 1200"),
    Look(COLUMNS, 7, 0, offset=3),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of 320 photos in an index of vectors, and 20 that it lacks."""
    folder: Path = tmp_path_factory.mktemp("joint") / "index"
    store = lance_store(folder, LIMITS)
    store.upsert([encoded(number) for number in range(320)])
    store.maintain()
    store.upsert([encoded(number) for number in range(320, 340)])
    return lancedb.connect(folder).open_table("photos")


@dataclass
class Held:
    """Looks into a table, and holds the first search back until it may go on."""

    table: Any
    sizes: list[int] = field(default_factory=list)
    started: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, look: Look, queries: Sequence[Vector]) -> Any:
        self.sizes.append(len(queries))
        if len(self.sizes) == 1:
            self.started.set()
            assert self.may_go_on.wait(PATIENCE)
        return looking_into(self.table)(look, queries)


@contextmanager
def one_held(
    table: Any, look: Look
) -> Iterator[tuple[Held, JointSearches, ThreadPoolExecutor, Future[Any]]]:
    """A search that is held back in this block, so that others with its look wait."""
    held = Held(table)
    joint = JointSearches(held, at_once=1)
    with ThreadPoolExecutor(2 * LARGEST) as pool:
        first = pool.submit(joint, look, vector_of(1000))
        assert held.started.wait(PATIENCE)
        try:
            yield held, joint, pool, first
        finally:
            held.may_go_on.set()


def waiting(
    joint: JointSearches, pool: ThreadPoolExecutor, look: Look, queries: Sequence[Vector]
) -> list[Future[Any]]:
    asked = [pool.submit(joint, look, query) for query in queries]
    wait_until(lambda: joint.waiting == len(queries), f"{len(queries)} searches to wait")
    return asked


@pytest.mark.parametrize("look", LOOKS)
def test_those_that_wait_are_one_search_and_each_gets_what_it_would_have_got(
    table: Any, look: Look
) -> None:
    queries = [vector_of(number) for number in range(2000, 2000 + LARGEST + 1)]
    with one_held(table, look) as (held, joint, pool, first):
        asked = waiting(joint, pool, look, queries)
    assert held.sizes == [1, LARGEST, 1]
    for query, answer in zip((vector_of(1000), *queries), (first, *asked), strict=True):
        alone = looking_into(table)(look, [query])
        assert alone.num_rows
        assert answer.result().combine_chunks().equals(alone.combine_chunks())


def test_what_asks_for_something_else_does_not_wait(table: Any) -> None:
    with one_held(table, LOOKS[0]) as (held, joint, _, first):
        assert joint(LOOKS[1], vector_of(1)).num_rows
        assert not first.done()
        assert held.sizes == [1, 1]


def test_who_asks_with_nonsense_fails_alone(table: Any) -> None:
    nonsense = np.ones(3, np.float32)
    with one_held(table, LOOKS[0]) as (held, joint, pool, first):
        before, wrong, after = waiting(
            joint, pool, LOOKS[0], [vector_of(1), nonsense, vector_of(2)]
        )
    assert held.sizes[:2] == [1, 3]
    assert isinstance(wrong.exception(), Exception)
    for answer, number in ((first, 1000), (before, 1), (after, 2)):
        alone = looking_into(table)(LOOKS[0], [vector_of(number)])
        assert answer.result().combine_chunks().equals(alone.combine_chunks())


def test_who_has_no_time_left_gives_up_and_the_others_go_on(table: Any) -> None:
    with one_held(table, LOOKS[0]) as (held, joint, pool, first):
        asked = waiting(joint, pool, LOOKS[0], [vector_of(1), vector_of(2)])
        with within(0.01), pytest.raises(TimeoutError):
            joint(LOOKS[0], vector_of(3))
        assert joint.waiting == 2
    assert all(answer.result().num_rows for answer in (first, *asked))
    assert held.sizes == [1, 2]


def test_who_leads_has_no_time_left_and_the_others_are_answered(table: Any) -> None:
    """The first of those that wait comes to its end while it looks for all of them."""

    def slow(look: Look, queries: Sequence[Vector]) -> Any:
        if len(queries) > 1:
            raise TimeoutError
        return held(look, queries)

    held = Held(table)
    joint = JointSearches(slow, at_once=1)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(joint, LOOKS[0], vector_of(0))
        assert held.started.wait(PATIENCE)
        asked = waiting(joint, pool, LOOKS[0], [vector_of(number) for number in range(1, 4)])
        held.may_go_on.set()
    assert [answer.result().num_rows for answer in (first, *asked)] == [12] * 4
    assert joint.waiting == 0
    assert joint(LOOKS[0], vector_of(9)).num_rows == 12
