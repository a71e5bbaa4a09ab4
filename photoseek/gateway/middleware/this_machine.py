"""Who may look at the folders of this machine: the person at it, on photoseek's own page.

A list of folders is nobody else's business, and neither is an indexing run over any of them. So
this asks for more than the rules for changes do: whatever hints at somebody else is refused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.middleware.csrf import told_page
from photoseek.gateway.middleware.proxies import as_address
from photoseek.gateway.problems import Problem, refuse
from photoseek.gateway.route_policy import is_of_this_machine
from photoseek.guarding import why_no_folders
from photoseek.settings import PartsSettings, is_this_machine

PROXIES = frozenset(
    {
        *("forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip"),
        *("cf-connecting-ip", "cdn-loop", "x-original-host", "x-original-url"),
    }
)
"""Headers that proxies and tunnels add, beside all that begin with x-forwarded or x-envoy."""

THROUGH_PROXY = "This came through a proxy or a tunnel. Open the page at this machine itself."
FROM_ELSEWHERE = "This came from another machine. Open the page at the gateway's own machine."
OTHER_NAME = "Open the page as http://localhost or http://127.0.0.1 to choose a folder."
OTHER_PAGE = "A page of another web site may not do this."


class ThisMachine:
    """Knows whether somebody sits at this machine."""

    def __init__(self, settings: PartsSettings) -> None:
        self._why_nobody = why_no_folders(settings)

    def refusal(self, request: HTTPConnection) -> str:
        """Why a request may not, in a sentence; "" where it may."""
        headers = request.headers
        if self._why_nobody:
            return self._why_nobody
        if any(name in PROXIES or name.startswith(("x-forwarded", "x-envoy")) for name in headers):
            return THROUGH_PROXY
        address = as_address(request.client.host) if request.client else None
        if address is None or not address.is_loopback:
            return FROM_ELSEWHERE
        if not is_this_machine(_name(f"http://{headers.get('host', '')}")):
            return OTHER_NAME
        if told_page(headers) == "other" or not _is_own_page(headers):
            return OTHER_PAGE
        return ""


class ThisMachineOnly:
    """ASGI middleware that answers 403 to everybody else who asks for folders of this machine."""

    def __init__(self, app: ASGIApp, machine: ThisMachine) -> None:
        self._app = app
        self._machine = machine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when the person at this machine sends it."""
        is_asked = scope["type"] == "http" and is_of_this_machine(scope["path"])
        if is_asked and (why := self._machine.refusal(HTTPConnection(scope))):
            await refuse(Problem(403, why), scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_own_page(headers: Headers) -> bool:
    """Whether the page that a browser names, if it does, is the one that we serve."""
    pages = [page for name in ("origin", "referer") for page in headers.getlist(name)]
    return all(page.partition("://")[2].partition("/")[0] == headers.get("host") for page in pages)


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
