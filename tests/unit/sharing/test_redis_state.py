"""Redis that is gone, hangs, is full or holds what is not ours: requests go on."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from photoseek.errors import MissingPackageError, SettingsError
from photoseek.helpers import extras
from photoseek.settings import load_settings
from photoseek.sharing import shared_state
from photoseek.sharing.redis_state import RedisState
from photoseek.sharing.state_of_settings import redis_client
from tests.servers.redis import OwnRedis, own_redis
from tests.support.tls import make_certificate

PREFIX = "photoseek:"


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    with own_redis("--maxmemory", "8mb", "--maxmemory-policy", "noeviction") as server:
        yield server


def use(
    url: str, what: Callable[[RedisState, Redis], Awaitable[None]], answer_seconds: float = 30
) -> None:
    """Use a state on the server at an address, and a client for what others do there."""

    async def run() -> None:
        client = redis_client(load_settings(redis=url))
        state = RedisState(client, PREFIX, answer_seconds=answer_seconds, rest_seconds=0.05)
        try:
            await what(state, client)
        finally:
            await state.close()

    asyncio.run(run())


async def back(state: RedisState) -> None:
    while not is_up(state):
        await asyncio.sleep(0.02)


def is_up(state: RedisState) -> bool:
    health = state.health()
    assert health is not None
    return health.is_up


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def test_without_redis_each_counts_by_itself(
    server: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(state: RedisState, _: Redis) -> None:
        await state.put("key", b"value", 60)
        assert await state.take("a", 5, 3) == 0
        server.kill()
        assert await state.get("key") is None
        assert not is_up(state)
        await state.put("key", b"value", 60)
        assert await state.take("a", 5, 2) == 0
        assert await state.take("a", 5) > 0, "what it allowed before counts"
        assert await state.take("b", 5, 5) == 0
        server.start()
        await back(state)
        assert await state.get("key") is None, "the server has forgotten it"
        await state.put("key", b"value", 60)
        assert await state.get("key") == b"value"
        assert await state.take("b", 5) > 0, "nobody gains by a Redis that was emptied"
        assert await state.take("c", 5, 5) == 0

    use(server.url, ask)
    said = warnings(caplog)
    assert len(said) == 2
    assert said[0].startswith("Redis (PHOTOSEEK_REDIS) cannot be used: ")
    assert said[1] == "Redis answers again."


def test_a_redis_that_hangs_delays_one_request_and_not_each(
    server: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    async def value(state: RedisState) -> bytes:
        """What is found once Redis answers in time, which it may not at first on a busy machine."""
        while (found := await state.get("key")) is None:
            await back(state)
        return found

    async def put() -> None:
        other = RedisState(redis_client(load_settings(redis=server.url)), PREFIX, answer_seconds=60)
        await other.put("key", b"value", 600)
        await other.close()

    async def ask(state: RedisState, _: Redis) -> None:
        await put()
        assert await value(state) == b"value"
        server.hang()
        before = len(warnings(caplog))
        assert await state.get("key") is None
        assert not is_up(state), "nobody else waits for it"
        for number in range(200):
            assert await state.get(str(number)) is None
            assert await state.take(f"client {number}", 1) == 0
        assert len(warnings(caplog)) == before + 1
        server.go_on()
        assert await value(state) == b"value", "and an answer that came late is not taken"

    use(server.url, ask, answer_seconds=0.1)
    said = warnings(caplog)
    assert all("no answer within 0.1 s" in each for each in said[::2])
    assert set(said[1::2]) == {"Redis answers again."}


def test_a_full_redis_is_read_and_not_written(
    server: OwnRedis, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(state: RedisState, client: Redis) -> None:
        await state.put("key", b"value", 60)
        for number in range(12):
            await state.put(f"large {number}", bytes(1_000_000), 60)
        for number in range(20):
            await state.put(f"more {number}", bytes(1_000_000), 60)
            assert await state.take("a", 30) == 0
            assert await state.get("key") == b"value"
        assert is_up(state)
        assert await state.take("a", 30, 11) > 0
        await client.flushall()
        await state.put("key", b"other", 60)
        assert await state.get("key") == b"other"

    use(server.url, ask)
    [said] = warnings(caplog)
    assert "maxmemory" in said


@pytest.mark.parametrize(
    "garbage",
    [b"", b"value", b"photoseek1", b"\x80\x04\x95pickle", b"photoseek1" + bytes(16) + b"value"],
)
def test_what_is_not_ours_is_not_taken(server: OwnRedis, garbage: bytes) -> None:
    async def ask(state: RedisState, client: Redis) -> None:
        await client.set(f"{PREFIX}key", garbage)
        assert await state.get("key") is None
        await state.put("key", b"value", 60)
        assert await state.get("key") == b"value"
        whole = await client.get(f"{PREFIX}key")
        assert isinstance(whole, bytes)
        for data in (whole[:-1], whole + b"x", whole[:20] + b"?" + whole[21:]):
            await client.set(f"{PREFIX}key", data)
            assert await state.get("key") is None
        await client.set(f"{PREFIX}other", whole)
        assert await state.get("other") is None, "it belongs to another key"
        assert is_up(state)

    use(server.url, ask)


def test_a_key_of_another_kind_is_not_taken(server: OwnRedis) -> None:
    async def ask(state: RedisState, client: Redis) -> None:
        await client.rpush(f"{PREFIX}key", b"1")
        await client.rpush(f"{PREFIX}limit:a", b"1")
        assert await state.get("key") is None
        assert [await state.take("a", 2) for _ in range(2)] == [0.0, 0.0]
        assert await state.take("a", 2) > 0
        await state.put("key", b"value", 60)
        assert await state.get("key") == b"value"

    use(server.url, ask)


@pytest.mark.parametrize("garbage", [b"x", b"nan", b"inf", b"-inf", b"9e99", b"-5", b"0x", b""])
def test_no_garbage_locks_a_client_out_for_longer_than_a_minute(
    server: OwnRedis, garbage: bytes
) -> None:
    async def ask(state: RedisState, client: Redis) -> None:
        await client.set(f"{PREFIX}limit:a", garbage)
        assert 0 <= await state.take("a", 600) <= 0.11
        assert is_up(state)

    use(server.url, ask)


def test_what_counts_is_the_clock_of_redis_and_its_keys_end_by_themselves(
    server: OwnRedis,
) -> None:
    async def ask(state: RedisState, client: Redis) -> None:
        began = time.monotonic()
        await state.take("a", 60, 30)
        left = await client.pttl(f"{PREFIX}limit:a")
        passed = 1000 * (time.monotonic() - began)
        assert 29_000 - passed < left <= 30_000
        await state.put("key", b"value", 7)
        assert 0 < await client.ttl(f"{PREFIX}key") <= 7
        assert sorted(await client.keys()) == [b"photoseek:key", b"photoseek:limit:a"]

    use(server.url, ask)


def test_two_gateways_share_a_limit(server: OwnRedis) -> None:
    async def ask(one: RedisState, _: Redis) -> None:
        other, strange = (
            RedisState(redis_client(load_settings(redis=server.url)), prefix, answer_seconds=30)
            for prefix in (PREFIX, "another:")
        )
        try:
            takes = [state.take("a", 2) for state in (one, other) * 15]
            assert (await asyncio.gather(*takes)).count(0.0) == 2
            assert await strange.take("a", 10) == 0
        finally:
            await other.close()
            await strange.close()

    use(server.url, ask)


def test_a_password_is_asked_for_and_never_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with own_redis("--requirepass", "right@/one") as server:
        place = server.url.removeprefix("redis://")

        async def is_used(state: RedisState, _: Redis) -> None:
            await state.put("key", b"value", 60)
            assert await state.get("key") == b"value"

        async def is_not(state: RedisState, _: Redis) -> None:
            await state.put("key", b"value", 60)
            assert await state.get("key") is None

        use(f"redis://:right%40%2Fone@{place}", is_used)
        assert not warnings(caplog)
        use(f"redis://:wrong-one@{place}", is_not)
        use(f"redis://{place}", is_not)
    assert warnings(caplog)
    assert not any("wrong-one" in said for said in warnings(caplog))


def test_a_certificate_is_checked_with_ones_own(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make_certificate(certificate, key, "IP:127.0.0.1")
    options = ["--port", "0", "--tls-auth-clients", "no"]
    options += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    with own_redis(*options, port_option="--tls-port") as server:
        given = {"redis": f"rediss://127.0.0.1:{server.port}"}

        async def answer(**settings: str) -> bytes | None:
            client = redis_client(load_settings(**given, **settings))
            state = RedisState(client, PREFIX, answer_seconds=30)
            try:
                await state.put("key", b"value", 60)
                return await state.get("key")
            finally:
                await state.close()

        assert asyncio.run(answer(redis_ca=str(certificate))) == b"value"
        assert asyncio.run(answer()) is None, "nobody knows who signed it"
        for wrong in (key, tmp_path / "missing.pem"):
            with pytest.raises(SettingsError, match="PHOTOSEEK_REDIS_CA is .*cannot be read"):
                redis_client(load_settings(**given, redis_ca=str(wrong)))


def test_what_the_settings_ask_for() -> None:
    async def kinds() -> list[str]:
        found = []
        for url in (None, "redis://127.0.0.1:9"):
            state = shared_state(load_settings(redis=url))
            found.append(type(state).__name__)
            await state.close()
        return found

    assert asyncio.run(kinds()) == ["MemoryState", "RedisState"]


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "has_extra", lambda _: False)
    with pytest.raises(MissingPackageError, match="package redis, which is not installed"):
        shared_state(load_settings(redis="redis://127.0.0.1:9"))
