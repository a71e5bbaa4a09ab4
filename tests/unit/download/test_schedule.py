from __future__ import annotations

import asyncio
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from photoseek.download.schedule import Job, Schedule
from photoseek.records import Photo
from tests.support.downloads import OPTIONS, fetch
from tests.support.photo_server import picture
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, running_server

HOUR = 3600


class Clock:
    """The clock of all event loops, which a test sets on."""

    ahead = 0.0

    def set_on(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio.BaseEventLoop, "time", lambda _: time.monotonic() + clock.ahead)
    return clock


def job(url: str) -> Job:
    return Job(Photo(id=url, uri=url))


def test_hosts_take_turns_and_none_gets_more_than_its_share() -> None:
    async def run() -> None:
        schedule = Schedule(per_host=2)
        for number in range(4):
            schedule.add(job(f"http://a/{number}"))
        schedule.add(job("http://b/0"))
        taken = [await schedule.take() for _ in range(3)]
        assert sorted(one.host for one in taken) == ["a", "a", "b"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(schedule.take(), 0.01)
        schedule.release(next(one for one in taken if one.host == "a"))
        assert (await schedule.take()).photo.uri == "http://a/2"

    asyncio.run(run())


def test_a_host_rests_and_others_go_on(clock: Clock) -> None:
    async def run() -> None:
        schedule = Schedule(per_host=2)
        schedule.rest("a", HOUR)
        schedule.add(job("http://a/0"))
        schedule.add(job("http://b/0"))
        assert (await schedule.take()).host == "b"
        clock.set_on(HOUR)
        assert (await schedule.take()).host == "a"

    asyncio.run(run())


def test_a_host_that_begins_to_rest_with_work_in_the_queue_is_not_asked(clock: Clock) -> None:
    async def run() -> None:
        schedule = Schedule(per_host=2)
        schedule.add(job("http://a/0"))
        schedule.add(job("http://b/0"))
        schedule.rest("a", HOUR)
        assert (await schedule.take()).host == "b"
        clock.set_on(HOUR)
        assert (await schedule.take()).host == "a"

    asyncio.run(run())


def test_jobs_that_wait_for_another_attempt_let_others_pass(clock: Clock) -> None:
    async def run() -> None:
        schedule = Schedule(per_host=1)
        schedule.add_later(job("http://a/late"), HOUR)
        schedule.add(job("http://a/soon"))
        first = await schedule.take()
        schedule.release(first)
        clock.set_on(HOUR)
        second = await schedule.take()
        assert [one.photo.uri for one in (first, second)] == ["http://a/soon", "http://a/late"]

    asyncio.run(run())


def test_hosts_that_are_done_are_forgotten() -> None:
    async def run() -> None:
        schedule = Schedule(per_host=2)
        for number in range(1000):
            schedule.add(job(f"http://host{number}/x"))
            schedule.release(await schedule.take())
        assert not len(schedule)

    asyncio.run(run())


@pytest.mark.parametrize("redirected", [False, True])
@pytest.mark.parametrize(("concurrency", "per_host", "most"), [(8, 3, 3), (2, 8, 2)])
def test_a_server_sees_no_more_requests_at_once_than_allowed(
    tmp_path: Path, concurrency: int, per_host: int, most: int, redirected: bool
) -> None:
    """Each request waits until as many are there as may be, so fewer would not end."""
    together = threading.Barrier(most)
    lock, counts = threading.Lock(), [0, 0]

    def answer(handler: Handler) -> None:
        with lock:
            counts[0] += 1
            counts[1] = max(counts)
        together.wait(PATIENCE)
        with lock:
            counts[0] -= 1
        together.wait(PATIENCE)
        handler.answer(200, picture(int(handler.path.strip("/"))))

    with ExitStack() as stack:
        server = stack.enter_context(running_server({"": answer}))
        target = server.url

        def send_on(handler: Handler) -> None:
            handler.answer(302, Location=target + handler.path)

        if redirected:  # from as many servers as there are requests
            fronts = [
                stack.enter_context(running_server({"": send_on})).url for _ in range(concurrency)
            ]
        else:
            fronts = [server.url]
        urls = [f"{fronts[number % len(fronts)]}/{number}" for number in range(most * 4)]
        options = replace(OPTIONS, concurrency=concurrency, per_host=per_host)
        assert fetch(tmp_path, urls, options).arrived == most * 4
    assert counts[1] == most


def test_waiting_for_a_turn_is_not_counted(tmp_path: Path, clock: Clock) -> None:
    """Twelve photos that take 4 s each arrive one by one, with 30 s for each of them."""
    all_sent_on = threading.Barrier(13)

    def send_on(handler: Handler) -> None:
        handler.answer(302, Location=target + handler.path)
        all_sent_on.wait(PATIENCE)

    def slow(handler: Handler) -> None:
        if not clock.ahead:
            all_sent_on.wait(PATIENCE)
        clock.set_on(4)
        handler.answer(200, picture(int(handler.path.strip("/"))))

    with ExitStack() as stack:
        server = stack.enter_context(running_server({"": slow}))
        target = server.url
        fronts = [stack.enter_context(running_server({"": send_on})) for _ in range(12)]
        urls = [f"{front.url}/{number}" for number, front in enumerate(fronts)]
        options = replace(OPTIONS, per_host=1, seconds=30, attempts=1)
        assert fetch(tmp_path, urls, options).arrived == 12
