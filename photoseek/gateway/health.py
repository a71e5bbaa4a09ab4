"""Whether all behind the gateway is well."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from photoseek.gateway.problems import NOT_IN_TIME

ANSWER_SECONDS = 3.0
"""Less than probes wait, `photoseek.client` and `photoseek.flow.probe` among them."""

FRESH_SECONDS = 1.0


class Readiness:
    """What keeps the service from being ready, asked no more often than it can have changed."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[str]],
        *,
        answer_seconds: float = ANSWER_SECONDS,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        """`ask` gives a sentence, or "" when every part and what it stores on are well."""
        self._ask = ask
        self._answer_seconds = answer_seconds
        self._fresh_seconds = fresh_seconds
        self._answer: asyncio.Task[str] | None = None
        self._asked_at = 0.0

    async def problem(self) -> str:
        """The sentence. Those who ask at the same time share one answer, which is soon there."""
        if self._answer is None or (self._answer.done() and self._is_old()):
            self._answer = asyncio.create_task(self._in_time())
        return await asyncio.shield(self._answer)

    def _is_old(self) -> bool:
        return time.monotonic() >= self._asked_at + self._fresh_seconds

    async def _in_time(self) -> str:
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await self._ask()
        except TimeoutError:
            return NOT_IN_TIME
        finally:
            self._asked_at = time.monotonic()
