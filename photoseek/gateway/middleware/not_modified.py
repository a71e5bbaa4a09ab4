"""304 instead of what a client has already, for every route alike."""

from contextlib import suppress
from email.utils import parsedate

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photoseek.gateway.middleware.methods import Enough


class NotModified:
    """ASGI middleware that answers 304 to a GET for what has not changed since it was got.

    A route has to do no more than to send an `ETag` or `Last-Modified`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and keep back what its client has."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        unchanged = False

        async def sent(message: Message) -> None:
            nonlocal unchanged
            if message["type"] == "http.response.start":
                told = Headers(raw=message.get("headers", []))
                unchanged = message["status"] in (200, 206) and _has(asked, told)
                if unchanged:
                    headers = [pair for pair in told.raw if not pair[0].startswith(b"content-")]
                    message = {**message, "status": 304, "headers": headers}
            elif unchanged:
                await send({"type": "http.response.body"})
                raise Enough
            await send(message)

        with suppress(Enough):
            await self._app(scope, receive, sent)


def _has(asked: Headers, told: Headers) -> bool:
    """Whether who asks has what is told of: by its tag, or else by its date."""
    tags, tag = asked.get("if-none-match"), told.get("etag")
    if tags is not None:
        return tag is not None and bool({"*", _weak(tag)} & {_weak(t) for t in tags.split(",")})
    since = parsedate(asked.get("if-modified-since", ""))  # dates of HTTP are always GMT
    changed = parsedate(told.get("last-modified", ""))
    return since is not None and changed is not None and changed <= since


def _weak(tag: str) -> str:
    return tag.strip().removeprefix("W/")
