"""Servers that many photos come from: how many at once, and which are not to be asked now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from photoseek.download.outcomes import FetchError


def host_of(url: str) -> str:
    """The server of a URL, with its port where one is given; "" where there is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""  # fetching will tell what is wrong with the URL


class ClosedHosts:
    """Servers that asked for a long rest, for as long as they did."""

    def __init__(self) -> None:
        self._closed: dict[str, tuple[float, FetchError]] = {}

    def close(self, host: str, error: FetchError, seconds: float) -> None:
        """Ask a server no more for a while; one that is closed already stays so no longer."""
        until, _ = self._closed.get(host, (0.0, error))
        if until < time.monotonic():
            self._closed[host] = time.monotonic() + seconds, error

    def check(self, host: str) -> None:
        """Raise what closed a server, as long as that lasts."""
        until, error = self._closed.get(host, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise FetchError(error.reason, str(error), error.wait, host)


class Turns:
    """Lets in `per_host` requests to one server at a time, redirected ones included.

    For one event loop. Who waits here holds no other turn, so nobody waits in a circle.
    """

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, host: str, limit: asyncio.Timeout) -> AsyncIterator[None]:
        """Wait for a turn, which the time limit of a photo does not count."""
        clock = asyncio.get_running_loop().time
        left = (limit.when() or 0.0) - clock()
        limit.reschedule(None)
        async with self._hosts.setdefault(host, asyncio.Semaphore(self._per_host)):
            limit.reschedule(clock() + left)
            yield
