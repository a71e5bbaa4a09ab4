"""How much work one client may ask for."""

import math
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.problems import Problem, refuse
from photoseek.gateway.route_policy import is_costly
from photoseek.settings import AccessSettings
from photoseek.sharing import SharedState


class Limiter:
    """Counts work in units of a plain search, for HTTP and gRPC together."""

    def __init__(self, per_minute: int, state: SharedState) -> None:
        """`state` counts, for this gateway or for several."""
        self._per_minute = per_minute
        self._state = state

    @classmethod
    def of(cls, settings: AccessSettings, state: SharedState) -> "Limiter | None":
        """The limit that the settings ask for; None where there is none."""
        return cls(settings.requests_per_minute, state) if settings.requests_per_minute else None

    async def take(self, client: str, units: int, after: int = 0) -> None:
        """Count units of work, of which `after` are counted already.

        What is more than a minute's worth counts as that much, or it could never be done. Raises
        Problem where the client has to wait.
        """
        rest = min(units, self._per_minute) - after
        name = f"work:{household(client)}"
        wait = await self._state.take(name, self._per_minute, rest) if rest > 0 else 0
        if wait:
            text = f"More work than {self._per_minute} searches and changes in a minute. "
            text += f"Wait {math.ceil(wait)} s, or raise PHOTOSEEK_RATE_LIMIT."
            raise _later(text, wait)


class Guesses:
    """Counts the wrong keys of each client. Without a limit everyone may guess for ever."""

    def __init__(self, per_minute: int, state: SharedState) -> None:
        """`state` counts, for this gateway or for several."""
        self._per_minute = per_minute
        self._state = state

    async def check(self, client: str) -> None:
        """Raise Problem where a client has sent too many wrong keys to try another."""
        await self._look(client, 0)

    async def count(self, client: str) -> None:
        """Note that a client has sent a wrong key."""
        await self._look(client, 1)

    async def _look(self, client: str, tokens: int) -> None:
        if not self._per_minute:
            return
        name = f"wrong-keys:{household(client)}"
        if wait := await self._state.take(name, self._per_minute, tokens):
            raise _later(f"Too many wrong keys. Wait {math.ceil(wait)} s.", wait)


_spend: ContextVar[Callable[[int], Awaitable[None]] | None] = ContextVar("spend", default=None)


async def spend(units: int) -> None:
    """Count what the request that is being answered really asks for.

    Nothing is counted for what is quickly told.

    Raises:
        Problem: its client has to wait.
    """
    if spends := _spend.get():
        await spends(units)


class RateLimit:
    """ASGI middleware that answers 429 to a client that asks for too much."""

    def __init__(self, app: ASGIApp, limiter: Limiter) -> None:
        self._app = app
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its client may go on."""
        if scope["type"] == "http" and is_costly(scope["method"], scope["path"]):
            client = client_of(scope)
            try:
                await self._limiter.take(client, 1)
            except Problem as problem:
                await refuse(problem, scope, receive, send)
                return
            _spend.set(lambda units: self._limiter.take(client, units, after=1))
        await self._app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The address of the client, or "" where there is none."""
    return scope["client"][0] if scope["client"] else ""


def household(host: str) -> str:
    """The client's address; of IPv6 the network of 64 bits that a household has for itself."""
    address = as_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or host)


def _later(text: str, seconds: float) -> Problem:
    return Problem(429, text, headers={"Retry-After": str(math.ceil(seconds))})
