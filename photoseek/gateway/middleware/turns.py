"""Turns of clients at searching: whoever asks for hundreds at once leaves room for others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from contextvars import ContextVar
from typing import TypeVar
from weakref import WeakValueDictionary

from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.errors import SlowAnswerError
from photoseek.gateway.middleware.rate_limit import client_of, household
from photoseek.gateway.problems import no_answer_in
from photoseek.gateway.route_policy import only_searches
from photoseek.helpers.query_threads import THREADS

T = TypeVar("T")

_turns: ContextVar[asyncio.Semaphore | None] = ContextVar("turns", default=None)


class Turns:
    """ASGI middleware that gives each client `at_once` searches at the same time; more wait.

    By default as many as there are threads for searches: a client that is alone loses nothing.
    """

    def __init__(self, app: ASGIApp, at_once: int = THREADS) -> None:
        self._app = app
        self._at_once = at_once
        self._of_clients: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as one of its client."""
        if scope["type"] == "http" and only_searches(scope["method"], scope["path"]):
            client = household(client_of(scope))
            turns = self._of_clients.get(client) or asyncio.Semaphore(self._at_once)
            _turns.set(self._of_clients.setdefault(client, turns))
        await self._app(scope, receive, send)


async def in_turn(seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` gives, once it is the turn of the request that is being answered.

    Raises:
        SlowAnswerError: both have taken longer than `seconds`.
    """
    try:
        async with asyncio.timeout(seconds), _turns.get() or nullcontext():
            return await ask()
    except TimeoutError as error:
        raise SlowAnswerError(no_answer_in(seconds)) from error
