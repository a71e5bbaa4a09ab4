"""Whose pages may make the gateway do something.

A page of any web site can send requests to this machine, with its visitor's cookies and from
inside its visitor's network. It must neither drive the gateway nor pass for its own page.
"""

from collections.abc import Collection
from typing import Literal

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.problems import Problem, refuse
from photoseek.gateway.route_policy import SAFE


class CsrfCheck:
    """ASGI middleware that answers 403 to what a page of another web site wants changed or done."""

    def __init__(self, app: ASGIApp, allowed_origins: Collection[str]) -> None:
        self._app = app
        self._allowed = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless a browser sends it for another site's page."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            if told_page(headers) == "other" and origin not in self._allowed:
                text = f"A page of {origin or 'another web site'} may not do this. "
                text += "PHOTOSEEK_ALLOWED_ORIGINS names the sites that may."
                await refuse(Problem(403, text), scope, receive, send)
                return
        await self._app(scope, receive, send)


def told_page(headers: Headers) -> Literal["own", "other", "none"]:
    """Whose page a browser sends this for; "none" when it is no browser, or an old one.

    `Sec-Fetch-Site` comes first, because proxies leave it alone and may change `Host`.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return "own" if site in ("same-origin", "none") else "other"
    if origin is None:
        return "none"
    return "own" if origin.partition("://")[2] == headers.get("host") else "other"
