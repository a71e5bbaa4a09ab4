"""Who asks, when proxies stand in between."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address


class TrustedProxies:
    """ASGI middleware: takes the client's address and scheme from the proxies that are named.

    Anyone can send `X-Forwarded-For`, so it counts from the last hop backwards, as far as the
    hops are proxies of ours. uvicorn's own middleware believes every process on this machine.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        self._app = app
        self._networks = [ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as from the client itself."""
        if scope["type"] == "http" and self._networks and scope["client"]:
            peer = as_address(scope["client"][0])
            if peer is not None and self._trusted(peer):
                headers = Headers(scope=scope)
                scope["client"] = (str(self._client(peer, headers)), 0)
                scheme = ",".join(headers.getlist("x-forwarded-proto")).rpartition(",")[2].strip()
                if scheme in ("http", "https"):
                    scope["scheme"] = scheme
        await self._app(scope, receive, send)

    def _client(self, peer: Address, headers: Headers) -> Address:
        client = peer
        for hop in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            before = as_address(hop.strip())
            if before is None or not self._trusted(client):
                break
            client = before
        return client

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def as_address(text: str) -> Address | None:
    """An IP address, or None; IPv4 written as IPv6 is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
