"""What one gateway keeps for itself, in its memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from typing_extensions import override

from photoseek.sharing.shared_state import Health, SharedState

MAX_BUCKETS = 10_000
"""How many clients are remembered, each in some 200 bytes."""

MAX_BYTES = 32_000_000
"""What is kept of values in all."""

_EACH = 500
"""About how many bytes a value takes beside its own."""

_MINUTE = 60.0
_SLACK = 1e-6


class Buckets:
    """Buckets of tokens by name, each for one client.

    For each the time is kept at which it will be full again. Those of which nothing was taken for
    longest are forgotten first. Nobody gains by filling the table with others: with that many
    addresses one is not limited anyway.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._full: OrderedDict[str, float] = OrderedDict()

    def take(self, name: str, per_minute: int, tokens: int = 1) -> float:
        """Take tokens, as `SharedState.take` does."""
        wait = self.wait(name, per_minute, tokens)
        if tokens and not wait:
            self.count(name, per_minute, tokens)
        return wait

    def wait(self, name: str, per_minute: int, tokens: int = 1) -> float:
        """The seconds until there are that many; 0.0 where there are."""
        wait = self._after(name, per_minute, max(tokens, 1)) - self._now() - _MINUTE
        return wait if wait > _SLACK else 0.0

    def count(self, name: str, per_minute: int, tokens: int) -> None:
        """Take tokens out of a bucket, whatever is in it."""
        self._full[name] = self._after(name, per_minute, tokens)
        self._full.move_to_end(name)
        if len(self._full) > MAX_BUCKETS:
            self._full.popitem(last=False)

    def _after(self, name: str, per_minute: int, tokens: int) -> float:
        """When the bucket would be full again with that many taken."""
        now = self._now()
        return max(self._full.get(name, now), now) + tokens * _MINUTE / per_minute


class _Kept(NamedTuple):
    value: bytes
    until: float


class MemoryState(SharedState):
    """What is shared by nobody else, and forgotten with this process."""

    def __init__(
        self, *, max_bytes: int = MAX_BYTES, now: Callable[[], float] = time.monotonic
    ) -> None:
        """At most `max_bytes` of values are kept, those that were asked for last."""
        self._buckets = Buckets(now)
        self._max_bytes = max_bytes
        self._now = now
        self._values: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    @override
    async def take(self, name: str, per_minute: int, tokens: int = 1) -> float:
        return self._buckets.take(name, per_minute, tokens)

    @override
    async def get(self, key: str) -> bytes | None:
        kept = self._values.get(key)
        if kept is None:
            return None
        if self._now() >= kept.until:
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return kept.value

    @override
    async def put(self, key: str, value: bytes, seconds: int) -> None:
        if key in self._values:
            self._forget(key)
        self._values[key] = _Kept(value, self._now() + seconds)
        self._bytes += _EACH + len(value)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._values)))

    @override
    def health(self) -> Health | None:
        return None

    @override
    async def close(self) -> None:
        self._values.clear()
        self._bytes = 0

    def _forget(self, key: str) -> None:
        self._bytes -= _EACH + len(self._values.pop(key).value)
