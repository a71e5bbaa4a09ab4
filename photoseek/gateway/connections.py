"""Connections over HTTP: none may be silent for long, and none keeps others out.

uvicorn closes a connection only when it rests between two requests. Whoever sends nothing, or half
a line every few seconds, would hold his connection for good, and with it a place among those that
are allowed at the same time.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from typing import Any, Literal

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.problems import MEDIA_TYPE, Problem, refuse

HEALTH = frozenset({"/healthz", "/readyz"})
"""What is answered however much there is to do: who watches the gateway would restart it."""

BUSY = "The gateway has as many requests to answer as it can. Try again in a moment."
TOO_SLOW = "The request did not arrive in time. Send it again, on a faster connection."
OPEN_FILES = 8_192

Phase = Literal["head", "body", "answer", "rest"]
"""What a connection waits for: a request's head, its body, a client that takes its answer, or the
next request, for which uvicorn has a deadline of its own. Else it works."""


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
    """

    client: int = 256
    all: int = 1_000
    at_work: int = 256


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
        self._waiting: OrderedDict[PatientProtocol, None] = OrderedDict()

    @property
    def busy(self) -> bool:
        """True when no more requests should be begun."""
        at_work = self._count.total() - len(self._waiting) + self.left_alone
        return at_work > self._places.at_work

    def enter(self, connection: "PatientProtocol") -> None:
        """Count a new connection, and end another, or this one, where that is one too many."""
        client = connection.who
        self._count[client] += 1
        self._waiting[connection] = None
        if self._count[client] > self._places.client and not self._is_proxy(client):
            self._end_one_of(client)
        elif self._count.total() > self._places.all:
            self._end_one_of(max(self._count, key=self._count.__getitem__))

    def leave(self, connection: "PatientProtocol") -> None:
        """Count a connection no more."""
        self._waiting.pop(connection, None)
        self._count[connection.who] -= 1
        if not self._count[connection.who]:
            del self._count[connection.who]

    def note(self, connection: "PatientProtocol", *, waits: bool) -> None:
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


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP with a deadline for each thing that a client is waited for."""

    def __init__(self, *arguments: Any, connections: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.who = ""
        self._application, self.app = self.app, self._answer
        self._connections = connections
        self._phase: Phase | None = None
        self._since = 0.0
        self._arrived = 0
        self._alarm: Any = None
        self._answering = self._gone = self._is_leaving = False

    def connection_made(self, transport: Any) -> None:
        """The clock runs from the first moment."""
        super().connection_made(transport)
        self.who = _who(self.client[0] if self.client else "")
        self._connections.enter(self)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_clock()
        self._connections.leave(self)
        self._gone = True
        self._connections.left_alone += self._answering
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A few bytes do not buy the time that a whole request has."""
        self._arrived += len(data)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """The next request may come."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """The client does not take its answer."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        """The connection has rested long enough."""
        super().timeout_keep_alive_handler()
        self._watch()

    def shutdown(self) -> None:
        """The server stops. A connection that has just come may have its request on the way."""
        if self.cycle is None and not self._is_leaving:
            self._is_leaving = True
            self.loop.call_later(self._connections.patience.first_request, self._leave)
        elif self.cycle is not None:
            self._leave()

    def _leave(self) -> None:
        if not self._gone:
            super().shutdown()

    def end(self) -> None:
        """Hang up at once."""
        self._stop_clock()
        self.transport.abort()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._connections.busy and scope["path"] not in HEALTH:
            problem = Problem(503, BUSY, headers={"Retry-After": "1"})
            await refuse(problem, scope, receive, send)
            return
        self._answering = True
        try:
            await self._application(scope, receive, send)
        finally:
            self._answering = False
            self._connections.left_alone -= self._gone

    def _watch(self) -> None:
        """Start another clock where something else is waited for than before."""
        phase = self._now_waiting_for()
        if phase == self._phase:
            return
        self._stop_clock()
        self._phase = phase
        self._connections.note(self, waits=phase is not None)
        if phase in ("head", "body", "answer"):
            self._since, self._arrived = self.loop.time(), 0
            self._alarm = self.loop.call_later(self._time_left(), self._time_is_up)

    def _now_waiting_for(self) -> Phase | None:
        if self.flow.write_paused or self.transport.is_closing():
            return "answer"
        if self.conn.their_state is h11.SEND_BODY:
            return "body"
        if self.conn.their_state is h11.IDLE:
            return "rest" if self.timeout_keep_alive_task else "head"
        return None

    def _time_left(self) -> float:
        patience = self._connections.patience
        allowed = {"head": patience.head, "body": patience.body}.get(
            self._phase or "", patience.answer
        )
        if self._phase == "body":
            allowed += self._arrived / patience.bytes_per_second
        return self._since + allowed - self.loop.time()

    def _time_is_up(self) -> None:
        if self._phase == "body" and self.flow.read_paused:  # it is we who do not read on
            self._since, self._arrived = self.loop.time(), 0
        if (left := self._time_left()) > 0:
            self._alarm = self.loop.call_later(left, self._time_is_up)
        elif self._phase == "answer" or not self._told_too_slow():
            self.end()

    def _told_too_slow(self) -> bool:
        """Answer 408 where a request has begun and nothing is said yet."""
        cycle = self.cycle if self._phase == "body" else None
        begun = cycle is not None or bool(self.conn.trailing_data[0])
        if not begun or (cycle is not None and cycle.response_started):
            return False
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_too_slow())
        self.transport.close()
        self._watch()
        return True

    def _stop_clock(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


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


def _who(host: str) -> str:
    """The client's address; of IPv6 the network of 64 bits that a household has for itself."""
    address = as_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address or host)


def _too_slow() -> bytes:
    status = HTTPStatus.REQUEST_TIMEOUT
    document = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = json.dumps(document | {"detail": TOO_SLOW}).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
