"""One question to the index for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class JointQuestion(Generic[T]):
    """Asks on behalf of several, of one event loop.

    Whoever comes while a question is under way shares the next one with all others who come then:
    its answer is not older than what they ask. Where somebody gives up, the others are answered.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._now: asyncio.Future[T] | None = None
        self._next: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """The answer to a question that was not begun before this one.

        Raises:
            Exception: what asking raises, to all who share it.
        """
        mine: asyncio.Future[T]
        if self._now is None or self._now.done():
            mine = self._now = asyncio.ensure_future(self._ask())
        elif self._next is None:
            mine = self._next = asyncio.ensure_future(self._asked_after(self._now))
        else:
            mine = self._next
        return await asyncio.shield(mine)

    async def _asked_after(self, before: asyncio.Future[T]) -> T:
        await asyncio.wait([before])
        self._now, self._next = self._next, None
        return await self._ask()
