"""How much work one client may ask for."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.problems import Problem, refuse
from photoseek.gateway.route_policy import is_costly
from photoseek.settings import AccessSettings

MAX_CLIENTS = 10_000
"""How many clients are remembered, each in some 200 bytes."""


class Rates:
    """A bucket of tokens for each client: a minute's worth at once, then as many in each minute.

    For each client the time is kept at which its bucket will be full again. The clients that have
    sent nothing for longest are forgotten first. Nobody gains by filling the table with others:
    with that many addresses one is not limited anyway.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = 60 / per_minute
        self._now = now
        self._full: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str, tokens: int = 1) -> float:
        """0 when the client may go on, else the seconds after which it may.

        With 0 tokens it only looks whether one could be had, and takes none.
        """
        now = self._now()
        full = max(self._full.get(client, now), now) + max(tokens, 1) * self._seconds_each
        wait = full - now - 60
        if wait > 1e-6:
            return wait
        if tokens:
            self._full[client] = full
            self._full.move_to_end(client)
        if len(self._full) > MAX_CLIENTS:
            self._full.popitem(last=False)
        return 0.0


class Limiter:
    """Counts work in units of a plain search, for HTTP and gRPC together."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._rates = Rates(per_minute)

    @classmethod
    def of(cls, settings: AccessSettings) -> "Limiter | None":
        """The limit that the settings ask for; None where there is none."""
        return cls(settings.requests_per_minute) if settings.requests_per_minute else None

    def take(self, client: str, units: int, after: int = 0) -> None:
        """Count units of work, of which `after` are counted already.

        What is more than a minute's worth counts as that much, or it could never be done. Raises
        Problem where the client has to wait.
        """
        rest = min(units, self._per_minute) - after
        wait = self._rates.take(_household(client), rest) if rest > 0 else 0
        if wait:
            text = f"More work than {self._per_minute} searches and changes in a minute. "
            text += f"Wait {math.ceil(wait)} s, or raise PHOTOSEEK_RATE_LIMIT."
            raise _later(text, wait)


class Guesses:
    """Counts the wrong keys of each client. Without a limit everyone may guess for ever."""

    def __init__(self, per_minute: int) -> None:
        self._rates = Rates(per_minute) if per_minute else None

    def check(self, client: str) -> None:
        """Raise Problem where a client has sent too many wrong keys to try another."""
        self._look(client, 0)

    def count(self, client: str) -> None:
        """Note that a client has sent a wrong key."""
        self._look(client, 1)

    def _look(self, client: str, tokens: int) -> None:
        wait = self._rates.take(_household(client), tokens) if self._rates else 0
        if wait:
            raise _later(f"Too many wrong keys. Wait {math.ceil(wait)} s.", wait)


_spend: ContextVar[Callable[[int], None] | None] = ContextVar("spend", default=None)


def spend(units: int) -> None:
    """Count what the request that is being answered really asks for.

    Nothing is counted for what is quickly told.

    Raises:
        Problem: its client has to wait.
    """
    if spends := _spend.get():
        spends(units)


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
                self._limiter.take(client, 1)
            except Problem as problem:
                await refuse(problem, scope, receive, send)
                return
            _spend.set(lambda units: self._limiter.take(client, units, after=1))
        await self._app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """The address of the client, or "" where there is none."""
    return scope["client"][0] if scope["client"] else ""


def _household(host: str) -> str:
    """The client's address; of IPv6 the network of 64 bits that a household has for itself."""
    address = as_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or host)


def _later(text: str, seconds: float) -> Problem:
    return Problem(429, text, headers={"Retry-After": str(math.ceil(seconds))})
