"""Which names the gateway answers to."""

import re
import socket
from collections.abc import Collection
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.problems import Problem, refuse
from photoseek.settings import AccessSettings

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d+)?")


def allowed_hosts(settings: AccessSettings) -> frozenset[str]:
    """The host names that this gateway answers to, beside addresses."""
    names = {"localhost", settings.host.lower(), *(settings.allowed_hosts or ())}
    if not settings.loopback:
        names.add(socket.gethostname().lower())
    return frozenset(names)


class AllowedHosts:
    """ASGI middleware that answers 421 to a `Host` that is not one of ours.

    Without it a web site could give its own name the address of this machine and read all
    that is here (DNS rebinding). An address in `Host` cannot come from such a site.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its host is known."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if not self._known(host):
                text = f"This gateway does not answer to the name {host!r}. "
                text += "Add it to PHOTOSEEK_ALLOWED_HOSTS, without its port."
                await refuse(Problem(421, text), scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _known(self, host: str) -> bool:
        name = _name(host)
        if name in self._names or "*" in self._names or _is_address(name):
            return True
        parents = name.split(".")[1:]
        return any("*." + ".".join(parents[i:]) in self._names for i in range(len(parents)))


def _name(host: str) -> str:
    """The name or address in a `Host` header, without its port; "" when it makes no sense."""
    match = _HOST.fullmatch(host.lower())
    return (match[1] or match[2]) if match else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
