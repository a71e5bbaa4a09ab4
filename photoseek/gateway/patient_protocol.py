"""uvicorn's HTTP with a deadline for each thing that a client is waited for.

uvicorn closes a connection only when it rests between two requests. Which of its two parsers reads
the requests, `photoseek.gateway.parsers` says.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING, Any, Literal

from starlette.types import Receive, Scope, Send

from photoseek.gateway.connections import Connections
from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.problems import MEDIA_TYPE, Problem, refuse
from photoseek.gateway.route_policy import only_searches

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as HTTPProtocol
else:
    HTTPProtocol = object

HEALTH = frozenset({"/healthz", "/readyz"})
"""What is answered however much there is to do: who watches the gateway would restart it."""

BUSY = "The gateway has as many requests to answer as it can. Try again in a moment."
TOO_SLOW = "The request did not arrive in time. Send it again, on a faster connection."
NO_REQUEST = (
    "This is no request that can be read. Encode what is not ASCII in its address, as "
    "curl -G --data-urlencode 'q=...' does; and look at its method, its headers and its length."
)
UVICORNS = "Invalid HTTP request received."

_STEPS = 20
"""In which a server that stops waits for the first request of a connection."""

Phase = Literal["head", "body", "answer", "rest"]
"""What a connection waits for: a request's head, its body, a client that takes its answer, or the
next request, for which uvicorn has a deadline of its own. Else it works."""


class PatientProtocol(ABC, HTTPProtocol):
    """What is the same with either of uvicorn's protocols, which comes next among the bases."""

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
        self._search: asyncio.Task[Any] | None = None

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
        if self._search is not None:
            self._search.cancel()

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
            self._leave_in(_STEPS)
        elif self.cycle is not None:
            self._leave()

    @property
    @abstractmethod
    def _has_begun(self) -> bool:
        """Whether a part of a request's head has come, and nothing is being answered."""

    @property
    @abstractmethod
    def _reads_body(self) -> bool:
        """Whether the body of a request is still to come."""

    @property
    @abstractmethod
    def _is_free(self) -> bool:
        """Whether no request is there to be answered."""

    def _leave_in(self, steps: int) -> None:
        """Count only the time that this process is given: a machine that stood still for seconds
        has kept the client from asking as well.
        """
        if steps and self.cycle is None:
            step = self._connections.patience.first_request / _STEPS
            self.loop.call_later(step, self._leave_in, steps - 1)
        else:
            self._leave()

    def _leave(self) -> None:
        if not self._gone:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Tell what is no HTTP/1.1 so; uvicorn says `msg`, as a text."""
        detail = msg if msg != UVICORNS else NO_REQUEST
        self.transport.write(_answer_of(HTTPStatus.BAD_REQUEST, detail))
        self.transport.close()

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
        if only_searches(scope["method"], scope["path"]):
            self._search = asyncio.current_task()
        try:
            await self._application(scope, receive, send)
        except asyncio.CancelledError:
            if self._search is None or not self._gone:
                raise
        finally:
            self._answering, self._search = False, None
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
        if self._reads_body:
            return "body"
        if self._is_free:
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
        begun = cycle is not None or self._has_begun
        if not begun or (cycle is not None and cycle.response_started):
            return False
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_answer_of(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW))
        self.transport.close()
        self._watch()
        return True

    def _stop_clock(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def _who(host: str) -> str:
    """The client's address; of IPv6 the network of 64 bits that a household has for itself."""
    address = as_address(host)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False).network_address)
    return str(address or host)


def _answer_of(status: HTTPStatus, detail: str) -> bytes:
    """A problem document after which the connection ends, for where no request can be answered."""
    document = {"type": "about:blank", "title": status.phrase, "status": status.value}
    body = json.dumps(document | {"detail": detail}).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
