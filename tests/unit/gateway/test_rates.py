"""How much one client may ask for, and who that is behind proxies."""

from __future__ import annotations

import asyncio

import pytest

from photoseek.gateway.middleware.rate_limit import Limiter
from photoseek.gateway.problems import Problem
from photoseek.settings import REQUESTS_PER_MINUTE, load_settings
from photoseek.sharing import Buckets, MemoryState
from photoseek.sharing.memory_state import MAX_BUCKETS
from tests.support.gateway_app import client, problem


def test_a_minutes_worth_at_once_and_then_as_it_comes() -> None:
    now = 0.0
    buckets = Buckets(now=lambda: now)
    assert [buckets.take("a", 60) for _ in range(60)] == [0.0] * 60
    assert buckets.take("a", 60) == pytest.approx(1)
    assert buckets.take("b", 60) == 0
    now = 0.75
    assert buckets.take("a", 60) == pytest.approx(0.25), "asking too early costs nothing"
    now = 1.0
    assert buckets.take("a", 60) == 0
    assert buckets.take("a", 60) == pytest.approx(1)
    now = 1_000.0
    assert [buckets.take("a", 60) for _ in range(60)] == [0.0] * 60


def test_memory_is_bounded_and_keeps_those_last_heard_of() -> None:
    buckets = Buckets(now=lambda: 0.0)
    for number in range(MAX_BUCKETS):
        buckets.take(str(number), 1)
    for number in range(10):
        buckets.take(f"new {number}", 1)
    assert buckets.take(str(MAX_BUCKETS - 1), 1) > 0
    assert buckets.take("0", 1) == 0, "forgotten"


def test_too_much_is_refused_until_later() -> None:
    gateway = client(rate_limit=2)
    assert [gateway.get("/api/search").status_code for _ in range(2)] == [200, 200]
    answer = gateway.get("/api/search")
    assert "PHOTOSEEK_RATE_LIMIT" in problem(answer, 429)["detail"]
    assert 0 < int(answer.headers["retry-after"]) <= 30
    problem(gateway.post("/delete"), 429)
    for free in ("/api/photos/a/thumbnail", "/", "/healthz", "/metrics", "/docs"):
        assert gateway.get(free).status_code == 200


def test_by_default_only_strangers_are_limited() -> None:
    assert load_settings().requests_per_minute == 0
    assert load_settings(host="0.0.0.0").requests_per_minute == REQUESTS_PER_MINUTE
    assert load_settings(host="0.0.0.0", rate_limit=0).requests_per_minute == 0


def test_a_request_counts_by_its_work() -> None:
    async def ask() -> None:
        limiter = Limiter(10, MemoryState())
        await limiter.take("a", 1)
        await limiter.take("a", 4, after=1)
        await limiter.take("a", 6)
        with pytest.raises(Problem, match="More work than 10 searches and changes") as refused:
            await limiter.take("a", 1)
        assert refused.value.headers
        assert 0 < int(refused.value.headers["Retry-After"]) <= 6
        await limiter.take("b", 1_000)  # more than a minute's worth is done at once or never
        with pytest.raises(Problem):
            await limiter.take("b", 1)

    asyncio.run(ask())


def test_the_request_that_is_answered_is_charged() -> None:
    gateway = client(rate_limit=10)
    assert gateway.get("/api/search?limit=1000").status_code == 200
    problem(gateway.get("/api/search"), 429)
    assert gateway.get("/api/photos/a").status_code == 200, "pictures and details are free"


def statuses(forwarded: list[str], *, address: str, proxies: list[str]) -> list[int]:
    gateway = client(address=address, rate_limit=1, trusted_proxies=proxies, api_key_for="none")
    return [
        gateway.get("/api/search", headers={"X-Forwarded-For": value}).status_code
        for value in forwarded
    ]


@pytest.mark.parametrize(
    ("forwarded", "address", "proxies", "expected"),
    [
        # nobody is believed who is not named
        (["1.1.1.1", "2.2.2.2"], "127.0.0.1", [], [200, 429]),
        (["1.1.1.1", "2.2.2.2"], "10.0.0.8", ["10.0.0.7"], [200, 429]),
        # a proxy of ours tells its clients apart
        (["1.1.1.1", "2.2.2.2", "1.1.1.1"], "10.0.0.7", ["10.0.0.0/24"], [200, 200, 429]),
        (["1.1.1.1", "2.2.2.2"], "::ffff:10.0.0.7", ["10.0.0.7"], [200, 200]),
        # what a client says of itself stands before what the proxy adds, and does not count
        (["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], "10.0.0.7", ["10.0.0.7"], [200, 429]),
        (["1.1.1.1, 10.0.0.8", "2.2.2.2, 10.0.0.8"], "10.0.0.7", ["10.0.0.0/24"], [200, 200]),
        (["nonsense", "", "also nonsense"], "10.0.0.7", ["10.0.0.7"], [200, 429, 429]),
        # one household of IPv6
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"], "10.0.0.7", ["10.0.0.7"],
         [200, 429, 200]),
    ],
)  # fmt: skip
def test_who_asks(
    forwarded: list[str], address: str, proxies: list[str], expected: list[int]
) -> None:
    assert statuses(forwarded, address=address, proxies=proxies) == expected
