"""The contract of what gateways share."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Health(NamedTuple):
    """How it goes with what gateways share: whether it answers, and how often it did not."""

    is_up: bool
    failures: int


class SharedState(Protocol):
    """Counts what clients ask for, and keeps bytes by a key for a time. Nothing of it must last.

    For one event loop. No method raises: where what is shared cannot be reached, work is counted
    here alone, and nothing is found.
    """

    async def take(self, name: str, per_minute: int, tokens: int = 1) -> float:
        """Take tokens out of a bucket: 0.0, or the seconds after which it has as many.

        A bucket holds a minute's worth at first, and gets as many in each minute. With 0 tokens it
        is only looked whether there is one, and none is taken.
        """
        ...

    async def get(self, key: str) -> bytes | None:
        """What was put there, exactly; None where it was not, or is not kept any more."""
        ...

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for that many seconds at most."""
        ...

    def health(self) -> Health | None:
        """How it goes; None where there is nothing that could fail."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...
