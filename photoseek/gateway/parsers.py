"""Which parser reads the requests of HTTP: one in C where it is installed, else one in Python.

httptools takes half of the processor's time that h11 takes for a small request and its answer. It
lets more through than h11 does, so that what h11 refuses by itself is refused here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import h11
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from photoseek.gateway.patient_protocol import PatientProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_QUIET = 65_536
"""Bytes that may come of which nothing is understood: a head, or what follows a body, that does
not end. As with h11."""

TOO_LONG = "The head of the request is too long."

MAX_HEADERS = 500

MAX_WAITING = 16
"""Requests that may come on a connection while the one before is answered. Thousands fit into what
is read at once, each with what it takes to answer it."""

_HEAD_LOOKED_AT = 16_384
_UPGRADE = re.compile(rb"(?<=\n)upgrade(?=[ \t]*:)", re.IGNORECASE)
_IGNORED = b"ignored"


class PatientH11(PatientProtocol, H11Protocol):
    """With h11, which is in Python."""

    @property
    @override
    def _has_begun(self) -> bool:
        return bool(self.conn.trailing_data[0])

    @property
    @override
    def _reads_body(self) -> bool:
        return self.conn.their_state is h11.SEND_BODY

    @property
    @override
    def _is_free(self) -> bool:
        return self.conn.their_state is h11.IDLE


@cache
def quickest_protocol() -> type[PatientProtocol]:
    """The protocol to serve with."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return PatientH11
    return _with_httptools(HttpToolsProtocol)


def _with_httptools(base: type[HttpToolsProtocol]) -> type[PatientProtocol]:
    class PatientHttpTools(PatientProtocol, base):  # type: ignore[misc, valid-type]
        """With httptools, which calls most of these methods while it is fed."""

        _in_head = _in_body = _has_understood = False
        _quiet = 0

        @override
        def data_received(self, data: bytes) -> None:
            """Read on, unless that leads to nothing."""
            if self._is_free and not self._in_head:
                data = without_upgrade(data)
            self._has_understood = False
            super().data_received(data)
            self._quiet = 0 if self._has_understood else self._quiet + len(data)
            if self._quiet > MAX_QUIET and not self.transport.is_closing():
                if self._is_free:
                    self.send_400_response(TOO_LONG)
                else:
                    self.end()

        def on_message_begin(self) -> None:
            """A request begins."""
            self._in_head = self._has_understood = True
            super().on_message_begin()

        def on_header(self, name: bytes, value: bytes) -> None:
            """A header. One behind the body comes too late: what the others say has been done."""
            if self._in_head:
                super().on_header(name, value)

        def on_headers_complete(self) -> None:
            """The head is there."""
            self._in_head, self._in_body = False, True
            self._check_head()
            super().on_headers_complete()
            if self.parser.should_upgrade():  # the parser reads no more
                self.cycle.keep_alive = False

        def on_body(self, body: bytes) -> None:
            """A part of the body."""
            self._has_understood = True
            super().on_body(body)

        def on_message_complete(self) -> None:
            """The request is there."""
            self._in_body = False
            super().on_message_complete()

        def _check_head(self) -> None:
            """Raise ValueError, which uvicorn answers with 400."""
            if len(self.headers) > MAX_HEADERS or len(self.pipeline) >= MAX_WAITING:
                raise ValueError
            hosts, has_body = 0, False
            for name, value in self.headers:
                if name == b"host":
                    hosts += 1
                elif name == b"transfer-encoding":
                    has_body = True
                    if value.lower() != b"chunked":
                        raise ValueError
                elif name == b"content-length":
                    has_body = has_body or value != b"0"
            if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
                raise ValueError
            if has_body and self.parser.should_upgrade():  # it would be left out
                raise ValueError

        @property
        @override
        def _has_begun(self) -> bool:
            return self._in_head and self._is_free

        @property
        @override
        def _reads_body(self) -> bool:
            return self._in_body and not self.pipeline

        @property
        @override
        def _is_free(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

    return PatientHttpTools


def without_upgrade(data: bytes) -> bytes:
    """The beginning of a request, or what there is of it, without a wish for another protocol.

    We speak no other, and httptools leaves out the body of such a request, which Java's client
    sends with the first one of each connection.
    """
    end = data.find(b"\r\n\r\n", 0, _HEAD_LOOKED_AT)
    found = _UPGRADE.search(data, 0, _HEAD_LOOKED_AT if end < 0 else end)
    return data if found is None else data[: found.start()] + _IGNORED + data[found.end() :]
