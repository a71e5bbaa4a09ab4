"""Connections over HTTP: none may be silent for long, and none keeps others out.

uvicorn closes a connection only when it rests between two requests. Whoever sends nothing, or half
a line every few seconds, would hold his connection for good, and with it a place among those that
are allowed at the same time.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Protocol

from photoseek.gateway.middleware.proxies import as_address

OPEN_FILES = 8_192


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client may take, in seconds.

    A body may take `body` and then a second more for each `bytes_per_second` of it; an answer may
    lie for `answer` without 64 KiB of it being taken. A server that stops waits `first_request`
    for that of a connection that has had none.
    """

    first_request: float = 2.0
    head: float = 15
    body: float = 20
    bytes_per_second: float = 1_000
    answer: float = 60


@dataclass(frozen=True, slots=True)
class Places:
    """How many connections there may be, of one client and of all, and how many requests at work.

    Where there is one too many, the one goes that has waited longest: of that client, or of the one
    that has most. A proxy stands for many clients, so only the limit for all counts for it.
    One client alone cannot have all requests at work: others would be told that it is too much.
    """

    client: int = 256
    all: int = 1_000
    at_work: int = 400


class Connection(Protocol):
    """One connection, of a client that `who` names."""

    who: str

    def end(self) -> None:
        """Hang up at once."""
        ...


class Connections:
    """All connections of a server."""

    def __init__(
        self,
        proxies: Iterable[str] = (),
        *,
        patience: Patience | None = None,
        places: Places | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self._places = places or Places()
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self.left_alone = 0
        """Requests that are worked on for clients that are gone."""
        self._count: Counter[str] = Counter()
        self._waiting: OrderedDict[Connection, None] = OrderedDict()

    @property
    def busy(self) -> bool:
        """True when no more requests should be begun."""
        at_work = self._count.total() - len(self._waiting) + self.left_alone
        return at_work > self._places.at_work

    def enter(self, connection: Connection) -> None:
        """Count a new connection, and end another, or this one, where that is one too many."""
        client = connection.who
        self._count[client] += 1
        self._waiting[connection] = None
        if self._count[client] > self._places.client and not self._is_proxy(client):
            self._end_one_of(client)
        elif self._count.total() > self._places.all:
            self._end_one_of(max(self._count, key=self._count.__getitem__))

    def leave(self, connection: Connection) -> None:
        """Count a connection no more."""
        self._waiting.pop(connection, None)
        self._count[connection.who] -= 1
        if not self._count[connection.who]:
            del self._count[connection.who]

    def note(self, connection: Connection, *, waits: bool) -> None:
        """Remember whether a connection waits for its client or works for it."""
        if not waits:
            self._waiting.pop(connection, None)
        elif connection not in self._waiting:
            self._waiting[connection] = None

    def _end_one_of(self, client: str) -> None:
        longest = next((each for each in self._waiting if each.who == client), None)
        if longest is not None:
            del self._waiting[longest]  # it is not there to be ended twice
            longest.end()

    def _is_proxy(self, client: str) -> bool:
        address = as_address(client)
        return address is not None and any(address in network for network in self._proxies)


def allow_many_files() -> None:
    """Let this process have as many connections as it allows; 1,024 files are a common limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
