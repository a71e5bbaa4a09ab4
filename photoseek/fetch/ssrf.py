"""Connections to public addresses only, so that a URL cannot reach into a private network.

The check sits where the connection is made: the name is resolved once, every address that it
has is checked, and the connection goes to one of those very addresses. A name that changes its
address between check and connection (DNS rebinding) gains nothing, and redirects pass through
the same gate. TLS still verifies the certificate against the name.
"""

from __future__ import annotations

import ipaddress
import math
import socket
from collections.abc import Iterable, Iterator
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from photoseek.errors import AwayPhotoError, PrivateAddressError
from photoseek.helpers.deadlines import seconds_left

NO_NAME_SERVER = "the name server does not answer"

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # public to Python 3.11 in part
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    An IPv4 address inside an IPv6 one (mapped, or NAT64) is judged as itself.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(ip.packed[-4:])
        if inner is None:
            return ip in _GLOBAL_UNICAST and ip not in _SIX_TO_FOUR and ip.is_global
        ip = inner
    odd = ip.is_multicast or ip.is_reserved or ip in _PROTOCOLS
    return ip.is_global and not odd


def check_public(host: str, addresses: Iterable[str]) -> None:
    """Raise PrivateAddressError where one of the addresses of a host is not public."""
    for address in addresses:
        if not is_public(address):
            raise PrivateAddressError(
                f"{host} is at {address}, which is no public address. Set "
                "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES=true to read from private networks."
            )


def no_server(host: str, port: int) -> str:
    """The sentence for a name that nobody has."""
    return f"No server can be found at {host[:80]}:{port}. Check the URL."


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections for httpcore, to public addresses and within the deadline."""

    def __init__(self, *, allow_private_addresses: bool) -> None:
        self._allow_private_addresses = allow_private_addresses
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a name that answers.

        Raises:
            PrivateAddressError: any of its addresses is private.
        """
        addresses = self._resolve(host, port)
        options = list(socket_options or ())
        for address in addresses[:-1]:
            try:
                stream = self._plain.connect_tcp(
                    address, port, _within_deadline(timeout), local_address, options
                )
                return _TimedStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        stream = self._plain.connect_tcp(
            addresses[-1], port, _within_deadline(timeout), local_address, options
        )
        return _TimedStream(stream)

    def _resolve(self, host: str, port: int) -> list[str]:
        """Resolve as the system does, so that 0x7f.1 and 2130706433 are seen for what they are."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise httpcore.ConnectError(NO_NAME_SERVER) from error
            # Names of a private network are known to nobody while one is not connected to it.
            raise AwayPhotoError(no_server(host, port)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._allow_private_addresses:
            check_public(host, addresses)
        return addresses


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline of the thread that uses it.

    The timeouts of httpx count from byte to byte, so a server that sends one now and then
    could hold a thread for days.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within_deadline(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within_deadline(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = _within_deadline(timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class CheckedTransport(httpx.BaseTransport):
    """What httpx.HTTPTransport does, over a CheckedBackend, which that one does not take.

    Errors of the connection arrive as httpcore's own.
    """

    def __init__(self, *, allow_private_addresses: bool) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=64,
            max_keepalive_connections=64,
            keepalive_expiry=15,
            network_backend=CheckedBackend(allow_private_addresses=allow_private_addresses),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the body of the answer is read as it is iterated."""
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _within_deadline(timeout: float | None) -> float | None:
    left = seconds_left()
    if left <= 0:
        raise httpcore.ReadTimeout("the time allowed in all is over")
    limit = left if timeout is None else min(timeout, left)
    return None if math.isinf(limit) else limit
