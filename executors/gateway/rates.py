"""How many searches and changes one client may ask for."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from executors.gateway.calls import is_costly
from executors.gateway.problems import Problem, refuse
from executors.gateway.proxies import as_address

MAX_CLIENTS = 10_000
"""How many clients are remembered, each in some 200 bytes."""


class Rates:
    """A bucket of tokens for each client: a minute's worth at once, and so many a minute then.

    Of each is kept the moment at which its bucket will be full again. Those longest unheard of
    are forgotten first; whoever could fill the table has as many addresses anyway.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds_each = 60 / per_minute
        self._now = now
        self._full: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> float:
        """0 when the client may go on, else the seconds after which it may."""
        now = self._now()
        full = max(self._full.get(client, now), now) + self._seconds_each
        wait = full - now - 60
        if wait > 1e-6:
            return wait
        self._full[client] = full
        self._full.move_to_end(client)
        if len(self._full) > MAX_CLIENTS:
            self._full.popitem(last=False)
        return 0.0


class RateLimit:
    """ASGI middleware that answers 429 to a client that asks for too much."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._per_minute = per_minute
        self._rates = Rates(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its client may go on."""
        if scope["type"] == "http" and is_costly(scope["method"], scope["path"]):
            wait = self._rates.take(_client(scope))
            if wait:
                text = f"More than {self._per_minute} searches and changes in a minute. "
                text += f"Wait {math.ceil(wait)} s, or raise PHOTOSEEK_RATE_LIMIT."
                problem = Problem(429, text, headers={"Retry-After": str(math.ceil(wait))})
                await refuse(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)


def _client(scope: Scope) -> str:
    """The client's address; of IPv6 the network of 64 bits that a household has for itself."""
    host = scope["client"][0] if scope["client"] else ""
    address = as_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or host)
