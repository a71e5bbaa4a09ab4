"""Connections for aiohttp, to public addresses only; the rules are those of `fetch.ssrf`."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from photoseek.download.outcomes import FetchError
from photoseek.fetch.ssrf import NO_NAME_SERVER, check_public, no_server
from photoseek.helpers.deadlines import in_background

REST_SECONDS = 15.0
"""How long a connection is kept open for the next photo."""


def checked_connector(*, allow_private_addresses: bool, concurrency: int) -> aiohttp.TCPConnector:
    """Make a connector that raises PrivateAddressError instead of reaching a private network.

    Every address of a name is checked, and each once more where its socket is made: this one
    also sees addresses that stand in a URL as numbers. The address that was checked is the one
    that is connected to, so a name that changes in between (DNS rebinding) gains nothing.
    """

    def checked_socket(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allow_private_addresses:
            check_public(str(address[0]), [str(address[0])])
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        ssl=httpx.create_ssl_context(),  # the certificates that `fetch.web` trusts
        resolver=_CheckedResolver(allow_private_addresses),
        socket_factory=checked_socket,
        happy_eyeballs_delay=None,  # one address after the other, so that errors arrive whole
        limit=concurrency,
        keepalive_timeout=REST_SECONDS,
    )


class _CheckedResolver(AbstractResolver):
    """Resolves as the system does, which can take long: neither Ctrl-C nor the end waits for it."""

    def __init__(self, allow_private_addresses: bool) -> None:
        self._allow_private_addresses = allow_private_addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
            found = await asyncio.wrap_future(in_background(look_up, "look-up"))
        except (socket.gaierror, UnicodeError) as error:
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise FetchError(
                    "unreachable", f"The server cannot be reached ({NO_NAME_SERVER})."
                ) from error
            raise FetchError("unknown_host", no_server(host, port)) from error
        if not self._allow_private_addresses:
            check_public(host, [str(entry[4][0]) for entry in found])
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held."""
