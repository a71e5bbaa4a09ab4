"""HEAD for every route alike."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ONLY_OF_GET = frozenset({b"range", b"if-range"})
"""Headers that mean nothing with HEAD (RFC 9110, 14.2)."""


class Enough(Exception):  # noqa: N818 -- nothing is wrong
    """Ends the sending of a body that nobody gets, so that no file is read in vain."""


class HeadRequests:
    """ASGI middleware that answers HEAD as GET is answered, without the body.

    Everything inside sees a GET, so that what GET needs and costs, HEAD needs and costs too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and keep the body of its answer back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            await send({"type": "http.response.body"})
            raise Enough

        headers = [header for header in scope["headers"] if header[0] not in ONLY_OF_GET]
        got = {**scope, "method": "GET", "headers": headers}  # the server still needs its own
        try:
            with suppress(Enough):
                await self._app(got, receive, without_body)
        finally:
            if "route" in got:
                scope["route"] = got["route"]  # for those outside who count by route
