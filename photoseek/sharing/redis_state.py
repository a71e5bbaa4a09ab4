"""What several gateways share, in Redis; without it each goes on by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from redis.exceptions import ResponseError
from typing_extensions import override

from photoseek.sharing.complaints import Complaints
from photoseek.sharing.memory_state import Buckets
from photoseek.sharing.shared_state import Health, SharedState

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger(__name__)

T = TypeVar("T")

ANSWER_SECONDS = 0.1
"""How long a request waits for Redis."""

REST_SECONDS = 2.0
"""How long a Redis that does not answer is left alone, before it is asked again."""

CONNECT_SECONDS = 3.0
"""How long a new connection may take when it is tried again, with nobody waiting for it."""

CONNECTIONS = 8
"""Questions to Redis at the same time; others wait for their turn. Each takes a fraction of a
millisecond, and a new connection ten times as long."""

_MARK = b"photoseek1"
"""What a value begins with; another form of it has another mark."""

_DIGEST = 16
"""Bytes after the mark that tell whether the value is whole and belongs to its key."""

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local minute = 60000000
local wanted, each = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.pcall('GET', KEYS[1])
local full = type(kept) == 'string' and tonumber(kept) or now
if full ~= full then full = now end
full = math.min(math.max(full, now), now + minute) + math.max(wanted, 1) * each
local wait = full - now - minute
if wait > 1 then return math.ceil(wait) end
if wanted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return 0
"""
"""`Buckets.take` in microseconds, by the clock of Redis. What is kept is when the bucket is full.
Something else under its key, or a time that lies too far ahead, locks nobody out."""


class RedisState(SharedState):
    """Shared by all who use the same database with the same prefix.

    While Redis does not answer nobody waits for it: it is asked again in the background. What each
    client may do is counted here at the same time, so that whoever empties or kills Redis gives
    nobody more than a minute's worth at each gateway.
    """

    def __init__(
        self,
        client: Redis,
        prefix: str,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._answer_seconds = answer_seconds
        self._rest_seconds = rest_seconds
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._own = Buckets()
        self._complaints = Complaints(_log)
        self._asking_again: asyncio.Task[None] | None = None
        self._failures = 0

    @override
    async def take(self, name: str, per_minute: int, tokens: int = 1) -> float:
        if wait := self._own.wait(name, per_minute, tokens):
            return wait
        arguments = (tokens, repr(60e6 / per_minute))
        answer = await self._ask(
            lambda redis: redis.eval(TAKE, 1, self._name(f"limit:{name}"), *arguments)
        )
        if not isinstance(answer, int):
            return self._own.take(name, per_minute, tokens)
        if tokens and not answer:
            self._own.count(name, per_minute, tokens)
        return max(answer, 0) / 1e6

    @override
    async def get(self, key: str) -> bytes | None:
        data = await self._ask(lambda redis: redis.get(self._name(key)))
        return opened(key, data) if isinstance(data, bytes) else None

    @override
    async def put(self, key: str, value: bytes, seconds: int) -> None:
        data = sealed(key, value)
        await self._ask(lambda redis: redis.set(self._name(key), data, ex=seconds))

    @override
    def health(self) -> Health | None:
        return Health(self._asking_again is None, self._failures)

    @override
    async def close(self) -> None:
        if self._asking_again is not None:
            self._asking_again.cancel()
        await self._client.aclose()

    def _name(self, key: str) -> str:
        return self._prefix + key

    async def _ask(self, ask: Callable[[Redis], Awaitable[T]]) -> T | None:
        """What Redis answers within the time; None where it does not."""
        if self._asking_again is not None:
            return None
        try:
            async with asyncio.timeout(self._answer_seconds), self._turns:
                return await ask(self._client)
        except ResponseError as error:  # it is full, say: it answers, and costs nobody time
            self._failed(error)
        except Exception as error:  # whatever it is, requests go on without
            self._failed(error)
            if self._asking_again is None:
                self._asking_again = asyncio.create_task(self._ask_again())
        return None

    async def _ask_again(self) -> None:
        """Wait until Redis answers in time again."""
        while True:
            await asyncio.sleep(self._rest_seconds)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await self._client.ping()
                async with asyncio.timeout(self._answer_seconds):
                    await self._client.ping()
            except Exception as error:
                self._failed(error)
            else:
                break
        self._asking_again = None
        self._complaints.resolved("Redis answers again.")

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._complaints.hear(type(error).__name__, _sentence(error, self._answer_seconds))


def _sentence(error: Exception, seconds: float) -> str:
    reason = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, TimeoutError):
        reason = f"no answer within {seconds:g} s"
    return (
        f"Redis (PHOTOSEEK_REDIS) cannot be used: {reason or type(error).__name__}. "
        "This gateway goes on by itself: it limits its own clients, and shares nothing."
    )


def sealed(key: str, value: bytes) -> bytes:
    """The bytes with what tells that they are whole and belong to their key."""
    return _MARK + _digest(key, value) + value


def opened(key: str, data: bytes) -> bytes | None:
    """What `sealed` was given with this key; None where the data is something else."""
    head = len(_MARK) + _DIGEST
    value = data[head:]
    return value if data[:head] == _MARK + _digest(key, value) else None


def _digest(key: str, value: bytes) -> bytes:
    name = key.encode(errors="surrogatepass")
    return blake2b(len(name).to_bytes(4) + name + value, digest_size=_DIGEST).digest()
