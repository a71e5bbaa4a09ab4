"""What gateways share behaves alike in memory and in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from photoseek.settings import load_settings
from photoseek.sharing import MemoryState, SharedState
from photoseek.sharing.redis_state import RedisState
from photoseek.sharing.state_of_settings import redis_client
from tests.servers.redis import free_prefix, running_redis
from tests.support.waiting import PATIENCE

Use = Callable[[SharedState], Awaitable[None]]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest) -> Callable[[Use], None]:
    """Uses a state of its own in an event loop."""

    async def use(what: Use) -> None:
        if request.param == "memory":
            state: SharedState = MemoryState()
        else:
            url = request.getfixturevalue("redis_url")
            client = redis_client(load_settings(redis=url))
            state = RedisState(client, free_prefix(), answer_seconds=PATIENCE)
        try:
            await what(state)
            if health := state.health():
                assert health.is_up
        finally:
            await state.close()

    return lambda what: asyncio.run(use(what))


def test_a_bucket_holds_a_minutes_worth(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        assert [await state.take("a", 5) for _ in range(5)] == [0.0] * 5
        assert 9 < await state.take("a", 5) <= 12
        assert 21 < await state.take("a", 5, 2) <= 24, "twice as many take twice as long"
        assert await state.take("b", 5) == 0, "each has a bucket of its own"
        assert await state.take("b", 5, 5) > 0
        assert await state.take("b", 5, 4) == 0, "what was refused cost nothing"

    run(use)


def test_looking_takes_nothing(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        assert [await state.take("a", 1, 0) for _ in range(3)] == [0.0] * 3
        assert await state.take("a", 1) == 0
        assert 50 < await state.take("a", 1, 0) <= 60

    run(use)


def test_a_bucket_fills_up_as_time_passes(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        a_millisecond_each = 60_000
        assert await state.take("a", a_millisecond_each, a_millisecond_each) == 0
        refused = 0
        while await state.take("a", a_millisecond_each, 20):
            refused += 1
        assert refused

    run(use)


@pytest.mark.parametrize("per_minute", [1, 7, 600, 100_000])
def test_no_token_is_given_twice(run: Callable[[Use], None], per_minute: int) -> None:
    async def use(state: SharedState) -> None:
        part = max(per_minute // 7, 1)
        waits = [await state.take("a", per_minute, part) for _ in range(per_minute // part)]
        assert waits == [0.0] * len(waits)
        rest = per_minute - part * len(waits)
        assert await state.take("a", per_minute, rest + per_minute) > 0

    run(use)


def test_who_asks_at_the_same_time_shares_a_bucket(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        waits = await asyncio.gather(*(state.take("a", 10) for _ in range(30)))
        assert waits.count(0.0) == 10

    run(use)


@pytest.mark.parametrize("value", [b"", b"\x00\xff\r\n$-1\r\n", bytes(range(256)) * 1_000])
def test_bytes_come_back_as_they_were_put(run: Callable[[Use], None], value: bytes) -> None:
    async def use(state: SharedState) -> None:
        assert await state.get("key") is None
        await state.put("key", value, 60)
        assert await state.get("key") == value
        assert await state.get("kez") is None
        await state.put("key", b"another", 60)
        assert await state.get("key") == b"another"

    run(use)


def test_keys_may_be_any_text(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        keys = ["a b", "a\nb", "ä", "*", "{a}", "a" * 500]
        for number, key in enumerate(keys):
            await state.put(key, b"%d" % number, 60)
            await state.take(key, 1)
        assert [await state.get(key) for key in keys] == [b"%d" % n for n in range(len(keys))]
        assert all([await state.take(key, 1) for key in keys])

    run(use)


def test_bytes_are_kept_for_a_time(run: Callable[[Use], None]) -> None:
    async def use(state: SharedState) -> None:
        await state.put("key", b"value", 1)
        assert await state.get("key") == b"value"
        while await state.get("key"):
            await asyncio.sleep(0.02)

    run(use)
