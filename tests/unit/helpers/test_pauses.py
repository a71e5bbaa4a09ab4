"""When work pauses for somebody who waits for an answer, and for how long at most."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from photoseek.helpers.pausing import Pauses
from tests.support.waiting import PATIENCE, wait_until


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pauses(clock: Clock) -> Pauses:
    """Pauses of 100 seconds at most, which take a third of the time at most."""
    return Pauses(100, 1 / 3, clock)


def test_work_pauses_while_somebody_asks_and_not_otherwise(pauses: Pauses) -> None:
    pauses.pause()  # or this never comes back
    with ThreadPoolExecutor(1) as work:
        with pauses.asked(), pauses.asked():
            paused = work.submit(pauses.pause)
            wait_until(lambda: pauses.pausing == 1, "work that pauses")
            assert not paused.done()
        paused.result(60)  # longer than a machine is busy, shorter than a pause
    assert not pauses.pausing
    assert not pauses.wanted


def test_it_is_known_whether_all_work_is_still(pauses: Pauses) -> None:
    def work() -> None:
        with pauses.work():
            pauses.pause()
            went_on.set()
            may_end.wait(PATIENCE)

    went_on, may_end = threading.Event(), threading.Event()
    assert pauses.all_is_still
    with pauses.work():
        assert not pauses.all_is_still
    with ThreadPoolExecutor(1) as threads:
        with pauses.asked():
            working = threads.submit(work)
            wait_until(lambda: pauses.pausing == 1, "work that pauses")
            assert pauses.all_is_still
        assert went_on.wait(PATIENCE)
        assert not pauses.all_is_still
        may_end.set()
        working.result(PATIENCE)
    assert pauses.all_is_still


def test_who_pauses_without_such_work_is_not_taken_for_it(pauses: Pauses) -> None:
    with ThreadPoolExecutor(1) as threads, pauses.work():
        with pauses.asked():
            waits = threads.submit(pauses.pause)
            wait_until(lambda: pauses.pausing == 1, "a thread that pauses")
            assert not pauses.all_is_still
        waits.result(PATIENCE)


def test_work_pauses_on_after_a_block_whose_answer_is_made_elsewhere(
    pauses: Pauses, clock: Clock
) -> None:
    with ThreadPoolExecutor(1) as work:
        with pauses.asked(after=20):
            paused = work.submit(pauses.pause)
            wait_until(lambda: pauses.pausing == 1, "work that pauses")
        clock.now += 19
        assert pauses.wanted
        clock.now += 1
        assert not pauses.wanted
        with pauses.asked():  # wakes those that wait by the real clock
            pass
        paused.result(30)


def test_what_is_paused_afterwards_counts_as_well(pauses: Pauses, clock: Clock) -> None:
    with pauses.asked(after=50):
        clock.now += 80
    clock.now += 19
    assert pauses.wanted
    clock.now += 1
    assert not pauses.wanted  # 100 in all
    with pauses.asked():
        assert not pauses.wanted


def test_a_block_that_begins_meanwhile_pauses_to_its_own_end(pauses: Pauses, clock: Clock) -> None:
    with pauses.asked(after=5):
        clock.now += 10
    clock.now += 3
    with pauses.asked():
        clock.now += 30
        assert pauses.wanted
    assert not pauses.wanted


def test_an_error_of_who_asks_lets_go(pauses: Pauses) -> None:
    with suppress(ValueError), pauses.asked():
        raise ValueError
    assert not pauses.wanted


def test_work_goes_on_though_nobody_answers() -> None:
    pauses = Pauses(0.001)
    with pauses.asked(), ThreadPoolExecutor(1) as work:
        work.submit(pauses.pause).result(PATIENCE)
        assert not pauses.wanted


def test_what_was_used_comes_back_while_nothing_pauses(pauses: Pauses, clock: Clock) -> None:
    with pauses.asked():
        clock.now += 99
        assert pauses.wanted
        clock.now += 1
        assert not pauses.wanted
        pauses.pause()
    with pauses.asked():
        assert not pauses.wanted
    clock.now += 20
    with pauses.asked():
        clock.now += 9
        assert pauses.wanted
        clock.now += 2
        assert not pauses.wanted


def test_never_more_is_kept_for_later_than_one_pause(pauses: Pauses, clock: Clock) -> None:
    clock.now += 100_000
    with pauses.asked():
        clock.now += 101
        assert not pauses.wanted


@pytest.mark.parametrize("asks", [1, 3], ids=["one after another", "several at once"])
def test_whoever_asks_without_end_gets_a_third_of_the_time(
    pauses: Pauses, clock: Clock, asks: int
) -> None:
    ticks, paused = 24_000, 0
    under_way: list[ExitStack] = []
    for tick in range(ticks):
        if tick % 24 == 0:
            if len(under_way) == asks:
                under_way.pop(0).close()
            under_way.append(ExitStack())
            under_way[-1].enter_context(pauses.asked())
        paused += pauses.wanted
        clock.now += 1 / 8
    assert ticks / 4 < paused < ticks / 3 + 100 * 8


def test_one_who_asks_ten_times_a_second_gets_a_pause_to_the_end_of_each_answer(
    clock: Clock,
) -> None:
    pauses = Pauses(clock=clock)
    for _ in range(1_000):
        with pauses.asked():
            clock.now += 0.046
            assert pauses.wanted
        clock.now += 0.05


def test_threads_that_ask_and_work_at_once_all_end() -> None:
    pauses, begin = Pauses(0.001), threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        for _ in range(200):
            with pauses.asked():
                pass

    def work() -> None:
        begin.wait()
        for _ in range(200):
            pauses.pause()

    with ThreadPoolExecutor(8) as threads:
        for running in [threads.submit(each) for each in [ask, work] * 4]:
            running.result(PATIENCE)
    assert not pauses.wanted
    assert not pauses.pausing
