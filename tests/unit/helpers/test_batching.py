"""Texts of several callers in one batch: nobody waits longer, nobody gets another's answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest

from photoseek.helpers import batching
from photoseek.helpers.batching import DynamicBatcher, Embeddings
from photoseek.helpers.under_way import UnderWay
from tests.support.waiting import PATIENCE, wait_until


class Tower:
    """Answers a text with its number, and holds the first batch back until it may go on."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.started, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, texts: list[str]) -> Embeddings:
        self.batches.append(texts)
        if len(self.batches) == 1:
            self.started.set()
            assert self.may_go_on.wait(PATIENCE)
        return np.array([[float(text)] for text in texts], np.float32)


def gathered(
    batcher: DynamicBatcher, tower: Tower, calls: list[list[str]]
) -> list[Future[Embeddings]]:
    """The answers to one text and then to calls that arrived while it was encoded."""
    with ThreadPoolExecutor(len(calls) + 1) as pool:
        answers = [pool.submit(batcher, ["0"])]
        assert tower.started.wait(PATIENCE)
        for count, call in enumerate(calls, 1):
            answers.append(pool.submit(batcher, call))
            wait_until(waiting(batcher, count), f"{count} calls to wait")
        tower.may_go_on.set()
    return answers


def waiting(batcher: DynamicBatcher, count: int) -> Callable[[], bool]:
    return lambda: batcher.waiting == count


def test_calls_that_wait_are_one_batch_and_each_gets_its_own_answer() -> None:
    tower = Tower()
    batcher = DynamicBatcher(tower, 64)
    answers = gathered(batcher, tower, [["1"], ["2", "3"], ["4"]])
    assert tower.batches == [["0"], ["1", "2", "3", "4"]]
    assert [answer.result().ravel().tolist() for answer in answers] == [[0], [1], [2, 3], [4]]


def test_a_batch_is_no_larger_than_asked_unless_one_call_is() -> None:
    tower = Tower()
    calls = [["1", "2"], ["3"], ["4", "5", "6", "7"], ["8"]]
    answers = gathered(DynamicBatcher(tower, 3), tower, calls)
    assert tower.batches == [["0"], ["1", "2", "3"], ["4", "5", "6", "7"], ["8"]]
    assert [answer.result().shape for answer in answers] == [(1, 1), (2, 1), (1, 1), (4, 1), (1, 1)]


def test_a_failure_reaches_the_call_that_caused_it_and_no_other() -> None:
    tower = Tower()
    batcher = DynamicBatcher(tower, 64)
    answers = gathered(batcher, tower, [["1"], ["no number"], ["2"]])
    with pytest.raises(ValueError, match="no number"):
        answers.pop(2).result()
    assert [answer.result().tolist() for answer in answers] == [[[0]], [[1]], [[2]]]


def test_a_batch_waits_for_half_of_the_queries_that_are_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "PATIENCE", 2.0 * PATIENCE)
    tower, under_way = Tower(), UnderWay()
    tower.may_go_on.set()
    batcher = DynamicBatcher(tower, 64, under_way)
    with ThreadPoolExecutor(2) as pool:
        with ExitStack() as queries:
            for _ in range(3):
                queries.enter_context(under_way.one())
            first, second = pool.submit(batcher, ["1"]), pool.submit(batcher, ["2"])
            answers = [each.result(PATIENCE).tolist() for each in (first, second)]
            assert answers == [[[1]], [[2]]]
        assert [sorted(batch) for batch in tower.batches] == [["1", "2"]]


def test_a_batch_begins_when_the_other_queries_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "PATIENCE", 2.0 * PATIENCE)
    tower, under_way = Tower(), UnderWay()
    tower.may_go_on.set()
    batcher = DynamicBatcher(tower, 64, under_way)
    with ThreadPoolExecutor(1) as pool, under_way.one(), ExitStack() as others:
        for _ in range(2):
            others.enter_context(under_way.one())
        answer = pool.submit(batcher, ["1"])
        wait_until(waiting(batcher, 1), "the call to wait")
        assert not tower.batches
        others.close()
        assert answer.result(PATIENCE).tolist() == [[1]]


def test_a_batch_does_not_wait_for_a_long_query() -> None:
    tower, under_way = Tower(), UnderWay()
    tower.may_go_on.set()
    with ExitStack() as queries:
        for _ in range(20):
            queries.enter_context(under_way.one())
        assert DynamicBatcher(tower, 64, under_way)(["1"]).tolist() == [[1]]
